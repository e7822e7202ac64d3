"""Real virtual cameras when writers come, go, crash and quarrel: in the guest of tests/guest."""

from __future__ import annotations

import errno
from itertools import pairwise

import pytest

from tests.guest.inside_run import Results, need_guest, run_inside
from virtualcam.v4l2 import CAP_VIDEO_CAPTURE, CAP_VIDEO_OUTPUT

pytestmark = [pytest.mark.real, pytest.mark.slow]

CAMERAS = "video_nr=10,11,12 card_label=jikcam,wide,open exclusive_caps=1,1,0 max_buffers=4"


@pytest.fixture(scope="module")
def faults() -> Results:
    need_guest()
    return run_inside("faults", modules=CAMERAS)


def one_line(text: str) -> str:
    assert text and "\n" not in text
    return text


def test_a_reader_goes_on_over_a_kill_and_five_restarts(faults):
    got = faults["reader over restarts"]
    assert got["reached"] == [True] * 7
    assert got["error"] <= 4
    # All it notices is that the picture stands still in between: nothing old, nothing unreadable.
    assert -1 not in got["numbers"]
    assert all(later >= earlier for earlier, later in pairwise(got["numbers"]))


def test_a_reader_may_come_first_where_jikcam_was_before(faults):
    idle = faults["capabilities while nobody writes"]
    assert idle & CAP_VIDEO_CAPTURE and idle & CAP_VIDEO_OUTPUT
    assert faults["kept"] is True
    assert faults["reader first"]["reached"]
    assert faults["reader first"]["error"] <= 4


def test_an_untouched_device_is_no_camera_yet(faults):
    got = faults["reader of an untouched device"]
    assert got["pictures"] == 0
    assert "No such device" in got["complaint"]


def test_after_a_kill_the_device_opens_again(faults):
    assert faults["after a kill with nobody there"] == ""


def test_a_second_jikcam_is_told_who_has_the_camera(faults):
    text = one_line(faults["second jikcam"])
    assert text.startswith("another jikcam (process ")
    assert "writes to /dev/video10; stop it" in text


def test_another_programs_camera_is_not_taken(faults):
    assert "another program writes to /dev/video11; stop it" in one_line(faults["another program writes"])
    assert faults["the other program is gone"] == ""


def test_the_module_cannot_go_while_on_air(faults):
    assert faults["unload while on air"] == errno.EAGAIN
    assert faults["still on air"]["pictures"] == 5
    assert faults["still on air"]["error"] <= 4


def test_another_size_is_refused_only_while_watched(faults):
    text = one_line(faults["another size while watched"])
    assert "stays at 640x360 while another program uses it, jikcam wants 800x450" in text
    assert faults["another size unwatched"] == ""


def test_two_cameras_at_once_never_mix(faults):
    jikcam, other = faults["two at once"]["jikcam"], faults["two at once"]["open"]
    assert jikcam["error"] <= 4 and other["error"] <= 4
    assert max(jikcam["numbers"]) < 30000 <= min(other["numbers"])


def test_without_rights_the_group_is_named(faults):
    assert "no permission to open /dev/video10; run: sudo usermod -aG video" in one_line(
        faults["not allowed"]
    )


@pytest.mark.parametrize("how", ["no module", "no module, no name"])
def test_without_the_module_modprobe_is_named(faults, how):
    assert faults["unload"] == 0
    assert "run: sudo modprobe v4l2loopback" in one_line(faults[how])


def test_with_the_module_back_the_label_is_found_at_its_new_number(faults):
    assert faults["module back"] == ""
    assert faults.code == 0

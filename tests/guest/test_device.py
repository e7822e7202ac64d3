"""A real v4l2loopback, fed by DeviceSink, read by ffmpeg and OpenCV: in the guest of tests/guest."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.guest.inside_run import Results, need_guest, run_inside

pytestmark = [pytest.mark.real, pytest.mark.slow]

PICTURES = 100
#: Of the device: ``max_buffers`` of tests/guest/run.py.
BUFFERS = 4
SIZES = ("640x360", "1280x720")
WORST_LEVELS = 4.0


def in_order(numbers: list[int], buffers: int) -> bool:
    """Whether ffmpeg saw no picture after a later one.

    While it looks what the stream is, it holds all buffers but one; meanwhile the driver may write the
    picture there that comes ``buffers`` later. So each of the first may be that one.
    """
    place = -buffers - 1
    for number in numbers[: buffers - 1]:
        places = [at for at in (number - buffers, number) if at > place]
        if not places:
            return False
        place = places[0]
    return all(earlier <= later for earlier, later in pairwise([place, *numbers[buffers - 1 :]]))


def test_what_is_in_order() -> None:
    assert in_order([5, 6, 9, 10, 10, 11], 4)
    assert in_order([247, 244, 245, 246, 249], 4), "247 stands where 243 was"
    assert in_order([247, 248, 249, 246, 247], 4)
    assert not in_order([247, 248, 249, 244, 245], 4)
    assert not in_order([248, 242, 243, 244], 4)
    assert not in_order([5, 6, 7, 8, 9, 8], 4)


@pytest.fixture(scope="module")
def rates() -> Results:
    need_guest()
    return run_inside("rates", str(PICTURES))


@pytest.mark.parametrize("size", SIZES)
def test_ffmpeg_reads_every_picture_asked_for_in_order(rates, size):
    got = rates[size]["ffmpeg"]
    assert got["pictures"] == PICTURES
    assert -1 not in got["numbers"]
    assert in_order(got["numbers"], BUFFERS), got["numbers"]


def test_the_rate_is_the_cameras_as_far_as_the_guest_can(rates):
    shown, limit = rates["640x360"]["ffmpeg"]["fps"], rates["640x360"]["limit_fps"]
    print(f"640x360: {shown} of at most {limit} fps; 1280x720: {rates['1280x720']['ffmpeg']['fps']}")
    assert limit > 0
    if limit >= 29.9:
        assert shown >= 29.5
    else:
        assert shown >= 0.8 * limit


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("reader", ["colours", "opencv"])
def test_the_colours_are_right(rates, size, reader):
    got = rates[size][reader]
    assert got["pictures"] > 0
    assert got["error"] <= WORST_LEVELS


@pytest.mark.parametrize("size", SIZES)
def test_opencv_reads_the_pictures_as_they_were_sent(rates, size):
    got = rates[size]["opencv"]
    assert "x".join(map(str, got["size"])) == size
    assert -1 not in got["numbers"]
    assert all(later >= earlier for earlier, later in pairwise(got["numbers"]))


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_wrong_with_the_writer(rates, size):
    assert rates[size]["writer"]["status"] == ""
    assert rates.code == 0

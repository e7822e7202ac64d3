"""The real virtual camera in Chromium and in OBS: in the guest of tests/guest."""

from __future__ import annotations

import pytest

from tests.guest.inside_run import Results, need_guest, run_inside

pytestmark = [pytest.mark.real, pytest.mark.slow]

#: BT.601 decoded as BT.709, or the other way round, moves saturated colours by up to 41 levels.
WRONG_MATRIX_LEVELS = 15
MEMORY_MIB = 3000


@pytest.fixture(scope="module")
def consumers() -> Results:
    need_guest("chromium", "obs", "Xvfb")
    return run_inside("consumers", memory_mib=MEMORY_MIB)


def test_chromium_lists_the_camera_by_its_label(consumers):
    assert consumers["chromium first"].get("labels") == ["jikcam"], consumers["chromium first"]


def test_chromium_shows_the_picture_and_goes_on_when_jikcam_restarts(consumers):
    got = consumers["chromium bt601"]
    assert got["reached"], got
    assert (got["width"], got["height"]) == (640, 360)
    assert got["error"] <= 4


def test_chromium_decodes_bt601_whatever_was_written(consumers):
    got = consumers["chromium bt709"]
    assert got["reached"], got
    assert got["error"] > WRONG_MATRIX_LEVELS


def test_obs_lists_the_camera_by_its_label(consumers):
    listed = [label for label, path in consumers["obs first"]["devices"].items() if path == "/dev/video10"]
    assert listed and listed[0].startswith("jikcam")
    assert consumers["obs first"]["size"] == [640, 360]


def test_obs_shows_the_right_colours_with_the_matrix_bt709(consumers):
    got = consumers["obs bt709"]
    assert got["reached"], got
    assert got["error"] <= 4


def test_obs_decodes_bt709_whatever_was_written(consumers):
    got = consumers["obs bt601"]
    assert got["reached"], got
    assert got["error"] > WRONG_MATRIX_LEVELS
    assert got["error_as_709"] <= 4

"""The real virtual camera with the whole engine behind it: in the guest of tests/guest."""

from __future__ import annotations

import pytest

from tests.guest.inside_run import Results, need_guest, run_inside

pytestmark = [pytest.mark.real, pytest.mark.slow]

#: It runs until its reader has so many pictures and its shot is so low; all of the stage is 360 px high.
PICTURES, CLOSE_PX = 25, 280


@pytest.fixture(scope="module")
def show() -> Results:
    need_guest()
    return run_inside("engine_show", str(PICTURES), str(CLOSE_PX))


@pytest.mark.parametrize("run", [1, 2])
def test_the_engine_is_on_the_camera_and_moves_its_crop(show, run):
    got = show[f"run {run}"]
    assert got["engine"]["sinks"]["/dev/video10"] == "ok"
    assert got["reader"]["size"] == [320, 180]
    assert got["reader"]["pictures"] >= PICTURES
    assert got["reader"]["moved"] >= got["reader"]["pictures"] // 2
    assert "held" in got["engine"]["locks"]
    lowest, highest = got["engine"]["shot_height"]
    assert highest > 300 and lowest < CLOSE_PX  # in to one person


def test_the_reader_stayed_while_the_engine_was_away(show):
    assert show["run 2"]["reader"]["pictures"] >= PICTURES
    assert show.code == 0

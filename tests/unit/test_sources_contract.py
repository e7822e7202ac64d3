"""What every Source promises, asked of every Source."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.geometry import Size
from engine.sources.frame import Source
from engine.sources.media import MediaSource
from engine.sources.pushed import PushedSource
from engine.sources.stage import StageSource, scene
from engine.sources.undistort import Lens, Undistorted
from tests.unit.sources_kit import FakeDevice, FakeFeed, write_video

KINDS = [
    *("camera", "media live", "media fast", "media loop", "stage live", "stage fast"),
    *("undistorted live", "undistorted fast", "pushed"),
]
ENDING = ["media live", "media fast", "stage live", "stage fast", "undistorted live", "undistorted fast"]


@pytest.fixture
def make(tmp_path: Path) -> Callable[[str], Source]:
    def made(kind: str) -> Source:
        what, _, pace = kind.partition(" ")
        if what == "camera":
            return FakeDevice(96, 64, fps=60).source()
        if what == "pushed":
            return PushedSource(FakeFeed(96, 64), "phone", Size(96, 64))
        if what in ("stage", "undistorted"):
            stage = StageSource(scene("crowd", 2, Size(160, 90), 60), pace, 0.5)
            return Undistorted(stage, Lens(-0.2, 0.05)) if what == "undistorted" else stage
        path = write_video(tmp_path / "clip.mp4", [k / 60 for k in range(30)], (96, 64), fps=60)
        return MediaSource(str(path), "fast" if pace == "loop" else pace, loop=pace == "loop")

    return made


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_rise_in_time_and_number_and_keep_their_size(make, kind: str) -> None:
    source = make(kind)
    assert isinstance(source, Source)
    assert source.name and source.fps > 0 and source.status == "" and not source.ended
    last_s, last = -np.inf, -1
    for _ in range(12):
        frame = source.read(2.0)
        if frame is None:
            continue
        assert frame.image.shape == (source.size.height, source.size.width, 3)
        assert frame.image.dtype == np.uint8
        assert frame.time_s > last_s and frame.index > last
        last_s, last = frame.time_s, frame.index
    assert last >= 3
    source.close()


@pytest.mark.parametrize("kind", KINDS)
def test_close_ends_it_for_good_and_may_be_called_twice(make, kind: str) -> None:
    source = make(kind)
    source.read(1.0)
    source.close()
    source.close()
    start_s = time.monotonic()
    assert source.read(20.0) is None and source.ended
    assert time.monotonic() - start_s < 10


@pytest.mark.parametrize("kind", KINDS)
def test_close_may_come_from_another_thread(make, kind: str) -> None:
    source = make(kind)
    threading.Timer(0.05, source.close).start()
    end_s = time.monotonic() + 10
    while not source.ended:
        source.read(5.0)
        assert time.monotonic() < end_s


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_draws_into_a_picture_that_was_handed_over(make, kind: str) -> None:
    source = make(kind)
    first = source.read(2.0)
    copy = first.image.copy()
    for _ in range(5):
        source.read(1.0)
    assert np.array_equal(first.image, copy)
    source.close()


@pytest.mark.parametrize("kind", ENDING)
def test_what_ends_gives_none_and_says_so(make, kind: str) -> None:
    source = make(kind)
    end_s = time.monotonic() + 20
    seen = 0
    while not source.ended:
        seen += source.read(1.0) is not None
        assert time.monotonic() < end_s
    assert seen >= 2 if "live" in kind else seen == 30
    assert source.read(5.0) is None
    source.close()


@pytest.mark.parametrize("kind", ["camera", "media live", "stage live", "undistorted live", "pushed"])
def test_live_times_are_on_the_monotonic_clock(make, kind: str) -> None:
    before_s = time.monotonic()
    source = make(kind)
    frame = source.read(2.0)
    assert before_s - 1e-3 <= frame.time_s <= time.monotonic()
    source.close()

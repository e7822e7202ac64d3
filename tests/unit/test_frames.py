"""The pictures that delayed Views show: the right one, else the oldest there; never a crash."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.frames import FrameHistory
from engine.sources.frame import Frame

IMAGE = np.zeros((2, 2, 3), np.uint8)


def history(indices: list[int], fps: float = 30.0) -> FrameHistory:
    frames = FrameHistory()
    for index in indices:
        frames.push(Frame(IMAGE, index / fps, index))
    return frames


def test_nothing_before_the_first_picture() -> None:
    frames = history([])
    frames.keep_from(5)
    frames.keep_last_s(1.0)
    assert frames.at(3) is None and frames.newest is None


@given(st.sets(st.integers(0, 200), min_size=1), st.integers(-5, 210), st.integers(-5, 210))
def test_any_picture_asked_for_is_it_or_the_next_there(indices: set[int], kept: int, asked: int) -> None:
    frames = history(sorted(indices))
    frames.keep_from(kept)
    there = [i for i in sorted(indices) if i >= kept] or [max(indices)]
    got = frames.at(asked)
    assert got is not None
    assert got.index == next((i for i in there if i >= asked), there[-1])


def test_no_picture_is_copied() -> None:
    frames = history(list(range(10)))
    assert frames.at(4).image is IMAGE  # type: ignore[union-attr]


def test_time_limits_what_is_kept() -> None:
    frames = history(list(range(300)))
    frames.keep_last_s(1.0)
    assert len(frames) == 31


def test_a_source_that_begins_again_begins_anew() -> None:
    frames = history([5, 6, 7, 0])
    assert len(frames) == 1 and frames.at(6).index == 0  # type: ignore[union-attr]

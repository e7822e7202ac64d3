"""Directions of several directors are put together by picture, whatever each one's delay."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.feed import Moments
from engine.painters import Painters


def settled(*indices: int) -> tuple[Any, ...]:
    return tuple(SimpleNamespace(tracks=SimpleNamespace(index=i)) for i in indices)


def indices_of(moments: Moments, up_to: int | None = None) -> list[int]:
    got = []
    while (moment := moments.next(up_to)) is not None:
        assert len({d.tracks.index for d in moment}) == 1
        got.append(moment[0].tracks.index)
    return got


@given(st.lists(st.integers(0, 20), min_size=1, max_size=5))
def test_the_latest_feed_sets_the_pace_and_nothing_is_lost(delays: list[int]) -> None:
    feeds: list[Any] = [SimpleNamespace(due=()) for _ in delays]
    moments = Moments(feeds)
    shown = []
    for k in range(60):
        for feed, delay in zip(feeds, delays, strict=True):
            feed.due = settled(k - delay) if k >= delay else ()
        moments.gather()
        shown += indices_of(moments)
        assert len(shown) == max(0, k + 1 - max(delays))
    assert shown == list(range(60 - max(delays)))


def test_a_picture_that_one_feed_never_settled_is_left_out() -> None:
    feeds: list[Any] = [SimpleNamespace(due=settled(1, 2, 3, 4)), SimpleNamespace(due=settled(1, 3, 4))]
    moments = Moments(feeds)
    moments.gather()
    assert indices_of(moments) == [1, 3, 4]


def test_later_pictures_wait_when_told_to() -> None:
    feed: Any = SimpleNamespace(due=settled(1, 2, 3))
    moments = Moments([feed])
    moments.gather()
    assert indices_of(moments, up_to=2) == [1, 2]
    assert moments.oldest == 3


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_every_job_is_done_once_and_the_caller_waits_for_all(threads: int) -> None:
    painters = Painters(threads)
    done: list[int] = []
    painters.run([lambda k=k: done.append(k) for k in range(50)])  # type: ignore[misc]
    assert sorted(done) == list(range(50))
    painters.run([])
    painters.close()
    painters.close()


def test_jobs_run_at_the_same_time() -> None:
    painters = Painters(3)
    meeting = threading.Barrier(3, timeout=10)
    painters.run([lambda: meeting.wait() and None] * 3)
    painters.close()


def test_what_a_job_raises_comes_out() -> None:
    painters = Painters(2)

    def broken() -> None:
        time.sleep(0.01)
        raise RuntimeError("a job")

    with pytest.raises(RuntimeError, match="a job"):
        painters.run([broken, broken, broken])
    painters.close()

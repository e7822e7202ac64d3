"""The perception thread: newest look only, faults reported, never in the way."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from engine.errors import JikcamError
from engine.people import Observation, Tracks
from engine.seeing import SeeingThread
from engine.show import Look
from engine.sources.frame import Frame
from engine.timing import StageTimes


def look(index: int) -> Look:
    frame = Frame(np.zeros((8, 8, 3), np.uint8), index / 30, index)
    return Look(frame, Tracks(frame.time_s, index), frozenset(), False)


class Blocking:
    """Looks only when told to."""

    def __init__(self) -> None:
        self.go = threading.Semaphore(0)
        self.seen: list[int] = []
        self.fail = False

    def look(self, frame: Frame, tracks: Tracks, targets: frozenset[int], search: bool) -> Observation:
        self.seen.append(frame.index)
        self.go.acquire()
        if self.fail:
            raise RuntimeError("model broke\nsecond line")
        return Observation(frame.time_s, frame.index, (), True)


def until(condition) -> None:  # type: ignore[no-untyped-def]
    for _ in range(500):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it never happened")


@pytest.fixture
def blocking():  # type: ignore[no-untyped-def]
    perception = Blocking()
    thread = SeeingThread(lambda: perception, StageTimes())
    thread.start()
    yield perception, thread
    perception.fail = False
    for _ in range(50):
        perception.go.release()
    thread.stop()


def test_only_the_newest_picture_is_looked_at(blocking) -> None:  # type: ignore[no-untyped-def]
    perception, thread = blocking
    thread.offer(look(0))
    until(lambda: perception.seen == [0])
    for index in range(1, 10):
        thread.offer(look(index))
    perception.go.release()
    until(lambda: perception.seen == [0, 9])
    assert [o.index for o in thread.take_all()] == [0]
    assert thread.take_all() == []


def test_a_failing_model_is_reported_and_tried_again(blocking) -> None:  # type: ignore[no-untyped-def]
    perception, thread = blocking
    perception.fail = True
    thread.offer(look(0))
    perception.go.release()
    until(lambda: thread.status)
    assert thread.status == "perception failed: RuntimeError: model broke"
    perception.fail = False
    thread.offer(look(1))
    perception.go.release()
    until(lambda: thread.observations == 1)
    assert thread.status == ""


def test_a_model_that_cannot_be_built_stops_the_start() -> None:
    def build() -> Blocking:
        raise JikcamError("model x is broken", "fetch it again")

    with pytest.raises(JikcamError, match="model x is broken"):
        SeeingThread(build, StageTimes()).start()

"""What is told of a camera that comes in: pictures, and that nobody pushes, in their order."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from virtualcam.webrtc.camera.ingest import _Camera
from virtualcam.webrtc.ring import Ring, RingWriter

SIZE = (4, 3)
IMAGE = np.zeros((3, 4, 3), np.uint8)


class Told:
    """Notes what is told; telling of a picture takes as long as the test wants."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self.telling, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()

    def arrived(self, name: str) -> None:
        self.telling.set()
        self.go_on.wait(10)
        self.all.append("picture")

    def gone(self, name: str) -> None:
        self.all.append("gone")


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def camera(told: Told) -> Iterator[_Camera]:
    ring = Ring(IMAGE.nbytes)
    made = _Camera("phone", SIZE, RingWriter(ring.name), told.arrived, told.gone)
    yield made
    made.close()
    ring.close()


def a_pusher() -> Any:
    return object()


def test_a_picture_on_its_way_is_not_told_of_after_its_pusher_has_left(camera: _Camera, told: Told) -> None:
    camera.pusher = pusher = a_pusher()
    told.go_on.clear()
    deliver = threading.Thread(target=camera.deliver_from, args=(pusher, IMAGE, 0.0))
    deliver.start()
    assert told.telling.wait(10)
    leave = threading.Thread(target=camera.leave, args=(pusher,))
    leave.start()
    leave.join(0.2)
    told.go_on.set()
    deliver.join()
    leave.join()
    assert told.all == ["picture", "gone"]
    camera.deliver_from(pusher, IMAGE, 0.1)
    assert told.all[-1] == "gone"


def test_who_was_replaced_takes_nothing_away_from_the_next(camera: _Camera, told: Told) -> None:
    first, second = a_pusher(), a_pusher()
    camera.pusher = first
    camera.deliver_from(first, IMAGE, 0.0)
    camera.pusher = second
    camera.leave(first)
    assert camera.pusher is second and told.all == ["picture"]
    camera.deliver_from(first, IMAGE, 0.1)
    assert told.all == ["picture"]
    camera.leave(second)
    assert camera.pusher is None and told.all == ["picture", "gone"]


def test_silence_is_told_once_until_pictures_come_again(camera: _Camera, told: Told) -> None:
    camera.pusher = pusher = a_pusher()
    camera.still()
    assert told.all == []
    camera.deliver_from(pusher, IMAGE, 0.0)
    camera.still()
    camera.still()
    camera.deliver_from(pusher, IMAGE, 0.1)
    assert told.all == ["picture", "gone", "picture"]

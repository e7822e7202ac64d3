"""Moving pictures and stand-ins for the tests of the streaming process."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

import numpy as np
from numpy.typing import NDArray

from virtualcam.webrtc.messages import RawPicture
from virtualcam.webrtc.watch.encoder import EncodedPicture

P = ParamSpec("P")


def moving(width: int, height: int, number: int) -> NDArray[np.uint8]:
    """(height * 3 / 2, width) uint8: a soft pattern that slides to the right by three pixels per picture."""
    x = (np.arange(width) - 3 * number) / width * 2 * np.pi
    y = np.arange(height) / height * 2 * np.pi
    luma = 120 + 50 * np.sin(5 * x)[None, :] * np.cos(3 * y)[:, None] + 30 * np.sin(17 * x)[None, :]
    picture = np.full((height * 3 // 2, width), 128, np.uint8)
    picture[:height] = luma.astype(np.uint8)
    return picture


def raw(width: int, height: int, number: int, time_s: float) -> RawPicture:
    return RawPicture(moving(width, height, number), time_s, number)


def encoded(number: int, *, key: bool = False, width: int = 640, height: int = 360) -> EncodedPicture:
    """What an encoder gives, at 30 pictures per second, without having one."""
    data = bytes([number % 256]) * 10
    return EncodedPicture(data, (data,), number * 3000, number / 30, key, width, height)


class Rendition:
    """Stands in for an encoder: what ``give`` is told goes to all listeners at once."""

    def __init__(self) -> None:
        self.listeners: list[object] = []
        self.asked = 0

    def add(self, listener: object) -> None:
        self.listeners.append(listener)

    def remove(self, listener: object) -> None:
        if listener in self.listeners:
            self.listeners.remove(listener)

    def request_key_frame(self) -> None:
        self.asked += 1

    def give(self, picture: EncodedPicture) -> None:
        for listener in tuple(self.listeners):
            listener(self, picture)  # type: ignore[operator]


def in_loop(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """A test that is a coroutine, in an event loop of its own; it has 45 s."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(asyncio.wait_for(test(*args, **kwargs), 45.0))

    return run

"""Pictures to send: a follow shot on the scripted stage, drawn beforehand, each with a time code."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.geometry import Size
from engine.sources.stage import StageSource, parse_stage
from tests.benchmarks.webrtc import timecode

#: Pictures that are drawn; they are shown to and fro, so that there is no jump at an end.
DRAWN = 48
FPS = 30.0
SCENE = "stage:crowd"
#: A camera's noise, in grey levels: without it an encoder has far too little to do.
NOISE = 1.5


def draw_pictures(size: Size) -> list[NDArray[np.uint8]]:
    """DRAWN pictures, (H, W, 3) uint8 BGR: a slow pan over the stage, with noise."""
    scene, seconds = parse_stage(SCENE, size=Size(1920, 1080), fps=FPS)
    source = StageSource(scene, "fast", seconds)
    rng = np.random.default_rng(1)
    noise = rng.normal(0, NOISE, (size.height, size.width, 3)).astype(np.float32)
    pictures = []
    for i in range(DRAWN):
        frame = source.read(1.0)
        assert frame is not None
        wide = 1152 if size.width > size.height else 576
        high = wide * size.height // size.width
        left, top = 300 + 6 * i, min(200, 1080 - high)
        crop = cv2.resize(frame.image[top : top + high, left : left + wide], (size.width, size.height))
        shaken = crop + np.roll(noise, (i * 37, i * 53), (0, 1))
        pictures.append(np.clip(shaken, 0, 255).astype(np.uint8))
    source.close()
    return pictures


class Feed:
    """Hands out pictures at FPS in a thread of its own.

    Args:
        give: called with the picture (BGR, a copy), its capture time on the monotonic clock and its number.
    """

    def __init__(self, size: Size, give: Callable[[NDArray[np.uint8], float, int], None]) -> None:
        self._pictures = draw_pictures(size)
        self._give = give
        self._stopping = threading.Event()
        self.given = 0
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        begin_s = time.monotonic()
        number = 0
        while not self._stopping.wait(max(0.0, begin_s + number / FPS - time.monotonic())):
            place = number % (2 * DRAWN - 2)
            image = self._pictures[min(place, 2 * DRAWN - 2 - place)].copy()
            timecode.draw(image, number)
            self._give(image, time.monotonic(), number)
            self.given = number = number + 1

"""A camera that costs next to nothing: pictures drawn beforehand, given on time with one copy."""

from __future__ import annotations

import time

from engine.geometry import Size
from engine.sources.frame import Frame, Image
from engine.sources.stage import Painter, Scene


def paint_pictures(scene: Scene, drawn_s: float) -> list[Image]:
    """The first ``drawn_s`` of a scene forwards and backwards, to be played in a circle."""
    painter = Painter(scene)
    there = [painter.paint(i / scene.fps) for i in range(max(2, round(drawn_s * scene.fps)))]
    return there + there[-2:0:-1]


class LoopedSource:
    """Plays pre-drawn pictures forwards and backwards at a steady rate, as a camera driver would.

    Each picture is copied on reading, as a driver's buffer is. A reader that is late gets the newest
    due picture; the ones it missed show as a gap in the indices.

    Attributes:
        due_s: monotonic time at which picture 0 was due; picture k is due k / fps later.
    """

    def __init__(self, scene: Scene, drawn_s: float, seconds: float) -> None:
        self._images = paint_pictures(scene, drawn_s)
        self._scene = scene
        self._total = round(seconds * scene.fps)
        self._next = 0
        self.due_s: float | None = None

    @property
    def name(self) -> str:
        return "bench"

    @property
    def size(self) -> Size:
        return self._scene.size

    @property
    def fps(self) -> float:
        return self._scene.fps

    @property
    def status(self) -> str:
        return ""

    @property
    def ended(self) -> bool:
        return self._next >= self._total

    def read(self, timeout_s: float) -> Frame | None:
        if self.ended:
            return None
        now_s = time.monotonic()
        if self.due_s is None:
            self.due_s = now_s
        self._next = max(self._next, min(self._total - 1, int((now_s - self.due_s) * self.fps)))
        wait_s = self.due_s + self._next / self.fps - now_s
        if wait_s > 0:
            time.sleep(min(wait_s, timeout_s))
            if wait_s > timeout_s:
                return None
        index = self._next
        self._next += 1
        image = self._images[index % len(self._images)].copy()
        return Frame(image, time.monotonic(), index)

    def close(self) -> None:
        self._next = self._total

"""The scripted stage as a Source: draws the scene, numbers every picture, keeps the pace."""

from __future__ import annotations

import math
import threading

import cv2
import numpy as np

from engine.geometry import Size
from engine.sources.frame import Frame, Image
from engine.sources.media import Pace
from engine.sources.pace import OnTime
from engine.sources.stage.backdrop import backdrop
from engine.sources.stage.barcode import write_index
from engine.sources.stage.scene import Scene


class Painter:
    """Draws a scene. Used by one thread.

    The background is drawn once; a picture costs a copy of it and the performers.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        size = scene.size
        self._margin_px = math.ceil(scene.view.pan_reach_px) + 2 if scene.camera_pan_px_s else 0
        wide = Size(size.width + 2 * self._margin_px, size.height)
        self._background = backdrop(scene.background, wide, scene.seed)

    def paint(self, time_s: float) -> Image:
        """The picture at that time, without a number; (H, W, 3) BGR of its own."""
        image = self._behind(time_s)
        for placed in self._scene.back_to_front(time_s):
            placed.paint(image)
        return image

    def frame_image(self, index: int) -> Image:
        """Picture number ``index`` with its number in the corner."""
        image = self.paint(index / self._scene.fps)
        write_index(image, index)
        return image

    def _behind(self, time_s: float) -> Image:
        if not self._margin_px:
            return self._background.copy()
        size = self._scene.size
        left = self._margin_px + self._scene.view.pan_px(time_s)
        whole = math.floor(left)
        part = self._background[:, whole : whole + size.width + 1]
        # Between two pixels it is a mix of both neighbours, much cheaper than a warp.
        share = left - whole
        mixed = cv2.addWeighted(part[:, :-1], 1 - share, part[:, 1:], share, 0)
        return np.asarray(mixed, dtype=np.uint8)


class StageSource:
    """A Source that draws ``scene``; picture ``index`` shows the moment ``index / fps``.

    Args:
        scene: what happens.
        pace: "live" gives pictures when they are due and skips those nobody had time for, "fast" draws
            each one when it is read, with ``time_s = index / fps``.
        duration_s: ends after that; None goes on for ever.
    """

    def __init__(self, scene: Scene, pace: Pace = "live", duration_s: float | None = None) -> None:
        self.scene = scene
        self._painter = Painter(scene)
        self._count = None if duration_s is None else max(round(duration_s * scene.fps), 0)
        self._next = 0
        self._closed = threading.Event()
        self._out = OnTime() if pace == "live" else None
        self._thread: threading.Thread | None = None
        if self._out is not None:
            self._thread = threading.Thread(target=self._play, args=(self._out,), name="stage", daemon=True)
            self._thread.start()

    @property
    def name(self) -> str:
        return self.scene.name

    @property
    def size(self) -> Size:
        return self.scene.size

    @property
    def fps(self) -> float:
        return self.scene.fps

    @property
    def frame_count(self) -> int | None:
        """How many pictures there are; None without an end."""
        return self._count

    @property
    def status(self) -> str:
        return ""

    @property
    def ended(self) -> bool:
        if self._out is not None:
            return self._closed.is_set() or self._out.drained
        return self._closed.is_set() or self._at_end(self._next)

    def read(self, timeout_s: float) -> Frame | None:
        if self._out is not None:
            return self._out.get(timeout_s)
        if self.ended:
            return None
        index = self._next
        self._next += 1
        return Frame(self._painter.frame_image(index), index / self.scene.fps, index)

    def close(self) -> None:
        self._closed.set()
        if self._out is not None:
            self._out.close()
        if self._thread is not None:
            self._thread.join(1.0)

    def _at_end(self, index: int) -> bool:
        return self._count is not None and index >= self._count

    def _play(self, out: OnTime) -> None:
        """Thread: draw ahead; skip what can't be drawn in time, as a camera skips what nobody fetched."""
        index, fps = 0, self.scene.fps
        while not self._at_end(index):
            if not out.put(self._painter.frame_image(index), index / fps, index):
                return
            index += 1
            # Less than one picture late is still in time.
            index += max(int(out.behind_s(index / fps) * fps), 0)
        out.finish()

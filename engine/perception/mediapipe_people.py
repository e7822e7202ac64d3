"""The embedded default person finder: MediaPipe's PoseLandmarker on windows of the picture.

It is a ``Detector`` whose findings carry skeletons, and a ``PoseEstimator``. It suits one to four people who
stand mostly apart and show their face or chest; for crowds take a detector pack.
"""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from engine.errors import JikcamError
from engine.geometry import Box, Size
from engine.people import Detection, Skeleton
from engine.perception.blazepose import COUNT
from engine.perception.mediapipe_landmarker import Landmarker
from engine.perception.mediapipe_merge import Finding, assigned, is_same_person, merged
from engine.perception.mediapipe_regions import Search, is_cut, region, windows
from engine.sources.frame import Image
from engine.stderr import quiet

#: Most bodies looked at in one window: each costs as much as two windows without anybody.
_POSES = 3
#: The window of a second look is this much larger than what was seen of the body.
_SECOND_LOOK = 1.8


class MediaPipePeople:
    """Finds people and their key points with one MediaPipe ``.task`` file. Used by one thread.

    Args:
        task_file: a bundle for PoseLandmarker.
        threads: landmarkers that work side by side; each keeps one core busy.
        search: ``quick`` looks at the picture in as few squares of its height as cover it; ``thorough``
            also at the whole and at smaller squares: three times the work, for people who are small.
        least: least confidence of a finding, 0 to 1.

    Raises:
        JikcamError: the file is missing or can't be used.
    """

    def __init__(
        self, task_file: Path, threads: int = 2, search: Search = "quick", least: float = 0.55
    ) -> None:
        if threads < 1:
            raise JikcamError(f"{threads} threads can't find people", "give at least 1")
        self.search = search
        self._least = least
        self._idle: queue.SimpleQueue[Landmarker] = queue.SimpleQueue()
        self._all: list[Landmarker] = []
        self._settled = False
        with quiet():
            for _ in range(threads):
                self._all.append(Landmarker(task_file, _POSES))
                self._idle.put(self._all[-1])
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="mediapipe")

    @property
    def name(self) -> str:
        return f"MediaPipe BlazePose ({self.search})"

    def close(self) -> None:
        """Frees the networks; twice does no harm."""
        self._pool.shutdown(wait=True)
        for landmarker in self._all:
            landmarker.close()

    def detect(self, image: Image) -> list[Detection]:
        """People in ``image`` ((H, W, 3) uint8 BGR), best first, with skeletons, boxes clipped to it."""
        size = _size(image)
        everywhere = windows(size, self.search)
        whole: list[Finding] = []
        cut: list[Finding] = []
        for window, found in zip(everywhere, self._look(image, everywhere), strict=True):
            for finding in found:
                (cut if is_cut(finding.pose, window, size) else whole).append(finding)
        people = merged(whole)
        # a body that a window cut is only a hint: it counts when it is found again in a window of its own
        hints = [f for f in merged(cut) if not any(is_same_person(p, f) for p in people)]
        if hints:
            around = [region(f.box, size, _SECOND_LOOK) for f in hints]
            people = merged(people + [f for found in self._look(image, around) for f in found])
        return [Detection(f.box, f.score, f.pose.skeleton()) for f in people if f.score >= self._least]

    def estimate(self, image: Image, boxes: Sequence[Box]) -> list[Skeleton]:
        """One skeleton per box, in pixels of ``image``; all scores 0 where nobody fits the box.

        One body is never given to two boxes, and a body that lies mostly outside a box is not taken for it.
        """
        size = _size(image)
        found = self._look(image, [region(box, size) for box in boxes])
        return [f.pose.skeleton() if f else _nobody() for f in assigned(found, boxes)]

    def _look(self, image: Image, where: Sequence[Box]) -> list[list[Finding]]:
        """Findings of every window, in the order of the windows."""
        size = _size(image)

        def one(window: Box) -> list[Finding]:
            if not window.area > 0:
                return []
            landmarker = self._idle.get()
            try:
                poses = landmarker.poses(image, window)
            finally:
                self._idle.put(landmarker)
            return [Finding(p, box, p.confidence) for p in poses if (box := p.box(size)) is not None]

        # the native code has its last word of chatter when it meets the first body
        with contextlib.nullcontext() if self._settled else quiet():
            found = list(self._pool.map(one, where))
        self._settled = self._settled or any(found)
        return found


def _size(image: Image) -> Size:
    return Size(image.shape[1], image.shape[0])


def _nobody() -> Skeleton:
    return Skeleton(np.zeros((17, 2), np.float32), np.zeros(17, np.float32), np.zeros((COUNT, 3), np.float32))

"""The seams of perception: what a detector and a pose estimator promise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from engine.geometry import Box
from engine.people import Detection, Skeleton
from engine.sources.frame import Image


class Detector(Protocol):
    """Finds every person in a picture. Used by one thread."""

    @property
    def name(self) -> str: ...

    def detect(self, image: Image) -> list[Detection]:
        """People in ``image`` ((H, W, 3) uint8 BGR), best first, boxes in its pixels, clipped to it."""
        ...


class PoseEstimator(Protocol):
    """Estimates key points of people whose boxes are known. Used by one thread."""

    @property
    def name(self) -> str: ...

    def estimate(self, image: Image, boxes: Sequence[Box]) -> list[Skeleton]:
        """One skeleton per box, in the same order, in pixels of ``image``; all scores 0 where nobody is."""
        ...

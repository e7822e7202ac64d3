"""The seams of perception: what a detector, a pose estimator, a face detector and an embedder promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Box
from engine.people import DetectedObject, Detection, Skeleton
from engine.sources.frame import Image

F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face found in one picture.

    Attributes:
        box: forehead to chin, source pixels; may reach out of the picture.
        points: (5, 2) source pixels: right eye, left eye, tip of the nose, right and left corner of the
            mouth. Right and left are the person's own.
        score: the detector's confidence, 0 to 1.
    """

    box: Box
    points: F32
    score: float


class Detector(Protocol):
    """Finds every person in a picture. Used by one thread."""

    @property
    def name(self) -> str: ...

    def detect(self, image: Image) -> list[Detection]:
        """People in ``image`` ((H, W, 3) uint8 BGR), best first, boxes in its pixels, clipped to it."""
        ...


class ObjectFinder(Protocol):
    """Finds things of the classes that it was made for. Used by one thread."""

    @property
    def name(self) -> str: ...

    @property
    def labels(self) -> frozenset[str]:
        """Names of those classes."""
        ...

    def find_objects(self, image: Image, area: Box) -> list[DetectedObject]:
        """Things in ``area`` (whole pixels, inside the picture) of ``image``, best first, in its pixels."""
        ...


class PoseEstimator(Protocol):
    """Estimates key points of people whose boxes are known. Used by one thread."""

    @property
    def name(self) -> str: ...

    def estimate(self, image: Image, boxes: Sequence[Box]) -> list[Skeleton]:
        """One skeleton per box, in the same order, in pixels of ``image``; all scores 0 where nobody is."""
        ...


class FaceDetector(Protocol):
    """Finds faces in a part of a picture. Used by one thread."""

    @property
    def name(self) -> str: ...

    def detect(self, image: Image, area: Box, side_px: int = 160) -> list[Face]:
        """Faces in ``area`` of ``image``, best first, in pixels of ``image``.

        Faces of a fifteenth to two thirds of the area's longer side are found. An area outside the
        picture has none.
        """
        ...


class FaceEmbedder(Protocol):
    """Says with numbers what a face looks like. Used by one thread."""

    @property
    def name(self) -> str: ...

    @property
    def model(self) -> str:
        """sha256 of the weights: numbers of different models can't be compared."""
        ...

    def embed(self, image: Image, faces: Sequence[Face]) -> F32:
        """(N, E) rows of unit length, in the order of ``faces``; a row of zeros where there is nothing."""
        ...


class BodyEmbedder(Protocol):
    """Says with numbers what a whole person looks like, clothes above all. Used by one thread."""

    @property
    def name(self) -> str: ...

    @property
    def model(self) -> str:
        """sha256 of the weights: numbers of different models can't be compared."""
        ...

    def embed(self, image: Image, boxes: Sequence[Box]) -> F32:
        """(N, D) rows of unit length, in the order of ``boxes``; a row of zeros where there is nothing."""
        ...

"""A made-up stage for tests of perception: people who stand in a row, and models that know them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.geometry import Box
from engine.people import Detection, Skeleton, Track, Tracks
from engine.sources.frame import Frame, Image

#: Joints of somebody with the arms a little out, in box widths and heights from the box's centre.
FIGURE = np.array(
    [
        *((0.0, -0.42), (0.05, -0.44), (-0.05, -0.44), (0.1, -0.43), (-0.1, -0.43)),
        *((0.2, -0.31), (-0.2, -0.31), (0.33, -0.17), (-0.33, -0.17), (0.42, -0.05), (-0.42, -0.05)),
        *((0.14, 0.02), (-0.14, 0.02), (0.16, 0.24), (-0.16, 0.24), (0.17, 0.45), (-0.17, 0.45)),
    ]
)


def figure(box: Box, score: float = 0.8) -> Skeleton:
    """The skeleton of somebody who fills ``box``."""
    middle, size = np.array([box.center.x, box.center.y]), np.array([box.width, box.height])
    return Skeleton((FIGURE * size + middle).astype(np.float32), np.full(17, score, np.float32))


def row_of(number: int) -> list[Box]:
    """Boxes of people side by side in a picture of 1920 x 1080."""
    return [Box.from_center(150 + 200 * i, 600, 120, 400) for i in range(number)]


def tracks_of(boxes: Sequence[Box], first_id: int = 1, skeletons: bool = False) -> Tracks:
    items = tuple(
        Track(first_id + i, box, 0.0, 0.0, 0.9, 0.0, 0.0, skeleton=figure(box) if skeletons else None)
        for i, box in enumerate(boxes)
    )
    return Tracks(0.0, 0, items)


def frame(index: int = 0) -> Frame:
    return Frame(np.zeros((1080, 1920, 3), np.uint8), index / 30, index)


class FakeDetector:
    """Finds the people of the list, and counts its calls."""

    name = "fake"

    def __init__(self, people: Sequence[Box], skeletons: bool = False) -> None:
        self.people = list(people)
        self.skeletons = skeletons
        self.calls = 0

    def detect(self, image: Image) -> list[Detection]:
        self.calls += 1
        return [Detection(b, 0.9, figure(b) if self.skeletons else None) for b in self.people]


class FakePose:
    """Sees, in a box, whoever of ``bodies`` fills it best; nobody below IoU .2. Remembers its calls."""

    name = "fake"

    def __init__(self, bodies: Sequence[Box]) -> None:
        self.bodies = bodies
        self.calls: list[list[Box]] = []

    def estimate(self, image: Image, boxes: Sequence[Box]) -> list[Skeleton]:
        self.calls.append(list(boxes))
        return [self._one(box) for box in boxes]

    def _one(self, box: Box) -> Skeleton:
        body = max(self.bodies, key=box.iou, default=box)
        return figure(body, 0.8 if self.bodies and box.iou(body) >= 0.2 else 0.05)

"""What performers look like: the seam between the scene and the ways to draw somebody."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Box
from engine.people import Skeleton
from engine.sources.frame import Image
from engine.sources.stage.body import Pose
from engine.sources.stage.view import StageView


class Placed(Protocol):
    """Somebody, or something, at its place in one picture."""

    @property
    def depth(self) -> float:
        """0 back to 1 front; the nearer covers the farther."""
        ...

    @property
    def box(self) -> Box:
        """All of it in source pixels, not clipped to the picture."""
        ...

    def paint(self, canvas: Image) -> None:
        """Draw into the picture; parts outside it are cut off."""
        ...

    def silhouette(self, box: Box, scale: float) -> NDArray[np.uint8]:
        """Its outline, 255 inside, on a canvas that shows ``box`` with ``scale`` pixels per source pixel."""
        ...


class PlacedPerformer(Placed, Protocol):
    """A Placed that has joints."""

    @property
    def skeleton(self) -> Skeleton: ...


class Costume(Protocol):
    """How a performer looks, whatever the pose."""

    def place(self, pose: Pose, view: StageView, time_s: float) -> PlacedPerformer:
        """The performer in that pose at that time."""
        ...


def canvas_for(box: Box, scale: float) -> NDArray[np.uint8]:
    """An empty mask that shows ``box``, at least one pixel large."""
    return np.zeros((max(round(box.height * scale), 1), max(round(box.width * scale), 1)), np.uint8)

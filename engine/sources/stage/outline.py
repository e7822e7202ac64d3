"""Silhouettes on a coarse common grid: who hides how much of whom."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.geometry import Box, Size
from engine.people import Joint, Skeleton
from engine.sources.stage.costume import Placed

#: Silhouettes are compared on masks this much smaller than the picture.
MASK_SCALE = 0.25
#: Width of a face by the distance from the nose to the neck.
_FACE_BY_NECK = 0.85


@dataclass(frozen=True, slots=True)
class Sight:
    """How much of something the camera sees.

    Attributes:
        visible_share: of its area, neither behind others nor outside the picture.
        hidden_shares: of its area, by each of those in front, in their order.
        face_share: of the part that was asked for, see ``Outline.sight``.
    """

    visible_share: float
    hidden_shares: tuple[float, ...]
    face_share: float


class Outline:
    """A silhouette on a grid that all outlines share, drawn when it is needed."""

    def __init__(self, placed: Placed) -> None:
        self.placed = placed
        self.x0, self.y0, self.x1, self.y1 = _cells(placed.box)

    @cached_property
    def mask(self) -> NDArray[np.uint8]:
        corners = (v / MASK_SCALE for v in (self.x0, self.y0, self.x1, self.y1))
        return self.placed.silhouette(Box(*corners), MASK_SCALE)

    def sight(self, in_front: Sequence[Outline], size: Size, face: Box | None) -> Sight:
        """How much of it lies in the picture and behind nobody; of its part inside ``face`` too."""
        right, bottom = round(size.width * MASK_SCALE), round(size.height * MASK_SCALE)
        touching = [o.placed.box.intersection(self.placed.box).area > 0 for o in in_front]
        outside = self.x0 < 0 or self.y0 < 0 or self.x1 > right or self.y1 > bottom
        if not any(touching) and not outside:
            return Sight(1.0, (0.0,) * len(in_front), 1.0)
        whole = cv2.countNonZero(self.mask)
        if not whole:
            return Sight(0.0, (0.0,) * len(in_front), 0.0)
        seen = np.zeros_like(self.mask)
        window = self._window(0, 0, right, bottom)
        seen[window] = self.mask[window]
        hidden = []
        for other, near in zip(in_front, touching, strict=True):
            hidden.append(self._hidden_by(other, seen) / whole if near else 0.0)
        return Sight(cv2.countNonZero(seen) / whole, tuple(hidden), self._share_of(face, seen))

    def _hidden_by(self, other: Outline, seen: NDArray[np.uint8]) -> int:
        """Cells of this silhouette behind ``other``, which are blotted out in ``seen``."""
        here = self._window(other.x0, other.y0, other.x1, other.y1)
        there = other._window(self.x0, self.y0, self.x1, self.y1)
        behind = other.mask[there] > 127
        seen[here][behind] = 0
        return int(np.count_nonzero(behind & (self.mask[here] > 127)))

    def _share_of(self, face: Box | None, seen: NDArray[np.uint8]) -> float:
        if face is None:
            return 0.0
        part = self._window(*_cells(face))
        whole = np.count_nonzero(self.mask[part])
        return float(np.count_nonzero(seen[part]) / whole) if whole else 0.0

    def _window(self, x0: int, y0: int, x1: int, y1: int) -> tuple[slice, slice]:
        """The part of the mask inside that rectangle of the grid."""
        return (
            slice(max(y0 - self.y0, 0), max(min(y1, self.y1) - self.y0, 0)),
            slice(max(x0 - self.x0, 0), max(min(x1, self.x1) - self.x0, 0)),
        )


def face_box(skeleton: Skeleton) -> Box | None:
    """The face in the plane of the picture, a square round the nose; None when the nose is not to be seen."""
    nose, neck = skeleton.joint(Joint.NOSE), skeleton.neck
    if nose is None or neck is None:
        return None
    half = nose.distance(neck) * _FACE_BY_NECK / 2
    return Box(nose.x - half, nose.y - half, nose.x + half, nose.y + half)


def _cells(box: Box) -> tuple[int, int, int, int]:
    """The rectangle of the grid that holds ``box``."""
    return (
        math.floor(box.x0 * MASK_SCALE),
        math.floor(box.y0 * MASK_SCALE),
        math.ceil(box.x1 * MASK_SCALE),
        math.ceil(box.y1 * MASK_SCALE),
    )

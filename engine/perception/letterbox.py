"""Fitting a picture of any shape into a model's input, and mapping what was found there back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Size

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Where the shrunk picture lies inside the model's input.

    All coordinates are continuous: pixel i covers i to i+1, so a picture's right edge is its width. Both axes
    have their own scale, because the inner picture has whole pixels.

    Attributes:
        source: the picture.
        into: the model's input.
        inner: the shrunk picture inside ``into``; the rest is padding.
        left, top: of the inner picture, in input pixels.
    """

    source: Size
    into: Size
    inner: Size
    left: int
    top: int

    @classmethod
    def fit(cls, source: Size, into: Size, *, centered: bool = False) -> Letterbox:
        """The largest inner picture of the same aspect, at the top left or ``centered``."""
        scale = min(into.width / source.width, into.height / source.height)
        inner = Size(
            min(max(round(source.width * scale), 1), into.width),
            min(max(round(source.height * scale), 1), into.height),
        )
        left = (into.width - inner.width) // 2 if centered else 0
        top = (into.height - inner.height) // 2 if centered else 0
        return cls(source, into, inner, left, top)

    @property
    def scale_x(self) -> float:
        """Input pixels per source pixel, across."""
        return self.inner.width / self.source.width

    @property
    def scale_y(self) -> float:
        """Input pixels per source pixel, down."""
        return self.inner.height / self.source.height

    def to_input(self, points: NDArray[np.floating]) -> F64:
        """Source points (..., 2) in input pixels."""
        moved: F64 = np.asarray(points, np.float64) * self._scale + self._offset
        return moved

    def to_source(self, points: NDArray[np.floating]) -> F64:
        """Input points (..., 2) in source pixels; the exact inverse of ``to_input``."""
        moved: F64 = (np.asarray(points, np.float64) - self._offset) / self._scale
        return moved

    def boxes_to_input(self, boxes: NDArray[np.floating]) -> F64:
        """Source boxes (N, 4) x0, y0, x1, y1 in input pixels."""
        return self.to_input(np.asarray(boxes).reshape(-1, 2, 2)).reshape(-1, 4)

    def boxes_to_source(self, boxes: NDArray[np.floating]) -> F64:
        """Input boxes (N, 4) x0, y0, x1, y1 in source pixels, not clipped."""
        return self.to_source(np.asarray(boxes).reshape(-1, 2, 2)).reshape(-1, 4)

    @property
    def _scale(self) -> F64:
        return np.array([self.scale_x, self.scale_y])

    @property
    def _offset(self) -> F64:
        return np.array([self.left, self.top], dtype=np.float64)


def input_size(picture: Size, budget_px: int, multiple: int) -> Size:
    """The input that shows ``picture`` largest with at most ``budget_px`` pixels.

    A model that takes any size should not spend its time on padding: the same budget is 512 x 288 for a
    wide picture, 448 x 320 for a 4:3 one and 288 x 512 for an upright telephone.

    Args:
        budget_px: width times height that may be spent, at least ``multiple`` squared.
        multiple: both sides are multiples of it (the model's coarsest stride).
    """
    best = Size(multiple, multiple)
    best_scale = 0.0
    for height in range(multiple, budget_px // multiple + 1, multiple):
        width = budget_px // height // multiple * multiple
        scale = min(width / picture.width, height / picture.height)
        if scale > best_scale * (1 + 1e-9):
            best, best_scale = Size(width, height), scale
    # What the limiting side leaves free on the other would only be padding.
    return Size(
        min(best.width, _multiple_above(picture.width * best_scale, multiple)),
        min(best.height, _multiple_above(picture.height * best_scale, multiple)),
    )


def _multiple_above(length: float, multiple: int) -> int:
    return max(1, -int(-(length - 1e-6) // multiple)) * multiple

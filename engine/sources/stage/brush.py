"""Anti-aliased shapes at fractions of a pixel on a picture, or on a small one-channel mask of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]

_SHIFT = 4
_ONE = 1 << _SHIFT
#: Half a circle around the end of a limb that points to the right.
_CAP = np.exp(1j * np.linspace(-math.pi / 2, math.pi / 2, 5))


class Brush:
    """Draws into ``canvas``. Places are complex numbers in source pixels: x + 1j * y.

    A picture is made of hundreds of shapes, and plain complex arithmetic is several times faster on one
    point than numpy is.

    Args:
        canvas: (H, W, 3) picture, or (H, W) mask on which every colour is 255.
        origin: source pixel that lies on the canvas's top left corner.
        scale: canvas pixels per source pixel.
    """

    def __init__(
        self, canvas: NDArray[np.uint8], origin: tuple[float, float] = (0.0, 0.0), scale: float = 1.0
    ) -> None:
        self._canvas = canvas
        self._origin = complex(*origin)
        self._unit = scale * _ONE
        #: On a mask details inside the outline are a waste.
        self.detailed = canvas.ndim == 3

    def limb(self, a: complex, b: complex, ra: float, rb: float, colour: Colour) -> None:
        """A rounded limb from ``a`` to ``b`` with radii ``ra`` and ``rb`` pixels."""
        k = self._unit
        start, end = (a - self._origin) * k, (b - self._origin) * k
        along = end - start
        cap = _CAP * (along / abs(along)) if along else _CAP
        self._fill(np.concatenate((cap * (rb * k) + end, cap * (-ra * k) + start)), colour)

    def polygon(self, corners: Sequence[complex], colour: Colour) -> None:
        """A filled convex polygon."""
        self._fill((np.array(corners) - self._origin) * self._unit, colour)

    def ellipse(
        self,
        center: complex,
        rx: float,
        ry: float,
        colour: Colour,
        angle_deg: float = 0.0,
        arc_deg: tuple[float, float] = (0.0, 360.0),
    ) -> None:
        """A filled ellipse, or the slice of it between two angles, turned by ``angle_deg``."""
        at = (center - self._origin) * self._unit
        cv2.ellipse(
            self._canvas,
            (round(at.real), round(at.imag)),
            (max(round(rx * self._unit), 1), max(round(ry * self._unit), 1)),
            angle_deg,
            arc_deg[0],
            arc_deg[1],
            self._ink(colour),
            -1,
            cv2.LINE_AA,
            _SHIFT,
        )

    def _fill(self, outline: NDArray[np.complex128], colour: Colour) -> None:
        fixed = outline.view(np.float64).astype(np.int32).reshape(-1, 2)
        cv2.fillConvexPoly(self._canvas, fixed, self._ink(colour), cv2.LINE_AA, _SHIFT)

    def _ink(self, colour: Colour) -> Colour:
        return colour if self.detailed else (255, 255, 255)


@lru_cache(maxsize=1024)
def shade(colour: Colour, factor: float) -> Colour:
    """The colour made lighter (> 1) or darker (< 1)."""
    b, g, r = (min(max(round(c * factor), 0), 255) for c in colour)
    return b, g, r

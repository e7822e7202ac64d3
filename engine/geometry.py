"""Points, boxes and shots: frozen, float, in source pixels (x right, y down, origin top left)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from engine.errors import JikcamError


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height of a picture in whole pixels."""

    width: int
    height: int

    @property
    def aspect(self) -> float:
        """Width divided by height."""
        return self.width / self.height


@dataclass(frozen=True, slots=True)
class Point:
    """A position in source pixels."""

    x: float
    y: float

    def distance(self, other: Point) -> float:
        """Euclidean distance in pixels."""
        return math.hypot(self.x - other.x, self.y - other.y)

    def shifted(self, dx: float, dy: float) -> Point:
        """The point moved by (dx, dy) pixels."""
        return Point(self.x + dx, self.y + dy)


@dataclass(frozen=True, slots=True)
class Box:
    """An axis-parallel rectangle: left, top, right, bottom in source pixels."""

    x0: float
    y0: float
    x1: float
    y1: float

    @classmethod
    def from_center(cls, cx: float, cy: float, width: float, height: float) -> Self:
        """The box of that centre and size (pixels)."""
        return cls(cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2)

    @classmethod
    def around(cls, points: NDArray[np.floating]) -> Self:
        """The smallest box around ``points``, shape (N, 2), N >= 1."""
        (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
        return cls(float(x0), float(y0), float(x1), float(y1))

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        """Square pixels; 0 for a box turned inside out."""
        return max(self.width, 0.0) * max(self.height, 0.0)

    @property
    def center(self) -> Point:
        return Point((self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2)

    @property
    def xyxy(self) -> tuple[float, float, float, float]:
        return self.x0, self.y0, self.x1, self.y1

    @property
    def xywh(self) -> tuple[float, float, float, float]:
        """Left, top, width, height: the order of MOTChallenge and of the shot log."""
        return self.x0, self.y0, self.width, self.height

    def is_finite(self) -> bool:
        return all(math.isfinite(v) for v in self.xyxy)

    def contains(self, point: Point) -> bool:
        """Whether the point lies inside or on the edge."""
        return self.x0 <= point.x <= self.x1 and self.y0 <= point.y <= self.y1

    def shifted(self, dx: float, dy: float) -> Box:
        """The box moved by (dx, dy) pixels."""
        return Box(self.x0 + dx, self.y0 + dy, self.x1 + dx, self.y1 + dy)

    def scaled(self, factor: float) -> Box:
        """Same centre, width and height times ``factor``."""
        c = self.center
        return Box.from_center(c.x, c.y, self.width * factor, self.height * factor)

    def clipped(self, size: Size) -> Box:
        """The part inside a picture of ``size``; may have no area."""
        w, h = float(size.width), float(size.height)
        return Box(
            min(max(self.x0, 0.0), w),
            min(max(self.y0, 0.0), h),
            min(max(self.x1, 0.0), w),
            min(max(self.y1, 0.0), h),
        )

    def intersection(self, other: Box) -> Box:
        """The common part; turned inside out (area 0) when there is none."""
        return Box(
            max(self.x0, other.x0),
            max(self.y0, other.y0),
            min(self.x1, other.x1),
            min(self.y1, other.y1),
        )

    def union(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(
            min(self.x0, other.x0),
            min(self.y0, other.y0),
            max(self.x1, other.x1),
            max(self.y1, other.y1),
        )

    def iou(self, other: Box) -> float:
        """Intersection over union, 0 to 1."""
        common = self.intersection(other).area
        union = self.area + other.area - common
        return common / union if union > 0 else 0.0


def parse_aspect(text: str) -> float:
    """Width over height of ``"16:9"``, ``"1.37:1"`` or ``"1.5"``.

    Raises:
        JikcamError: not a ratio, or outside 1:10 to 10:1.
    """
    left, colon, right = text.partition(":")
    try:
        ratio = float(left) / float(right) if colon else float(left)
    except (ValueError, ZeroDivisionError):
        ratio = math.nan
    if not 0.1 <= ratio <= 10.0:
        raise JikcamError(
            f"aspect {text!r} is not a ratio between 1:10 and 10:1",
            "write it as width:height, for example 16:9, 9:16, 1:1 or 1.37:1",
        )
    return ratio


def boxes_array(boxes: list[Box] | tuple[Box, ...]) -> NDArray[np.float64]:
    """The boxes as rows x0, y0, x1, y1; shape (N, 4), also for N = 0."""
    return np.array([b.xyxy for b in boxes], dtype=np.float64).reshape(-1, 4)


@dataclass(frozen=True, slots=True)
class Shot:
    """What the virtual camera shows: a rectangle of exact aspect inside the source picture.

    Attributes:
        cx, cy: centre in source pixels.
        height: height in source pixels; the width follows from the aspect.
        aspect: width over height.
    """

    cx: float
    cy: float
    height: float
    aspect: float

    @classmethod
    def widest(cls, size: Size, aspect: float, center: Point | None = None) -> Shot:
        """The largest shot of that aspect inside ``size``, as near to ``center`` as it fits."""
        c = center or Point(size.width / 2, size.height / 2)
        return cls(c.x, c.y, math.inf, aspect).inside(size)

    @classmethod
    def whole(cls, size: Size, aspect: float) -> Shot:
        """The smallest shot of that aspect that shows all of a picture of ``size``; it sticks out of it."""
        return cls(size.width / 2, size.height / 2, max(size.height, size.width / aspect), aspect)

    @property
    def width(self) -> float:
        return self.height * self.aspect

    @property
    def center(self) -> Point:
        return Point(self.cx, self.cy)

    @property
    def box(self) -> Box:
        return Box.from_center(self.cx, self.cy, self.width, self.height)

    def is_finite(self) -> bool:
        return all(math.isfinite(v) for v in (self.cx, self.cy, self.height, self.aspect))

    def inside(self, size: Size, tallest: float = 0.0) -> Shot:
        """The same shot made small enough and moved so that it lies inside ``size``; aspect kept.

        Args:
            tallest: it may be this high although it then sticks out; it shows as much as it can.
        """
        height = min(self.height, max(min(float(size.height), size.width / self.aspect), tallest))
        return Shot(
            _pushed(self.cx, height * self.aspect / 2, float(size.width)),
            _pushed(self.cy, height / 2, float(size.height)),
            height,
            self.aspect,
        )


def _pushed(center: float, half: float, length: float) -> float:
    """The centre moved so that a stretch of ``2 * half`` lies within 0 to ``length``, or else covers it."""
    low, high = min(half, length - half), max(half, length - half)
    return min(max(center, low), high)

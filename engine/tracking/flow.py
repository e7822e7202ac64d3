"""How far each person moved between two pictures, read from the optical flow inside their box."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.people import MotionField
from engine.tracking.overlap import in_front

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: The part of a box where nearly all pixels belong to the person: left, top, right, bottom as shares.
TORSO = (0.25, 0.08, 0.75, 0.6)
#: A vote needs this many points, and this share of them must agree with the median.
LEAST_POINTS, AGREE_SHARE = 4, 0.6
#: Nobody moves further between two pictures than this many heights.
MOST_MOVE = 1.0
#: Agreement: within this share of the height plus this share of the displacement.
AGREE_HEIGHT, AGREE_MOVE = 0.02, 0.3
#: A motion field belongs to two pictures when the times differ less than this.
SAME_TIME_S = 1e-4


def usable(field: MotionField, from_s: float, to_s: float) -> bool:
    """Whether the field is sound and belongs to the pictures of these two times."""
    in_time = abs(field.from_s - from_s) < SAME_TIME_S and abs(field.to_s - to_s) < SAME_TIME_S
    return (
        in_time
        and field.points.shape == field.displacement.shape
        and bool(np.isfinite(field.displacement).all() and np.isfinite(field.points).all())
        and bool(np.isfinite(field.background).all())
    )


def torso(boxes: F64) -> F64:
    """(N, 4) inner upper part of (N, 4) boxes x0, y0, x1, y1."""
    origin, size = boxes[:, :2], boxes[:, 2:] - boxes[:, :2]
    return np.concatenate([origin + size * TORSO[:2], origin + size * TORSO[2:]], axis=1)


def person_displacements(field: MotionField, boxes: F64, visible: Mask) -> tuple[F64, Mask]:
    """Median displacement of each person and whether it can be trusted.

    Points belong to the visible person in front of whom nobody visible stands, so that a covered
    person is never carried away by whoever covers them.

    Args:
        field: motion from the picture of ``boxes`` to the next.
        boxes: (N, 4) x0, y0, x1, y1.
        visible: (N,) who can own a point that lies in several boxes.

    Returns:
        (N, 2) pixels, 0 where not trusted; (N,) trusted.
    """
    n = len(boxes)
    nobody = np.zeros((n, 2)), np.zeros(n, bool)
    if not n or len(field.points) < LEAST_POINTS:
        return nobody
    row, point = np.nonzero(_owned(field.points, boxes, visible))
    count = np.bincount(row, minlength=n)
    if not len(row) or count.max() < LEAST_POINTS:
        return nobody
    moves = field.displacement[point].astype(np.float64)
    median = _medians(moves, row, count)
    off = np.hypot(moves[:, 0] - median[row, 0], moves[:, 1] - median[row, 1])
    height = boxes[:, 3] - boxes[:, 1]
    move = np.hypot(median[:, 0], median[:, 1])
    tolerance = AGREE_HEIGHT * height + AGREE_MOVE * move
    agreeing = np.bincount(row[off <= tolerance[row]], minlength=n)
    trusted = (count >= LEAST_POINTS) & (agreeing >= AGREE_SHARE * count) & (move <= MOST_MOVE * height)
    return np.where(trusted[:, None], median, 0.0), trusted


def _owned(points: NDArray[np.float32], boxes: F64, visible: Mask) -> Mask:
    """(N, M) which of (M, 2) points belong to which person."""
    inner = torso(boxes).astype(np.float32)
    x, y = points[:, 0], points[:, 1]
    inside = (x >= inner[:, :1]) & (x <= inner[:, 2:3])
    inside &= y >= inner[:, 1:2]
    inside &= y <= inner[:, 3:]
    if inside.sum(axis=0).max() < 2:
        return inside
    hides = (in_front(boxes, boxes) & visible).astype(np.float32)
    return inside & ~((hides @ inside.astype(np.float32)) > 0.5)


def _medians(values: F64, row: NDArray[np.int64], count: NDArray[np.int64]) -> F64:
    """(N, 2) medians of (K, 2) values grouped by ``row`` (K,), rising; 0 for an empty group."""
    place = np.arange(len(row)) - (np.cumsum(count) - count)[row]
    table = np.full((2, len(count), int(count.max())), np.inf)
    table[:, row, place] = values.T
    table.sort()
    rows, low, high = np.arange(len(count)), np.maximum(count - 1, 0) // 2, count // 2
    high -= count == 0
    both = (table[:, rows, low] + table[:, rows, high]).T / 2
    return np.where((count > 0)[:, None], both, 0.0)

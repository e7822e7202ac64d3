"""How boxes overlap: matrices over rows x0, y0, x1, y1 in pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

#: Feet must be lower by this share of the height to count as being in front.
FRONT_MARGIN = 0.01


def corners(centre_size: F64) -> F64:
    """(N, 4) rows cx, cy, w, h as x0, y0, x1, y1."""
    half = centre_size[:, 2:] / 2
    out = np.empty_like(centre_size)
    np.subtract(centre_size[:, :2], half, out=out[:, :2])
    np.add(centre_size[:, :2], half, out=out[:, 2:])
    return out


def centre_sizes(boxes: F64) -> F64:
    """(N, 4) rows x0, y0, x1, y1 as cx, cy, w, h."""
    out = np.empty_like(boxes)
    out[:, :2] = (boxes[:, :2] + boxes[:, 2:]) / 2
    np.subtract(boxes[:, 2:], boxes[:, :2], out=out[:, 2:])
    return out


def _by_coordinate(boxes: F64) -> F64:
    """(4, N): numpy then runs along the boxes, not along two numbers at a time."""
    return np.ascontiguousarray(boxes.T)


def _common(a: F64, b: F64) -> F64:
    """(N, M) common areas of boxes (4, N) with (4, M)."""
    side = np.minimum(a[2:, :, None], b[2:, None])
    side -= np.maximum(a[:2, :, None], b[:2, None])
    np.maximum(side, 0.0, out=side)
    result: F64 = side[0] * side[1]
    return result


def _common_areas(a: F64, b: F64) -> F64:
    return _common(_by_coordinate(a), _by_coordinate(b))


def _areas(a: F64) -> F64:
    result: F64 = (a[..., 2] - a[..., 0]) * (a[..., 3] - a[..., 1])
    return result


def iou(a: F64, b: F64) -> F64:
    """(N, M) intersection over union of (N, 4) with (M, 4)."""
    common = _common_areas(a, b)
    result: F64 = common / np.maximum(_areas(a)[:, None] + _areas(b)[None] - common, 1e-9)
    return result


def height_modulated_iou(a: F64, b: F64) -> F64:
    """(N, M) IoU times the overlap of the vertical extents (Hybrid-SORT, AAAI 2024).

    Dancers who cross differ more in height and foot line than in anything else a box tells.
    """
    low = np.minimum(a[:, None, 3], b[None, :, 3]) - np.maximum(a[:, None, 1], b[None, :, 1])
    high = np.maximum(a[:, None, 3], b[None, :, 3]) - np.minimum(a[:, None, 1], b[None, :, 1])
    result: F64 = iou(a, b) * np.clip(low / np.maximum(high, 1e-9), 0.0, 1.0)
    return result


def pair_overlaps(a: F64, b: F64) -> tuple[F64, F64]:
    """(...) IoU and overlap of the vertical extents (negative when apart) of boxes (..., 4), one to one."""
    low, high = np.maximum(a[..., :2], b[..., :2]), np.minimum(a[..., 2:], b[..., 2:])
    side = high - low
    tall = side[..., 1] / np.maximum(
        np.maximum(a[..., 3], b[..., 3]) - np.minimum(a[..., 1], b[..., 1]), 1e-9
    )
    np.maximum(side, 0.0, out=side)
    common = side[..., 0] * side[..., 1]
    return common / np.maximum(_areas(a) + _areas(b) - common, 1e-9), np.maximum(tall, -2.0)


def crowding(boxes: F64) -> F64:
    """How each of (N, 4) boxes stands among the others.

    Returns:
        (N, 4): the largest IoU with another; how far that one's feet are higher, in own heights; share
        covered by those in front; how many overlap it by 0.3 or more.
    """
    n = len(boxes)
    if n < 2:
        return np.zeros((n, 4))
    sides = _by_coordinate(boxes)
    feet = sides[3]
    common = _common(sides, sides)
    area = np.maximum(common.diagonal(), 1e-9)
    common.reshape(-1)[:: n + 1] = 0.0
    overlap = area[:, None] + area
    overlap -= common
    np.divide(common, overlap, out=overlap)
    most = overlap.argmax(axis=1)
    height = np.maximum(feet - sides[1], 1.0)
    out = np.empty((4, n))
    np.maximum.reduce(overlap, axis=1, out=out[0])
    np.divide(feet - feet.take(most), height, out=out[1])
    out[1] *= out[0] > 0
    np.copyto(common, 0.0, where=feet <= (feet + FRONT_MARGIN * height)[:, None])
    np.minimum(np.add.reduce(common, axis=1) / area, 1.0, out=out[2])
    np.add.reduce(overlap >= 0.3, axis=1, dtype=np.float64, out=out[3])
    return out.T


def in_front(a: F64, b: F64) -> NDArray[np.bool_]:
    """(N, M) whether b[m] stands in front of a[n]: its feet are lower in the picture."""
    margin = FRONT_MARGIN * (a[:, 3] - a[:, 1])
    result: NDArray[np.bool_] = b[:, 3] > (a[:, 3] + margin)[:, None]
    return result


def covered_shares(a: F64, b: F64) -> F64:
    """(N,) share of each box of ``a`` hidden by boxes of ``b`` that stand in front, 0 to 1.

    Covering boxes are summed, an upper bound when they overlap one another.
    """
    if not len(a) or not len(b):
        return np.zeros(len(a))
    common = _common_areas(a, b)
    np.copyto(common, 0.0, where=~in_front(a, b))
    result: F64 = np.minimum(np.add.reduce(common, axis=1) / np.maximum(_areas(a), 1e-9), 1.0)
    return result

"""How much of a person's box shows that person: nobody in front, inside the picture, shaped like somebody."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Box, Size, boxes_array

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Cells that a box is looked at in, across and down.
COLUMNS, ROWS = 8, 16
#: Who stands behind still shows beside the person, and takes this share of what the boxes have in common.
BEHIND = 0.35
#: Bottom edges nearer than this share of the smaller height tell nothing about who is in front.
LEVEL = 0.02
#: Height over width of somebody upright, sitting, or dancing with arms spread; a box beyond is a lying or
#: cut person, or two people.
SLIMMEST, BROADEST = 5.0, 0.8
FAR_SLIM, FAR_BROAD = 7.0, 0.4


def in_front(boxes: F64) -> Bools:
    """(N, N): whether j stands in front of i, or may do so, by the lower bottom edge (R128).

    On one floor, seen by a camera above it, whoever's feet are lower in the picture is nearer. Level edges
    (two people cut by the picture's edge, say) tell nothing: then each counts as in front of the other.

    Args:
        boxes: (N, 4) x0, y0, x1, y1.
    """
    bottom, height = boxes[:, 3], boxes[:, 3] - boxes[:, 1]
    slack = LEVEL * np.minimum(height[:, None], height[None])
    front: Bools = bottom[None] >= bottom[:, None] - slack
    np.fill_diagonal(front, False)
    return front


def alone(boxes: Sequence[Box], areas: Sequence[Box] | None = None) -> F64:
    """(N,) share of each box that nobody else has, 0 to 1; people in front count in full.

    Args:
        boxes: everybody who may hide somebody.
        areas: what must be free, one per box (heads, say); None: the boxes themselves.
    """
    if not boxes:
        return np.zeros(0)
    b = _rows(boxes)
    a = b if areas is None else _rows(areas)
    x = a[:, None, 0] + (np.arange(COLUMNS) + 0.5) / COLUMNS * (a[:, 2] - a[:, 0])[:, None]
    y = a[:, None, 1] + (np.arange(ROWS) + 0.5) / ROWS * (a[:, 3] - a[:, 1])[:, None]
    across = (x[:, None] >= b[None, :, 0, None]) & (x[:, None] <= b[None, :, 2, None])
    down = (y[:, None] >= b[None, :, 1, None]) & (y[:, None] <= b[None, :, 3, None])
    weight = np.where(in_front(b), 1.0, BEHIND)
    np.fill_diagonal(weight, 0.0)
    # (i, j, row, column): how much of cell (row, column) of area i person j takes.
    taken = weight[:, :, None, None] * (down[..., :, None] & across[..., None, :])
    share: F64 = 1.0 - taken.max(axis=1).mean(axis=(1, 2))
    return share


def body_quality(boxes: Sequence[Box], size: Size) -> F64:
    """(N,) how much of each box is that person, whole and alone, 0 to 1.

    Args:
        boxes: everybody, people who are hidden at the moment included; they may reach out of the picture.
        size: of the picture.
    """
    if not boxes:
        return np.zeros(0)
    sound = [Box(*row) for row in _rows(boxes).tolist()]
    areas = np.array([max(box.area, 1e-9) for box in sound])
    inside = np.array([box.clipped(size).area for box in sound]) / areas
    tall = np.array([box.height / max(box.width, 1e-9) for box in sound])
    slim = np.clip((FAR_SLIM - tall) / (FAR_SLIM - SLIMMEST), 0.0, 1.0)
    broad = np.clip((tall - FAR_BROAD) / (BROADEST - FAR_BROAD), 0.0, 1.0)
    quality: F64 = alone(sound) * inside * slim * broad
    return quality


def _rows(boxes: Sequence[Box]) -> F64:
    """(N, 4); a box that is not finite has no extent."""
    rows = boxes_array(list(boxes))
    return np.where(np.isfinite(rows).all(axis=1, keepdims=True), rows, 0.0)

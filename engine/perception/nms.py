"""Greedy non-maximum suppression: of boxes on the same person, the best."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def nms(boxes: NDArray[np.floating], scores: NDArray[np.floating], max_iou: float) -> NDArray[np.intp]:
    """Which boxes to keep, best first; no two of them overlap by more than ``max_iou``.

    Rows that are not finite are dropped. Boxes of equal score keep their order. A box without area overlaps
    nothing.

    Args:
        boxes: (N, 4) x0, y0, x1, y1.
        scores: (N,).
        max_iou: intersection over union allowed between two kept boxes, 0 to 1.

    Returns:
        Indices into ``boxes``, (K,).
    """
    boxes = np.asarray(boxes, np.float64).reshape(-1, 4)
    scores = np.asarray(scores, np.float64).reshape(-1)
    usable = np.flatnonzero(np.isfinite(boxes).all(axis=1) & np.isfinite(scores))
    rest = usable[np.argsort(-scores[usable], kind="stable")]
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 0.0)
    areas = sides[:, 0] * sides[:, 1]
    kept: list[np.intp] = []
    # One pass per person kept, each over all that is left: few people, so few passes.
    while rest.size:
        best, rest = rest[0], rest[1:]
        kept.append(best)
        low = np.maximum(boxes[rest, :2], boxes[best, :2])
        high = np.minimum(boxes[rest, 2:], boxes[best, 2:])
        common = np.maximum(high - low, 0.0).prod(axis=1)
        union = areas[rest] + areas[best] - common
        rest = rest[common <= max_iou * union]
    return np.array(kept, dtype=np.intp)

"""Which detection is which track, only to know whose pose to estimate; the tracker decides for itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from engine.geometry import Box, boxes_array

#: Distance-IoU of two boxes that may still be one person: side by side, one and a half widths apart.
LEAST_DIOU = -0.15


def pair_boxes(a: Sequence[Box], b: Sequence[Box]) -> list[tuple[int, int]]:
    """The best one-to-one pairs of indices (into ``a``, into ``b``); what is too far apart stays alone."""
    if not a or not b:
        return []
    alike = distance_iou(boxes_array(list(a)), boxes_array(list(b)))
    # Below the limit all is equally bad, so that a hopeless pair can't push a good one aside.
    rows, columns = linear_sum_assignment(np.maximum(alike, LEAST_DIOU), maximize=True)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if alike[i, j] > LEAST_DIOU]


def distance_iou(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """IoU less the squared distance of centres over the squared diagonal around both, -1 to 1.

    Args:
        a, b: boxes (N, 4) and (M, 4) as x0, y0, x1, y1. The result is (N, M).

    Source: Zheng et al. 2020, "Distance-IoU loss".
    """
    a, b = a[:, None], b[None]
    low, high = np.maximum(a[..., :2], b[..., :2]), np.minimum(a[..., 2:], b[..., 2:])
    common = np.maximum(high - low, 0.0).prod(axis=-1)
    areas = [np.maximum(x[..., 2:] - x[..., :2], 0.0).prod(axis=-1) for x in (a, b)]
    union = np.maximum(areas[0] + areas[1] - common, 1e-9)
    around = np.maximum(a[..., 2:], b[..., 2:]) - np.minimum(a[..., :2], b[..., :2])
    apart = (a[..., :2] + a[..., 2:] - b[..., :2] - b[..., 2:]) / 2
    distance = (apart**2).sum(axis=-1) / np.maximum((around**2).sum(axis=-1), 1e-9)
    alike: NDArray[np.float64] = common / union - distance
    return alike

"""Object key-point similarity: how alike two skeletons lie, 0 to 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

#: Spread of human annotators per joint, of COCO's evaluation (cocoapi, ``Params.kpt_oks_sigmas``).
COCO_SIGMAS = np.array(
    [
        *(0.026, 0.025, 0.025, 0.035, 0.035),  # nose, eyes, ears
        *(0.079, 0.079, 0.072, 0.072, 0.062, 0.062),  # shoulders, elbows, wrists
        *(0.107, 0.107, 0.087, 0.087, 0.089, 0.089),  # hips, knees, ankles
    ]
)


def oks(
    a: NDArray[np.floating],
    b: NDArray[np.floating],
    counted: NDArray[np.bool_],
    area_px2: NDArray[np.floating] | float,
) -> F64:
    """Mean over the counted joints of exp(-d^2 / (2 area (2 sigma)^2)); 0 where none counts.

    Leading dimensions broadcast, so that (N, 1, 17, 2) against (1, M, 17, 2) gives an (N, M) matrix.

    Args:
        a, b: key points (..., 17, 2) in pixels.
        counted: (..., 17) joints to compare; for COCO those labelled in the truth.
        area_px2: (...) area of the person; COCO uses that of the segment, about half of the box.
    """
    squared = ((np.asarray(a, np.float64) - np.asarray(b, np.float64)) ** 2).sum(axis=-1)
    spread = 2 * np.asarray(area_px2, np.float64)[..., None] * (2 * COCO_SIGMAS) ** 2
    alike = np.exp(-squared / np.maximum(spread, np.finfo(np.float64).tiny))
    number = np.broadcast_to(counted, alike.shape).sum(axis=-1)
    mean: F64 = np.where(counted, alike, 0.0).sum(axis=-1) / np.maximum(number, 1)
    return mean

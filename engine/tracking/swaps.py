"""Who may have been exchanged: pairs of tracks whose findings fit the other one nearly as well."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.people import Swap
from engine.tracking.overlap import iou

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: Below this margin of overlap an exchange is possible; at 0 it is a toss.
MARGIN = 0.55


def swaps(ids: I64, predicted: F64, found: F64) -> tuple[Swap, ...]:
    """Exchanges that are possible among matched tracks.

    Args:
        ids: (K,) tracks.
        predicted: (K, 4) where each was expected.
        found: (K, 4) the finding each was given.
    """
    if len(ids) < 2:
        return ()
    fit = iou(predicted, found)
    own = np.diag(fit)
    cross = fit + fit.T
    margin = own[:, None] + own[None] - cross
    possible = np.triu((cross > 0.15) & (margin < MARGIN), 1)
    result = []
    for i, j in zip(*np.nonzero(possible), strict=True):
        a, b = sorted((int(ids[i]), int(ids[j])))
        result.append(Swap(a, b, float(0.5 * min(1.0, (MARGIN - margin[i, j]) / MARGIN))))
    return tuple(result)

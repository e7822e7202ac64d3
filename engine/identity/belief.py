"""A soft permutation: how probable it is that each person is each track, for all of them at once.

Rows are people, columns tracks. A person is one track or absent, a track is one person or somebody unknown:
rows sum to 1 with the absent share, columns to at most 1. Kept so by Sinkhorn's scaling of rows and columns
in turn, which is the closest table of that form to the evidence (Sinkhorn 1967; as a belief over identities:
Schumitsch, Thrun, Bradski, Olukotun, "The information-form data association filter", NIPS 2005).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: Rounds of scaling; the table is nearly balanced before, so that few are enough.
ROUNDS = 6
#: Less is taken for nothing when dividing.
TINY = 1e-12


def mixed(belief: F64, a: int, b: int, probability: float) -> F64:
    """Columns ``a`` and ``b`` exchanged with that probability; sums of rows and columns stay."""
    result = belief.copy()
    moved = probability * (belief[:, a] - belief[:, b])
    result[:, a] -= moved
    result[:, b] += moved
    return result


def balanced(weights: F64, absent: F64, unknown: F64, firm: NDArray[np.bool_]) -> F64:
    """The soft permutation closest to what the weights say.

    Args:
        weights: (P, T) not negative: how much speaks for each person on each track.
        absent: (P,) the same for being nowhere.
        unknown: (T,) the same for each track being somebody unknown.
        firm: (P,) who certainly exists. The others are people who would exist if a track were nobody else:
            their rows may sum to anything up to 1.

    Returns:
        (P, T) beliefs; rows and columns sum to at most 1, and the rest of a row is the absent share.
    """
    table = np.maximum(weights, 0.0)
    away, strange = np.maximum(absent, 0.0), np.maximum(unknown, 0.0)
    for _ in range(ROUNDS):
        rows = table.sum(axis=1)
        rows = np.where(firm, np.maximum(rows + away, TINY), np.maximum(rows, 1.0))
        table /= rows[:, None]
        away = away / rows
        columns = np.maximum(table.sum(axis=0) + strange, TINY)
        table /= columns
        strange = strange / columns
    return limited(table)


def limited(table: F64) -> F64:
    """Made to keep the bounds exactly: no row and no column above 1."""
    table = table / np.maximum(table.sum(axis=0), 1.0)
    result: F64 = table / np.maximum(table.sum(axis=1), 1.0)[:, None]
    return result


def absence(belief: F64) -> F64:
    """(P,) how probable it is that each person is none of the tracks."""
    result: F64 = np.clip(1.0 - belief.sum(axis=1), 0.0, 1.0)
    return result


def strangers(belief: F64) -> F64:
    """(T,) how probable it is that each track is nobody of these people."""
    result: F64 = np.clip(1.0 - belief.sum(axis=0), 0.0, 1.0)
    return result


def claimed(belief: F64, person: int, track: int, sure: float) -> F64:
    """That person is that track by ``sure``; who stood there moves to where the person was believed."""
    result = belief.copy()
    others = np.arange(len(belief)) != person
    elsewhere = np.arange(belief.shape[1]) != track
    free = result[person] * elsewhere
    left = float(result[person].sum() - result[person, track])
    result[person] = np.where(elsewhere, free * ((1.0 - sure) / max(left, 1.0 - sure)), sure)
    released = free - result[person] * elsewhere
    standing = float(result[others, track].sum())
    shrink = min(1.0, (1.0 - sure) / max(standing, TINY))
    displaced = np.where(others, result[:, track] * (1.0 - shrink), 0.0)
    result[others, track] *= shrink
    result += np.outer(displaced, released) / max(float(displaced.sum()), float(released.sum()), TINY)
    return limited(result)


def standing(belief: F64, least: float) -> I64:
    """(P,) the column each person stands on, or -1: no two on one, the sum of beliefs at its largest."""
    result = np.full(len(belief), -1, dtype=np.int64)
    if belief.size:
        rows, columns = linear_sum_assignment(-belief)
        likely = belief[rows, columns] > least
        result[rows[likely]] = columns[likely]
    return result

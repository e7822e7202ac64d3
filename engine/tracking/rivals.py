"""What the other pairs say about a pair: who else wants the finding, and whether everybody moved alike.

A finding is not judged alone: when two dancers cross, the question is which of the two assignments fits
better. The first pass of the learned cost scores pairs; these numbers, made of all scores, feed the second.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: Logits are clipped to this; a pair out of reach counts as that unlikely.
LIMIT = 8.0
#: Rounds of Sinkhorn's iteration.
ROUNDS = 6
#: This many sure pairs make a common motion; sure is a logit above SURE.
LEAST_COMMON, SURE = 4, 1.0
#: How many numbers describe a pair.
WIDTH = 13


def rival_features(logits: F32, rows: I64, columns: I64, shape: tuple[int, int], moved: F64) -> F32:
    """(P, WIDTH) features of the pairs (rows[p], columns[p]).

    Args:
        logits: (P,) of the first pass.
        rows, columns: (P,) track and finding of each pair.
        shape: (N, M) how many tracks and findings there are.
        moved: (P, 2) from prediction to finding, in heights.
    """
    clipped = np.minimum(np.maximum(logits, -LIMIT), LIMIT).astype(np.float64)
    # One row and one column of nobody, so that there always is another.
    width = shape[1] + 1
    table = np.full((shape[0] + 1, width), -LIMIT)
    start = rows * width
    at = start + columns
    table.reshape(-1)[at] = clipped
    # The two best findings of each track and the two best tracks of each finding, and from these, as seen
    # from each pair: its rivals, and what else the rivals could have.
    by_row, by_column = _two_best(table), _two_best(table.T)
    row_rival_at = _best_but(by_row, rows, columns)
    column_rival_at = _best_but(by_column, columns, rows)
    rival_else_at = _best_but(by_row, column_rival_at, columns)
    wanted_at = _best_but(by_column, row_rival_at, rows)
    rival_start = column_rival_at * width
    row_rival, column_rival = table.take(start + row_rival_at), table.take(rival_start + columns)
    rival_else = table.take(rival_start + rival_else_at)
    wanted_else = table.take(wanted_at * width + row_rival_at)
    # Both stay against both exchange, with the strongest rival for this finding.
    stay = clipped + np.maximum(rival_else, 0.0)
    exchange = column_rival + np.maximum(table.take(start + rival_else_at), 0.0)
    marginal = _marginals(table).take(at)
    common, sure = _common_move(clipped, rows, columns, row_rival, column_rival, moved)
    marginal = np.minimum(np.maximum(marginal, 1e-4), 1 - 1e-4)
    rest = np.minimum(np.maximum(moved - common, -4), 4)
    out = np.empty((len(rows), WIDTH), np.float32)
    certain = np.log(marginal / (1 - marginal))
    odds = (clipped, row_rival, column_rival, rival_else, wanted_else, stay - exchange, certain)
    np.divide(np.array(odds).T, 4, out=out[:, :7], casting="same_kind")
    out[:, 7] = clipped >= row_rival
    out[:, 8] = clipped >= column_rival
    out[:, 9:11] = rest
    out[:, 11] = np.hypot(rest[:, 0], rest[:, 1])
    out[:, 12] = sure
    return out


def _two_best(table: F64) -> tuple[I64, I64]:
    """(N,) the columns of the largest and of the second largest value of each row."""
    first = table.argmax(axis=1)
    rest = table.copy()
    rest[np.arange(len(table)), first] = -np.inf
    return first, rest.argmax(axis=1)


def _best_but(best: tuple[I64, I64], rows: I64, columns: I64) -> I64:
    """(P,) the best column of rows[p] that is not columns[p]."""
    first = best[0].take(rows)
    other: I64 = np.where(first == columns, best[1].take(rows), first)
    return other


def _marginals(table: F64) -> F64:
    """(N + 1, M + 1) probability of each pair when everybody may have one partner or nobody (Sinkhorn).

    Args:
        table: log-odds; the last row and the last column are nobody, who may have any number of partners.
    """
    weight = np.exp(table)
    weight[-1] = weight[:, -1] = 1.0
    ours, theirs = weight[:-1], weight.T[:-1]
    row, column = np.ones(table.shape[0]), np.ones(table.shape[1])
    for _ in range(ROUNDS):
        np.reciprocal(ours.dot(column), out=row[:-1])
        np.reciprocal(theirs.dot(row), out=column[:-1])
    weight *= row[:, None]
    weight *= column
    return weight


def _common_move(
    logits: F64, rows: I64, columns: I64, row_rival: F64, column_rival: F64, moved: F64
) -> tuple[F64, float]:
    """(2,) median move of the sure pairs, in heights, and 1 when there are enough of them."""
    sure = (logits > SURE) & (logits > row_rival) & (logits > column_rival)
    if np.count_nonzero(sure) < LEAST_COMMON:
        return np.zeros(2), 0.0
    ordered = moved[sure]
    ordered.sort(axis=0)
    middle: F64 = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    return middle, 1.0

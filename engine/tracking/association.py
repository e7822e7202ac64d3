"""Which finding is which track: candidates by reach, a cost for each, one-to-one at least total cost.

Two costs. ``stage``: log-odds of the learned pair cost (learned.py), for dancers. ``general``: by hand, in
stages, surest first (handmade.py), for scenes that are no stage. In both, weak findings only continue tracks
(ByteTrack, ECCV 2022).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from engine.tracking.config import AssociationConfig
from engine.tracking.features import POSE
from engine.tracking.findings import NO_HINT, Findings
from engine.tracking.handmade import by_hand
from engine.tracking.learned import PairCost
from engine.tracking.overlap import height_modulated_iou, iou, pair_overlaps
from engine.tracking.poses import jumps
from engine.tracking.state import State

F64 = NDArray[np.float64]
F32 = NDArray[np.float32]
I64 = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: Findings may lie (REACH + REACH_GROWTH * log(1 + gap / REACH_GAP_S)) heights from the prediction.
REACH, REACH_GROWTH, REACH_GAP_S = 1.0, 0.6, 0.05
#: A finding that names a track but lies this much on a person just found is that person.
TAKEN_IOU = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Association:
    """What was decided, and on what.

    Attributes:
        rows, columns: (K,) tracks and findings that are the same person.
        pair_rows, pair_columns: (P,) the pairs that were compared.
        logits: (P,) log-odds that such a pair is one person.
    """

    rows: I64
    columns: I64
    pair_rows: I64
    pair_columns: I64
    logits: F64


def associate(
    state: State, found: Findings, now_s: float, config: AssociationConfig, cost: PairCost | None
) -> Association:
    """The findings that are tracks.

    Args:
        state: tracks predicted to the picture of ``found``.
        found: findings of one picture.
        now_s: time of that picture.
        config: thresholds.
        cost: the learned pair cost; None = the hand-made one.
    """
    none = np.zeros(0, np.int64)
    if not len(state) or not len(found):
        return Association(none, none, none, none, np.zeros(0))
    pairs = candidates(state, found, now_s)
    if cost is None:
        rows, columns, logits = by_hand(state, found, *pairs, now_s, config)
    else:
        likely, described = cost.logits(state, found, *pairs, now_s)
        logits = likely.astype(np.float64)
        logits[jumps(described[:, POSE].astype(np.float64), pairs[0], len(state))] = -np.inf
        rows, columns = by_odds(state, found, *pairs, logits, now_s, config)
        late = _by_sheer_overlap(state, found, *pairs, rows, columns, config)
        rows, columns = np.concatenate([rows, late[0]]), np.concatenate([columns, late[1]])
    free = np.ones(len(state), bool)
    free[rows] = False
    named = _named(state, found, free, config)
    return Association(
        np.concatenate([rows, named[0]]),
        np.concatenate([columns, named[1]]),
        *pairs,
        np.maximum(logits, -30.0),
    )


def candidates(state: State, found: Findings, now_s: float) -> tuple[I64, I64]:
    """Rows and columns, (P,) each, of the pairs within reach; findings that name a track are left out."""
    gap_s = np.maximum(now_s - state.seen_s, 0.0)
    reach = (REACH + REACH_GROWTH * np.log1p(gap_s / REACH_GAP_S)) * state.height
    centres = _centres(found.boxes)
    near = _squares(centres, state.position[:, :2])
    np.minimum(near, _squares(centres, _centres(state.seen_box)), out=near)
    rows, columns = np.nonzero((near < (reach**2)[:, None]) & (found.hint == NO_HINT))
    return rows.astype(np.int64), columns.astype(np.int64)


def by_odds(
    state: State,
    found: Findings,
    rows: I64,
    columns: I64,
    logits: F64,
    now_s: float,
    config: AssociationConfig,
) -> tuple[I64, I64]:
    """The one-to-one pairs with the largest sum of log-odds above what each state demands."""
    demanded = np.where(state.hidden, config.lost_odds, config.seen_odds)
    demanded = np.where(state.confirmed, demanded, config.seen_odds + config.tentative_odds)
    weak = found.score < config.high_score
    gain = logits - demanded[rows] - config.weak_odds * weak[columns]
    # Weak findings continue a track for a while, so that no lamp post is ever held for long.
    barred = ~state.confirmed | (now_s - state.strong_s > config.weak_s)
    floor = np.where(state.confirmed, 0.0, -config.tentative_odds)
    gain[weak[columns] & barred[rows]] = -np.inf
    worth = gain > floor[rows]
    table = np.full((len(state), len(found)), -config.miss_odds)
    table[rows, columns] = np.maximum(gain, -config.miss_odds)
    accepted = np.zeros(table.shape, bool)
    accepted[rows[worth], columns[worth]] = True
    i, j = linear_sum_assignment(-table)
    good = accepted[i, j]
    return i[good].astype(np.int64), j[good].astype(np.int64)


def _by_sheer_overlap(
    state: State,
    found: Findings,
    pair_rows: I64,
    pair_columns: I64,
    rows: I64,
    columns: I64,
    config: AssociationConfig,
) -> tuple[I64, I64]:
    """Tracks and strong findings left over that lie on one another, where nobody else comes into question.

    Motion that no dancer was ever taught (a jump, a cart, a flow-carried runner) must not lose its track.
    """
    left, free = np.ones(len(state), bool), found.score >= config.high_score
    left[rows] = False
    free[columns] = False
    left &= ~state.hidden
    open_pair = left[pair_rows] & free[pair_columns]
    r, c = pair_rows[open_pair], pair_columns[open_pair]
    if not len(r):
        return r, c
    common, tall = pair_overlaps(state.boxes[r], found.boxes[c])
    good = common * np.clip(tall, 0, 1) >= config.affinity_sure
    r, c = r[good], c[good]
    alone = (np.bincount(r, minlength=len(state))[r] == 1) & (np.bincount(c, minlength=len(found))[c] == 1)
    return r[alone], c[alone]


def _centres(boxes: F64) -> F64:
    result: F64 = (boxes[:, :2] + boxes[:, 2:]) / 2
    return result


def _squares(a: F64, b: F64) -> F64:
    """(len(b), len(a)) squared distances."""
    across = a[None, :, 0] - b[:, None, 0]
    down = a[None, :, 1] - b[:, None, 1]
    result: F64 = across * across + down * down
    return result


def _named(state: State, found: Findings, free: Mask, config: AssociationConfig) -> tuple[I64, I64]:
    """Findings that name their track: believed when near its prediction and not on somebody else."""
    rows: list[int] = []
    columns: list[int] = []
    taken = ~free
    for column in np.flatnonzero(found.hint != NO_HINT).tolist():
        row = int(np.searchsorted(state.ids, found.hint[column]))
        if row == len(state) or state.ids[row] != found.hint[column] or not free[row] or row in rows:
            continue
        box = found.boxes[column : column + 1]
        if height_modulated_iou(state.boxes[row : row + 1], box)[0, 0] < config.hinted_affinity:
            continue
        if taken.any() and iou(state.boxes[taken], box).max() > TAKEN_IOU:
            continue
        rows.append(row)
        columns.append(column)
    return np.array(rows, np.int64), np.array(columns, np.int64)

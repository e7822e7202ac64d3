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
        poses = described[:, POSE]
        if np.count_nonzero(poses):
            logits[jumps(poses.astype(np.float64), pairs[0], len(state))] = -np.inf
        rows, columns = by_odds(state, found, *pairs, logits, now_s, config)
        rows, columns = _joined(
            (rows, columns), _by_sheer_overlap(state, found, *pairs, rows, columns, config)
        )
    if np.count_nonzero(found.hint != NO_HINT):
        free = np.ones(len(state), bool)
        free[rows] = False
        rows, columns = _joined((rows, columns), _named(state, found, free, config))
    return Association(rows, columns, *pairs, np.maximum(logits, -30.0))


def _joined(first: tuple[I64, I64], second: tuple[I64, I64]) -> tuple[I64, I64]:
    if not len(second[0]):
        return first
    return np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])


def candidates(state: State, found: Findings, now_s: float) -> tuple[I64, I64]:
    """Rows and columns, (P,) each, of the pairs within reach; findings that name a track are left out."""
    gap_s = np.maximum(now_s - state.seen_s, 0.0)
    reach = (REACH + REACH_GROWTH * np.log1p(gap_s / REACH_GAP_S)) * state.height
    # From the prediction and from the last finding, (2, 2, N): which of them, and along which axis.
    places = np.array([state.position.T[:2], _centres(state.seen_box).T])
    apart = _centres(found.boxes).T[:, None] - places[..., None]
    apart *= apart
    near = np.minimum(apart[0, 0] + apart[0, 1], apart[1, 0] + apart[1, 1])
    rows, columns = np.nonzero((near < (reach * reach)[:, None]) & (found.hint == NO_HINT))
    return rows, columns


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
    demanded[~state.confirmed] = config.seen_odds + config.tentative_odds
    gain = logits - demanded.take(rows)
    weak = found.score < config.high_score
    if np.count_nonzero(weak):
        # Weak findings continue a track for a while, so that no lamp post is ever held for long.
        barred = ~state.confirmed | (now_s - state.strong_s > config.weak_s)
        weakly = weak.take(columns)
        gain -= config.weak_odds * weakly
        gain[weakly & barred.take(rows)] = -np.inf
    floor = np.where(state.confirmed, 0.0, -config.tentative_odds)
    worth = gain > floor.take(rows)
    cost = np.full((len(state), len(found)), config.miss_odds)
    accepted = np.zeros(cost.shape, bool)
    at = rows * len(found) + columns
    cost.reshape(-1)[at] = np.minimum(-gain, config.miss_odds)
    accepted.reshape(-1)[at] = worth
    i, j = linear_sum_assignment(cost)
    good = accepted[i, j]
    return i[good], j[good]


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
    left, free = ~state.hidden, found.score >= config.high_score
    left[rows] = False
    free[columns] = False
    if not np.count_nonzero(left) or not np.count_nonzero(free):
        return rows[:0], columns[:0]
    open_pair = left.take(pair_rows) & free.take(pair_columns)
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

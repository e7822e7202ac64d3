"""Which finding is which track: one-to-one, in stages, surest first.

ByteTrack (ECCV 2022): weak findings only continue tracks. OC-SORT (CVPR 2023): a track lost is also looked
for where it was last seen, and who keeps their direction is preferred. Hybrid-SORT (AAAI 2024): IoU modulated
by height.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from engine.tracking.config import AssociationConfig
from engine.tracking.findings import NO_HINT, Findings
from engine.tracking.overlap import height_modulated_iou, iou
from engine.tracking.state import State

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: Findings may lie (REACH + REACH_GROWTH * log(1 + gap / REACH_GAP_S)) heights from the prediction.
REACH, REACH_GROWTH, REACH_GAP_S = 1.0, 0.6, 0.05
#: Slower than this many heights per second, a direction says nothing.
STEADY = 0.25
#: A finding that names a track but lies this much on a person just found is that person.
TAKEN_IOU = 0.6


def associate(state: State, found: Findings, now_s: float, config: AssociationConfig) -> tuple[I64, I64]:
    """Rows of ``state`` and of ``found`` that are the same person, (K,) and (K,).

    Args:
        state: tracks predicted to the picture of ``found``.
        found: findings of one picture.
        now_s: time of that picture.
        config: thresholds.
    """
    free_track, free_found = np.ones(len(state), bool), found.hint == NO_HINT
    rows: list[I64] = []
    columns: list[I64] = []

    def settle(tracks: Mask, people: Mask, affinity: F64, bonus: F64, least: float) -> None:
        r, c = np.flatnonzero(tracks & free_track), np.flatnonzero(people & free_found)
        if not len(r) or not len(c):
            return
        pair = np.ix_(r, c)
        valid = reachable[pair] & (affinity[pair] >= least)
        i, j = _best_pairs(affinity[pair] + bonus[pair], valid)
        rows.append(r[i])
        columns.append(c[j])
        free_track[r[i]] = False
        free_found[c[j]] = False

    if len(state) and len(found):
        high = found.score >= config.high_score
        reachable = _reachable(state, found, now_s)
        predicted = height_modulated_iou(state.boxes, found.boxes)
        bonus = config.direction * _same_direction(state, found) * found.score[None]
        settle(state.confirmed, high, predicted, bonus, config.affinity)
        settle(state.confirmed & ~state.hidden, ~high, predicted, bonus, config.affinity_low)
        last = height_modulated_iou(state.seen_box, found.boxes)
        settle(state.confirmed, high, last, bonus, config.affinity)
        settle(~state.confirmed, high, predicted, bonus, config.affinity)
        named = _named(state, found, free_track, ~free_track, config)
        rows.append(named[0])
        columns.append(named[1])
    none = np.zeros(0, np.int64)
    return np.concatenate([none, *rows]), np.concatenate([none, *columns])


def _best_pairs(value: F64, valid: Mask) -> tuple[I64, I64]:
    # An invalid pair costs more than any number of valid ones, so validity wins over value.
    i, j = linear_sum_assignment(np.where(valid, -value, 1e3))
    good = valid[i, j]
    return i[good].astype(np.int64), j[good].astype(np.int64)


def _centres(boxes: F64) -> F64:
    return (boxes[:, :2] + boxes[:, 2:]) / 2


def _reachable(state: State, found: Findings, now_s: float) -> Mask:
    gap_s = np.maximum(now_s - state.seen_s, 0.0)
    reach = (REACH + REACH_GROWTH * np.log1p(gap_s / REACH_GAP_S)) * state.height
    centres = _centres(found.boxes)
    distance = np.minimum(
        np.linalg.norm(centres[None] - state.position[:, None, :2], axis=2),
        np.linalg.norm(centres[None] - _centres(state.seen_box)[:, None], axis=2),
    )
    result: Mask = distance < reach[:, None]
    return result


def _same_direction(state: State, found: Findings) -> F64:
    """(N, M) cosine between a track's velocity and the way from its last finding, faint when slow."""
    way = _centres(found.boxes)[None] - _centres(state.seen_box)[:, None]
    speed = np.linalg.norm(state.velocity[:, :2], axis=1)
    heading = state.velocity[:, :2] / np.maximum(speed, 1e-9)[:, None]
    sure = speed / (speed + STEADY * state.height)
    along = (way * heading[:, None]).sum(axis=2)
    length = np.linalg.norm(way, axis=2) + 0.02 * state.height[:, None]
    result: F64 = sure[:, None] * along / length
    return result


def _named(
    state: State, found: Findings, free: Mask, taken: Mask, config: AssociationConfig
) -> tuple[I64, I64]:
    """Findings that name their track: believed when near its prediction and not on somebody else."""
    rows, columns = [], []
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

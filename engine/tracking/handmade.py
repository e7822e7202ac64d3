"""The hand-made cost: overlap and direction, matched in stages, surest first.

OC-SORT (CVPR 2023): a track lost is also looked for where it was last seen, and who keeps their direction is
preferred. Hybrid-SORT (AAAI 2024): IoU modulated by height.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from engine.tracking.config import AssociationConfig
from engine.tracking.findings import Findings
from engine.tracking.overlap import height_modulated_iou
from engine.tracking.state import State

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: Slower than this many heights per second, a direction says nothing.
STEADY = 0.25
#: What an affinity is worth as log-odds, for the report of possible exchanges.
ODDS_SLOPE = 12.0


def by_hand(
    state: State, found: Findings, rows: I64, columns: I64, now_s: float, config: AssociationConfig
) -> tuple[I64, I64, F64]:
    """Matched rows and columns, (K,) each, and the log-odds of the pairs (rows[p], columns[p]), (P,).

    Args:
        state: N tracks predicted to the picture of ``found``.
        found: M findings.
        rows, columns: (P,) the pairs within reach.
        now_s: time of the picture.
        config: thresholds.
    """
    reachable = np.zeros((len(state), len(found)), bool)
    reachable[rows, columns] = True
    free_track, free_found = np.ones(len(state), bool), np.ones(len(found), bool)
    matched: list[tuple[I64, I64]] = []

    def settle(tracks: Mask, people: Mask, affinity: F64, least: float) -> None:
        r, c = np.flatnonzero(tracks & free_track), np.flatnonzero(people & free_found)
        if not len(r) or not len(c):
            return
        pair = np.ix_(r, c)
        i, j = _best_pairs(affinity[pair] + bonus[pair], reachable[pair] & (affinity[pair] >= least))
        matched.append((r[i], c[j]))
        free_track[r[i]] = False
        free_found[c[j]] = False

    high = found.score >= config.high_score
    expected = height_modulated_iou(state.boxes, found.boxes)
    bonus = config.direction * _same_direction(state, found) * found.score[None]
    settle(state.confirmed, high, expected, config.affinity)
    lately = now_s - state.strong_s <= config.weak_s
    settle(state.confirmed & ~state.hidden & lately, ~high, expected, config.affinity_low)
    last = height_modulated_iou(state.seen_box, found.boxes)
    settle(state.confirmed, high, last, config.affinity)
    settle(~state.confirmed, high, expected, config.affinity)
    affinity = np.maximum(expected, last)[rows, columns] + bonus[rows, columns]
    none = np.zeros(0, np.int64)
    return (
        np.concatenate([none, *(r for r, _ in matched)]),
        np.concatenate([none, *(c for _, c in matched)]),
        ODDS_SLOPE * (affinity - config.affinity),
    )


def _best_pairs(value: F64, valid: Mask) -> tuple[I64, I64]:
    # An invalid pair costs more than any number of valid ones, so validity wins over value.
    i, j = linear_sum_assignment(np.where(valid, -value, 1e3))
    good = valid[i, j]
    return i[good].astype(np.int64), j[good].astype(np.int64)


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


def _centres(boxes: F64) -> F64:
    result: F64 = (boxes[:, :2] + boxes[:, 2:]) / 2
    return result

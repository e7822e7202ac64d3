"""What an observation changes: matched tracks corrected, the missed marked hidden, the new born."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.tracking import kalman
from engine.tracking.config import FilterConfig, TrackerConfig
from engine.tracking.findings import NO_HINT, Findings
from engine.tracking.overlap import centre_sizes, iou
from engine.tracking.poses import given
from engine.tracking.state import PAST, PAST_EVERY_S, State

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Array = NDArray[Any]

#: The long-term height follows the findings with this time constant; findings among others hardly count.
HEIGHT_MEMORY_S = 1.0
CLEAR_COVER = 0.4
#: Who overlaps nobody by more than this is clear of everybody.
CLEAR_IOU = 0.1
#: Times nearer than this are equal.
SAME_S = 1e-6


def fused(
    state: State,
    found: Findings,
    rows: I64,
    columns: I64,
    now_s: float,
    complete: bool,
    next_id: int,
    at_once: bool,
    c: TrackerConfig,
) -> tuple[State, I64]:
    """``state`` after a picture: matched tracks corrected, the others missed, the new born.

    Args:
        state: predicted to the picture.
        found: its findings.
        rows, columns: (K,) tracks and findings that are the same person.
        now_s: time of the picture.
        complete: whether all of it was searched.
        next_id: of the first one born.
        at_once: whether they are confirmed at once.
        c: thresholds.

    Returns:
        The state, and the findings (B,) that started the tracks next_id, next_id + 1, ...
    """
    state = corrected(state, found, rows, columns, now_s, complete, c)
    born = birth_columns(state, found, columns, c)
    if len(born):
        ids = np.arange(next_id, next_id + len(born), dtype=np.int64)
        state = state.joined(newborn(found, born, ids, now_s, at_once, c))
    return state, born


def corrected(
    state: State, found: Findings, rows: I64, columns: I64, now_s: float, complete: bool, c: TrackerConfig
) -> State:
    """``state`` after its ``rows`` were found as ``columns`` of ``found`` in the picture at ``now_s``."""
    hidden = state.hidden | complete
    hidden[rows] = False
    searched_s = now_s if complete else state.searched_s
    if not len(rows):
        return replace(state, searched_s=searched_s, hidden=hidden)

    def put(before: Array, values: Array | float, at: I64 = rows) -> Array:
        if not len(at):
            return before
        after = before.copy()
        after[at] = values
        return after

    boxes, score = found.boxes.take(columns, axis=0), found.score.take(columns)
    height, width = state.height.take(rows), state.width.take(rows)
    measured = centre_sizes(boxes)
    position, velocity, covariance = kalman.update_position(
        state.position.take(rows, axis=0),
        state.velocity.take(rows, axis=0),
        state.covariance.take(rows, axis=0),
        measured,
        measurement_variance(height, found, columns, c.filter),
    )
    share = _memory_share(state, found, rows, columns, now_s)
    hits = state.hits.take(rows) + 1
    old = now_s - state.born_s.take(rows) >= c.confirm_s - SAME_S
    sure = score >= c.association.high_score
    due = now_s - state.past_s[:, 0].take(rows) >= PAST_EVERY_S - SAME_S
    late = rows[due]
    clear = found.nearest.take(columns) < CLEAR_IOU
    alone = rows[clear]
    skeleton = found.skeleton.take(columns)
    posed = given(skeleton)
    shown = rows[posed]
    return State(
        searched_s=searched_s,
        ids=state.ids,
        position=put(state.position, position),
        velocity=put(state.velocity, velocity),
        covariance=put(state.covariance, covariance),
        height=put(state.height, height + share * (measured[:, 3] - height)),
        width=put(state.width, width + share * (measured[:, 2] - width)),
        score=put(state.score, score),
        score_before=put(state.score_before, state.score.take(rows)),
        seen_s=put(state.seen_s, now_s),
        strong_s=put(state.strong_s, now_s, rows[sure]),
        born_s=state.born_s,
        hits=put(state.hits, hits),
        confirmed=put(state.confirmed, state.confirmed.take(rows) | (old & (hits >= 2))),
        hidden=hidden,
        seen_box=put(state.seen_box, boxes),
        past_box=put(state.past_box, _pushed(boxes[due], state.past_box.take(late, axis=0)), late),
        past_s=put(state.past_s, _pushed(np.full(len(late), now_s), state.past_s.take(late, axis=0)), late),
        clear_centre=put(state.clear_centre, position[clear, :2], alone),
        clear_velocity=put(state.clear_velocity, velocity[clear, :2], alone),
        clear_s=put(state.clear_s, now_s, alone),
        skeleton=put(state.skeleton, skeleton[posed], shown),
        skeleton_s=put(state.skeleton_s, now_s, shown),
        carried=put(state.carried, 0.0, shown),
    )


def _pushed(newest: F64, past: F64) -> F64:
    """(K, PAST, ...) with ``newest`` (K, ...) in front and the oldest dropped."""
    return np.concatenate([newest[:, None], past[:, :-1]], axis=1)


def measurement_variance(height: F64, found: Findings, columns: I64, config: FilterConfig) -> F64:
    """(K, 1) px² for every axis: grows with doubt (NSA), cover (OA-SORT), and for boxes of key points."""
    doubt = 2 * np.minimum(np.maximum(1.05 - found.score.take(columns), 0.05), 1.0)
    cover = 1 + config.covered_gain * found.covered.take(columns)
    source = np.where(found.hint.take(columns) == NO_HINT, 1.0, config.hinted_gain)
    variance: F64 = (config.measured * height) ** 2 * doubt * cover * source
    return variance[:, None]


def _memory_share(state: State, found: Findings, rows: I64, columns: I64, now_s: float) -> F64:
    """(K,) how much of a finding's size enters the long-term size."""
    gap_s = np.maximum(now_s - state.seen_s.take(rows), 0.0)
    age_s = np.maximum(now_s - state.born_s.take(rows), 1e-6)
    share = np.maximum(1 - np.exp(-gap_s / HEIGHT_MEMORY_S), np.minimum(gap_s / age_s, 1.0) / 2)
    result: F64 = np.where(found.nearest.take(columns) > CLEAR_COVER, 0.2 * share, share)
    return result


def birth_columns(state: State, found: Findings, taken: I64, c: TrackerConfig) -> I64:
    """Which findings start a track: sure, unmatched, and not on top of somebody live; best first."""
    free = np.ones(len(found), bool)
    free[taken] = False
    free &= (found.hint == NO_HINT) & (found.score >= c.birth_score)
    born: list[int] = []
    if not np.count_nonzero(free):
        return np.array(born, np.int64)
    live = state.boxes[~state.hidden]
    for column in np.flatnonzero(free).tolist():
        box = found.boxes[column : column + 1]
        if len(live) and iou(live, box).max() > c.birth_iou:
            continue
        live = np.concatenate([live, box])
        born.append(column)
    return np.array(born, np.int64)


def newborn(
    found: Findings, columns: I64, ids: I64, now_s: float, confirmed: bool, c: TrackerConfig
) -> State:
    """Tracks started by ``columns`` of ``found``."""
    n = len(columns)
    position = centre_sizes(found.boxes[columns])
    skeleton = found.skeleton[columns]
    return State(
        searched_s=now_s,
        ids=ids,
        position=position,
        velocity=np.zeros((n, 4)),
        covariance=kalman.first_covariance(position[:, 3], c.filter),
        height=position[:, 3].copy(),
        width=position[:, 2].copy(),
        score=found.score[columns],
        score_before=found.score[columns],
        seen_s=np.full(n, now_s),
        strong_s=np.full(n, now_s),
        born_s=np.full(n, now_s),
        hits=np.ones(n, np.int64),
        confirmed=np.full(n, confirmed),
        hidden=np.zeros(n, bool),
        seen_box=found.boxes[columns],
        past_box=np.repeat(found.boxes[columns][:, None], PAST, axis=1),
        past_s=np.where(np.arange(PAST) == 0, now_s, -np.inf) + np.zeros((n, 1)),
        clear_centre=position[:, :2].copy(),
        clear_velocity=np.zeros((n, 2)),
        clear_s=np.full(n, now_s),
        skeleton=skeleton,
        skeleton_s=np.full(n, now_s),
        carried=np.zeros((n, 2)),
    )

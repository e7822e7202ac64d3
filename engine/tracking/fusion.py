"""What an observation changes: matched tracks corrected, the missed marked hidden, the new born."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.tracking import kalman
from engine.tracking.config import FilterConfig, TrackerConfig
from engine.tracking.findings import NO_HINT, Findings
from engine.tracking.overlap import centre_sizes, iou
from engine.tracking.state import PAST, PAST_EVERY_S, State

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

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
    state = replace(state, searched_s=now_s if complete else state.searched_s, hidden=hidden)
    if not len(rows):
        return state
    fields = {
        name: getattr(state, name).copy()
        for name in (
            "position",
            "velocity",
            "covariance",
            "height",
            "width",
            "score",
            "score_before",
            "seen_s",
            "strong_s",
            "hits",
            "confirmed",
            "seen_box",
            "past_box",
            "past_s",
            "clear_centre",
            "clear_velocity",
            "clear_s",
            "skeleton",
            "skeleton_s",
            "carried",
        )
    }
    boxes = found.boxes[columns]
    measured = centre_sizes(boxes)
    fields["position"][rows], fields["velocity"][rows], fields["covariance"][rows] = kalman.update_position(
        state.position[rows],
        state.velocity[rows],
        state.covariance[rows],
        measured,
        measurement_variance(state.height[rows], found, columns, c.filter),
    )
    share = _memory_share(state, found, rows, columns, now_s)
    fields["height"][rows] += share * (measured[:, 3] - state.height[rows])
    fields["width"][rows] += share * (measured[:, 2] - state.width[rows])
    fields["score_before"][rows] = state.score[rows]
    fields["score"][rows] = found.score[columns]
    fields["seen_s"][rows] = now_s
    fields["strong_s"][rows[found.score[columns] >= c.association.high_score]] = now_s
    fields["hits"][rows] += 1
    old = now_s - state.born_s[rows] >= c.confirm_s - SAME_S
    fields["confirmed"][rows] |= old & (fields["hits"][rows] >= 2)
    fields["seen_box"][rows] = boxes
    due = rows[now_s - state.past_s[rows, 0] >= PAST_EVERY_S - SAME_S]
    fields["past_box"][due, 1:] = state.past_box[due, :-1]
    fields["past_s"][due, 1:] = state.past_s[due, :-1]
    fields["past_box"][due, 0] = fields["seen_box"][due]
    fields["past_s"][due, 0] = now_s
    clear = rows[found.nearest[columns] < CLEAR_IOU]
    fields["clear_centre"][clear] = fields["position"][clear, :2]
    fields["clear_velocity"][clear] = fields["velocity"][clear, :2]
    fields["clear_s"][clear] = now_s
    posed = np.array([s is not None for s in found.skeleton[columns]], bool)
    fields["skeleton"][rows[posed]] = found.skeleton[columns[posed]]
    fields["skeleton_s"][rows[posed]] = now_s
    fields["carried"][rows[posed]] = 0.0
    return replace(state, **fields)


def measurement_variance(height: F64, found: Findings, columns: I64, config: FilterConfig) -> F64:
    """(K, 4) px²: grows with doubt (NSA filter), with cover (OA-SORT), and for boxes made from key points."""
    doubt = 2 * np.minimum(np.maximum(1.05 - found.score[columns], 0.05), 1.0)
    cover = 1 + config.covered_gain * found.covered[columns]
    source = np.where(found.hint[columns] == NO_HINT, 1.0, config.hinted_gain)
    variance = (config.measured * height) ** 2 * doubt * cover * source
    return np.repeat(variance[:, None], 4, axis=1)


def _memory_share(state: State, found: Findings, rows: I64, columns: I64, now_s: float) -> F64:
    """(K,) how much of a finding's size enters the long-term size."""
    gap_s = np.maximum(now_s - state.seen_s[rows], 0.0)
    age_s = np.maximum(now_s - state.born_s[rows], 1e-6)
    share = np.maximum(1 - np.exp(-gap_s / HEIGHT_MEMORY_S), np.minimum(gap_s / age_s, 1.0) / 2)
    result: F64 = np.where(found.nearest[columns] > CLEAR_COVER, 0.2 * share, share)
    return result


def birth_columns(state: State, found: Findings, taken: I64, c: TrackerConfig) -> I64:
    """Which findings start a track: sure, unmatched, and not on top of somebody live; best first."""
    free = np.ones(len(found), bool)
    free[taken] = False
    free &= (found.hint == NO_HINT) & (found.score >= c.birth_score)
    live = state.boxes[~state.hidden]
    born: list[int] = []
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

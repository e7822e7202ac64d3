"""A tracker walking through a sequence of which the truth is known, and what there is to learn from it.

With a *teacher* every finding goes to the track of the person it shows. *On policy* the cost decides, and the
labels say what would have been right from there: so it learns to get out of its own mistakes (DAgger, Ross,
Gordon, Bagnell 2011).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from engine.bench.tracking.sequence import Sequence
from engine.geometry import Box
from engine.people import Detection, Observation, Skeleton
from engine.tracking.association import Association, associate, candidates
from engine.tracking.config import TrackerConfig
from engine.tracking.features import pair_features
from engine.tracking.findings import Findings, findings
from engine.tracking.fusion import fused
from engine.tracking.learned import PairCost
from engine.tracking.overlap import iou
from engine.tracking.prediction import predicted
from engine.tracking.state import State

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: A finding shows the person whose true box it overlaps this much.
SHOWS_IOU = 0.45
NOBODY = -1


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """One picture, as the tracker met it.

    Attributes:
        state, found: the tracks as predicted, and the findings.
        now_s: time of the picture.
        decided: what was matched (by the teacher or by the cost), and the pairs compared.
        described: (P, F) features of those pairs.
        owner: (N,) whom each track stood for before, NOBODY when unknown.
        shows: (M,) whom each finding shows.
        label: (P,) whether the pair is one person.
        counts: (P,) whether that is worth learning: whose track nobody knows teaches nothing.
        after: the state after the picture.
        owner_after: whom its tracks stand for, by id.
    """

    state: State
    found: Findings
    now_s: float
    decided: Association
    described: F32
    owner: I64
    shows: I64
    label: NDArray[np.bool_]
    counts: NDArray[np.bool_]
    after: State
    owner_after: dict[int, int]


def walk(
    sequence: Sequence,
    cost: PairCost | None,
    config: TrackerConfig,
    rng: np.random.Generator,
    gaps_hz: float,
    on_policy: bool = True,
) -> Iterator[Glance]:
    """One glance per picture.

    Args:
        sequence: detections with truth.
        cost: the learned cost; None = the hand-made one.
        config: of the tracker.
        rng: draws who is hidden when.
        gaps_hz: how often per second a person's findings are withheld for a moment (mean 0.4 s).
        on_policy: the cost decides; otherwise the teacher.
    """
    state, next_id, owner_of = State.empty(), 1, dict[int, int]()
    hidden_until: dict[int, float] = {}
    before_s: float | None = None
    for frame in range(1, sequence.length + 1):
        now_s = frame / sequence.fps
        if before_s is not None:
            state = predicted(state, None, before_s, now_s, config)
        before_s = now_s
        observation, shows_all = observed(sequence, frame)
        kept = _not_withheld(shows_all, now_s, hidden_until, rng, gaps_hz / sequence.fps)
        people = tuple(d for d, k in zip(observation.people, kept, strict=True) if k)
        found = findings(Observation(now_s, frame, people, True), config.association.low_score)
        whose = {id(d): int(o) for d, o in zip(observation.people, shows_all, strict=True)}
        shows = np.array([whose[id(d)] for d in found.people], np.int64)
        owner = np.array([owner_of.get(int(i), NOBODY) for i in state.ids], np.int64)
        if not on_policy:
            decided = _taught(state, found, now_s, owner, shows)
        else:
            decided = associate(state, found, now_s, config.association, cost)
        pairs = decided.pair_rows, decided.pair_columns
        described = (
            pair_features(state, found, *pairs, now_s) if len(pairs[0]) else np.zeros((0, 1), np.float32)
        )
        current = _newest_of_each(state, owner)
        label = (owner[pairs[0]] == shows[pairs[1]]) & (owner[pairs[0]] != NOBODY) & current[pairs[0]]
        at_once = next_id == 1
        after, born = fused(
            state, found, decided.rows, decided.columns, now_s, True, next_id, at_once, config
        )
        _hand_over(owner_of, state, decided, owner, shows)
        owner_of |= {next_id + k: int(shows[c]) for k, c in enumerate(born.tolist())}
        next_id += len(born)
        yield Glance(
            state,
            found,
            now_s,
            decided,
            described,
            owner,
            shows,
            label,
            owner[pairs[0]] != NOBODY,
            after,
            dict(owner_of),
        )
        state = after


def observed(sequence: Sequence, frame: int) -> tuple[Observation, I64]:
    """The findings of a picture as a message, and whom each shows (NOBODY for a false alarm)."""
    rows = sequence.detections.get(frame)
    if rows is None or not len(rows):
        return Observation(frame / sequence.fps, frame, (), True), np.zeros(0, np.int64)
    poses = sequence.skeletons.get(frame)
    people = tuple(
        Detection(
            Box(*row[:4]),
            row[4],
            None if poses is None else Skeleton(poses[k][:, :2], np.ascontiguousarray(poses[k][:, 2])),
        )
        for k, row in enumerate(rows.tolist())
    )
    shows = np.full(len(rows), NOBODY, np.int64)
    truth = sequence.truth.get(frame)
    if truth is not None and len(truth.ids):
        common = iou(truth.boxes, rows[:, :4])
        r, c = linear_sum_assignment(-common)
        good = common[r, c] > SHOWS_IOU
        shows[c[good]] = truth.ids[r[good]]
    return Observation(frame / sequence.fps, frame, people, True), shows


def _not_withheld(
    shows: I64, now_s: float, hidden_until: dict[int, float], rng: np.random.Generator, chance: float
) -> list[bool]:
    for person in shows.tolist() if chance else ():
        if person != NOBODY and now_s >= hidden_until.get(person, 0.0) and rng.random() < chance:
            hidden_until[person] = now_s + rng.exponential(0.4)
    return [p == NOBODY or now_s >= hidden_until.get(p, 0.0) for p in shows.tolist()]


def _taught(state: State, found: Findings, now_s: float, owner: I64, shows: I64) -> Association:
    rows, columns = np.nonzero((owner[:, None] == shows[None]) & (owner != NOBODY)[:, None])
    pairs = candidates(state, found, now_s) if len(state) and len(found) else (rows[:0], columns[:0])
    return Association(rows, columns, *pairs, np.zeros(len(pairs[0])))


def _newest_of_each(state: State, owner: I64) -> NDArray[np.bool_]:
    """(N,) of several tracks of one person only the one seen last stands for them."""
    order = np.lexsort((state.ids, -state.seen_s))
    _, first = np.unique(owner[order], return_index=True)
    newest = np.zeros(len(state), bool)
    newest[order[first]] = True
    return newest


def _hand_over(owner_of: dict[int, int], state: State, decided: Association, owner: I64, shows: I64) -> None:
    """Tracks now stand for whom their findings show; who lost their person unseen takes over the other's."""
    found_ids = set(state.ids[decided.rows].tolist())
    lost = {int(o): int(i) for i, o in zip(state.ids, owner, strict=True) if int(i) not in found_ids}
    for row, column in zip(decided.rows.tolist(), decided.columns.tolist(), strict=True):
        now, before = int(shows[column]), int(owner[row])
        if now in (NOBODY, before):
            continue
        owner_of[int(state.ids[row])] = now
        if now in lost:
            owner_of[lost[now]] = before

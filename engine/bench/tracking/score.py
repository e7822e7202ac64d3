"""HOTA, DetA, AssA, IDF1, MOTA and identity switches of one or many sequences, equal to TrackEval's.

HOTA: Luiten et al., IJCV 2021. IDF1: Ristani et al., ECCVW 2016. MOTA and IDSW: Bernardin and Stiefelhagen,
2008. TrackEval itself stays out of the product: it brings a second OpenCV over the one that is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from engine.bench.tracking.sequence import F64, I64, Hypotheses, Sequence
from engine.tracking.overlap import iou

#: Localisation thresholds over which HOTA is the mean.
ALPHAS: F64 = np.arange(0.05, 0.99, 0.05)
#: Overlap from which CLEAR and identity scores, and distractors, call a box found.
FOUND_IOU = 0.5
#: More than any overlap: CLEAR keeps last picture's pair before it looks for a better one.
KEPT_PAIR = 1000.0
IMPOSSIBLE = 1e10
EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True, eq=False)
class Pairing:
    """One picture: whom truth and tracker name, numbered 0, 1, ... over the sequence, and how they overlap.

    Attributes:
        people: (K,) truth numbers.
        tracks: (M,) track numbers.
        iou: (K, M).
    """

    people: I64
    tracks: I64
    iou: F64


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Truth and hypotheses of one sequence side by side.

    Attributes:
        pictures: picture 1 first.
        people, tracks: the ids that the numbers stand for.
    """

    pictures: tuple[Pairing, ...]
    people: tuple[int, ...]
    tracks: tuple[int, ...]


def _zeros() -> F64:
    return np.zeros(len(ALPHAS))


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """Counts that add up over sequences, and the figures made of them (percent, but for the counts).

    Attributes:
        matched, missed, false: per alpha: true positives, false negatives, false positives.
        association: per alpha: sum over true positives of their association accuracy.
        id_found, id_missed, id_false: of the best one-to-one naming of tracks.
        found, misses, alarms, switches: CLEAR's counts; switches = IDSW.
    """

    matched: F64 = field(default_factory=_zeros)
    missed: F64 = field(default_factory=_zeros)
    false: F64 = field(default_factory=_zeros)
    association: F64 = field(default_factory=_zeros)
    id_found: float = 0.0
    id_missed: float = 0.0
    id_false: float = 0.0
    found: int = 0
    misses: int = 0
    alarms: int = 0
    switches: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    @property
    def _detection(self) -> F64:
        result: F64 = self.matched / np.maximum(1.0, self.matched + self.missed + self.false)
        return result

    @property
    def _associated(self) -> F64:
        result: F64 = self.association / np.maximum(1e-10, self.matched)
        return result

    @property
    def hota(self) -> float:
        return 100 * float(np.sqrt(self._detection * self._associated).mean())

    @property
    def deta(self) -> float:
        return 100 * float(self._detection.mean())

    @property
    def assa(self) -> float:
        return 100 * float(self._associated.mean())

    @property
    def idf1(self) -> float:
        return 100 * self.id_found / max(1.0, self.id_found + (self.id_missed + self.id_false) / 2)

    @property
    def mota(self) -> float:
        return 100 * (self.found - self.alarms - self.switches) / max(1, self.found + self.misses)


def score(sequence: Sequence, tracks: Mapping[int, Hypotheses]) -> Score:
    """The score of ``tracks`` (picture -> hypotheses) against the sequence's truth."""
    return scored(compare(sequence, tracks))


def total(scores: Iterable[Score]) -> Score:
    """All sequences as one: counts are added, as TrackEval combines them."""
    return sum(scores, Score())


def compare(sequence: Sequence, tracks: Mapping[int, Hypotheses]) -> Comparison:
    """Truth beside hypotheses.

    Hypotheses that are not finite, that repeat an id within the picture, or that sit on somebody ``ignored``
    are left out.
    """
    people: dict[int, int] = {}
    names: dict[int, int] = {}
    pictures = []
    for f in range(1, sequence.length + 1):
        truth = sequence.truth.get(f)
        who = truth.ids if truth is not None else np.zeros(0, np.int64)
        where = truth.boxes if truth is not None else np.zeros((0, 4))
        said = tracks.get(f)
        ids, boxes = (said.ids, said.boxes) if said is not None else (np.zeros(0, np.int64), np.zeros((0, 4)))
        good = np.flatnonzero(np.isfinite(boxes).all(axis=1))
        good = np.sort(good[np.unique(ids[good], return_index=True)[1]])
        ids, boxes = ids[good], boxes[good]
        if f in sequence.ignored:
            counts = ~_on(boxes, where, sequence.ignored[f])
            ids, boxes = ids[counts], boxes[counts]
        pictures.append(Pairing(_numbers(who, people), _numbers(ids, names), iou(where, boxes)))
    return Comparison(tuple(pictures), tuple(people), tuple(names))


def _numbers(ids: I64, known: dict[int, int]) -> I64:
    return np.array([known.setdefault(i, len(known)) for i in ids.tolist()], dtype=np.int64)


def _on(boxes: F64, people: F64, ignored: F64) -> NDArray[np.bool_]:
    """(M,) whether each box is best explained by somebody ignored."""
    overlap = iou(np.concatenate([people, ignored]), boxes)
    overlap[overlap < FOUND_IOU - EPS] = 0.0
    rows, columns = linear_sum_assignment(-overlap)
    sits = (overlap[rows, columns] > EPS) & (rows >= len(people))
    result = np.zeros(len(boxes), dtype=np.bool_)
    result[columns[sits]] = True
    return result


def scored(comparison: Comparison) -> Score:
    """The score of one compared sequence."""
    n_people, n_tracks = len(comparison.people), len(comparison.tracks)
    seen, said = np.zeros(n_people), np.zeros(n_tracks)
    shared, together = np.zeros((n_people, n_tracks)), np.zeros((n_people, n_tracks))
    for p in comparison.pictures:
        seen[p.people] += 1
        said[p.tracks] += 1
        if p.iou.size:
            at = np.ix_(p.people, p.tracks)
            either = p.iou.sum(axis=0)[None] + p.iou.sum(axis=1)[:, None] - p.iou
            shared[at] += np.where(either > EPS, p.iou / np.maximum(either, EPS), 0.0)
            together[at] += p.iou >= FOUND_IOU
    alike = shared / np.maximum(seen[:, None] + said[None] - shared, EPS)
    return _hota(comparison, seen, said, alike) + _identity(seen, said, together) + _clear(comparison)


def _hota(comparison: Comparison, seen: F64, said: F64, alike: F64) -> Score:
    rows, columns, overlaps = [], [], []
    for p in comparison.pictures:
        if p.iou.size:
            i, j = linear_sum_assignment(-(alike[np.ix_(p.people, p.tracks)] * p.iou))
            rows.append(p.people[i])
            columns.append(p.tracks[j])
            overlaps.append(p.iou[i, j])
    person = np.concatenate([np.zeros(0, np.int64), *rows])
    track = np.concatenate([np.zeros(0, np.int64), *columns])
    overlap = np.concatenate([np.zeros(0), *overlaps])
    matched, association = _zeros(), _zeros()
    for a, alpha in enumerate(ALPHAS):
        enough = overlap >= alpha - EPS
        count = np.zeros(alike.shape)
        np.add.at(count, (person[enough], track[enough]), 1.0)
        matched[a] = enough.sum()
        association[a] = (count**2 / np.maximum(1.0, seen[:, None] + said[None] - count)).sum()
    return Score(matched, seen.sum() - matched, said.sum() - matched, association)


def _identity(seen: F64, said: F64, together: F64) -> Score:
    """The naming of tracks that explains most; whoever stays unnamed is paired with nobody."""
    n_people, n_tracks = together.shape
    cost = np.zeros((n_people + n_tracks, n_people + n_tracks))
    cost[:n_people, :n_tracks] = seen[:, None] + said[None] - 2 * together
    cost[:n_people, n_tracks:] = IMPOSSIBLE
    cost[n_people:, :n_tracks] = IMPOSSIBLE
    cost[np.arange(n_people), n_tracks + np.arange(n_people)] = seen
    cost[n_people + np.arange(n_tracks), np.arange(n_tracks)] = said
    rows, columns = linear_sum_assignment(cost)
    named = (rows < n_people) & (columns < n_tracks)
    found = float(together[rows[named], columns[named]].sum())
    return Score(id_found=found, id_missed=float(seen.sum()) - found, id_false=float(said.sum()) - found)


def _clear(comparison: Comparison) -> Score:
    ever = np.full(len(comparison.people), -1)
    last = np.full(len(comparison.people), -1)
    found = misses = alarms = switches = 0
    for p in comparison.pictures:
        if not p.iou.size:
            misses += len(p.people)
            alarms += len(p.tracks)
            continue
        worth = KEPT_PAIR * (last[p.people][:, None] == p.tracks[None]) + p.iou
        worth[p.iou < FOUND_IOU - EPS] = 0.0
        i, j = linear_sum_assignment(-worth)
        kept = worth[i, j] > EPS
        person, track = p.people[i[kept]], p.tracks[j[kept]]
        switches += int(((ever[person] >= 0) & (ever[person] != track)).sum())
        ever[person] = track
        last[:] = -1
        last[person] = track
        found += len(person)
        misses += len(p.people) - len(person)
        alarms += len(p.tracks) - len(person)
    return Score(found=found, misses=misses, alarms=alarms, switches=switches)

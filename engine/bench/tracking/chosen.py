"""How well one chosen person is held: what a viewer of the crop sees, which HOTA does not tell.

Every person of the truth is *chosen* once, as early as can be: on the track that has been on them for
`CHOSEN_PICTURES` pictures on which they are visible, one after the other (0.15 s at 20 Hz). From then on
nobody helps. Their visible time is OK while what is shown is them, WRONG while it is somebody else, LOST
while it is nobody (or nothing that is a person). A steal is a change onto a wrong person; it lasts until they
are shown again, so that a wrong track lost and found is one steal. A person whom no track ever holds so long
is not chosen; ``people`` says how many were.

A track is on a person when it is theirs in the assignment of largest total IoU with pairs of 0.5 or more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from engine.bench.tracking.score import FOUND_IOU, Comparison, compare
from engine.bench.tracking.sequence import Hypotheses, Sequence
from engine.tracking.overlap import iou

CHOSEN_PICTURES = 3
#: A clean moment to choose somebody: nobody else's box overlaps theirs more than this.
CLEAN_IOU = 0.25
#: Share of the visible time from which somebody counts as held.
HELD_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Meeting:
    """Who is on what in one picture.

    Attributes:
        visible: truth ids of who is there.
        clean: those of them whom nobody overlaps by more than CLEAN_IOU.
        track_of, person_of: truth id -> track id and back, of those who are on each other.
    """

    visible: frozenset[int]
    clean: frozenset[int]
    track_of: Mapping[int, int]
    person_of: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Choice:
    """The user's one tap: in ``picture`` (from 1) they choose ``person`` (truth id), who is on ``track``."""

    person: int
    picture: int
    track: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """Seconds and counts over chosen people; they add up over sequences.

    Attributes:
        ok_s, wrong_s, lost_s: of their visible time.
        away_s, away_wrong_s: time out of sight after being chosen, and of it with somebody else shown.
        steals: changes onto a wrong person while they are visible.
        people, held: how many were chosen; held OK for HELD_SHARE of their time.
        recoveries_s: visible time until found again, of every time not held; infinite = never.
    """

    ok_s: float = 0.0
    wrong_s: float = 0.0
    lost_s: float = 0.0
    away_s: float = 0.0
    away_wrong_s: float = 0.0
    steals: int = 0
    people: int = 0
    held: int = 0
    recoveries_s: tuple[float, ...] = ()

    def __add__(self, other: Chosen) -> Chosen:
        return Chosen(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    def _share(self, part_s: float) -> float:
        return 100 * part_s / max(self.ok_s + self.wrong_s + self.lost_s, 1e-9)

    @property
    def ok(self) -> float:
        """Percent of the visible time on them."""
        return self._share(self.ok_s)

    @property
    def wrong(self) -> float:
        """Percent of the visible time on somebody else."""
        return self._share(self.wrong_s)

    @property
    def lost(self) -> float:
        """Percent of the visible time on nobody."""
        return self._share(self.lost_s)

    @property
    def away_wrong(self) -> float:
        """Percent of the time out of sight on somebody else."""
        return 100 * self.away_wrong_s / max(self.away_s, 1e-9)

    @property
    def steals_per_min(self) -> float:
        return 60 * self.steals / max(self.ok_s + self.wrong_s + self.lost_s, 1e-9)

    @property
    def recovery_s(self) -> float:
        """Median of the recoveries; 0 when nobody was ever lost, infinite when most never came back."""
        return float(np.median(self.recoveries_s)) if self.recoveries_s else 0.0


def chosen(sequence: Sequence, tracks: Mapping[int, Hypotheses], clean: bool = False) -> Chosen:
    """Everybody chosen in turn and followed by the id of the track they were chosen on."""
    met = meetings(sequence, tracks)
    return total(held(met, c, _always(c.track), sequence.fps) for c in choices(met, clean))


def _always(track: int) -> Callable[[int], int | None]:
    return lambda _picture: track


def meetings(sequence: Sequence, tracks: Mapping[int, Hypotheses]) -> list[Meeting]:
    """Who is on what, picture 1 first."""
    comparison = compare(sequence, tracks)
    return [_meeting(sequence, comparison, f) for f in range(1, sequence.length + 1)]


def choices(met: list[Meeting], clean: bool) -> list[Choice]:
    """The moment each person is chosen, by person; ``clean`` waits for one in which nobody overlaps them."""
    result = []
    for person in sorted(set().union(*(m.visible for m in met))):
        last, times = None, 0
        for picture, m in enumerate(met, start=1):
            if person not in m.visible:
                continue
            track = m.track_of.get(person)
            times = times + 1 if track is not None and track == last else int(track is not None)
            last = track
            if track is not None and times >= CHOSEN_PICTURES and (person in m.clean or not clean):
                result.append(Choice(person, picture, track))
                break
    return result


def held(met: list[Meeting], choice: Choice, shown: Callable[[int], int | None], fps: float) -> Chosen:
    """How one person is held: ``shown`` says for a picture which track is shown as them, None = nobody."""
    ok = wrong = lost = away = away_wrong = steals = out = 0
    recoveries: list[float] = []
    stolen = False
    for picture in range(choice.picture, len(met) + 1):
        m = met[picture - 1]
        track = shown(picture)
        person = m.person_of.get(track) if track is not None else None
        if choice.person not in m.visible:
            away += 1
            away_wrong += person is not None
            continue
        if person == choice.person:
            ok += 1
            if out:
                recoveries.append(out / fps)
            out, stolen = 0, False
        else:
            out += 1
            wrong += person is not None
            lost += person is None
            steals += person is not None and not stolen
            stolen = stolen or person is not None
    if out:
        recoveries.append(float("inf"))
    return Chosen(
        ok / fps, wrong / fps, lost / fps, away / fps, away_wrong / fps, steals,
        people=1, held=int(ok >= HELD_SHARE * (ok + wrong + lost)), recoveries_s=tuple(recoveries),
    )  # fmt: skip


def total(parts: Iterable[Chosen]) -> Chosen:
    """Everybody together: time counts, not sequences."""
    return sum(parts, Chosen())


def _meeting(sequence: Sequence, comparison: Comparison, picture: int) -> Meeting:
    pairing = comparison.pictures[picture - 1]
    people = [comparison.people[n] for n in pairing.people]
    overlap = np.where(pairing.iou < FOUND_IOU, 0.0, pairing.iou)
    rows, columns = linear_sum_assignment(-overlap)
    on = {
        people[i]: comparison.tracks[pairing.tracks[j]]
        for i, j in zip(rows, columns, strict=True)
        if overlap[i, j] > 0
    }
    clean: frozenset[int] = frozenset()
    if people:
        boxes = sequence.truth[picture].boxes
        crowd = iou(boxes, boxes)
        np.fill_diagonal(crowd, 0.0)
        clean = frozenset(p for p, worst in zip(people, crowd.max(axis=1), strict=True) if worst < CLEAN_IOU)
    return Meeting(frozenset(people), clean, on, {t: p for p, t in on.items()})

"""Everybody known, every track, and the belief between them, as tracks come, cross and go."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from engine.identity import belief as soft
from engine.identity.arrivals import Place, plausibility, shares, trust
from engine.identity.config import RosterConfig
from engine.identity.person import Person, Stretch
from engine.people import Swap, Track

F64 = NDArray[np.float64]

#: Belief below which somebody is not on a track.
GONE = 0.05
#: Belief from which on somebody is seen for certain, from which on a place is theirs, and to take another's.
CERTAIN, LIKELY, TAKEN = 0.8, 0.5, 0.9
#: A tracker forgets nobody this soon after it has seen them, unless the scene is another.
CUT_S = 0.5


class Crowd:
    """The belief and what it is about.

    Attributes:
        people: a row each.
        tracks: ids, a column each.
        belief: (P, T), see `engine.identity.belief`.
        stretches: by track.
    """

    def __init__(self, config: RosterConfig) -> None:
        self._config = config
        self.people: list[Person] = []
        self.tracks: list[int] = []
        self.belief: F64 = np.zeros((0, 0))
        self.stretches: dict[int, Stretch] = {}
        self._next_id = 1

    @property
    def firm(self) -> NDArray[np.bool_]:
        """(P,) who certainly exists."""
        return np.array([p.firm for p in self.people], dtype=np.bool_)

    @property
    def bound(self) -> NDArray[np.bool_]:
        """(P,) who must be somewhere: people with a name or chosen; anybody else may be one of them."""
        return np.array([p.firm and p.is_told for p in self.people], dtype=np.bool_)

    def row(self, person: int) -> int:
        """The row of a person; KeyError when nobody has that id."""
        for row, p in enumerate(self.people):
            if p.id == person:
                return row
        raise KeyError(person)

    def column(self, track: int) -> int:
        """The column of a track; KeyError when there is none."""
        if track not in self.stretches:
            raise KeyError(track)
        return self.tracks.index(track)

    def likeliest(self, track: int) -> Person | None:
        """The likeliest person on a track; None when there is nobody at all."""
        return self.people[int(self.belief[:, self.column(track)].argmax())] if self.people else None

    def add(self, name: str = "", firm: bool = False, track: int | None = None) -> Person:
        """Somebody more, absent yet."""
        person = Person(self._next_id, name, firm, first_track=track)
        self.people.append(person)
        self._next_id += 1
        self.belief = np.r_[self.belief, np.zeros((1, len(self.tracks)))]
        return person

    def bury(self, tracks: Collection[int], now_s: float) -> list[int]:
        """Other tracks than these are gone: their people are absent again. Returns which."""
        gone = [t for t in self.tracks if t not in tracks]
        keep = [i for i, t in enumerate(self.tracks) if t in tracks]
        seen = [self.stretches.pop(t).seen_s for t in gone]
        self.tracks = [self.tracks[i] for i in keep]
        self.belief = self.belief[:, keep]
        if any(now_s - last_s < CUT_S for last_s in seen) and not keep:
            # Everybody gone at once is a cut to another scene: where they were says nothing any more.
            for person in self.people:
                person.place = None
        return gone

    def arrive(self, tracks: Mapping[int, Track], found: Collection[int], now_s: float) -> None:
        """New tracks, and tracks found again after a while, are whoever was out of sight, or somebody new."""
        # Who is seen is not missing, whatever the order: so the seen first, then who is looked for.
        returned = []
        for t in sorted(tracks):
            stretch = self.stretches.get(t)
            if stretch is None:
                returned.append(t)
            elif t in found:
                if now_s - stretch.seen_s > self._config.arrivals.hidden_s:
                    returned.append(t)
                stretch.seen_s = now_s
        for t in returned:
            if t in self.stretches:
                self.stretches[t].doubted(now_s, None)
                self.belief[:, self.column(t)] = 0.0
            else:
                self.tracks.append(t)
                self.belief = np.c_[self.belief, np.zeros(len(self.people))]
                self.stretches[t] = Stretch(seen_s=now_s)
            self._share(tracks[t], self.column(t), now_s)

    def _share(self, track: Track, column: int, now_s: float) -> None:
        arrivals, full = self._config.arrivals, self._full()
        hidden = [
            i
            for i, t in enumerate(self.tracks)
            if i != column and now_s - self.stretches[t].seen_s > arrivals.missed_s
        ]
        missing = soft.absence(self.belief) + self.belief[:, hidden].sum(axis=1)
        available = np.where(self.firm, missing, 0.0)
        places = [p.place for p in self.people]
        plausible = plausibility(track.box, now_s, places, arrivals)
        trusted = np.ones(len(places)) if full else trust(now_s, places, arrivals)
        taken = shares(available, plausible, trusted, 0.0 if full else arrivals.newcomer)
        self.belief[:, hidden] *= (1.0 - taken / np.maximum(available, soft.TINY))[:, None]
        self.belief[:, column] = taken
        self.open(column)

    def open(self, column: int) -> None:
        """Whoever a track is if it is none of the people."""
        rest = 1.0 - float(self.belief[:, column].sum())
        if rest > soft.TINY:
            person = self.add(track=self.tracks[column])
            known_s, stranger_s = self._config.known_s, self._config.stranger_s
            person.needed_s = known_s if rest > TAKEN else stranger_s
            self.belief[-1, column] = rest

    def _full(self) -> bool:
        """Whether everybody there can be has been seen."""
        return 0 < self._config.people <= sum(p.firm and p.held_s > 0.0 for p in self.people)

    def exchange(self, swap: Swap, now_s: float) -> None:
        """Two tracks may have been exchanged; one that is not known any more changes nothing."""
        known = swap.a in self.stretches and swap.b in self.stretches
        if not known or swap.a == swap.b or not math.isfinite(swap.probability):
            return
        probability = min(max(swap.probability, 0.0), 0.5)
        a, b = self.column(swap.a), self.column(swap.b)
        self.belief = soft.mixed(self.belief, a, b, self._config.lasting * probability)
        if probability >= self._config.memory.doubt:
            self.stretches[swap.a].doubted(now_s, swap.b)
            self.stretches[swap.b].doubted(now_s, swap.a)

    def leak(self, found: Collection[int], dt: float) -> None:
        """Everybody seen may be anybody seen a little more than before."""
        seen = [i for i, t in enumerate(self.tracks) if t in found]
        if len(seen) > 1 and dt > 0.0:
            share = 1.0 - math.exp(-self._config.leak_hz * dt)
            part = self.belief[:, seen]
            self.belief[:, seen] = (1.0 - share) * part + share * part.mean(axis=1, keepdims=True)

    def settle(
        self,
        tracks: Mapping[int, Track],
        found: Collection[int],
        now_s: float,
        dt: float,
        same: Collection[int] = (),
    ) -> list[int]:
        """Who is certain by now, where everybody is, who was nobody new. Returns who is forgotten.

        Args:
            same: people who turned out to be somebody known.
        """
        on = soft.standing(self.belief, LIKELY)
        full = self._full()
        for row, (person, column) in enumerate(zip(self.people, on.tolist(), strict=True)):
            if column < 0 or self.tracks[column] not in found:
                continue
            track = tracks[self.tracks[column]]
            centre = track.box.center
            person.place = Place(
                centre.x, centre.y, track.box.height, track.velocity_x, track.velocity_y, now_s
            )
            if self.belief[row, column] >= CERTAIN:
                person.held_s += dt
                person.firm |= person.held_s >= person.needed_s and not full
        gone = self._superfluous() | set(same)
        keep = [row for row, p in enumerate(self.people) if p.id not in gone]
        self.people = [self.people[row] for row in keep]
        self.belief = self.belief[keep]
        for column in np.flatnonzero(soft.strangers(self.belief) > LIKELY).tolist():
            self.open(column)
        return sorted(gone)

    def _superfluous(self) -> set[int]:
        """Possible people who are not, people who turned out to be a member, the longest gone of many."""
        total = self.belief.sum(axis=1)
        nowhere = [p for p, there in zip(self.people, total.tolist(), strict=True) if there < GONE]
        gone = {p.id for p in nowhere if not p.firm}
        nameless = [p for p in nowhere if p.firm and not p.is_told]
        for person in nameless:
            if person.first_track in self.stretches and not person.is_unlike:
                column = self.column(person.first_track)
                row = int(self.belief[:, column].argmax())
                if self.people[row].name and self.belief[row, column] > TAKEN:
                    gone.add(person.id)
        nameless.sort(key=lambda p: p.place.time_s if p.place else -math.inf)
        surplus = max(len(self.people) - len(gone) - self._config.most, 0)
        return gone | {p.id for p in nameless[:surplus]}

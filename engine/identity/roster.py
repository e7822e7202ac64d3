"""Who is who: one belief over everybody at once, and what it says."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.identity import belief as soft
from engine.identity.arrivals import Place, plausibility, shares, trust
from engine.identity.config import RosterConfig
from engine.identity.evidence import Witness
from engine.identity.member import Member, Sample
from engine.identity.memory import Gallery, usable
from engine.identity.person import Person, Stretch
from engine.identity.reasons import reason
from engine.people import Appearance, Fusion, Roll, Standing, Track

F64 = NDArray[np.float64]
#: Belief below which somebody is not on a track, and above which everybody may still turn out to be.
GONE, POSSIBLE = 0.05, 1e-4
#: Belief below which somebody has not been on a track since it was last in doubt.
MISTAKEN = 0.3
#: Share of a misfit of all known people that is not held against a stranger being there.
STRANGE = 0.75
#: Belief from which on somebody is seen for certain; and from which on a place is theirs.
CERTAIN, LIKELY = 0.8, 0.5


class Roster:
    """Follows who is who through the tracks. Not thread-safe. Time is the tracks' own.

    ``observe`` what the tracker made of every observation, in order; an earlier one than the last is ignored.
    """

    def __init__(self, config: RosterConfig | None = None, members: Sequence[Member] = ()) -> None:
        self._config = config or RosterConfig()
        memory = self._config.memory
        self._bodies = Gallery(memory.bodies, memory.anchors)
        self._faces = Gallery(memory.faces, memory.anchors)
        self._witness = Witness(self._config.evidence, self._bodies, self._faces)
        self._people: list[Person] = []
        self._tracks: list[int] = []
        self._stretches: dict[int, Stretch] = {}
        self._belief: F64 = np.zeros((0, 0))
        self._looks: dict[int, Appearance] = {}
        self._taught: dict[int, set[int]] = {}
        self._groups: dict[str, str] = {}
        self._next_id = 1
        self._now_s = -math.inf
        self._roll = Roll(0.0)
        self.set_members(members)

    @property
    def roll(self) -> Roll:
        """Who is who after the last observation or claim."""
        return self._roll

    def observe(self, fusion: Fusion) -> Roll:
        """Take in what the tracker made of one observation."""
        time_s = fusion.tracks.time_s
        if not math.isfinite(time_s) or time_s < self._now_s:
            return self._roll
        dt = time_s - self._now_s if math.isfinite(self._now_s) else 0.0
        self._now_s = time_s
        found = {m.track: m.detection.appearance for m in fusion.matches}
        tracks = {t.id: t for t in fusion.tracks.items if t.box.is_finite()}
        self._bury(tracks)
        self._arrive(tracks, found)
        self._exchange(fusion)
        self._leak(dt, found)
        self._looks = {t: a for t, a in found.items() if a is not None and t in tracks}
        self._weigh(time_s)
        self._unlearn()
        self._learn(time_s)
        self._settle(tracks, found, dt)
        self._roll = self._called(tracks)
        return self._roll

    def _bury(self, tracks: dict[int, Track]) -> None:
        """Tracks that are gone give their people back to being absent."""
        keep = [i for i, t in enumerate(self._tracks) if t in tracks]
        for t in set(self._tracks) - set(tracks):
            del self._stretches[t]
            self._witness.forget(t)
            self._taught.pop(t, None)
        self._tracks = [self._tracks[i] for i in keep]
        self._belief = self._belief[:, keep]

    def _arrive(self, tracks: dict[int, Track], found: dict[int, Appearance | None]) -> None:
        """New tracks, and tracks found again after a while, are whoever was out of sight, or somebody new."""
        arrivals = self._config.arrivals
        for t in sorted(tracks):
            stretch = self._stretches.get(t)
            if stretch is None:
                self._tracks.append(t)
                self._belief = np.c_[self._belief, np.zeros(len(self._people))]
                self._stretches[t] = Stretch(seen_s=self._now_s)
                self._share(tracks[t], len(self._tracks) - 1)
            elif t in found:
                column = self._tracks.index(t)
                if self._now_s - stretch.seen_s > arrivals.hidden_s:
                    stretch.episode += 1
                    self._taught.pop(t, None)
                    stretch.doubt_s, stretch.other = self._now_s, None
                    self._belief[:, column] = 0.0
                    self._share(tracks[t], column)
                stretch.seen_s = self._now_s

    def _share(self, track: Track, column: int) -> None:
        arrivals = self._config.arrivals
        hidden = [
            i
            for i, t in enumerate(self._tracks)
            if i != column and self._now_s - self._stretches[t].seen_s > arrivals.missed_s
        ]
        absent = soft.absence(self._belief)
        available = np.where([p.firm for p in self._people], absent + self._belief[:, hidden].sum(axis=1), 0.0)
        full = 0 < self._config.people <= sum(p.firm and p.place is not None for p in self._people)
        places = [p.place for p in self._people]
        plausible = plausibility(track.box, self._now_s, places, arrivals)
        trusted = np.ones(len(places)) if full else trust(self._now_s, places, arrivals)
        taken = shares(available, plausible, trusted, 0.0 if full else arrivals.newcomer)
        self._belief[:, hidden] *= (1.0 - taken / np.maximum(available, soft.TINY))[:, None] if len(taken) else 1.0
        self._belief[:, column] = taken
        self._newcomer(column)

    def _newcomer(self, column: int) -> None:
        """Whoever the track is, if it is none of the people."""
        rest = 1.0 - float(self._belief[:, column].sum())
        if rest > soft.TINY:
            self._add(Person(self._next_id, born_s=self._now_s))
            self._belief[-1, column] = rest

    def _add(self, person: Person) -> None:
        self._people.append(person)
        self._next_id = max(self._next_id, person.id + 1)
        self._belief = np.r_[self._belief, np.zeros((1, len(self._tracks)))]

    def _exchange(self, fusion: Fusion) -> None:
        columns = {t: i for i, t in enumerate(self._tracks)}
        for swap in fusion.swaps:
            a, b = columns.get(swap.a), columns.get(swap.b)
            if a is None or b is None or a == b or not math.isfinite(swap.probability):
                continue
            probability = self._config.lasting * min(max(swap.probability, 0.0), 0.5)
            self._belief = soft.mixed(self._belief, a, b, probability)
            if probability >= self._config.memory.doubt:
                for mine, other in ((swap.a, swap.b), (swap.b, swap.a)):
                    stretch = self._stretches[mine]
                    stretch.episode += 1
                    self._taught.pop(mine, None)
                    stretch.doubt_s, stretch.other = self._now_s, other

    def _leak(self, dt: float, found: dict[int, Appearance | None]) -> None:
        seen = [i for i, t in enumerate(self._tracks) if t in found]
        if len(seen) > 1 and dt > 0.0:
            share = 1.0 - math.exp(-self._config.leak_hz * dt)
            part = self._belief[:, seen]
            self._belief[:, seen] = (1.0 - share) * part + share * part.mean(axis=1, keepdims=True)

    def _weigh(self, time_s: float) -> None:
        """The looks of this picture, everybody against everybody."""
        looked = [t for t in self._tracks if t in self._looks]
        if not looked:
            return
        ids = [p.id for p in self._people]
        said = self._witness.heard(ids, looked, [self._looks[t] for t in looked], time_s)
        if not (said.face.any() or said.body.any()):
            return
        columns = [self._tracks.index(t) for t in looked]
        firm = self._firm()
        absent, unknown = soft.absence(self._belief), soft.strangers(self._belief)
        weights = self._belief.copy()
        possible = np.where(firm[:, None], np.maximum(weights[:, columns], POSSIBLE), weights[:, columns])
        weights[:, columns] = possible * np.exp(said.llr)
        doubt = self._strangeness(said.llr, possible, firm)
        weights[np.ix_(~firm, columns)] *= doubt
        unknown[columns] *= doubt
        self._belief = soft.balanced(weights, absent, unknown, firm)
        for column, by_face, by_body in zip(columns, said.face, said.body, strict=True):
            person = self._people[int(self._belief[:, column].argmax())]
            person.face_s = time_s if by_face else person.face_s
            person.body_s = time_s if by_body else person.body_s

    def _strangeness(self, llr: F64, possible: F64, firm: NDArray[np.bool_]) -> F64:
        """(M,) how much likelier it becomes that a track is nobody known.

        Somebody known who looks unlike themselves for a while (another side, another light) is commoner than
        a stranger: that nobody fits counts for a stranger only in part.
        """
        candidates = np.where(firm[:, None] & (possible > GONE), llr, -np.inf)
        best = candidates.max(axis=0, initial=-np.inf)
        result: F64 = np.exp(np.where(np.isfinite(best), STRANGE * np.minimum(best, 0.0), 0.0))
        return result

    def _learn(self, time_s: float) -> None:
        memory = self._config.memory
        for t, look in self._looks.items():
            column = self._tracks.index(t)
            row = int(self._belief[:, column].argmax())
            person, stretch = self._people[row], self._stretches[t]
            sure = float(self._belief[row, column])
            known = min(self._bodies.count(person.id) / memory.bodies, 1.0)
            needed = memory.sure + (memory.sure_later - memory.sure) * known
            chosen = time_s - person.claimed_s <= memory.enrol_s
            calm = time_s - stretch.doubt_s > memory.calm_s
            if (sure >= memory.sure and calm) or (chosen and sure >= LIKELY):
                self._teach(person.id, t, look, memory.spacing_s)

    def _teach(self, person: int, track: int, look: Appearance, spacing_s: float) -> None:
        least, episode = self._config.memory.quality, (track, self._stretches[track].episode)
        pairs = (
            (self._bodies, look.body, look.body_quality),
            (self._faces, look.face, look.face_quality if look.face_score > 0.7 else 0.0),
        )
        for gallery, vector, quality in pairs:
            if (
                vector is not None
                and quality >= least
                and usable(vector)
                and self._now_s - gallery.newest_s(person) >= spacing_s
            ):
                gallery.add(person, Sample(vector, float(quality)), episode, self._now_s)
                self._taught.setdefault(track, set()).add(person)

    def _unlearn(self) -> None:
        """A track that turns out to be somebody else, though nothing can have exchanged it, was so all along."""
        for track, people in self._taught.items():
            column, episode = self._tracks.index(track), (track, self._stretches[track].episode)
            for row, person in enumerate(self._people):
                if person.id in people and self._belief[row, column] < MISTAKEN:
                    self._bodies.unlearn(person.id, episode)
                    self._faces.unlearn(person.id, episode)
                    people.discard(person.id)

    def _settle(self, tracks: dict[int, Track], found: dict[int, Appearance | None], dt: float) -> None:
        """Who is certain by now, where everybody is, and who was nobody new after all."""
        on = soft.standing(self._belief, LIKELY)
        full = 0 < self._config.people <= sum(p.firm and p.place is not None for p in self._people)
        for row, (person, column) in enumerate(zip(self._people, on.tolist(), strict=True)):
            if column < 0 or self._tracks[column] not in found:
                continue
            track = tracks[self._tracks[column]]
            centre = track.box.center
            person.place = Place(
                centre.x, centre.y, track.box.height, track.velocity_x, track.velocity_y, self._now_s
            )
            if self._belief[row, column] >= CERTAIN:
                person.held_s += dt
                person.firm |= person.held_s >= self._config.known_s and not full
        total = self._belief.sum(axis=1)
        spare = sorted(
            (p.place.time_s if p.place else -math.inf, row)
            for row, p in enumerate(self._people)
            if not p.name and total[row] < GONE and p.firm
        )
        surplus = {row for _, row in spare[: max(len(self._people) - self._config.most, 0)]}
        keep = [
            row
            for row, p in enumerate(self._people)
            if (p.firm or total[row] >= GONE) and row not in surplus
        ]
        self._retain(keep)
        for column in np.flatnonzero(soft.strangers(self._belief) > LIKELY):
            self._newcomer(int(column))

    def _retain(self, rows: list[int]) -> None:
        if len(rows) == len(self._people):
            return
        kept = set(rows)
        for row, person in enumerate(self._people):
            if row not in kept:
                self._bodies.forget(person.id)
                self._faces.forget(person.id)
        self._people = [self._people[row] for row in rows]
        self._belief = self._belief[rows]

    def _firm(self) -> NDArray[np.bool_]:
        return np.array([p.firm for p in self._people], dtype=np.bool_)

    def _called(self, tracks: dict[int, Track]) -> Roll:
        on = soft.standing(self._belief, self._config.shown)
        absent = soft.absence(self._belief)
        result = []
        for row, person in enumerate(self._people):
            column = int(on[row])
            track = self._tracks[column] if column >= 0 else None
            sure = float(self._belief[row, column]) if column >= 0 else 0.0
            others = np.delete(self._belief[row], column) if column >= 0 else self._belief[row]
            rival = float(others.max()) if len(others) else 0.0
            result.append(
                Standing(person.id, person.name, track, sure, rival, float(absent[row]), self._why(person, track, sure))
            )
        return Roll(self._now_s, tuple(sorted(result, key=lambda s: s.person)))

    def _why(self, person: Person, track: int | None, sure: float) -> str:
        stretch = self._stretches[track] if track is not None else None
        other = None
        if stretch is not None and stretch.other in self._tracks:
            other = self._people[int(self._belief[:, self._tracks.index(stretch.other)].argmax())].id
        return reason(person, stretch, other, sure, self._now_s)

    def person_on(self, track: int) -> int:
        """Id of the likeliest person on that track; somebody new when nobody is likely there.

        Raises:
            KeyError: there is no such track.
        """
        column = self._column(track)
        row = int(self._belief[:, column].argmax())
        if self._belief[row, column] < LIKELY:
            self._add(Person(self._next_id, born_s=self._now_s))
            row = -1
        return self._people[row].id

    def _column(self, track: int) -> int:
        if track not in self._tracks:
            raise KeyError(track)
        return self._tracks.index(track)

    def claim(self, person: int, track: int) -> Roll:
        """The user says that this track is that person: believed at once, and learned from.

        Raises:
            KeyError: there is no such person or track.
        """
        row = self._row(person)
        column = self._column(track)
        chosen = self._people[row]
        chosen.firm, chosen.claimed_s = True, self._now_s
        self._belief = soft.claimed(self._belief, row, column, self._config.claimed)
        stretch = self._stretches[track]
        stretch.doubt_s, stretch.other = -math.inf, None
        self._unlearn()
        if track in self._looks:
            self._teach(person, track, self._looks[track], 0.0)
        self._roll = self._called({})
        return self._roll

    def _row(self, person: int) -> int:
        for row, p in enumerate(self._people):
            if p.id == person:
                return row
        raise KeyError(person)

    def enrol(self, person: int, name: str) -> None:
        """That person has this name from now on; whoever had it is anonymous again.

        Raises:
            KeyError: there is no such person.
        """
        row = self._row(person)
        for p in self._people:
            p.name = "" if p.name == name else p.name
        self._people[row].name, self._people[row].firm = name, True
        self._roll = self._called({})

    def forget(self, name: str) -> None:
        """The person of that name is anonymous, and what was remembered of them is gone."""
        for p in self._people:
            if p.name == name:
                p.name = ""
                self._bodies.forget(p.id)
                self._faces.forget(p.id)
        self._groups.pop(name, None)
        self._roll = self._called({})

    def member(self, name: str) -> Member:
        """What is remembered of the person of that name, to be saved.

        Raises:
            KeyError: nobody has that name.
        """
        person = next((p for p in self._people if p.name == name), None)
        if person is None:
            raise KeyError(name)
        return Member(
            name, self._faces.samples(person.id), self._bodies.samples(person.id), self._groups.get(name, "")
        )

    def set_members(self, members: Sequence[Member]) -> None:
        """The enrolled people; those already known by name get the new samples, the others are absent yet."""
        for member in members:
            person = next((p for p in self._people if p.name == member.name), None)
            if person is None:
                person = Person(self._next_id, member.name, firm=True)
                self._add(person)
            self._faces.enrol(person.id, member.faces)
            self._bodies.enrol(person.id, member.bodies)
            self._groups[member.name] = member.group
        for name in {p.name for p in self._people if p.name} - {m.name for m in members}:
            self.forget(name)
        self._roll = self._called({})

"""Who is who: one belief over everybody at once, and what it says."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.identity import belief as soft
from engine.identity.config import RosterConfig
from engine.identity.crowd import GONE, LIKELY, Crowd
from engine.identity.evidence import Witness
from engine.identity.member import Member
from engine.identity.memory import Gallery
from engine.identity.person import Person
from engine.identity.reasons import reason
from engine.identity.sameness import Same, held_back, note_who_is_certain, sameness
from engine.identity.schooling import Schooling
from engine.people import Appearance, Fusion
from engine.roll import Roll, Standing

F64 = NDArray[np.float64]

#: Everybody who exists may turn out to be on a track by at least this.
POSSIBLE = 1e-4
#: Every track may have become somebody unknown unnoticed by at least this: taken over behind somebody.
STRANGER = 1e-3
#: Balancing takes part of what a look says for somebody: it moves them and their rival in one exchange, and
#: the table shows the product of both moves (of two people on two tracks: the square of the odds).
EXCHANGE = 1.5
#: Share of a misfit of all known people that is not held against a stranger being there.
STRANGE = 0.9


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
        self._schooling = Schooling(memory, self._bodies, self._faces)
        self._crowd = Crowd(self._config)
        self._looks: dict[int, Appearance] = {}
        self._groups: dict[str, str] = {}
        self._same: dict[int, int] = {}
        self._unproven: tuple[Same, ...] = ()
        self._now_s = -math.inf
        self._roll = Roll(0.0)
        self.set_members(members)

    @property
    def roll(self) -> Roll:
        """Who is who after the last observation or claim."""
        return self._roll

    def observe(self, fusion: Fusion) -> Roll:
        """Take in what the tracker made of one observation."""
        now_s = fusion.tracks.time_s
        if not math.isfinite(now_s) or now_s < self._now_s:
            return self._roll
        dt = now_s - self._now_s if math.isfinite(self._now_s) else 0.0
        self._now_s = now_s
        crowd = self._crowd
        tracks = {t.id: t for t in fusion.tracks.items if t.box.is_finite()}
        found = {m.track: m.detection.appearance for m in fusion.matches if m.track in tracks}
        for gone in crowd.bury(tracks, now_s):
            self._witness.forget(gone)
        crowd.arrive(tracks, found, now_s)
        for swap in fusion.swaps:
            crowd.exchange(swap, now_s)
        crowd.leak(found, dt)
        self._looks = {t: look for t, look in found.items() if look is not None}
        self._weigh()
        self._schooling.learn(crowd, self._looks, now_s)
        same = sameness(crowd, self._witness, self._looks, now_s)
        proven = {s.nameless: s.member for s in same if s.proven}
        self._same = {was: proven.get(known, known) for was, known in self._same.items()} | proven
        for person in crowd.settle(tracks, found, now_s, dt, proven.keys()):
            self._bodies.forget(person)
            self._faces.forget(person)
        note_who_is_certain(crowd)
        self._unproven = tuple(s for s in same if not s.proven)
        return self._called()

    def _weigh(self) -> None:
        """The looks of this picture, everybody against everybody."""
        crowd, looked = self._crowd, list(self._looks)
        if not looked or not crowd.people:
            return
        ids = [p.id for p in crowd.people]
        said = self._witness.heard(ids, looked, list(self._looks.values()), self._now_s, self._itself(looked))
        if not (said.face.any() or said.body.any()):
            return
        columns = [crowd.column(t) for t in looked]
        firm = crowd.firm
        absent = np.maximum(soft.absence(crowd.belief), POSSIBLE)
        unknown = np.maximum(soft.strangers(crowd.belief), STRANGER)
        weights = crowd.belief.copy()
        possible = np.where(firm[:, None], np.maximum(weights[:, columns], POSSIBLE), weights[:, columns])
        doubt = np.where(said.face, 1.0, _strangeness(said.fit, possible, firm))
        # Who may not exist has been learned from this very track: that it fits says nothing.
        weights[:, columns] = possible * np.where(
            firm[:, None], np.exp(np.where(said.llr > 0, EXCHANGE, 1.0) * said.llr), doubt
        )
        unknown[columns] *= doubt
        crowd.belief = soft.balanced(weights, absent, unknown, crowd.bound)
        for track, by_face, by_body in zip(looked, said.face, said.body, strict=True):
            person = crowd.likeliest(track)
            if person is not None:
                person.face_s = self._now_s if by_face else person.face_s
                person.body_s = self._now_s if by_body else person.body_s

    def _itself(self, tracks: Sequence[int]) -> dict[int, int]:
        """Track -> a nameless person whom it has taught its own face: no evidence that it is no member."""
        result = {}
        for track in tracks:
            person = self._crowd.likeliest(track)
            if person is not None and not person.is_told:
                result[track] = person.id
        return result

    def _called(self) -> Roll:
        crowd = self._crowd
        on = soft.standing(crowd.belief, self._config.shown)
        absent = soft.absence(crowd.belief)
        result = []
        for row, person in enumerate(crowd.people):
            column, believed = int(on[row]), crowd.belief[row]
            track = crowd.tracks[column] if column >= 0 else None
            sure = float(believed[column]) if column >= 0 else 0.0
            others = np.delete(believed, column) if column >= 0 else believed
            rival, why = float(others.max(initial=0.0)), self._why(person, track, sure)
            result.append(Standing(person.id, person.name, track, sure, rival, float(absent[row]), why))
        for same in self._unproven:
            result = held_back(result, same)
        people = tuple(sorted(result, key=lambda s: s.person))
        self._roll = Roll(self._now_s, people, dict(self._same))
        return self._roll

    def _why(self, person: Person, track: int | None, sure: float) -> str:
        stretches = self._crowd.stretches
        stretch = stretches[track] if track is not None else None
        other = None
        if stretch is not None and stretch.other in stretches:
            other = self._crowd.likeliest(stretch.other)
        return reason(person, stretch, other.id if other else None, sure, self._now_s)

    def person_on(self, track: int) -> int:
        """Id of the likeliest person on that track; somebody new when nobody is likely there.

        Raises:
            KeyError: there is no such track.
        """
        person, column = self._crowd.likeliest(track), self._crowd.column(track)
        if person is None or self._crowd.belief[:, column].max() < LIKELY:
            person = self._crowd.add(track=track)
        return person.id

    def claim(self, person: int, track: int) -> Roll:
        """The user says that this track is that person: believed at once, and learned from.

        Raises:
            KeyError: there is no such person or track.
        """
        crowd = self._crowd
        row, column = crowd.row(person), crowd.column(track)
        crowd.people[row].firm, crowd.people[row].claimed_s = True, self._now_s
        crowd.belief = soft.claimed(crowd.belief, row, column, self._config.claimed)
        stretch = crowd.stretches[track]
        stretch.doubt_s, stretch.other = -math.inf, None
        self._schooling.unlearn(crowd)
        self._unproven = ()
        if track in self._looks:
            self._schooling.teach(person, (track, stretch.episode), self._looks[track], self._now_s, 0.0)
        return self._called()

    def enrol(self, person: int, name: str) -> None:
        """That person has this name from now on; whoever had it is anonymous again.

        Raises:
            KeyError: there is no such person.
        """
        row = self._crowd.row(person)
        for p in self._crowd.people:
            p.name = "" if p.name == name else p.name
        self._crowd.people[row].name, self._crowd.people[row].firm = name, True
        self._called()

    def forget(self, name: str) -> None:
        """The person of that name is anonymous, and what was remembered of them is gone."""
        for p in self._crowd.people:
            if p.name == name:
                p.name = ""
                self._bodies.forget(p.id)
                self._faces.forget(p.id)
        self._groups.pop(name, None)
        self._called()

    def member(self, name: str) -> Member:
        """What is remembered of the person of that name, to be saved.

        Raises:
            KeyError: nobody has that name.
        """
        person = next((p for p in self._crowd.people if p.name == name), None)
        if person is None:
            raise KeyError(name)
        return Member(
            name, self._faces.samples(person.id), self._bodies.samples(person.id), self._groups.get(name, "")
        )

    def set_members(self, members: Sequence[Member]) -> None:
        """The enrolled people; those already known by name get the new samples, the others are absent yet."""
        for member in members:
            person = next((p for p in self._crowd.people if p.name == member.name), None)
            if person is None:
                person = self._crowd.add(member.name, firm=True)
            self._faces.enrol(person.id, member.faces)
            self._bodies.enrol(person.id, member.bodies)
            self._groups[member.name] = member.group
        for name in {p.name for p in self._crowd.people if p.name} - {m.name for m in members}:
            self.forget(name)
        self._called()


def _strangeness(llr: F64, possible: F64, firm: NDArray[np.bool_]) -> F64:
    """(M,) how much likelier it becomes that a track is nobody known.

    Somebody known whose clothes look unlike themselves for a while (another side, another light) is commoner
    than a stranger: that nobody fits counts for a stranger only in part. Faces are not so.
    """
    candidates = np.where(firm[:, None] & (possible > GONE), llr, -np.inf)
    best = candidates.max(axis=0, initial=-np.inf)
    result: F64 = np.exp(np.where(np.isfinite(best), STRANGE * np.minimum(best, 0.0), 0.0))
    return result

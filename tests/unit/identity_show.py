"""Small shows for the roster: who is where and how they look, without a tracker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Box
from engine.identity.roster import Roster
from engine.people import Appearance, Detection, Fusion, Match, Swap, Track, Tracks
from engine.roll import Roll

F32 = NDArray[np.float32]


def unit(vector: NDArray[np.float64]) -> F32:
    return (vector / np.linalg.norm(vector)).astype(np.float32)


class Costume:
    """Bodies of one costume and faces of several people, with noise."""

    def __init__(self, seed: int = 0, people: int = 4, apart: float = 0.5) -> None:
        self._rng = np.random.default_rng(seed)
        common = self._rng.normal(size=48)
        self._bodies = [unit(common + apart * self._rng.normal(size=48)) for _ in range(people)]
        self._faces = [unit(self._rng.normal(size=32)) for _ in range(people)]

    def look(self, person: int, body: bool = True, face: bool = False) -> Appearance:
        noisy = [unit(v + 0.05 * self._rng.normal(size=len(v))) for v in self.truth(person)]
        return Appearance(
            body=noisy[0] if body else None,
            body_quality=1.0 if body else 0.0,
            face=noisy[1] if face else None,
            face_score=0.95 if face else 0.0,
            face_quality=1.0 if face else 0.0,
        )

    def truth(self, person: int) -> tuple[F32, F32]:
        return self._bodies[person], self._faces[person]


def place(slot: float) -> Box:
    return Box(200.0 * slot, 100.0, 200.0 * slot + 80.0, 300.0)


def fusion(
    time_s: float,
    tracks: Mapping[int, float],
    looks: Mapping[int, Appearance] | None = None,
    swaps: Sequence[Swap] = (),
    hidden: Mapping[int, float] | None = None,
) -> Fusion:
    """Tracks (id -> slot) seen now, and those out of sight (id -> slot)."""
    there = {**tracks, **(hidden or {})}
    items = tuple(
        Track(i, place(slot), 0.0, 0.0, 0.9, time_s if i in tracks else time_s - 1.0, 0.0)
        for i, slot in sorted(there.items())
    )
    matches = tuple(
        Match(i, Detection(place(slot), 0.9, appearance=(looks or {}).get(i))) for i, slot in tracks.items()
    )
    return Fusion(Tracks(time_s, round(time_s * 1000), items), matches, tuple(swaps), True)


def play(
    roster: Roster,
    from_s: float,
    seconds: float,
    tracks: Mapping[int, float],
    hz: float = 20.0,
    looks: Mapping[int, tuple[Costume, int, bool]] | None = None,
) -> Roll:
    """Nothing happens for a while; ``looks`` says per track whose they are and whether the face shows."""
    roll = roster.roll
    for step in range(round(seconds * hz)):
        seen = {t: costume.look(p, face=face) for t, (costume, p, face) in (looks or {}).items()}
        roll = roster.observe(fusion(from_s + step / hz, tracks, seen))
    return roll


def checked(roll: Roll) -> Roll:
    """What must always hold of a roll."""
    stood: set[int] = set()
    for standing in roll.people:
        values = (standing.sure, standing.rival, standing.absent)
        assert all(np.isfinite(v) and 0.0 <= v <= 1.0 + 1e-9 for v in values), standing
        assert standing.sure + standing.rival + standing.absent <= 1.0 + 1e-6
        assert standing.reason
        if standing.track is not None:
            assert standing.track not in stood
            stood.add(standing.track)
    assert [p.person for p in roll.people] == sorted({p.person for p in roll.people})
    return roll

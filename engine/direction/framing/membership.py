"""Who belongs to a group shot: the nearest first, changing seldom."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.direction.body import measure
from engine.direction.framing.figure import Figure
from engine.direction.framing.smooth import smoothstep
from engine.people import Track, Tracks

#: Somebody comes in when the shot with them is at most this share of the widest allowed one, and goes out
#: when it is larger than the second.
ENTER_SHARE, LEAVE_SHARE = 0.9, 1.0
#: That must be so for this long.
ENTER_S, LEAVE_S = 0.5, 0.3
#: After a change of membership there is none for so long (R55).
REST_S = 1.0
#: A member that is not seen for so long has left; so long is the place held.
UNSEEN_S = 1.0
#: Coming in and going out take so long.
EASE_S = 1.0


@dataclass(slots=True)
class Member:
    """Somebody beside the chosen person.

    Attributes:
        belongs: is in the group.
        ramp: how far they have come in, 0 to 1, evenly in time.
        absent_s: not seen for so long.
        pending_s: belonging has been wrong for so long.
    """

    figure: Figure
    belongs: bool = False
    ramp: float = 0.0
    absent_s: float = 0.0
    pending_s: float = 0.0

    @property
    def weight(self) -> float:
        """How much of them counts, 0 to 1, eased."""
        return smoothstep(self.ramp)


class Membership:
    """The people beside the chosen one, and who of them belongs.

    In order of nearness to the chosen person, members before others, everybody who fits is taken in. Bounds
    for coming in and going out differ, both must hold for a while, and changes come one at a time.
    """

    def __init__(self) -> None:
        self._known: dict[int, Member] = {}
        self._rested_s = math.inf
        self._fresh = True

    @property
    def items(self) -> tuple[Member, ...]:
        """Everybody who counts for something, in order of track id."""
        return tuple(member for _, member in sorted(self._known.items()) if member.ramp > 0)

    def step(
        self,
        chosen: Figure,
        track: Track,
        tracks: Tracks,
        share: Callable[[Sequence[Member]], float],
        dt_s: float,
    ) -> None:
        """Decide ``dt_s`` later.

        Args:
            chosen: the chosen person, seen as ``track``.
            share: how large the shot of the chosen person and these is, as a share of the widest allowed.
        """
        self._see(track, tracks, dt_s)
        fitting = self._fitting(chosen, share)
        self._rested_s += dt_s
        if self._fresh:
            for member in fitting:
                member.belongs, member.ramp = True, 1.0
            self._fresh = False
        self._change(fitting, dt_s)
        for member in self._known.values():
            way = dt_s / EASE_S if member.belongs else -dt_s / EASE_S
            member.ramp = min(max(member.ramp + way, 0.0), 1.0)
        self._known = {i: m for i, m in self._known.items() if m.belongs or m.ramp > 0 or m.absent_s == 0}

    def _see(self, track: Track, tracks: Tracks, dt_s: float) -> None:
        for member in self._known.values():
            member.absent_s += dt_s
        self._known.pop(track.id, None)
        for other in tracks.items:
            body = None if other.id == track.id else measure(other)
            if body is None:
                continue
            seen = tracks.time_s - other.seen_s <= UNSEEN_S
            if other.id in self._known:
                known = self._known[other.id]
                known.figure.step(body, dt_s)
                known.absent_s = 0.0 if seen else known.absent_s
            elif seen:
                self._known[other.id] = Member(Figure(body))

    def _fitting(self, chosen: Figure, share: Callable[[Sequence[Member]], float]) -> list[Member]:
        """Everybody who fits in, the nearest first."""
        order = sorted(
            (m for m in self._known.values() if m.absent_s <= UNSEEN_S),
            key=lambda m: (not m.belongs, m.figure.torso.distance(chosen.torso)),
        )
        fitting: list[Member] = []
        for member in order:
            most = LEAVE_SHARE if member.belongs else ENTER_SHARE
            if share([*fitting, member]) <= most:
                fitting.append(member)
        return fitting

    def _change(self, fitting: Sequence[Member], dt_s: float) -> None:
        """At most one person comes or goes; who has waited longest, going before coming."""
        waiting: list[tuple[bool, float, Member]] = []
        for member in self._known.values():
            wrong = any(member is m for m in fitting) != member.belongs
            member.pending_s = member.pending_s + dt_s if wrong else 0.0
            if wrong and member.pending_s >= (LEAVE_S if member.belongs else ENTER_S):
                waiting.append((member.belongs, member.pending_s, member))
        if waiting and self._rested_s >= REST_S:
            _, _, member = max(waiting, key=lambda w: w[:2])
            member.belongs, member.pending_s = not member.belongs, 0.0
            self._rested_s = 0.0

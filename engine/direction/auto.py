"""Who is shown when nobody chooses: the auto-director."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.direction.choice import named
from engine.direction.target import TargetKind, TargetRequest
from engine.errors import JikcamError
from engine.geometry import Size
from engine.people import Track, Tracks
from engine.roll import Roll

#: How long a movement is remembered.
ACTIVITY_S = 1.5
#: Somebody else must be better by this factor (moves), or nearer by this share of the picture (center) ...
BETTER, NEARER_NORM = 1.5, 0.08
#: ... for so long.
AGREED_S = 0.8
#: Body heights per second below which nobody moves at all.
STILL_HEIGHTS_S = 0.08


@dataclass(frozen=True, slots=True)
class AutoConfig:
    """How the auto-director chooses.

    Attributes:
        rule: moves = who moves most; center = who stands nearest to the middle; order = one after the other
            as in ``order``.
        dwell_s: nobody is shown for less, unless they go out of sight.
        order: names or member numbers, for "order"; empty = everybody in sight from left to right.
    """

    rule: Literal["moves", "center", "order"] = "moves"
    dwell_s: float = 6.0
    order: tuple[str, ...] = ()


class AutoDirector:
    """Chooses among those who are surely in sight. Pure; time is what ``step`` says."""

    def __init__(self, config: AutoConfig, size: Size) -> None:
        self.config = config
        self.size = size
        self._shown_s = math.inf
        self._agreed_s = 0.0
        self._rival: int | None = None
        self._turn = -1
        self._activity: dict[int, float] = {}

    def restart(self) -> None:
        """Somebody else chose just now: that one is shown for a full dwell time."""
        self._shown_s = self._agreed_s = 0.0

    def step(
        self, tracks: Tracks, roll: Roll, shown: int | None, sure_norm: float, dt_s: float
    ) -> int | None:
        """Whom to show from now on; None = go on as it is.

        Args:
            shown: the person who is chosen now.
            sure_norm: how sure it must be where somebody is.
        """
        self._shown_s += dt_s
        here = {
            p.person: track
            for p in roll.people
            if p.sure >= sure_norm and (track := tracks.find(p.track)) is not None
        }
        self._watch(here, dt_s)
        gone = shown not in here
        if not here or (self._shown_s < self.config.dwell_s and not (gone and self._shown_s > 1.0)):
            return None
        best = self._in_turn(here, roll, shown) if self.config.rule == "order" else self._best(here, shown)
        if best is None or best == shown:
            self._rival, self._agreed_s = None, 0.0
            return None
        self._agreed_s = self._agreed_s + dt_s if best == self._rival else 0.0
        self._rival = best
        if self.config.rule != "order" and not gone and self._agreed_s < AGREED_S:
            return None
        self.restart()
        return best

    def _watch(self, here: dict[int, Track], dt_s: float) -> None:
        """Speed in body heights per second, averaged over ACTIVITY_S."""
        keep = math.exp(-dt_s / ACTIVITY_S)
        now = {
            person: math.hypot(t.velocity_x, t.velocity_y) / max(t.box.height, 1.0)
            for person, t in here.items()
        }
        self._activity = {
            person: speed + (self._activity.get(person, speed) - speed) * keep
            for person, speed in now.items()
            if math.isfinite(speed)
        }

    def _best(self, here: dict[int, Track], shown: int | None) -> int | None:
        if self.config.rule == "moves":
            best = max(sorted(self._activity), key=self._activity.__getitem__, default=None)
            if best is None or shown not in self._activity:
                return best
            enough = max(BETTER * self._activity[shown], STILL_HEIGHTS_S)
            return best if self._activity[best] >= enough else shown
        off = {
            person: abs(t.box.center.x - self.size.width / 2) / self.size.width for person, t in here.items()
        }
        best = min(sorted(off), key=off.__getitem__)
        if shown in off and off[best] > off[shown] - NEARER_NORM:
            return shown
        return best

    def _in_turn(self, here: dict[int, Track], roll: Roll, shown: int | None) -> int | None:
        across = sorted(here, key=lambda person: here[person].box.center.x)
        if not self.config.order:
            return across[(across.index(shown) + 1) % len(across)] if shown in here else across[0]
        row = [_person(entry, across, roll) for entry in self.config.order]
        for k in range(1, len(row) + 1):
            place = (self._turn + k) % len(row)
            if row[place] in here:
                self._turn = place
                return row[place]
        return shown


def _person(entry: str, across: Sequence[int], roll: Roll) -> int | None:
    """The person of that name or member number; where nobody is enrolled, the number from the left."""
    number = int(entry) if entry.isdecimal() else None
    kind = TargetKind.NAME if number is None else TargetKind.MEMBER
    try:
        standing = named(TargetRequest(kind, number, name=entry), roll)
    except JikcamError:
        return None  # not here yet, or never: the others have their turns
    if standing is not None:
        return standing.person
    return across[number - 1] if number and number <= len(across) else None

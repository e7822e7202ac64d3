"""Whether somebody who comes after the chosen person has left takes their place in the View.

For films without boxes: what must be known is who is in the picture when, as lines
``person,from_s,to_s``; lines that begin with # say something to people.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.bench.target.record import Followed
from engine.direction.target import LockState
from engine.errors import JikcamError

#: The user taps this long after somebody has come in full.
TAP_AFTER_S = 1.0
FORMAT = "write lines of person,from_s,to_s in the order of time, for example 1,2.5,9"


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody is in the picture from ``from_s`` to ``to_s``."""

    person: int
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody comes after the chosen person has left.

    Attributes:
        chosen, comer: ids; the same when the chosen one returns.
        held_s: how long the lock said HELD while the comer was there.
    """

    chosen: int
    comer: int
    from_s: float
    held_s: float

    @property
    def inherited(self) -> bool:
        """Somebody else was held as the chosen person."""
        return self.comer != self.chosen and self.held_s > 0


def read_stays(path: Path) -> list[Stay]:
    """The stays in a file.

    Raises:
        JikcamError: it can't be read or understood.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise JikcamError(f"cannot read {path}: {error}", FORMAT) from None
    stays = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            person, from_s, to_s = line.split(",")
            stay = Stay(int(person), float(from_s), float(to_s))
        except ValueError:
            raise JikcamError(f"{path}:{number}: {line.strip()[:60]!r} is no stay", FORMAT) from None
        if not (0 <= stay.from_s < stay.to_s < math.inf):
            raise JikcamError(f"{path}:{number}: {line.strip()[:60]!r} ends before it begins", FORMAT)
        stays.append(stay)
    if not stays:
        raise JikcamError(f"{path} names nobody", FORMAT)
    return stays


def tap_s(stays: Sequence[Stay], person: int) -> float:
    """When to tap on the person: soon after they came, before they go."""
    stay = next(s for s in stays if s.person == person)
    return min(stay.from_s + TAP_AFTER_S, (stay.from_s + stay.to_s) / 2)


def arrivals(run: Followed, stays: Sequence[Stay]) -> list[Arrival]:
    """Everybody who came after the chosen person had left for the first time."""
    if run.chosen is None:
        return []
    first = next(s for s in stays if s.person == run.person)
    result = []
    for stay in stays:
        if stay.from_s < first.to_s:
            continue
        held = sum(
            e.state is LockState.HELD and stay.from_s <= e.index / run.fps <= stay.to_s for e in run.entries
        )
        result.append(Arrival(run.person, stay.person, stay.from_s, held / run.fps))
    return result

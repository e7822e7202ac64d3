"""Who is who on top of the tracker: everybody is tapped once, then only the roster and the lock decide.

As in `chosen`, each person of the truth is chosen on the track that has been on them for some pictures; here
the tap is told to the roster (``claim`` of ``person_on`` that track), so that everybody on the stage has been
enrolled by one tap, in their own first moment, and by nothing else. What is shown afterwards is what the
engine's own lock holds: with the preset's value `sure`, by the same code that runs live.
"""

from __future__ import annotations

import time
from collections.abc import Sequence as Many
from dataclasses import dataclass

from engine.bench.tracking.chosen import Choice, Chosen, Meeting, held, total
from engine.direction.lock import Lock, LockConfig
from engine.direction.target import LockState
from engine.identity.config import RosterConfig
from engine.identity.roster import Roster
from engine.people import Fusion, Roll

#: In these states the picture shows the person's track; in the others it is wide.
ON_AIR = (LockState.HELD, LockState.OCCLUDED)


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """What the roster said.

    Attributes:
        rolls: after pictures 1, 2, ... and the taps of that picture.
        persons: choice -> the roster's id of who was tapped.
        cpu_s: processor time of this process in the roster alone.
    """

    rolls: list[Roll]
    persons: dict[Choice, int]
    cpu_s: float


def name(fusions: Many[Fusion], taps: Many[Choice], config: RosterConfig | None = None) -> Named:
    """Run the roster over what the tracker made of pictures 1, 2, ..., tapping everybody once."""
    roster = Roster(config)
    due: dict[int, list[Choice]] = {}
    for tap in taps:
        due.setdefault(tap.picture, []).append(tap)
    rolls: list[Roll] = []
    persons: dict[Choice, int] = {}
    cpu_s = 0.0
    for picture, fusion in enumerate(fusions, start=1):
        began = time.process_time()
        roll = roster.observe(fusion)
        cpu_s += time.process_time() - began
        for tap in due.get(picture, ()):
            persons[tap] = roster.person_on(tap.track)
            roll = roster.claim(persons[tap], tap.track)
        rolls.append(roll)
    return Named(rolls, persons, cpu_s)


def named_chosen(
    met: list[Meeting], fusions: Many[Fusion], named: Named, fps: float, lock: LockConfig
) -> Chosen:
    """Everybody chosen in turn, on air when and where the lock holds them."""
    parts = []
    for tap, person in named.persons.items():
        shown = _on_air(tap, person, fusions, named.rolls, lock)
        parts.append(held(met, tap, shown.__getitem__, fps))
    return total(parts)


def _on_air(
    tap: Choice, person: int, fusions: Many[Fusion], rolls: Many[Roll], config: LockConfig
) -> dict[int, int | None]:
    """Picture -> the track on air, from the tap on."""
    lock = Lock(config)
    lock.choose(person, by_hand=True)
    shown: dict[int, int | None] = {}
    for picture in range(tap.picture, len(fusions) + 1):
        report = lock.step(fusions[picture - 1].tracks, rolls[picture - 1])
        on_air = report.state in ON_AIR and report.track is not None
        shown[picture] = report.track.id if on_air and report.track is not None else None
    return shown

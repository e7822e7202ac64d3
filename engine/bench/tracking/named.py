"""Who is who on top of the tracker: everybody is tapped once, then only the roster and the lock decide.

As in `chosen`, each person of the truth is chosen on the track that has been on them for some pictures; here
the tap is told to the roster (``claim`` of ``person_on`` that track), so that everybody on the stage has been
enrolled by one tap, in their own first moment, and by nothing else. While the roster takes them for somebody
tapped before, the tap waits, as a user would not tell it that one is the other; that time counts as LOST.
What is shown afterwards is what the engine's own lock holds: with the preset's value `sure`, by the same code
that runs live.
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
from engine.people import Fusion
from engine.roll import Roll

#: In these states the picture shows the person's track; in the others it is wide.
ON_AIR = (LockState.HELD, LockState.OCCLUDED)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """When a choice reached the roster: the picture (from 1), and the roster's id of the person."""

    picture: int
    person: int


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """What the roster said.

    Attributes:
        rolls: after pictures 1, 2, ... and the taps of that picture.
        enrolled: by choice; None for whom the roster always took for somebody else.
        cpu_s: processor time of this process in the roster alone.
    """

    rolls: list[Roll]
    enrolled: dict[Choice, Enrolled | None]
    cpu_s: float


def name(
    fusions: Many[Fusion], met: Many[Meeting], taps: Many[Choice], config: RosterConfig | None = None
) -> Named:
    """Run the roster over what the tracker made of pictures 1, 2, ..., tapping everybody once."""
    roster = Roster(config)
    rolls: list[Roll] = []
    enrolled: dict[Choice, Enrolled | None] = dict.fromkeys(taps)
    cpu_s = 0.0
    for picture, fusion in enumerate(fusions, start=1):
        began = time.process_time()
        roll = roster.observe(fusion)
        cpu_s += time.process_time() - began
        for tap in taps:
            track = met[picture - 1].track_of.get(tap.person)
            if picture < tap.picture or enrolled[tap] is not None or track is None:
                continue
            person = roster.person_on(track)
            if all(e is None or e.person != person for e in enrolled.values()):
                roll = roster.claim(person, track)
                enrolled[tap] = Enrolled(picture, person)
        rolls.append(roll)
    return Named(rolls, enrolled, cpu_s)


def named_chosen(
    met: list[Meeting], fusions: Many[Fusion], named: Named, fps: float, lock: LockConfig
) -> Chosen:
    """Everybody chosen in turn, on air when and where the lock holds them."""
    parts = []
    for tap, enrolled in named.enrolled.items():
        shown = {} if enrolled is None else _on_air(enrolled, fusions, named.rolls, lock)
        parts.append(held(met, tap, shown.get, fps))
    return total(parts)


def _on_air(
    enrolled: Enrolled, fusions: Many[Fusion], rolls: Many[Roll], config: LockConfig
) -> dict[int, int | None]:
    """Picture -> the track on air, from the tap on."""
    lock = Lock(config)
    lock.choose(enrolled.person, by_hand=True)
    shown: dict[int, int | None] = {}
    for picture in range(enrolled.picture, len(fusions) + 1):
        report = lock.step(fusions[picture - 1].tracks, rolls[picture - 1])
        track = report.track if report.state in ON_AIR else None
        shown[picture] = None if track is None else track.id
    return shown

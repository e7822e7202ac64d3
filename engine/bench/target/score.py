"""One identity's run held against the truth.

The visible time of the identity, from the picture after the choice on, is OK while the lock says HELD and
its box fits their true box better than anybody else's (IoU of 0.3 or more); WRONG while it is HELD on
somebody else, or on nothing that is near them; LOST the rest of the time. A steal is a change onto a wrong
person; it lasts until they are held again.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from engine.bench.target.record import Entry, Followed
from engine.bench.tracking.chosen import Chosen
from engine.bench.tracking.sequence import Truth
from engine.direction.target import LockState
from engine.geometry import Box

#: A box fits somebody from this overlap on.
FITS_IOU = 0.3
#: A box that overlaps its person less than this is not on them, whoever else it is on.
NEAR_IOU = 0.1
#: Gaps in the truth up to this are flicker of the truth, not hiding.
HIDDEN_S = 0.2


class Verdict(Enum):
    """What one picture shows of somebody visible."""

    OK = "ok"
    WRONG = "wrong"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Hidden:
    """The identity was out of sight from ``from_s`` to ``to_s``.

    Attributes:
        recovery_s: from then until they were held again; infinite when they never were before the next time.
    """

    from_s: float
    to_s: float
    recovery_s: float


@dataclass(frozen=True, slots=True, eq=False)
class TargetScore:
    """How one identity was held.

    Attributes:
        person: id in the truth.
        chosen_s: when they were chosen; None: never, and nothing else counts.
        held: seconds and counts.
        hidden: each time out of sight, and how long it took to find them again.
        unheld_s: visible seconds not OK, by the state of the lock; "held" is time on somebody else.
        aside: share of the visible time in a shot that is not wide in which its centre is on somebody else.
        verdicts: picture index -> verdict, where the identity is visible.
    """

    person: int
    chosen_s: float | None
    held: Chosen = field(default_factory=Chosen)
    hidden: tuple[Hidden, ...] = ()
    unheld_s: Mapping[str, float] = field(default_factory=dict)
    aside: float = 0.0
    verdicts: Mapping[int, Verdict] = field(default_factory=dict)

    @property
    def wrong_of_all(self) -> float:
        """Percent of all the time since the choice, out of sight too, that somebody else was held."""
        h = self.held
        all_s = h.ok_s + h.wrong_s + h.lost_s + h.away_s
        return 100 * (h.wrong_s + h.away_wrong_s) / max(all_s, 1e-9)


def score(run: Followed, truth: Mapping[int, Truth]) -> TargetScore:
    """Hold a run against the truth (picture number, from 1 -> who is there)."""
    if run.chosen is None:
        return TargetScore(run.person, None)
    entries = [e for e in run.entries if e.index > run.chosen]
    boxes = {e.index: boxes_at(truth, e.index) for e in entries}
    verdicts = {
        e.index: _verdict(e, run.person, boxes[e.index]) for e in entries if run.person in boxes[e.index]
    }
    away = [e for e in entries if run.person not in boxes[e.index]]
    away_wrong = sum(e.state is LockState.HELD and fits(e.box, boxes[e.index]) is not None for e in away)
    count = Counter(verdicts.values())
    dt_s = 1 / run.fps
    visible = max(len(verdicts), 1)
    held = Chosen(
        ok_s=count[Verdict.OK] * dt_s,
        wrong_s=count[Verdict.WRONG] * dt_s,
        lost_s=count[Verdict.LOST] * dt_s,
        away_s=len(away) * dt_s,
        away_wrong_s=away_wrong * dt_s,
        steals=_steals(list(verdicts.values())),
        people=1,
        held=int(count[Verdict.OK] >= 0.9 * visible),
        recoveries_s=(),
    )
    states = Counter(
        str(e.state) for e in entries if e.index in verdicts and verdicts[e.index] is not Verdict.OK
    )
    return TargetScore(
        run.person,
        max(run.chosen, 0) * dt_s,
        held,
        _hidden(run, verdicts),
        {state: n * dt_s for state, n in states.most_common()},
        _aside(entries, run.person, boxes),
        verdicts,
    )


def boxes_at(truth: Mapping[int, Truth], index: int) -> dict[int, Box]:
    """Who is visible where in the picture of that index (from 0)."""
    there = truth.get(index + 1)
    if there is None:
        return {}
    return {int(i): Box(*b) for i, b in zip(there.ids, there.boxes.tolist(), strict=True)}


def fits(box: Box | None, boxes: Mapping[int, Box]) -> int | None:
    """Whom the box fits best; None when it fits nobody."""
    if box is None or not boxes:
        return None
    best = max(boxes, key=lambda person: box.iou(boxes[person]))
    return best if box.iou(boxes[best]) >= FITS_IOU else None


def _verdict(entry: Entry, person: int, boxes: Mapping[int, Box]) -> Verdict:
    if entry.state is not LockState.HELD or entry.box is None:
        return Verdict.LOST
    best = fits(entry.box, boxes)
    if best == person:
        return Verdict.OK
    if best is not None or entry.box.iou(boxes[person]) < NEAR_IOU:
        return Verdict.WRONG
    return Verdict.LOST


def _steals(verdicts: list[Verdict]) -> int:
    steals, stolen = 0, False
    for verdict in verdicts:
        if verdict is Verdict.WRONG and not stolen:
            steals, stolen = steals + 1, True
        elif verdict is Verdict.OK:
            stolen = False
    return steals


def _hidden(run: Followed, verdicts: Mapping[int, Verdict]) -> tuple[Hidden, ...]:
    """Gaps between visible pictures, each with the time until the next OK."""
    seen = sorted(verdicts)
    first = [run.chosen] if run.chosen is not None else []
    gaps = [(a, b) for a, b in zip(first + seen, seen, strict=False) if (b - a - 1) / run.fps >= HIDDEN_S]
    result = []
    for k, (before, after) in enumerate(gaps):
        until = gaps[k + 1][0] if k + 1 < len(gaps) else math.inf
        back = next((i for i in seen if after <= i <= until and verdicts[i] is Verdict.OK), None)
        recovery_s = math.inf if back is None else (back - after) / run.fps
        result.append(Hidden((before + 1) / run.fps, after / run.fps, recovery_s))
    return tuple(result)


def _aside(entries: list[Entry], person: int, boxes: Mapping[int, Mapping[int, Box]]) -> float:
    on_air = [e for e in entries if not e.wide and person in boxes[e.index]]
    aside = 0
    for entry in on_air:
        there, center = boxes[entry.index], entry.shot.center
        other = any(box.contains(center) for who, box in there.items() if who != person)
        aside += other and not there[person].contains(center)
    return aside / len(on_air) if on_air else 0.0

"""Crossings of a played scene, one by one, and how each of them was survived."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.sources.stage import PerformerTruth
from tests.stage_show import HIDDEN, Moment, Played

#: Two people are apart when nobody hides more than this of either.
APART = 0.95
#: A time so short is no time together, and none apart.
FLICKER_S = 0.1


@dataclass(frozen=True)
class Crossing:
    """One person and another hid each other from ``begin`` to ``end`` (picture numbers; apart from end on).

    Attributes:
        hidden_s: how long one of them was hidden in full.
        until: the picture in which the person meets somebody again, or the last.
    """

    who: int
    begin: int
    end: int
    until: int
    hidden_s: float


def crossings(played: Played, who: int, from_s: float) -> list[Crossing]:
    """The meetings of ``who`` in which somebody was hidden in full and after which all came apart."""
    fps = played.scene.fps
    together = [_together(people, who) for people in played.truth]
    met = [
        (a, b)
        for a, b in _runs(together, round(FLICKER_S * fps))
        if b < len(together) and a / fps >= from_s and b - a >= FLICKER_S * fps
    ]
    result = []
    for k, (a, b) in enumerate(met):
        hidden = sum(_hidden(people, who) for people in played.truth[a:b])
        until = met[k + 1][0] if k + 1 < len(met) else len(together)
        if hidden and until - b >= fps / 2:
            result.append(Crossing(who, a, b, until, hidden / fps))
    return result


def right_after(played: Played, crossing: Crossing, within_s: float) -> bool:
    """The person is held, rightly, within so long of coming apart."""
    last = crossing.end + round(within_s * played.scene.fps)
    return any(m.held == crossing.who for m in played.views[crossing.who][crossing.end : last + 1])


def stolen(played: Played, crossing: Crossing, settled_s: float = 0.0) -> bool:
    """Somebody else is held as the person, from ``settled_s`` after coming apart until they meet again."""
    first = crossing.end + round(settled_s * played.scene.fps)
    return any(is_wrong(m, crossing.who) for m in played.views[crossing.who][first : crossing.until])


def longest_wrong_s(played: Played, who: int) -> float:
    """The longest time without a break on somebody else while the person was to be seen."""
    longest = now = 0
    for people, moment in zip(played.truth, played.views[who], strict=True):
        seen = next(p for p in people if p.id == who).visible_share >= HIDDEN
        now = now + 1 if seen and is_wrong(moment, who) else 0
        longest = max(longest, now)
    return longest / played.scene.fps


def is_wrong(moment: Moment, who: int) -> bool:
    """Somebody else is held as the person. (Where nobody is, the box has only gone on too far.)"""
    return moment.held not in (None, 0, who)


def _together(people: tuple[PerformerTruth, ...], who: int) -> bool:
    """Somebody hides some of the person, or the person some of somebody."""
    return any(share > 1 - APART for p in people for other, share in p.hidden_by if who in (p.id, other))


def _hidden(people: tuple[PerformerTruth, ...], who: int) -> bool:
    return any(p.visible_share < HIDDEN for p in people if p.id == who or who in dict(p.hidden_by))


def _runs(flags: list[bool], bridge: int) -> Iterator[tuple[int, int]]:
    """(first, one past the last) of every run of True; gaps up to ``bridge`` are no gaps."""
    start, last = None, -1
    for k, flag in enumerate([*flags, *([False] * (bridge + 1))]):
        if flag:
            start = k if start is None else start
            last = k
        elif start is not None and k - last > bridge:
            yield start, last + 1
            start = None

"""Somebody nameless who turns out to be somebody known: what was one body all along is one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.identity.crowd import CERTAIN, GONE, Crowd
from engine.identity.evidence import Witness
from engine.identity.person import ALIKE
from engine.people import Appearance
from engine.roll import Standing

#: Share of the newest look in what looks have said of late.
NEWEST = 0.2


@dataclass(frozen=True, slots=True)
class Same:
    """Somebody nameless on a track who may be a member.

    Attributes:
        nameless, member: ids.
        sure: that one of the two is there.
        proven: the member is there for certain.
    """

    nameless: int
    member: int
    track: int
    sure: float
    proven: bool


def note_who_is_certain(crowd: Crowd) -> None:
    """Take down on which track everybody nameless is beyond doubt."""
    for row, person in enumerate(crowd.people):
        if person.name or not crowd.tracks:
            continue
        column = int(crowd.belief[row].argmax())
        if crowd.belief[row, column] >= CERTAIN:
            track = crowd.tracks[column]
            person.certain_on = track, crowd.stretches[track].episode


def sameness(
    crowd: Crowd, witness: Witness, looks: Mapping[int, Appearance], now_s: float
) -> tuple[Same, ...]:
    """The nameless on whose track a member may be now.

    They were there for certain, nothing can have exchanged the bodies since, and the body there looks as
    theirs did; else another body has taken the place unnoticed, and the nameless one is hidden.
    """
    found = []
    for row, person in enumerate(crowd.people):
        if person.name or person.certain_on is None:
            continue
        track, episode = person.certain_on
        stretch = crowd.stretches.get(track)
        if stretch is None or stretch.episode != episode:
            continue
        column = crowd.column(track)
        there = crowd.belief[:, column]
        elsewhere = crowd.belief[row].sum() - there[row]
        likeliest = max((r for r, p in enumerate(crowd.people) if p.name), key=there.item, default=None)
        if likeliest is None or there[likeliest] < GONE or elsewhere >= GONE:
            person.alike = ALIKE
            continue
        fit = None
        if (look := looks.get(track)) is not None:
            fit = witness.fit(person.id, look, now_s)
            person.alike += NEWEST * (fit - person.alike)
        if person.is_unlike:
            continue
        proven = bool(there[likeliest] >= CERTAIN) and fit is not None and min(fit, person.alike) >= 0.0
        either = min(float(there[row] + there[likeliest]), 1.0)
        found.append(Same(person.id, crowd.people[likeliest].id, track, either, proven))
    return tuple(found)


def held_back(people: Sequence[Standing], same: Same) -> list[Standing]:
    """As long as it is not proven the nameless one goes on standing there: it is that body in either case."""
    by_id = {p.person: p for p in people}
    nameless, member = by_id.get(same.nameless), by_id.get(same.member)
    there = {p.person for p in people if p.track == same.track}
    if nameless is None or member is None or not there <= {same.nameless, same.member}:
        return list(people)
    by_id[same.nameless] = replace(
        nameless,
        track=same.track,
        sure=same.sure,
        rival=0.0,
        absent=1.0 - same.sure,
        reason=nameless.reason if nameless.track == same.track else "may have a name",
    )
    if member.track == same.track:
        by_id[same.member] = replace(member, track=None, sure=0.0, rival=member.sure)
    return list(by_id.values())

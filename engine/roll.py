"""Who is who: where every known person is believed to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one known person is believed to be.

    Attributes:
        person: id, never used again for anybody else; not a track id.
        name: of an enrolled person; empty for somebody anonymous.
        track: the likeliest of the tracks; None when all of them are unlikely. No two people stand on one.
        sure: how probable that is, 0 to 1.
        rival: how probable the likeliest other track is.
        absent: how probable it is that they are none of the tracks.
        reason: in a few words, what the belief rests on or why it is low, as shown to the user.
    """

    person: int
    name: str
    track: int | None
    sure: float
    rival: float
    absent: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Roll:
    """Who is who: everybody known, ordered by person id.

    Attributes:
        same: by the id of somebody nameless who turned out to be somebody known, who that is.
    """

    time_s: float
    people: tuple[Standing, ...] = ()
    same: Mapping[int, int] = field(default_factory=dict)

    def find(self, person: int | None) -> Standing | None:
        """How that person stands, also under an id they had before; None when nobody has that id."""
        person = self.now_known_as(person)
        return next((p for p in self.people if p.person == person), None)

    def now_known_as(self, person: int | None) -> int | None:
        """The id under which that person goes by now."""
        return None if person is None else self.same.get(person, person)

    def on_track(self, track: int | None) -> Standing | None:
        """The person who stands on that track; None when nobody does."""
        if track is None:
            return None
        return next((p for p in self.people if p.track == track), None)

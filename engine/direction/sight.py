"""What can be said at one picture of where a chosen person is: the tracks and the roll put together."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.people import Track, Tracks
from engine.roll import Roll, Standing

#: A box in front that hides at least this share of another is named as what hides it.
HIDES_NORM = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """Where the chosen person may be.

    Attributes:
        standing: how the roster sees them; None when it does not know them.
        track: the likeliest track, when it still exists.
        sure: how probable it is that they are ``track``; 0 without one.
        absent: how probable it is that they are no track at all.
        candidates: tracks that may be they and are surely nobody else, the likeliest first.
    """

    standing: Standing | None
    track: Track | None
    sure: float
    absent: float
    candidates: tuple[Track, ...]


def sight_of(person: int, tracks: Tracks, roll: Roll, sure_norm: float) -> Sight:
    """What ``tracks`` and ``roll`` say of ``person``.

    Args:
        sure_norm: from here on it counts as sure that somebody else stands on a track.
    """
    standing = roll.find(person)
    if standing is None:
        return Sight(None, None, 0.0, 1.0, ())
    track = tracks.find(standing.track)
    sure = _share(standing.sure) if track is not None else 0.0
    absent = _share(standing.absent)
    if standing.track is not None and track is None:
        absent += _share(standing.sure)  # the track has ended since
    others = {p.track: _share(p.sure) for p in roll.people if p.person != person}
    rest = [t for t in tracks.items if t is not track and others.get(t.id, 0.0) < sure_norm]
    if track is None:
        return Sight(standing, None, 0.0, min(absent, 1.0), tuple(rest))
    middle = track.box.center
    rest.sort(key=lambda t: t.box.center.distance(middle))
    return Sight(standing, track, sure, min(absent, 1.0), (track, *rest))


def hider(track: Track, tracks: Tracks, roll: Roll) -> str:
    """Who stands in front of ``track``, as "Mina" or "person 4"; empty when nobody does."""
    best, best_norm = None, HIDES_NORM
    for other in tracks.items:
        if other.id == track.id or other.box.y1 < track.box.y1:
            continue
        norm = track.box.intersection(other.box).area / max(track.box.area, 1.0)
        if norm >= best_norm:
            best, best_norm = other, norm
    if best is None:
        return ""
    standing = roll.on_track(best.id)
    if standing is None:
        return "somebody"
    return standing.name or f"person {standing.person}"


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0) if math.isfinite(value) else 0.0

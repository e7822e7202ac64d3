"""Why somebody is believed to stand where they stand, in words a user understands."""

from __future__ import annotations

from engine.identity.person import Person, Stretch

#: How long something that happened is still given as the reason.
RECENT_S = 3.0
#: Belief below which what made it low is named before what speaks for it.
DOUBTFUL = 0.8


def reason(person: Person, stretch: Stretch | None, other: int | None, sure: float, now_s: float) -> str:
    """A few words.

    Args:
        stretch: of the track the person stands on; None when they stand on none.
        other: the person on the track it may have been exchanged with.
        sure: belief in that track.
    """
    if stretch is None:
        if person.place is None:
            return "not seen yet"
        return f"out of sight {max(now_s - person.place.time_s, 0.0):.1f} s"
    if now_s - person.claimed_s <= RECENT_S:
        return "chosen by you"
    if sure < DOUBTFUL and other is not None and other != person.id:
        return f"crossed person {other} {now_s - stretch.doubt_s:.1f} s ago"
    unseen_s = now_s - stretch.seen_s
    if unseen_s > 0.0:
        return f"out of sight {unseen_s:.1f} s"
    if now_s - person.face_s <= RECENT_S:
        return "face"
    if now_s - person.body_s <= RECENT_S:
        return "clothes"
    return "followed" if sure >= DOUBTFUL else "may be somebody else"

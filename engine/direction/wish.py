"""What a request says: whom a View shall follow, and what the roster learns from it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.direction.choice import choose, named
from engine.direction.lock import Lock
from engine.direction.target import Claim, LockState, TargetKind, TargetRequest
from engine.errors import JikcamError
from engine.geometry import Size
from engine.people import Tracks
from engine.roll import Roll, Standing

#: Requests with which the user shows somebody; the rest only describe whom they wish for.
SHOWS = frozenset({TargetKind.POINT, TargetKind.BOX, TargetKind.INDEX, TargetKind.MEMBER})
#: In these a View misses its person, so that who is shown to it is that person.
MISSED = frozenset({LockState.OCCLUDED, LockState.UNSURE, LockState.LOST})


@dataclass(frozen=True, slots=True)
class Wish:
    """A request, understood.

    Attributes:
        person: who is to be followed.
        shown_on: the track on which the user showed them; None when they were named or described.
        claim: what the roster must be told; None when the wish says nothing new to it.
    """

    person: int
    shown_on: int | None = None
    claim: Claim | None = None


def wish_of(request: TargetRequest, tracks_then: Tracks, roll: Roll, size: Size, lock: Lock) -> Wish:
    """Whom the user means by ``request``.

    Showing somebody who is surely another person means that person. Showing somebody of whom it is not sure
    who they are means the View's own person while it misses that one, and else whoever is likeliest there:
    the user knows more than the roster then. Nobody is missed who was to be seen beside them in the picture
    that the user was looking at; a View that has lost sight of them since does not change what was meant.

    Args:
        request: any kind but NONE.
        tracks_then: the people at the picture the user was looking at.
        roll: who is who now.
        size: of the source picture.
        lock: of the View.

    Raises:
        JikcamError: nobody fits.
    """
    if request.kind not in SHOWS or named(request, roll) is not None:
        return rule_of(request, tracks_then, roll, size, lock)
    track = choose(request, tracks_then, size, lock.present(roll))
    standing = standing_on(track, roll)
    if standing.sure >= lock.config.sure_norm:
        return Wish(standing.person, track)
    own = lock.person
    missed = lock.state in MISSED and not _seen_beside(own, track, tracks_then, roll, lock)
    person = own if own is not None and missed else standing.person
    return Wish(person, track, Claim(person, track))


def _seen_beside(person: int | None, track: int, tracks: Tracks, roll: Roll, lock: Lock) -> bool:
    """Whether ``person`` is surely somebody else than who is on ``track``, and was found no earlier there."""
    standing, shown = roll.find(person), tracks.find(track)
    if standing is None or shown is None or standing.track == track:
        return False
    beside = tracks.find(standing.track)
    return beside is not None and standing.sure >= lock.config.sure_norm and beside.seen_s >= shown.seen_s


def rule_of(request: TargetRequest, tracks: Tracks, roll: Roll, size: Size, lock: Lock) -> Wish:
    """Whom ``request`` means as a rule or a description: the largest, the next, the one who stands there.

    Of somebody without a name no more is known than what is seen, so that it is they who stand there; the
    roster is told. But nobody gets a name on a guess by being the next.

    Arguments and errors as of ``wish_of``.
    """
    if (standing := named(request, roll)) is not None:
        return Wish(standing.person)
    track = choose(request, tracks, size, lock.present(roll))
    standing = standing_on(track, roll)
    if standing.name or standing.sure >= lock.config.sure_norm:
        return Wish(standing.person)
    return Wish(standing.person, track, Claim(standing.person, track))


def previewed(request: TargetRequest, tracks_then: Tracks, roll: Roll, size: Size, lock: Lock) -> Wish:
    """Whom the user means to show next by ``request``.

    Showing somebody never means the View's own person only because it misses that one.

    Arguments and errors as of ``wish_of``.
    """
    if request.kind not in SHOWS or named(request, roll) is not None:
        return rule_of(request, tracks_then, roll, size, lock)
    track = choose(request, tracks_then, size, lock.present(roll))
    standing = standing_on(track, roll)
    sure = standing.sure >= lock.config.sure_norm
    return Wish(standing.person, track, None if sure else Claim(standing.person, track))


def claimed(request: TargetRequest, tracks_then: Tracks, roll: Roll, size: Size, lock: Lock) -> Wish:
    """The View's own person is the one whom ``request`` (POINT or BOX) shows, whatever the roster says.

    Raises:
        JikcamError: the View follows nobody, or nobody fits.
    """
    own = lock.person
    if own is None:
        raise JikcamError("this View follows nobody yet", "choose a person first")
    track = choose(request, tracks_then, size, lock.present(roll))
    standing_on(track, roll)
    return Wish(own, track, Claim(own, track))


def standing_on(track: int, roll: Roll) -> Standing:
    """Who stands on ``track``.

    Raises:
        JikcamError: nobody does; the track has ended since the user looked.
    """
    standing = roll.on_track(track)
    if standing is None:
        raise JikcamError("that person has just gone out of sight", "choose again")
    return standing

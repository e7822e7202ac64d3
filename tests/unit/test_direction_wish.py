"""What the user says by showing somebody, and that it takes effect at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.direction.lock import LockConfig
from engine.direction.target import Claim, LockState, TargetKind, TargetRequest
from engine.direction.view import ViewDirector
from engine.errors import JikcamError
from engine.geometry import Box, Point
from engine.people import Tracks
from engine.roll import Roll, Standing
from tests.unit.direction_dancer import SOURCE, at, dancer, roll, standing
from tests.unit.test_direction_view import DT, view

#: Tracks 11 to 13 stand from left to right at these places.
PLACES = {11: 400.0, 12: 960.0, 13: 1500.0}


def scene(t: float, *people: Standing, seen: tuple[int, ...] = (11, 12, 13)) -> tuple[Tracks, Roll]:
    tracks = [dancer(x, 800, 400, id=i, time_s=t) for i, x in PLACES.items() if i in seen]
    return at(t, *tracks), roll(t, *people)


def sure(*people: tuple[int, int], name: str = "") -> list[Standing]:
    return [standing(person, track, 0.95, name=name) for person, track in people]


def click(track: int) -> TargetRequest:
    return TargetRequest(TargetKind.POINT, point=Point(PLACES[track], 600))


def drawn(track: int) -> TargetRequest:
    x = PLACES[track]
    return TargetRequest(TargetKind.BOX, box=Box(x - 70, 400, x + 70, 800))


def number(track: int) -> TargetRequest:
    return TargetRequest(TargetKind.INDEX, number=track - 10)


def member(track: int) -> TargetRequest:
    return TargetRequest(TargetKind.MEMBER, number=track - 10)


SHOWING = pytest.mark.parametrize("shows", [click, drawn, number, member])


def following(own: LockState = LockState.HELD) -> ViewDirector:
    """Person 1 of track 11 was chosen; now the lock stands as ``own`` says."""
    director = ViewDirector(view(target=TargetRequest(TargetKind.LEFTMOST)), SOURCE)
    everybody = sure((1, 11), (2, 12), (3, 13))
    for k in range(30):
        director.step(*scene(k * DT, *everybody), DT)
    others = (standing(2, 12, 0.55), standing(3, 13, 0.95))
    tracks, people = scene(1.0, *everybody)
    if own is LockState.UNSURE:
        tracks, people = scene(1.0, standing(1, 11, 0.5, rival=0.5), *others)
    elif own is LockState.LOST:
        tracks, people = scene(1.0, standing(1, None, 0.0, absent=1.0), *others, seen=(12, 13))
    elif own is LockState.OCCLUDED:
        hidden = dancer(400, 800, 400, id=11, time_s=1.0, covered=0.95)
        tracks = at(1.0, hidden, *tracks.items[1:])
    assert director.step(tracks, people, DT).lock.state is own
    return director


@SHOWING
def test_who_is_surely_somebody_else_is_switched_to(shows: Callable[[int], TargetRequest]) -> None:
    for own in (LockState.HELD, LockState.UNSURE, LockState.LOST, LockState.OCCLUDED):
        director = following(own)
        now = scene(1.1, standing(1, 11, 0.5), *sure((2, 12), (3, 13)))
        assert director.request(shows(13), *now) is None
        report = director.step(*now, DT).lock
        assert (report.person, report.state) == (3, LockState.HELD)


@SHOWING
@pytest.mark.parametrize("own", [LockState.UNSURE, LockState.LOST, LockState.OCCLUDED])
def test_who_is_not_sure_is_the_views_own_person_while_it_misses_them(
    own: LockState, shows: Callable[[int], TargetRequest]
) -> None:
    director = following(own)
    now = scene(1.1, standing(1, 11, 0.5), standing(2, 12, 0.55), *sure((3, 13)))
    assert director.request(shows(12), *now) == Claim(1, 12)
    believed = scene(1.1, standing(1, 12, 0.95), standing(2, 11, 0.5), *sure((3, 13)))
    report = director.step(*believed, DT).lock
    assert (report.person, report.state) == (1, LockState.HELD)
    assert report.track is not None and report.track.id == 12


@SHOWING
def test_who_was_seen_beside_the_chosen_one_is_not_the_chosen_one(
    shows: Callable[[int], TargetRequest],
) -> None:
    """The View has lost sight of its person only since the picture on which was clicked."""
    for own in (LockState.UNSURE, LockState.OCCLUDED):
        director = following(own)
        tracks_then, _ = scene(0.9, *sure((1, 11), (2, 12), (3, 13)))
        now = scene(1.1, *sure((1, 11)), standing(2, 12, 0.55), *sure((3, 13)))[1]
        assert director.request(shows(12), tracks_then, now) == Claim(2, 12)


@SHOWING
def test_who_is_seen_while_the_chosen_one_is_not_may_be_the_chosen_one(
    shows: Callable[[int], TargetRequest],
) -> None:
    """However sure the roster is of the place where nobody was found."""
    director = following(LockState.OCCLUDED)
    seen, _ = scene(0.9, *sure((2, 12), (3, 13)), seen=(12, 13))
    hidden = dancer(PLACES[11], 800, 400, id=11, time_s=0.9, seen_s=0.6)
    now = scene(1.1, *sure((1, 11)), standing(2, 12, 0.55), *sure((3, 13)))[1]
    assert director.request(shows(12), at(0.9, hidden, *seen.items), now) == Claim(1, 12)


@SHOWING
def test_who_is_not_sure_is_else_whoever_is_likeliest_there(shows: Callable[[int], TargetRequest]) -> None:
    director = following()
    now = scene(1.1, *sure((1, 11)), standing(2, 12, 0.55), *sure((3, 13)))
    assert director.request(shows(12), *now) == Claim(2, 12)
    believed = scene(1.1, *sure((1, 11), (2, 12), (3, 13)))
    report = director.step(*believed, DT).lock
    assert (report.person, report.state) == (2, LockState.HELD)


def test_a_roster_that_does_not_believe_the_user_puts_nobody_on_air() -> None:
    director = following(LockState.LOST)
    now = scene(1.1, standing(1, None, 0.0, absent=1.0), standing(2, 12, 0.55), *sure((3, 13)))
    assert director.request(click(12), *now) == Claim(1, 12)
    assert director.step(*now, DT).lock.state is LockState.LOST


@pytest.mark.parametrize("kind", [TargetKind.NEXT, TargetKind.PREVIOUS, TargetKind.LARGEST])
def test_nobody_gets_a_name_by_being_next(kind: TargetKind) -> None:
    director = following()
    guesses = (standing(2, 12, 0.55, name="Mina"), standing(3, 13, 0.55, name="Momo"))
    now = scene(1.1, *sure((1, 11)), *guesses)
    assert director.request(TargetRequest(kind), *now) is None
    report = director.step(*now, DT).lock
    assert report.state is (LockState.HELD if report.person == 1 else LockState.UNSURE)


@pytest.mark.parametrize(("kind", "claim"), [("next", Claim(2, 12)), ("rightmost", Claim(3, 13))])
def test_who_has_no_name_is_whoever_stands_there(kind: str, claim: Claim) -> None:
    director = following()
    now = scene(1.1, *sure((1, 11)), standing(2, 12, 0.55), standing(3, 13, 0.45))
    assert director.request(TargetRequest(TargetKind(kind)), *now) == claim
    believed = scene(1.1, *sure((1, 11), (2, 12), (3, 13)))
    assert director.step(*believed, DT).lock.state is LockState.HELD


@pytest.mark.parametrize(("name", "claim"), [("", Claim(7, 13)), ("Mina", None)])
def test_a_rule_that_chooses_anew_says_so_of_who_has_no_name(name: str, claim: Claim | None) -> None:
    """The one on stage has left; somebody comes who may be they or not."""
    rightmost = TargetRequest(TargetKind.RIGHTMOST)
    director = ViewDirector(view(target=rightmost, lock=LockConfig(reselect=True)), SOURCE)
    for k in range(30):
        assert director.step(*scene(k * DT, *sure((1, 12)), seen=(12,)), DT).claim is None
    gone = standing(1, None, 0.0, rival=0.45, absent=0.55)
    now = scene(1.0, gone, standing(7, 13, 0.55, name=name), seen=(13,))
    direction = director.step(*now, DT)
    assert (direction.claim, direction.lock.person) == (claim, 7)
    states = [director.step(*scene(1 + k * DT, gone, *sure((7, 13)), seen=(13,)), DT) for k in range(1, 20)]
    assert states[-1].lock.state is LockState.HELD and all(d.claim is None for d in states)


def test_next_is_counted_from_where_the_person_is_believed() -> None:
    director = following()
    now = scene(1.1, *sure((1, 12), (2, 11), (3, 13)))
    director.request(TargetRequest(TargetKind.NEXT), *now)
    assert director.person == 3


def test_a_member_is_meant_by_number_and_name_though_hidden() -> None:
    for request in (TargetRequest(TargetKind.MEMBER, number=2), TargetRequest(TargetKind.NAME, name="Momo")):
        director = following()
        here = (*sure((1, 11)), *sure((2, 12), name="Ida"), *sure((3, 13)))
        now = scene(1.1, *here, standing(9, None, 0.0, absent=1.0, name="Momo"))
        assert director.request(request, *now) is None
        assert director.step(*now, DT).lock.person == 9


def test_pointing_at_the_held_person_changes_nothing() -> None:
    director = following()
    before = director.step(*scene(1.1, *sure((1, 11), (2, 12), (3, 13))), DT)
    now = scene(1.2, *sure((1, 11), (2, 12), (3, 13)))
    assert director.request(click(11), *now) is None
    after = director.step(*now, DT)
    assert after.lock.for_s > before.lock.for_s


def test_thats_them_holds_whatever_the_roster_says() -> None:
    for own in (LockState.HELD, LockState.UNSURE, LockState.LOST):
        director = following(own)
        now = scene(1.1, *sure((1, 11), (2, 12), (3, 13)))
        assert director.claim(click(13), *now) == Claim(1, 13)
        report = director.step(*scene(1.1, *sure((1, 13), (2, 12), (3, 11))), DT).lock
        assert (report.person, report.state) == (1, LockState.HELD)
        assert report.track is not None and report.track.id == 13


def test_thats_them_needs_a_person_and_somebody_there() -> None:
    director = ViewDirector(view(target=TargetRequest(TargetKind.NONE)), SOURCE)
    now = scene(0.0, *sure((1, 11), (2, 12), (3, 13)))
    with pytest.raises(JikcamError, match="choose a person first"):
        director.claim(click(11), *now)
    director = following()
    with pytest.raises(JikcamError, match="nobody stands at"):
        director.claim(TargetRequest(TargetKind.POINT, point=Point(1, 1)), *now)


def test_a_track_that_has_ended_since_is_said_to_have() -> None:
    director = following()
    then, now = scene(1.0)[0], roll(1.1, *sure((1, 11), (2, 12)))
    for ask in (director.request, director.claim):
        with pytest.raises(JikcamError, match="just gone out of sight; choose again"):
            ask(click(13), then, now)
    assert director.person == 1


@pytest.mark.parametrize(("name", "again"), [("", True), ("Mina", False)])
def test_a_rule_does_not_wait_for_ever_for_somebody_without_a_name(name: str, again: bool) -> None:
    """Alone on stage, away for a while; the roster can't tell whether it is they who come back."""
    director = ViewDirector(view(lock=LockConfig(reselect=True)), SOURCE)
    for k in range(30):
        director.step(*scene(k * DT, *sure((1, 12), name=name), seen=(12,)), DT)
    claims = []
    for k in range(30, 150):
        believed = standing(1, 13, 0.95 if claims else 0.58, absent=0.42, name=name)
        direction = director.step(*scene(k * DT, believed, seen=(13,)), DT)
        claims += [direction.claim] if direction.claim else []
    assert claims == ([Claim(1, 13)] if again else [])
    assert direction.lock.state is (LockState.HELD if again else LockState.UNSURE)


def test_a_rule_does_not_leave_somebody_with_a_name_who_is_in_doubt() -> None:
    rightmost = TargetRequest(TargetKind.RIGHTMOST)
    director = ViewDirector(view(target=rightmost, lock=LockConfig(reselect=True)), SOURCE)
    for k in range(150):
        mina = standing(1, 11, 0.95 if k < 30 else 0.6, name="Mina")
        seen = (11,) if k < 30 else (11, 12)
        direction = director.step(*scene(k * DT, mina, standing(2, 12, 0.95), seen=seen), DT)
    assert (direction.lock.person, direction.lock.state) == (1, LockState.HELD)
    for k in range(150, 300):
        mina = standing(1, 11, 0.5, name="Mina")
        direction = director.step(*scene(k * DT, mina, standing(2, 12, 0.95), seen=(11, 12)), DT)
    assert (direction.lock.person, direction.lock.state) == (1, LockState.UNSURE)

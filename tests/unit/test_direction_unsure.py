"""What a viewer sees while it is not sure who the chosen person is."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.direction.lock import LockConfig
from engine.direction.lost import LostConfig, amid
from engine.direction.target import LockState, TargetKind, TargetRequest
from engine.direction.view import Direction, ViewDirector
from engine.geometry import Box, Point, Shot, Size
from engine.people import Track, Tracks
from engine.roll import Roll
from tests.unit.direction_dancer import SOURCE, at, dancer, roll, standing
from tests.unit.test_direction_framing import assert_good
from tests.unit.test_direction_view import DT, TALL, WIDE, edge_jump, view

Scene = Callable[[float], tuple[Tracks, Roll]]
LEFTMOST = TargetRequest(TargetKind.LEFTMOST)


def sure_of(sure: float, x: float = 700.0, other_x: float = 900.0, **left: float) -> Scene:
    """Person 1 on track 11 and person 2 on track 12, both so surely."""

    def scene(t: float) -> tuple[Tracks, Roll]:
        people = [
            dancer(x, 800, 400, id=11, time_s=t, **left),  # type: ignore[arg-type]
            dancer(other_x, 820, 400, id=12, time_s=t),
        ]
        return at(t, *people), roll(
            t, standing(1, 11, sure, rival=1 - sure), standing(2, 12, sure, rival=1 - sure)
        )

    return scene


def play(director: ViewDirector, scene: Scene, start_s: float, end_s: float) -> list[Direction]:
    """Steps at 30 fps; no picture jumps."""
    out: list[Direction] = []
    for k in range(round(start_s / DT), round(end_s / DT)):
        out.append(director.step(*scene(k * DT), DT).due[-1])
        assert_good(out[-1].shot, SOURCE, director.config.framing.aspect)
    assert all(edge_jump(a.shot, b.shot) <= 0.04 * SOURCE.width for a, b in pairwise(out))
    return out


def following(output: Size = WIDE, **values: object) -> ViewDirector:
    """Follows person 1, at the left, since 0 s; it is 2 s now."""
    director = ViewDirector(view(output, target=LEFTMOST, **values), SOURCE)
    assert play(director, sure_of(0.95), 0, 2)[-1].lock.state is LockState.HELD
    return director


def holds(shot: Shot, track: Track, share: float = 0.9) -> bool:
    """Nearly all of that person is in the shot."""
    return shot.box.intersection(track.box).area >= share * track.box.area


def test_a_short_doubt_changes_nothing() -> None:
    director = following()
    close = play(director, sure_of(0.95), 2, 2.1)[-1].shot
    shots = [d.shot for d in play(director, sure_of(0.5), 2.1, 2.35)]
    back = play(director, sure_of(0.9), 2.35, 5)
    shots += [d.shot for d in back]
    assert back[0].lock.state is LockState.FOUND and back[-1].lock.state is LockState.HELD
    assert max(s.height for s in shots) < 1.01 * close.height
    assert max(edge_jump(close, s) for s in shots) < 15


@pytest.mark.parametrize("output", [TALL, WIDE])
def test_doubt_widens_smoothly_until_all_who_may_be_the_person_are_in_the_picture(output: Size) -> None:
    director = following(output)
    close = play(director, sure_of(0.95), 2, 2.1)[-1].shot
    unsure = play(director, sure_of(0.5), 2.1, 5)
    assert {d.lock.state for d in unsure} == {LockState.UNSURE}
    heights = [d.shot.height for d in unsure]
    assert max(heights[: round(0.28 / DT)]) < 1.01 * close.height, "a moment of doubt rests"
    assert heights[round(1.0 / DT)] > 1.2 * close.height, "and no more than a moment"
    assert heights[-1] > 0.999 * Shot.widest(SOURCE, output.aspect).height
    assert heights == sorted(heights)
    people = sure_of(0.5)(4.9)[0].items
    assert all(holds(unsure[-1].shot, t, 0.8) for t in people)


def test_found_stays_wide_and_held_comes_back() -> None:
    director = following()
    wide = play(director, sure_of(0.5), 2, 5)[-1].shot
    back = play(director, sure_of(0.95), 5, 8)
    found = [d for d in back if d.lock.state is LockState.FOUND]
    assert len(found) * DT == pytest.approx(LockConfig().confirm_s, abs=0.05)
    assert all(d.shot == wide for d in found)
    assert back[-1].shot.height < 0.7 * wide.height
    assert holds(back[-1].shot, sure_of(1.0)(8)[0].items[0])


@pytest.mark.parametrize("output", [TALL, WIDE])
@pytest.mark.parametrize("belief", [0.5, 0.58, 0.95])
def test_while_hidden_by_somebody_the_picture_rests_and_then_widens(output: Size, belief: float) -> None:
    """R4, whatever the roster makes of it meanwhile."""
    director = following(output)
    before = play(director, sure_of(0.95), 2, 2.1)[-1].shot

    def hidden(t: float) -> tuple[Tracks, Roll]:
        return sure_of(belief, other_x=640 + 60 * t, seen_s=2.1, covered=0.95)(t)

    shown = play(director, hidden, 2.1, 6)
    for d in shown[: round(1.0 / DT)]:
        assert math.hypot(d.shot.cx - before.cx, d.shot.cy - before.cy) < 60
        assert d.lock.person == 1 and d.lock.state is not LockState.HELD
    assert shown[round(2.8 / DT)].shot.height > 0.95 * Shot.widest(SOURCE, output.aspect).height


def test_while_a_crossing_hides_half_of_somebody_the_picture_waits_for_its_end() -> None:
    director = following()
    close = play(director, sure_of(0.95), 2, 2.1)[-1].shot
    shown = play(director, sure_of(0.45, covered=0.6), 2.1, 6)
    assert {d.lock.state for d in shown} == {LockState.UNSURE}
    crossing = [d.shot for d in shown]
    assert max(s.height for s in crossing[: round(1.2 / DT)]) < 1.01 * close.height
    assert crossing[-1].height > 1.5 * close.height, "but not for ever"


@pytest.mark.parametrize(
    ("candidates", "place", "x"),
    [
        ((), None, None),
        ((), 300, 300),
        ((500,), None, 500),
        ((500, 700), None, 600),  # both fit
        ((500, 1500), None, 500),  # the likeliest, when they do not
        ((500, 1500, 700), None, 600),
        ((500,), 600, 537),  # where they were, too: from the likeliest's left edge to there
        ((500,), 1500, 500),
    ],
)
def test_the_middle_of_the_wide_picture(
    candidates: tuple[float, ...], place: float | None, x: float | None
) -> None:
    tracks = tuple(dancer(c, 800, 400, id=i) for i, c in enumerate(candidates))
    where = None if place is None else Point(place, 600)
    middle = amid(tracks, where, Shot.widest(SOURCE, TALL.aspect))
    if x is None:
        assert middle is None
    else:
        assert middle is not None and middle.x == pytest.approx(x, abs=30)


def test_an_upright_picture_stays_with_the_likeliest_while_unsure() -> None:
    """Its widest shot is a third of the stage."""
    director = following(TALL)
    play(director, sure_of(0.5), 2, 5)

    def walks(t: float) -> tuple[Tracks, Roll]:
        return sure_of(0.5, x=700 + 220 * (t - 5), other_x=200)(t)

    for d in play(director, walks, 5, 9):
        (likeliest, *_) = d.lock.candidates
        assert likeliest.id == 11 and d.shot.box.x0 < likeliest.box.center.x + 150
    assert d.shot.box.contains(likeliest.box.center)


def test_then_hold_rests_whatever_happens() -> None:
    director = following(lost=LostConfig(then="hold"))
    close = play(director, sure_of(0.95), 2, 2.1)[-1].shot
    assert max(edge_jump(close, d.shot) for d in play(director, sure_of(0.5), 2.1, 6)) < 15


def test_somebody_who_is_not_there_is_waited_for_in_the_wide_picture() -> None:
    director = following()

    def only_two(t: float) -> tuple[Tracks, Roll]:
        mina = standing(7, None, 0.0, absent=1.0, name="Mina")
        return sure_of(0.95)(t)[0], roll(t, *sure_of(0.95)(t)[1].people, mina)

    assert director.request(TargetRequest(TargetKind.NAME, name="mina"), *only_two(2)) is None
    waits = play(director, only_two, 2, 4)
    assert {d.lock.state for d in waits} == {LockState.LOST} and waits[-1].lock.person == 7
    assert waits[-1].shot == Shot.widest(SOURCE, WIDE.aspect), "what rested there would be somebody else"

    def comes(t: float) -> tuple[Tracks, Roll]:
        tracks, people = only_two(t)
        mina = dancer(1500, 800, 400, id=30, time_s=t)
        here = (*people.people[:2], standing(7, 30, 0.9, name="Mina"))
        return at(t, *tracks.items, mina), roll(t, *here)

    arrives = play(director, comes, 4, 7)
    states = [d.lock.state for d in arrives]
    assert states[0] is LockState.FOUND and states[-1] is LockState.HELD
    first = states.index(LockState.HELD)
    assert edge_jump(arrives[first - 1].shot, arrives[first].shot) < 5, "eased from the start"


@pytest.mark.parametrize("target", [TargetKind.NAME, TargetKind.MEMBER])
def test_a_start_up_name_waits_until_there_is_such_a_person(target: TargetKind) -> None:
    request = TargetRequest(target, number=1, name="Mina")
    director = ViewDirector(view(target=request), SOURCE)
    if target is TargetKind.NAME:
        assert play(director, sure_of(0.95), 0, 1)[-1].lock.state is LockState.NOBODY

    def named(t: float) -> tuple[Tracks, Roll]:
        return sure_of(0.95)(t)[0], roll(t, standing(1, 11), standing(2, 12, name="Mina"))

    last = play(director, named, 1, 3)[-1].lock
    assert (last.person, last.state) == (2, LockState.HELD)


def test_the_same_person_on_another_track_is_travelled_to() -> None:
    director = following()
    near = play(director, sure_of(0.95), 2, 2.1)[-1].shot

    def other(t: float) -> tuple[Tracks, Roll]:
        return sure_of(0.95)(t)[0], roll(t, standing(1, 12, 0.95), standing(2, 11, 0.95))

    shown = play(director, other, 2.1, 5)
    assert shown[-1].lock.state is LockState.HELD and abs(shown[-1].shot.cx - 900) < 60
    assert edge_jump(shown[round(0.3 / DT)].shot, near) < 15, "not before it was made sure"


beliefs = st.tuples(
    st.sampled_from([0.0, 0.5, 0.6, 0.85, 1.0]),
    st.sampled_from([11, 12, None]),
    st.floats(0, 1920),
    st.sampled_from(["", "", "next", "name", "point", "claim"]),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(beliefs, min_size=2, max_size=8),
    st.sampled_from([TALL, WIDE, Size(720, 720)]),
    st.sampled_from(["wide", "hold", "center"]),
)
def test_whatever_the_roster_believes_no_picture_jumps(
    script: list[tuple[float, int | None, float, str]], output: Size, then: str
) -> None:
    director = ViewDirector(view(output, lost=LostConfig(hold_s=0.2, then=then)), SOURCE)
    shots: list[Shot] = []
    box = Box(0.0, 0.0, 1.0, 1.0)
    for i in range(len(script) * 20):
        t = i * DT
        sure, track, x, wish = script[i // 20]
        tracks = at(t, dancer(x, 800, 400, id=11, time_s=t), dancer(1920 - x, 900, 500, id=12, time_s=t))
        other = 11 if track == 12 else 12
        people = roll(t, standing(1, track, sure, absent=1 - sure, name="Mina"), standing(2, other, 0.9))
        box = tracks.items[1].box
        if wish and i % 20 == 7 and (wish != "claim" or director.person is not None):
            shown = TargetRequest(TargetKind.POINT, point=box.center)
            if wish == "claim":
                director.claim(shown, tracks, people)
            elif wish == "point":
                if people.on_track(12) is not None:
                    director.request(shown, tracks, people)
            elif wish == "next":
                if people.on_track(11) is not None:
                    director.request(TargetRequest(TargetKind.NEXT), tracks, people)
            else:
                director.request(TargetRequest(TargetKind.NAME, name="Mina"), tracks, people)
        shots.append(director.step(tracks, people, DT).due[-1].shot)
        assert_good(shots[-1], SOURCE, output.aspect)
    assert all(edge_jump(a, b) <= 0.04 * SOURCE.width for a, b in pairwise(shots))

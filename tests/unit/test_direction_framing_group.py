"""Group shots: who is in, how seldom that changes, how smoothly; everybody for the lost policy."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.direction.framing import Framed, Framer, FramingConfig, frame_group, frame_person
from engine.geometry import Box, Shot, Size
from engine.people import Track
from tests.unit.direction_dancer import SOURCE, at, dancer
from tests.unit.test_direction_framing import TALL, WIDE, assert_good, assert_kept, config

FPS = pytest.mark.parametrize("fps", [15, 30, 60])
SQUARE = Size(720, 720)


def play(
    framing: FramingConfig, people: Callable[[float], Sequence[Track]], seconds: float, fps: float = 30
) -> list[Framed]:
    """Every picture of that long round person 1; asserts what must always hold."""
    framer, out = Framer(SOURCE, Size(round(720 * framing.aspect), 720), framing), []
    for k in range(round(seconds * fps) + 1):
        tracks = at(k / fps, *people(k / fps))
        chosen = tracks.find(1)
        assert chosen is not None
        framed = framer.step(chosen, 1 / fps, tracks)
        assert_good(framed.shot, SOURCE, framing.aspect)
        assert_kept(framed, SOURCE)
        out.append(framed)
    return out


def has(framed: Framed, x: float, height: float = 400, ground: float = 800) -> bool:
    """Head, feet and shoulders of a dancer standing there are in the shot."""
    body = Box(x - 0.15 * height, ground - height, x + 0.15 * height, ground)
    box = framed.shot.box
    return box.union(body) == box


def standing(*xs: float, t: float = 0.0) -> list[Track]:
    """People 400 px high, seen at ``t``."""
    return [dancer(x, 800, 400, id=i, time_s=t) for i, x in enumerate(xs, 1)]


@pytest.mark.parametrize("skeleton", [True, False])
@pytest.mark.parametrize("output", [WIDE, SQUARE])
def test_who_fits_is_in_and_the_far_one_is_left_out(output: Size, skeleton: bool) -> None:
    height = 240.0 if output == WIDE else 400.0
    people = [
        dancer(x, 800, height, id=i, skeleton=skeleton) for i, x in enumerate((500.0, 760.0, 1850.0), 1)
    ]
    framed = Framer(SOURCE, output, config(output, shot="group")).step(people[0], 0.0, at(0.0, *people))
    assert has(framed, 500, height) and has(framed, 760, height) and not has(framed, 1850, height)
    assert framed.shot.cx == pytest.approx(630, abs=25)
    assert framed.keep.x0 < 470 and framed.keep.x1 > 770


def test_alone_or_without_neighbours_it_is_a_full_shot() -> None:
    me = dancer(960, 800, 500)
    full = frame_person(me, SOURCE, WIDE, config(WIDE, hands="off"))
    framing = config(WIDE, shot="group", hands="off")
    for tracks in (None, at(0.0, me)):
        shot = Framer(SOURCE, WIDE, framing).step(me, 0.0, tracks).shot
        assert shot.height == pytest.approx(full.height, rel=0.05)
        assert shot.cx == pytest.approx(full.cx, abs=2) and shot.cy == pytest.approx(full.cy, abs=15)


def test_the_nearest_comes_first_when_only_one_fits() -> None:
    people = standing(960, 960 - 620, 960 + 300)
    framed = Framer(SOURCE, SQUARE, config(SQUARE, shot="group")).step(people[0], 0.0, at(0.0, *people))
    assert has(framed, 1260) and not has(framed, 340)


def test_head_room_and_margin_hold_for_the_tallest_and_the_lowest() -> None:
    people = [dancer(800, 700, 400, id=1), dancer(1100, 900, 560, id=2)]
    framed = Framer(SOURCE, WIDE, config(WIDE, shot="group")).step(people[0], 0.0, at(0.0, *people))
    box = framed.shot.box
    assert 300 - box.y0 >= 0.079 * framed.shot.height
    assert box.y1 - 900 >= 0.079 * framed.shot.height


@FPS
def test_somebody_who_comes_is_taken_in_smoothly_and_let_go_smoothly(fps: int) -> None:
    def people(t: float) -> list[Track]:
        """The other comes from 1200 px away to 260, stays, and goes again."""
        near = min(max(t - 1, 0.0) / 3, 1.0) - min(max(t - 7, 0.0) / 3, 1.0)
        return standing(500, 1700 - 940 * near, t=t)

    shown = play(config(SQUARE, shot="group"), people, 14, fps)
    assert not has(shown[fps], 1700)
    assert has(shown[round(5.5 * fps)], 760) and shown[round(5.5 * fps)].keep.x1 > 760
    assert not has(shown[-1], 1700)
    assert shown[-1].shot.height == pytest.approx(shown[0].shot.height, rel=0.02)
    assert shown[-1].shot.cx == pytest.approx(shown[0].shot.cx, abs=10)
    for before, after in pairwise(shown):
        assert abs(after.shot.cx - before.shot.cx) * fps < 0.6 * after.shot.width
        assert abs(math.log(after.shot.height / before.shot.height)) * fps < 0.9


@FPS
@pytest.mark.parametrize("hz", [0.3, 1.0, 4.0])
def test_membership_does_not_flip_flop_on_the_border(fps: int, hz: float) -> None:
    """Somebody sways about the place where they just fit into the widest shot."""

    def people(t: float) -> list[Track]:
        return standing(500, 500 + 790 + 90 * math.sin(math.tau * hz * t), t=t)

    shown = play(config(SQUARE, shot="group"), people, 12, fps)
    inside = [f.keep.x1 > 900 for f in shown]
    changes = [k / fps for k, (a, b) in enumerate(pairwise(inside)) if a != b]
    assert len(changes) <= (8 if hz < 1 else 1)
    # Two changes a second apart at least; somebody who goes is out of ``keep`` at once, who comes is in late.
    assert all(c - a > 1.9 for a, c in zip(changes, changes[2:], strict=False))


def test_sway_at_the_edge_of_the_group_hardly_zooms() -> None:
    def people(t: float) -> list[Track]:
        return standing(500, 1000 + 60 * math.sin(math.tau * t), t=t)

    shown = play(config(SQUARE, shot="group", hands="off"), people, 6)[60:]
    assert max(f.shot.height for f in shown) < 1.08 * min(f.shot.height for f in shown)


def test_many_changes_at_once_come_one_a_second() -> None:
    def people(t: float) -> list[Track]:
        return standing(960, *((700, 1200, 480) if t > 1 else ()), t=t)

    shown = play(config(WIDE, shot="group"), people, 6)
    times = sorted(
        next(k / 30 for k, f in enumerate(shown) if f.keep.x0 < x < f.keep.x1) for x in (700, 1200, 480)
    )
    assert times[1] - times[0] > 0.9 and times[2] - times[1] > 0.9 and times[2] < 5.5


def test_a_member_who_is_hidden_for_a_moment_keeps_the_place() -> None:
    def people(t: float) -> list[Track]:
        return standing(600, 900, t=t) if not 2 < t < 2.8 else standing(600, t=t)

    shown = play(config(WIDE, shot="group"), people, 5)
    assert max(f.shot.height for f in shown) < 1.01 * min(f.shot.height for f in shown)
    assert max(f.shot.cx for f in shown) - min(f.shot.cx for f in shown) < 2


def test_a_member_the_tracker_only_guesses_leaves_after_a_second() -> None:
    def people(t: float) -> list[Track]:
        return [*standing(600, t=t), dancer(1000, 800, 400, id=2, seen_s=min(t, 2.0))]

    shown = play(config(WIDE, shot="group"), people, 8)
    assert shown[75].shot.cx == pytest.approx(800, abs=5) and shown[75].keep.x1 > 1000
    assert shown[-1].shot.cx == pytest.approx(600, abs=20) and shown[-1].keep.x1 < 1000


def test_the_chosen_person_stays_the_subject() -> None:
    """Somebody far off fits into the widest shot, but the chosen person would be lost in it."""
    people = [dancer(300, 800, 200, id=1), dancer(1800, 800, 200, id=2)]
    framed = Framer(SOURCE, WIDE, config(WIDE, shot="group")).step(people[0], 0.0, at(0.0, *people))
    assert framed.shot.height < 3.2 * 200 and not has(framed, 1800, 200)


def test_required_hands_leave_room_for_everybodys_arms() -> None:
    people = standing(800, 1100)
    framing = config(WIDE, shot="group", hands="required")
    box = Framer(SOURCE, WIDE, framing).step(people[0], 0.0, at(0.0, *people)).shot.box
    assert box.x0 <= 800 - 0.561 * 400 and box.x1 >= 1100 + 0.561 * 400


@pytest.mark.parametrize("output", [WIDE, SQUARE, TALL])
def test_everybody_is_shown_where_they_fit(output: Size) -> None:
    people = standing(800, 1000, 900)
    shot = frame_group(people, SOURCE, output, config(output))
    assert_good(shot, SOURCE, output.aspect)
    assert all(has(Framed(shot, shot.box), x) for x in (800, 900, 1000))


def test_as_many_as_fit_are_shown_where_not_all_do() -> None:
    people = standing(100, 1400, 1500, 1700)
    shot = frame_group(people, SOURCE, TALL, config(TALL))
    assert all(has(Framed(shot, shot.box), x) for x in (1400, 1500))
    assert frame_group([], SOURCE, TALL, config(TALL)) == Shot.widest(SOURCE, TALL.aspect)


NUMBERS = st.floats(allow_nan=True, allow_infinity=True, width=32) | st.floats(-500, 3000, width=32)


@settings(max_examples=80, deadline=None)
@given(
    boxes=st.lists(st.lists(NUMBERS, min_size=4, max_size=4), max_size=5),
    aspect=st.floats(0.1, 10.0),
    source=st.sampled_from([SOURCE, Size(640, 480), Size(90, 160), Size(3840, 2160)]),
)
def test_whoever_is_there_the_shot_is_good(boxes: list[list[float]], aspect: float, source: Size) -> None:
    people = [Track(i, Box(*edges), 0, 0, 0.9, 0, 0) for i, edges in enumerate(boxes, 2)]
    me = Track(1, Box(20, 30, 60, 85), 0, 0, 0.9, 0, 0)
    framing = FramingConfig(aspect=aspect, shot="group")
    output = Size(640, max(2, round(640 / aspect)))
    assert_good(frame_group([me, *people], source, output, framing), source, aspect)
    framer = Framer(source, output, framing)
    for k in range(3):
        framed = framer.step(me, 0.5, at(0.5 * k, me, *people[k:]))
        assert_good(framed.shot, source, aspect)
        assert_kept(framed, source)

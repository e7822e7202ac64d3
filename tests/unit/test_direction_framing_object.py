"""Subject and object: a ball stays in the picture with the person where both fit (R39)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from engine.direction.framing import Framed, Framer, FramingConfig
from engine.geometry import Box, Size
from engine.people import DetectedObject
from tests.unit.direction_dancer import SOURCE, at, dancer
from tests.unit.test_direction_framing import TALL, WIDE, assert_good, assert_kept, config

HEIGHT = 350.0
#: Of somebody of 1.75 m.
METRE = HEIGHT / 1.75
Things = tuple[DetectedObject, ...]


def ball(x: float, y: float = 780.0, score: float = 0.8, label: str = "sports ball") -> DetectedObject:
    return DetectedObject(label, Box.from_center(x, y, 0.24 * METRE, 0.24 * METRE), score)


def play(
    framing: FramingConfig,
    things: Callable[[float], Things],
    seconds: float,
    fps: float = 30,
    x: Callable[[float], float] = lambda t: 960.0,
) -> list[Framed]:
    """Every picture of that long; asserts what must always hold."""
    framer, out = Framer(SOURCE, Size(round(720 * framing.aspect), 720), framing), []
    for k in range(round(seconds * fps) + 1):
        t = k / fps
        track = dancer(x(t), 800, HEIGHT, time_s=t)
        framed = framer.step(track, 1 / fps, replace(at(t, track), objects=things(t)))
        assert_good(framed.shot, SOURCE, framing.aspect)
        assert_kept(framed, SOURCE)
        out.append(framed)
    return out


def shows(framed: Framed, box: Box) -> bool:
    return framed.shot.box.union(box) == framed.shot.box


def with_ball(output: Size, **values: object) -> FramingConfig:
    return config(output, object_label="sports ball", **values)


@pytest.mark.parametrize("output", [WIDE, Size(720, 720), TALL])
@pytest.mark.parametrize("shot", ["full", "upper", "chest", "group"])
@pytest.mark.parametrize("fps", [15, 30, 60])
def test_a_ball_two_metres_away_stays_in_the_picture(output: Size, shot: str, fps: int) -> None:
    """It bounces and rolls to and fro between one and two metres off."""

    def things(t: float) -> Things:
        x = 960 + METRE * (1.5 + 0.5 * math.sin(math.tau * 0.2 * t))
        return (ball(x, 780 - 0.7 * METRE * abs(math.sin(math.tau * 0.7 * t))),)

    shown = play(with_ball(output, shot=shot), things, 8, fps)
    head = Box(960 - 20, 800 - HEIGHT, 960 + 20, 800 - 0.85 * HEIGHT)
    both = [shows(f, things(k / fps)[0].box) and shows(f, head) for k, f in enumerate(shown)]
    assert sum(both) >= 0.95 * len(both)
    assert sum(f.keep.x1 > 960 + 0.5 * METRE for f in shown) >= 0.95 * len(shown)


def test_a_bouncing_ball_does_not_pump() -> None:
    def things(t: float) -> Things:
        return (ball(960 + 1.5 * METRE, 780 - 2.2 * METRE * abs(math.sin(math.tau * 0.6 * t))),)

    settled = play(with_ball(WIDE, shot="upper"), things, 8)[60:]
    assert max(f.shot.height for f in settled) < 1.06 * min(f.shot.height for f in settled)


def test_the_person_wins_when_the_ball_is_too_far() -> None:
    alone = play(with_ball(TALL), lambda t: (), 3)[-1]
    far = play(with_ball(TALL), lambda t: (ball(1800),), 3)[-1]
    assert far.shot == alone.shot
    assert far.keep == alone.keep


def test_a_ball_on_the_border_of_too_far_is_not_taken_and_dropped_in_turn() -> None:
    def things(t: float) -> Things:
        return (ball(960 + (468 + 12 * math.sin(math.tau * t) if t > 1 else 400)),)

    shown = play(with_ball(TALL), things, 10)
    near = [f.keep.x1 > 1200 for f in shown]
    assert near[0] and not near[-1]
    assert sum(a != b for a, b in pairwise(near)) == 1


def test_a_ball_missing_for_a_moment_keeps_its_place_and_is_then_let_go_slowly() -> None:
    there = ball(960 + 2 * METRE)
    shown = play(with_ball(WIDE), lambda t: (there,) if t < 2 or t > 2.9 else (), 2.9)
    assert shows(shown[-1], there.box)
    shown = play(with_ball(WIDE), lambda t: (there,) if t < 2 else (), 14)
    assert shows(shown[90], there.box) and not shows(shown[-1], there.box)
    alone = play(with_ball(WIDE), lambda t: (), 1)[-1]
    assert shown[-1].shot.height == pytest.approx(alone.shot.height, rel=0.02)
    for before, after in pairwise(shown[60:]):
        assert abs(after.shot.cx - before.shot.cx) < 0.02 * after.shot.width
        assert abs(math.log(after.shot.height / before.shot.height)) < 0.02


def test_a_missing_ball_stays_where_it_was_while_the_person_walks_away() -> None:
    there = ball(960 + METRE)
    shown = play(
        with_ball(WIDE, hands="off"),
        lambda t: (there,) if t < 2 else (),
        2.9,
        x=lambda t: 960 - 250 * max(t - 2, 0.0),
    )
    assert all(shows(f, there.box) for f in shown)


def test_what_flickers_up_once_or_is_of_another_kind_counts_for_nothing() -> None:
    alone = play(with_ball(WIDE), lambda t: (), 3)
    flicker = play(with_ball(WIDE), lambda t: (ball(1400),) if 1 < t < 1.1 else (), 3)
    other = play(with_ball(WIDE), lambda t: (ball(1400, label="dog"),), 3)
    for a, b, c in zip(alone, flicker, other, strict=True):
        assert a.shot == b.shot == c.shot


def test_the_near_one_counts_and_stays_the_one() -> None:
    """Two balls either side; which is nearer changes by a little all the time."""

    def things(t: float) -> Things:
        sway = 30 * math.sin(math.tau * t)
        return ball(960 - 1.5 * METRE + sway), ball(960 + 1.6 * METRE + sway)

    shown = play(with_ball(WIDE, shot="upper", hands="off"), things, 6)[30:]
    assert all(f.keep.x0 < 960 - 1.3 * METRE and f.keep.x1 < 960 + METRE for f in shown)
    assert max(f.shot.cx for f in shown) - min(f.shot.cx for f in shown) < 0.05 * shown[0].shot.width


def test_another_ball_takes_over_when_it_is_much_nearer() -> None:
    def things(t: float) -> Things:
        return (ball(960 - 3.6 * METRE), *((ball(960 + METRE),) if t > 2 else ()))

    shown = play(with_ball(WIDE), things, 8)
    assert shown[45].keep.x0 < 960 - 3 * METRE
    assert shown[-1].keep.x0 > 900 and shown[-1].keep.x1 > 960 + METRE


def test_hands_and_headroom_stay_with_a_ball() -> None:
    shown = play(with_ball(WIDE, hands="required"), lambda t: (ball(960 + 2 * METRE),), 3)[-1]
    box = shown.shot.box
    assert box.x0 <= 960 - 0.55 * HEIGHT
    assert 800 - HEIGHT - box.y0 >= 0.07 * shown.shot.height


def test_without_a_label_things_are_not_looked_at() -> None:
    with_it = play(config(WIDE), lambda t: (ball(1300),), 1)
    without = play(config(WIDE), lambda t: (), 1)
    assert [f.shot for f in with_it] == [f.shot for f in without]

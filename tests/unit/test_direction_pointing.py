"""Whom a place in the picture shows: bodies, the front ones over those behind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.direction.pointing import SLACK_NORM, person_at
from engine.geometry import Box, Point
from engine.people import Joint, Skeleton, Track
from tests.unit.direction_dancer import STANDING, dancer

BACK = dancer(960, 900, 600, id=1)
FRONT = dancer(1000, 960, 700, id=2)


def at(*people: Track, x: float, y: float, time_s: float = 0.0) -> int | None:
    found = person_at(people, Point(x, y), time_s)
    return found.id if found else None


def middle(track: Track, a: Joint, b: Joint) -> tuple[float, float]:
    assert track.skeleton is not None
    point = track.skeleton.middle(a, b)
    assert point is not None
    return point.x, point.y


def test_the_body_in_front_hides_the_one_behind_though_that_one_is_nearer_to_its_middle() -> None:
    x, y = BACK.box.center.x, BACK.box.center.y
    assert at(BACK, x=x, y=y) == 1
    assert at(BACK, FRONT, x=x, y=y) == at(FRONT, BACK, x=x, y=y) == 2


def test_between_the_legs_of_the_one_in_front_is_the_one_behind() -> None:
    wide = {Joint.LEFT_KNEE: (0.16, 0.28), Joint.RIGHT_KNEE: (-0.16, 0.28)}
    wide |= {Joint.LEFT_ANKLE: (0.22, 0.04), Joint.RIGHT_ANKLE: (-0.22, 0.04)}
    front = dancer(1000, 960, 700, id=2, pose=wide)
    back = dancer(1010, 900, 600, id=1)
    x, y = middle(back, Joint.LEFT_KNEE, Joint.LEFT_ANKLE)
    assert abs(x - front.box.center.x) < front.box.width / 2
    assert at(front, x=x, y=y) == 2
    assert at(front, back, x=x, y=y) == 1


def test_a_head_over_the_shoulder_of_the_one_in_front() -> None:
    back = dancer(1090, 940, 700, id=1)
    x, y = middle(back, Joint.LEFT_EAR, Joint.RIGHT_EAR)
    assert at(back, FRONT, x=x, y=y) == 1
    assert FRONT.box.scaled(1.1).contains(Point(x, y))


def test_an_arm_across_somebody_does_not_take_the_click() -> None:
    """It is thin, it moves, and nobody means an arm."""
    reaching = {Joint.LEFT_ELBOW: (0.28, 0.72), Joint.LEFT_WRIST: (0.42, 0.72)}
    front = dancer(800, 960, 700, id=2, pose=reaching)
    back = dancer(1060, 900, 700, id=1)
    x, y = middle(front, Joint.LEFT_ELBOW, Joint.LEFT_WRIST)
    assert abs(x - back.box.center.x) < 40
    assert at(front, x=x, y=y) == 2
    assert at(front, back, x=x, y=y) == 1


def test_who_is_not_seen_hides_nobody() -> None:
    ghost = dancer(980, 960, 700, id=2, time_s=9.0, seen_s=8.4, skeleton=False)
    seen = dancer(960, 900, 600, id=1, time_s=9.0)
    x, y = seen.box.center.x, seen.box.center.y
    assert at(ghost, seen, x=x, y=y, time_s=9.0) == 1
    assert at(ghost, x=x, y=y, time_s=9.0) == 2
    there = replace(ghost, seen_s=9.0)
    assert at(there, seen, x=x, y=y, time_s=9.0) == 2


def test_without_joints_the_outline_has_to_do() -> None:
    left, right = dancer(900, 900, 600, id=1, skeleton=False), dancer(1000, 905, 600, id=2, skeleton=False)
    assert at(left, right, x=890, y=600) == 1
    assert at(left, right, x=1010, y=600) == 2


def test_an_outline_cut_by_the_edge_is_not_the_height_of_the_body() -> None:
    """Only down to the hips in the picture: arms and trunk are as thick as those of a whole body."""
    whole = dancer(960, 1500, 1000, id=1)
    cut = replace(whole, box=Box(whole.box.x0, whole.box.y0, whole.box.x1, 1080.0))
    back = dancer(1000, 1070, 500, id=2)
    # Beside the middle of the trunk, where one half as high would be no more.
    assert at(cut, back, x=1000 + 20, y=1000) == at(whole, back, x=1000 + 20, y=1000) == 1


@pytest.mark.parametrize(("dx", "who"), [(0.0, 1), (0.9 * SLACK_NORM, 1), (1.1 * SLACK_NORM, None)])
def test_a_little_beside_somebody_is_that_one_and_farther_off_nobody(dx: float, who: int | None) -> None:
    box = BACK.box
    assert at(BACK, x=box.x1 + dx * box.width, y=box.center.y) == who


def test_nobody_is_on_an_empty_stage() -> None:
    assert person_at([], Point(1, 1), 0.0) is None


numbers = st.floats(allow_nan=True, allow_infinity=True, width=32)


@given(
    st.lists(st.tuples(numbers, numbers), min_size=17, max_size=17),
    st.lists(st.sampled_from([0.0, 1.0]), min_size=17, max_size=17),
    st.floats(0, 1920),
    st.floats(0, 1080),
)
def test_broken_joints_never_break_a_click(
    places: list[tuple[float, float]], scores: list[float], x: float, y: float
) -> None:
    broken = Skeleton(np.array(places, np.float32), np.array(scores, np.float32))
    with np.errstate(all="ignore"):
        found = person_at([replace(BACK, skeleton=broken), FRONT], Point(x, y), 0.0)
    assert found is None or found.id in (1, 2)


def test_the_middle_of_everybody_standing_apart_is_they() -> None:
    row = [dancer(200 + 250 * k, 900 + 10 * k, 600, id=k, pose=dict(STANDING)) for k in range(1, 7)]
    for one in row:
        assert at(*row, x=one.box.center.x, y=one.box.center.y) == one.id

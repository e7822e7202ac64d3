"""The whole picture in a View of another aspect: the way there and back, and panic."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.direction.lost import LostConfig
from engine.direction.target import CameraMode
from engine.direction.view import ViewDirector
from engine.geometry import Shot, Size
from tests.unit.direction_dancer import SOURCE, at
from tests.unit.test_direction_view import DT, TALL, WIDE, edge_jump, gone_between, step, view

WHOLE = Shot.whole(SOURCE, TALL.aspect)
FULL = LostConfig(then="full")


def shown(director: ViewDirector, start_s: float, end_s: float, x: float = 700.0) -> list[Shot]:
    people = gone_between(2.0, 8.0, x)
    ks = range(round(start_s / DT), round(end_s / DT))
    return [step(director, at(k * DT, *people(k * DT))).shot for k in ks]


@pytest.mark.parametrize("x", [150.0, 700.0, 1850.0])
def test_lost_eases_to_the_whole_picture_and_back_without_a_jump(x: float) -> None:
    director = ViewDirector(view(TALL, lost=FULL), SOURCE)
    shots = shown(director, 0, 12, x)
    assert step(ViewDirector(view(TALL, lost=FULL), SOURCE), at(0.0)).shot == WHOLE, "nobody yet"
    assert shots[round(7 / DT)] == WHOLE
    assert shots[-1].inside(SOURCE) == shots[-1] and shots[-1].height < 600
    assert max(edge_jump(a, b) for a, b in pairwise(shots)) <= 0.04 * SOURCE.width
    for shot in shots:
        assert shot.box.x0 >= -1e-6 and shot.box.x1 <= SOURCE.width + 1e-6, "no bars at the sides"
        if shot.height <= SOURCE.height:
            assert shot.inside(SOURCE).box.iou(shot.box) > 1 - 1e-9


def test_panic_shows_the_whole_picture_too() -> None:
    director = ViewDirector(view(TALL, lost=FULL), SOURCE)
    shown(director, 0, 2)
    director.set_mode(CameraMode.WIDE)
    shots = shown(director, 2, 6)
    assert shots[-1] == WHOLE


def test_the_way_is_given_up_smoothly_when_the_policy_changes() -> None:
    director = ViewDirector(view(TALL, lost=FULL), SOURCE)
    before = shown(director, 0, 6)[-1]
    assert before == WHOLE
    director.reconfigure(view(TALL, lost=LostConfig(then="center")))
    after = shown(director, 6, 8)
    assert max(edge_jump(a, b) for a, b in pairwise([before, *after])) <= 0.04 * SOURCE.width
    assert after[-1] == Shot.widest(SOURCE, TALL.aspect)


def test_where_the_aspect_is_the_sources_full_is_wide() -> None:
    director = ViewDirector(view(WIDE, lost=FULL), SOURCE)
    assert step(director, at(0.0)).shot == Shot.widest(SOURCE, 16 / 9)


@given(
    st.floats(-3000, 3000),
    st.floats(-3000, 3000),
    st.floats(1, 9000),
    st.floats(0.1, 10),
    st.floats(0, 9000),
)
def test_a_shot_pushed_inside_lies_there_or_covers_all(
    cx: float, cy: float, height: float, aspect: float, tallest: float
) -> None:
    size = Size(1920, 1080)
    shot = Shot(cx, cy, height, aspect).inside(size, tallest)
    slack = 1e-6 * 9000
    for low, high, length in ((shot.box.x0, shot.box.x1, 1920), (shot.box.y0, shot.box.y1, 1080)):
        inside = low >= -slack and high <= length + slack
        covers = low <= slack and high >= length - slack
        assert inside or covers
    assert shot.aspect == aspect and shot.height <= height


def test_another_framing_while_nobody_is_there_leaves_the_whole_picture() -> None:
    director = ViewDirector(view(TALL, lost=FULL), SOURCE)
    assert shown(director, 0, 6)[-1] == WHOLE
    framing = replace(director.config.framing, shot="upper")
    director.reconfigure(replace(director.config, framing=framing))
    assert all(shot == WHOLE for shot in shown(director, 6, 7))

"""Boxes, aspects and shots: table tests and what must always hold."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import JikcamError
from engine.geometry import Box, Point, Shot, Size, parse_aspect

lengths = st.floats(-5000, 5000, allow_nan=False)
sizes = st.builds(Size, st.integers(16, 4096), st.integers(16, 4096))
aspects = st.floats(0.1, 10.0)


@pytest.mark.parametrize(
    ("text", "ratio"),
    [("16:9", 16 / 9), ("9:16", 9 / 16), ("1:1", 1.0), ("4:5", 0.8), ("1.37:1", 1.37), ("1.5", 1.5)],
)
def test_aspects_that_users_write(text: str, ratio: float) -> None:
    assert parse_aspect(text) == pytest.approx(ratio)


@pytest.mark.parametrize("text", ["", "wide", "16:0", "0:9", "100:1", "nan", "inf:1", "16:9:1", "-16:9"])
def test_bad_aspect_says_how_to_write_it(text: str) -> None:
    with pytest.raises(JikcamError, match="width:height"):
        parse_aspect(text)


@pytest.mark.parametrize(
    ("a", "b", "iou"),
    [
        (Box(0, 0, 10, 10), Box(0, 0, 10, 10), 1.0),
        (Box(0, 0, 10, 10), Box(5, 0, 15, 10), 1 / 3),
        (Box(0, 0, 10, 10), Box(20, 20, 30, 30), 0.0),
        (Box(0, 0, 0, 0), Box(0, 0, 0, 0), 0.0),
    ],
)
def test_iou(a: Box, b: Box, iou: float) -> None:
    assert a.iou(b) == pytest.approx(iou)
    assert b.iou(a) == pytest.approx(iou)


@given(lengths, lengths, st.floats(1, 1e6) | st.just(math.inf), aspects, sizes)
def test_a_shot_made_to_fit_lies_inside_and_keeps_its_aspect(
    cx: float, cy: float, height: float, aspect: float, size: Size
) -> None:
    shot = Shot(cx, cy, height, aspect).inside(size)
    slack = 1e-9 * max(size.width, size.height)
    assert shot.is_finite()
    assert shot.aspect == aspect
    assert shot.box.x0 >= -slack and shot.box.y0 >= -slack
    assert shot.box.x1 <= size.width + slack and shot.box.y1 <= size.height + slack
    assert shot.box.width / shot.box.height == pytest.approx(aspect, rel=1e-9)
    assert shot.inside(size).box.xyxy == pytest.approx(shot.box.xyxy)


@given(sizes, aspects)
def test_the_widest_shot_touches_two_sides(size: Size, aspect: float) -> None:
    shot = Shot.widest(size, aspect)
    assert shot.width == pytest.approx(size.width) or shot.height == pytest.approx(size.height)


def test_the_widest_shot_stays_near_the_wanted_centre() -> None:
    shot = Shot.widest(Size(1920, 1080), 9 / 16, Point(1900, 0))
    assert shot.box.x1 == pytest.approx(1920)
    assert shot.height == pytest.approx(1080)


@given(st.builds(Box, lengths, lengths, lengths, lengths), sizes)
def test_a_clipped_box_lies_inside(box: Box, size: Size) -> None:
    clipped = box.clipped(size)
    assert 0 <= clipped.x0 <= size.width and 0 <= clipped.x1 <= size.width
    assert 0 <= clipped.y0 <= size.height and 0 <= clipped.y1 <= size.height
    assert clipped.area <= max(box.area, 0) + 1e-6

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.geometry import Box, Size, boxes_array
from engine.perception.coverage import BEHIND, alone, body_quality, in_front

PICTURE = Size(1920, 1080)
NUMBER = st.floats(-500, 2500)
BOXES = st.lists(st.builds(lambda x, y, w, h: Box(x, y, x + abs(w), y + abs(h)), *[NUMBER] * 4), max_size=6)


def person(x: float, bottom: float, height: float = 400.0) -> Box:
    return Box.from_center(x, bottom - height / 2, 0.35 * height, height)


def test_whose_feet_are_lower_stands_in_front() -> None:
    back, front, level = person(500, 700), person(560, 760), person(620, 705)
    told = in_front(boxes_array([back, front, level]))
    assert told.tolist() == [[False, True, True], [False, False, False], [True, True, False]]


def test_who_is_in_front_is_alone_and_who_is_behind_is_not() -> None:
    back, front = person(500, 700), person(570, 760)
    shares = alone([back, front])
    common = back.intersection(front).area
    assert shares[0] == pytest.approx(1 - common / back.area, abs=0.06)
    assert shares[1] == pytest.approx(1 - BEHIND * common / front.area, abs=0.06)
    assert shares[0] < shares[1]


def test_two_neighbours_on_both_sides_take_together_not_twice() -> None:
    middle = person(500, 700)
    both = alone([middle, person(570, 760), person(570, 770)])[0]
    assert both == pytest.approx(alone([middle, person(570, 760)])[0], abs=1e-9)
    assert alone([middle, person(570, 760), person(430, 760)])[0] < both


def test_only_the_head_counts_when_only_the_head_is_asked() -> None:
    back, front = person(500, 700), person(540, 760, 250)
    heads = [Box(b.x0, b.y0, b.x1, b.y0 + 0.2 * b.height) for b in (back, front)]
    assert alone([back, front], heads)[0] == 1.0
    assert alone([back, front])[0] < 1.0


@pytest.mark.parametrize(
    ("box", "least", "most"),
    [
        (person(500, 700), 1.0, 1.0),
        (person(500, 1280), 0.4, 0.6),
        (Box(200, 300, 640, 740), 0.9, 1.0),
        (Box(200, 500, 1000, 700), 0.0, 0.0),
        (Box(200, 100, 230, 500), 0.0, 0.0),
        (Box(3000, 100, 3200, 500), 0.0, 0.0),
        (Box(300, 300, 300, 300), 0.0, 0.0),
    ],
    ids=["whole", "half below the edge", "arms spread", "lying", "a pole", "outside", "nothing"],
)
def test_a_body_is_good_when_it_is_whole_and_shaped_like_one(box: Box, least: float, most: float) -> None:
    assert least <= body_quality([box], PICTURE)[0] <= most


@given(BOXES)
def test_quality_is_a_share_whatever_the_boxes(boxes: list[Box]) -> None:
    quality = body_quality(boxes, PICTURE)
    assert quality.shape == (len(boxes),)
    assert np.isfinite(quality).all() and (quality >= 0).all() and (quality <= 1).all()


def test_boxes_that_are_not_finite_are_nobody() -> None:
    quality = body_quality([person(500, 700), Box(np.nan, 0, 10, 10)], PICTURE)
    assert quality.tolist() == [1.0, 0.0]


@given(BOXES, st.builds(person, st.floats(0, 1900), st.floats(400, 1080)))
def test_one_more_person_never_makes_anybody_more_alone(boxes: list[Box], one: Box) -> None:
    assert (alone([*boxes, one])[: len(boxes)] <= alone(boxes) + 1e-12).all()


def test_depth_by_feet_agrees_with_a_real_floor() -> None:
    """A camera 1.6 m up looks at a floor: who is nearer has lower feet in the picture, however tall."""
    rng = np.random.default_rng(5)
    focal, up_m, agree, pairs = 1000.0, 1.6, 0, 0
    for _ in range(200):
        depth = rng.uniform(3, 9, 2)
        tall = rng.normal(1.68, 0.09, 2)
        boxes = []
        for z, h in zip(depth, tall, strict=True):
            bottom = 540 + focal * up_m / z + rng.normal(0, 2)
            boxes.append(person(900 + rng.uniform(-40, 40), bottom, focal * h / z))
        told = in_front(boxes_array(boxes))
        if told[0, 1] != told[1, 0]:
            pairs += 1
            agree += bool(told[0, 1]) == bool(depth[1] < depth[0])
    assert pairs > 150 and agree / pairs >= 0.98

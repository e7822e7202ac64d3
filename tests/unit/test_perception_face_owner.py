from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.geometry import Box
from engine.people import Skeleton
from engine.perception.face_owner import head_area, owner
from engine.perception.protocols import Face
from tests.unit.perception_stage import FIGURE, figure


def face_of(box: Box) -> Face:
    """The face of the figure that fills ``box``."""
    at = FIGURE[[2, 1, 0]] * [box.width, box.height] + [box.center.x, box.center.y]
    eyes = float(np.hypot(*(at[1] - at[0])))
    mouth = at[:2] + np.array([0, 1.1 * eyes])
    points = np.concatenate([at, mouth]).astype(np.float32)
    middle = points.mean(axis=0)
    return Face(Box.from_center(*map(float, middle), 2.2 * eyes, 2.8 * eyes), points, 0.9)


def turned_away(skeleton: Skeleton) -> Skeleton:
    score = skeleton.score.copy()
    score[:3] = 0.1
    return Skeleton(skeleton.xy, score)


ONE = Box(600, 300, 760, 760)


def test_a_face_is_that_of_who_stands_there() -> None:
    assert owner(face_of(ONE), [ONE], [figure(ONE)]) == 0
    assert owner(face_of(ONE), [ONE], [None]) == 0


@pytest.mark.parametrize("apart", [0.3, 0.45, 0.6, 0.8])
@pytest.mark.parametrize("known", [(True, True), (True, False), (False, True), (False, False)])
def test_a_face_is_never_the_neighbours_however_close(apart: float, known: tuple[bool, bool]) -> None:
    """Two people whose boxes hold both heads: each face goes to its own, or to nobody."""
    other = ONE.shifted(apart * ONE.width, 12)
    boxes = [ONE, other]
    skeletons = [figure(box) if is_known else None for box, is_known in zip(boxes, known, strict=True)]
    for i, box in enumerate(boxes):
        whose = owner(face_of(box), boxes, skeletons)
        assert whose in (i, None)
        if known == (True, True):
            assert whose == i


def test_who_is_hidden_does_not_get_the_face_of_who_is_in_front() -> None:
    hidden = ONE.shifted(20, -25)
    assert owner(face_of(ONE), [hidden, ONE], [None, figure(ONE)]) == 1
    # Somebody nobody knows of stands in front: the hidden one's own head is elsewhere.
    assert owner(face_of(ONE), [ONE.shifted(60, -60)], [figure(ONE.shifted(60, -60))]) is None


def test_who_is_turned_away_shows_no_face() -> None:
    assert owner(face_of(ONE), [ONE], [turned_away(figure(ONE))]) is None


def test_two_that_claim_the_same_face_get_none() -> None:
    twin = ONE.shifted(2, 0)
    assert owner(face_of(ONE), [ONE, twin], [None, None]) is None
    assert owner(face_of(ONE), [ONE, twin], [figure(ONE), figure(twin)]) is None


def test_a_face_at_the_knees_or_over_the_edge_of_the_box_is_nobodys() -> None:
    face = face_of(ONE)
    low = Face(face.box.shifted(0, 300), face.points + np.float32([0, 300]), 0.9)
    beside = Face(face.box.shifted(95, 0), face.points + np.float32([95, 0]), 0.9)
    for one in (low, beside):
        assert owner(one, [ONE], [None]) is None
        assert owner(one, [ONE], [figure(ONE)]) is None
    assert owner(face, [], []) is None


@given(
    st.lists(
        st.tuples(*[st.floats(-200, 2100)] * 2, st.floats(0, 900), st.floats(0, 900), st.booleans()),
        max_size=5,
    ),
    st.floats(-100, 2000),
    st.floats(-100, 1100),
)
def test_an_owner_always_encloses_the_face(people: list, x: float, y: float) -> None:
    boxes = [Box(left, top, left + w, top + h) for left, top, w, h, _ in people]
    skeletons = [figure(box) if known else None for box, (*_, known) in zip(boxes, people, strict=True)]
    face = face_of(Box.from_center(x, y, 160, 460))
    whose = owner(face, boxes, skeletons)
    assert whose is None or boxes[whose].scaled(1.1).contains(face.box.center)


@given(st.floats(0, 1900), st.floats(0, 1000), st.floats(0, 900), st.floats(0, 1000), st.booleans())
def test_the_head_is_looked_for_where_a_head_is(x: float, y: float, w: float, h: float, known: bool) -> None:
    box = Box(x, y, x + w, y + h)
    area = head_area(box, figure(box) if known else None)
    assert area.is_finite() and area.width >= 0 and area.height >= 0
    assert max(area.width, area.height) <= 1.2 * max(w, h) + 1e-3
    if known and h > 40 and 0.25 * h < w < h:
        face = face_of(box)
        assert area.contains(face.box.center)
        assert face.box.intersection(area).area > 0.8 * face.box.area


def test_without_a_skeleton_the_top_of_the_box_is_searched() -> None:
    area = head_area(ONE)
    assert area.y0 < ONE.y0 and area.y1 < ONE.y0 + 0.5 * ONE.height
    bust = Box(100, 100, 400, 500)
    assert head_area(bust).height > 0.6 * bust.height

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.geometry import Box
from engine.people import Joint, Skeleton
from engine.perception.body_box import BodyBoxes
from tests.unit.perception_stage import figure

BOX = Box(500.0, 300.0, 620.0, 700.0)
LIMBS = [
    Joint.LEFT_WRIST,
    Joint.RIGHT_WRIST,
    Joint.LEFT_ELBOW,
    Joint.LEFT_ANKLE,
    Joint.RIGHT_ANKLE,
    Joint.NOSE,
]


def without(skeleton: Skeleton, joints: list[Joint]) -> Skeleton:
    """The skeleton with those joints lost, lying anywhere."""
    xy, score = skeleton.xy.copy(), skeleton.score.copy()
    xy[joints], score[joints] = 9999.0, 0.01
    return Skeleton(xy, score)


@pytest.fixture
def bodies() -> BodyBoxes:
    bodies = BodyBoxes()
    bodies.learn(1, BOX, figure(BOX))
    return bodies


def test_a_known_person_who_moved(bodies: BodyBoxes) -> None:
    placed = bodies.place(1, BOX, figure(BOX.shifted(35, -12)))
    assert placed is not None
    assert placed.xyxy == pytest.approx(BOX.shifted(35, -12).xyxy, abs=0.01)


@pytest.mark.parametrize("joint", LIMBS)
def test_a_joint_that_vanishes_moves_nothing(bodies: BodyBoxes, joint: Joint) -> None:
    placed = bodies.place(1, BOX, without(figure(BOX.shifted(35, -12)), [joint]))
    assert placed is not None
    assert placed.xyxy == pytest.approx(BOX.shifted(35, -12).xyxy, abs=0.01)


def test_a_costume_that_sticks_out_is_remembered() -> None:
    """A box much larger than the joints say stays so between detections."""
    wide = Box(440.0, 200.0, 680.0, 720.0)
    bodies = BodyBoxes()
    bodies.learn(1, wide, figure(BOX))
    placed = bodies.place(1, wide, figure(BOX.shifted(20, 0)))
    assert placed is not None and placed.xyxy == pytest.approx(wide.shifted(20, 0).xyxy, abs=0.01)


def test_an_arm_stretched_out_pulls_its_edge_a_little(bodies: BodyBoxes) -> None:
    skeleton = figure(BOX)
    skeleton.xy[Joint.LEFT_WRIST, 0] += 80
    placed = bodies.place(1, BOX, skeleton)
    assert placed is not None
    assert placed.x0 == pytest.approx(BOX.x0, abs=0.01)
    assert BOX.x1 + 1 < placed.x1 <= BOX.x1 + 0.12 * BOX.width


def test_a_stranger_is_placed_by_the_torso() -> None:
    placed = BodyBoxes().place(7, BOX, figure(BOX.shifted(50, 0)))
    assert placed is not None
    assert placed.iou(BOX.shifted(50, 0)) > 0.95
    assert (placed.width, placed.height) == (pytest.approx(120), pytest.approx(400))


def test_nobody_without_torso_and_head(bodies: BodyBoxes) -> None:
    assert bodies.place(1, BOX, without(figure(BOX), list(Joint)[:13])) is None


def test_a_head_alone_is_enough(bodies: BodyBoxes) -> None:
    placed = bodies.place(1, BOX, without(figure(BOX.shifted(9, 0)), list(Joint)[5:]))
    assert placed is not None and placed.iou(BOX.shifted(9, 0)) > 0.95


def test_taking_turns_does_not_pump() -> None:
    """Detector and skeleton disagree on what a box is; the box between detections is the detector's."""
    bodies, box, heights = BodyBoxes(), BOX, []
    for n in range(12):
        seen = figure(BOX.scaled(0.9).shifted(5 * n, 0))
        if n % 3 == 0:
            box = BOX.shifted(5 * n, 0)
            bodies.learn(1, box, seen)
        else:
            placed = bodies.place(1, box, seen)
            assert placed is not None
            box = placed
        heights.append(box.height)
        assert box.center.x == pytest.approx(BOX.center.x + 5 * n, abs=0.1)
    assert max(heights) - min(heights) < 0.5


def test_those_who_left_are_forgotten(bodies: BodyBoxes) -> None:
    bodies.keep_only({2})
    wide = bodies.place(1, BOX.scaled(2), figure(BOX))
    assert wide is not None and wide.width == pytest.approx(240)  # by the torso only: nothing is known


@settings(max_examples=60)
@given(
    st.lists(st.floats(-500, 2500, width=32), min_size=34, max_size=34),
    st.lists(st.floats(0, 1, width=32), min_size=17, max_size=17),
)
def test_never_nan_and_never_far_in_size(xy: list[float], score: list[float]) -> None:
    skeleton = Skeleton(np.array(xy, np.float32).reshape(17, 2), np.array(score, np.float32))
    bodies = BodyBoxes()
    for _ in range(2):
        placed = bodies.place(1, BOX, skeleton)
        if placed is not None:
            assert placed.is_finite()
            assert abs(placed.width / BOX.width - 1) <= 0.13 and abs(placed.height / BOX.height - 1) <= 0.13
        bodies.learn(1, BOX.shifted(3, 3), figure(BOX))

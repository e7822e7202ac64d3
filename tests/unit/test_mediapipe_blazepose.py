import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.geometry import Point, Size
from engine.people import Joint
from engine.perception.blazepose import COCO_FROM_BLAZE, COUNT, BlazePose
from engine.perception.mediapipe_regions import is_cut
from tests.unit.mediapipe_bodies import SIZE, body

#: The names of BlazePose's landmarks in MediaPipe's order.
NAMES = [
    *("nose", "left_eye_inner", "left_eye", "left_eye_outer"),
    *(
        "right_eye_inner",
        "right_eye",
        "right_eye_outer",
        "left_ear",
        "right_ear",
        "mouth_left",
        "mouth_right",
    ),
    *(
        f"{side}_{part}"
        for group in (
            ("shoulder", "elbow", "wrist", "pinky", "index", "thumb"),
            ("hip", "knee", "ankle", "heel", "foot_index"),
        )
        for part in group
        for side in ("left", "right")
    ),
]


@pytest.mark.parametrize("joint", list(Joint))
def test_every_coco_joint_comes_from_the_landmark_of_the_same_name(joint):
    assert len(NAMES) == COUNT
    assert NAMES[COCO_FROM_BLAZE[joint]] == joint.name.lower()


def test_the_skeleton_keeps_places_scores_and_all_world_points():
    world = np.random.default_rng(1).normal(size=(COUNT, 3)).astype(np.float32)
    pose = body(300, 400)
    skeleton = BlazePose(pose.xy, pose.score, world).skeleton()
    assert skeleton.xy.shape == (17, 2) and skeleton.xy.dtype == np.float32
    assert skeleton.world_m is not None and skeleton.world_m.shape == (COUNT, 3)
    wrist = skeleton.joint(Joint.RIGHT_WRIST)
    assert wrist == Point(*map(float, pose.xy[16]))


def test_the_box_reaches_above_the_eyes_to_the_crown_and_outside_of_the_shoulders():
    pose = body(600, 400, height=300)
    box = pose.box(SIZE)
    assert box is not None
    eyes_y, shoulders_y = pose.xy[2, 1], pose.xy[11, 1]
    assert box.y0 < eyes_y - 0.4 * (shoulders_y - eyes_y)
    assert box.x0 < pose.xy[:, 0].min() and box.x1 > pose.xy[:, 0].max()
    assert 280 < box.height < 340


def test_hidden_legs_do_not_stretch_the_box():
    whole, half = body(600, 400), body(600, 400, legs=0.05)
    whole_box, half_box = whole.box(SIZE), half.box(SIZE)
    assert whole_box is not None and half_box is not None
    assert half_box.height < 0.75 * whole_box.height
    assert half_box.y0 == pytest.approx(whole_box.y0)


def test_a_few_points_are_no_body():
    pose = body(600, 400)
    score = np.zeros(COUNT, np.float32)
    score[:5] = 1
    assert BlazePose(pose.xy, score).box(SIZE) is None


def test_an_upper_body_is_believed_but_less_than_the_whole():
    whole, half, ghost = body(600, 400), body(600, 400, legs=0.02), body(600, 400, others=0.3, legs=0.02)
    assert whole.confidence > half.confidence > 0.6 > ghost.confidence


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(np.float32, (COUNT, 2), elements=st.floats(-4000, 4000, width=32)),
    hnp.arrays(np.float32, (COUNT,), elements=st.floats(0, 1, width=32)),
)
def test_any_box_lies_inside_the_picture(xy, score):
    size = Size(640, 360)
    pose = BlazePose(xy, score)
    box = pose.box(size)
    assert 0 <= pose.confidence <= 1
    assert pose.scale_px >= 1
    if box is not None:
        assert box.is_finite() and box.area > 0
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= size.width and box.y1 <= size.height


def test_points_that_are_not_numbers_are_left_out():
    pose = body(600, 400)
    xy = pose.xy.copy()
    xy[20] = np.nan
    box = BlazePose(xy, pose.score).box(SIZE)
    assert box is not None and box.is_finite()


def test_cut_means_the_window_ends_where_the_picture_goes_on():
    pose = body(600, 400, height=300)
    whole = pose.box(SIZE)
    assert whole is not None
    assert not is_cut(pose, whole.scaled(1.5), SIZE)
    right_half = type(whole)(0, 0, 600, 720)
    assert is_cut(pose, right_half, SIZE)
    # at the picture's own edge nothing more is to be seen
    assert not is_cut(body(10, 400), type(whole)(0, 0, 720, 720), SIZE)

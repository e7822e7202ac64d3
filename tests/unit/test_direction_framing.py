from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.direction.framing import Framed, Framer, FramingConfig, frame_person
from engine.geometry import Box, Point, Shot, Size
from engine.people import DetectedObject, Joint, Skeleton, Track, Tracks
from tests.unit.direction_dancer import SOURCE, arms, dancer

TALL, WIDE = Size(720, 1280), Size(1280, 720)
OUTPUTS = pytest.mark.parametrize("output", [TALL, WIDE, Size(720, 720)])


def config(output: Size, **values: object) -> FramingConfig:
    return FramingConfig(aspect=output.aspect, max_upscale=8.0, **values)  # type: ignore[arg-type]


def joint(track: Track, j: Joint) -> Point:
    assert track.skeleton is not None
    point = track.skeleton.joint(j)
    assert point is not None
    return point


@OUTPUTS
@pytest.mark.parametrize("skeleton", [True, False])
def test_full_shot_has_head_and_feet_with_their_room(output: Size, skeleton: bool) -> None:
    track = dancer(height=600, ground=900, skeleton=skeleton)
    shot = frame_person(track, SOURCE, output, config(output))
    assert (300 - shot.box.y0) / shot.height == pytest.approx(0.08, abs=0.02)
    assert (shot.box.y1 - 900) / shot.height == pytest.approx(0.08, abs=0.02)
    assert shot.cx == pytest.approx(960, abs=2)


@OUTPUTS
def test_upper_shot_has_the_chest_in_the_middle(output: Size) -> None:
    track = dancer(height=700)
    shot = frame_person(track, SOURCE, output, config(output, shot="upper", hands="off"))
    chest = (joint(track, Joint.LEFT_SHOULDER).y + joint(track, Joint.LEFT_HIP).y) / 2
    assert abs(shot.cy - chest) < 0.02 * shot.height
    assert abs(shot.cx - 960) < 0.02 * shot.height
    assert shot.box.y0 < 250  # the head, 700 above the ground at 950


@OUTPUTS
def test_chest_shot_has_the_chest_in_the_middle_and_is_tighter_than_upper(output: Size) -> None:
    track = dancer(height=700)
    shot = frame_person(track, SOURCE, output, config(output, shot="chest", hands="off"))
    chest = (joint(track, Joint.LEFT_SHOULDER).y + joint(track, Joint.LEFT_HIP).y) / 2
    assert abs(shot.cy - chest) < 0.02 * shot.height
    assert abs(shot.cx - 960) < 0.02 * shot.height
    assert shot.box.y0 < 250 and joint(track, Joint.LEFT_HIP).y < shot.box.y1
    upper = frame_person(track, SOURCE, output, config(output, shot="upper", hands="off"))
    assert shot.height < 0.92 * upper.height


@OUTPUTS
def test_face_shot_has_the_eyes_in_the_middle_30_percent_down(output: Size) -> None:
    track = dancer(height=800, ground=1000)
    box = frame_person(track, SOURCE, output, config(output, shot="face")).box
    assert (960 - box.x0) / box.width == pytest.approx(0.5, abs=0.02)
    assert (joint(track, Joint.LEFT_EYE).y - box.y0) / box.height == pytest.approx(0.3, abs=0.02)


def test_wide_shot_is_as_much_as_there_is() -> None:
    assert frame_person(dancer(300), SOURCE, WIDE, config(WIDE, shot="wide")).height == 1080


@OUTPUTS
@pytest.mark.parametrize("skeleton", [True, False])
@pytest.mark.parametrize("angle", [math.pi / 2, 0.75 * math.pi, math.pi])
def test_a_raised_arm_hardly_moves_the_middle(output: Size, skeleton: bool, angle: float) -> None:
    framer = Framer(SOURCE, output, config(output))
    rest = dancer(height=450, ground=800, skeleton=skeleton)
    before = framer.step(rest, 0.0).shot
    for k in range(1, 31):
        pose = arms(min(k / 9, 1.0) * angle, 0.0)
        up = dancer(height=450, ground=800, pose=pose, skeleton=skeleton)
        after = framer.step(up, 1 / 30).shot
        assert abs(after.cx - before.cx) < (0.03 if skeleton else 0.14) * before.width
        if skeleton:
            assert abs(after.cy - before.cy) < 0.03 * before.width
    if angle == math.pi / 2:
        assert up.box.width > 1.6 * rest.box.width


@OUTPUTS
@pytest.mark.parametrize("hands", ["preferred", "required"])
def test_stretched_arms_are_inside_with_room_for_the_hand(output: Size, hands: str) -> None:
    framer = Framer(SOURCE, output, config(output, hands=hands))
    framer.step(dancer(height=450, ground=800), 0.0)
    for k in range(60):
        track = dancer(height=450, ground=800, pose=arms(math.pi / 2, math.pi / 2))
        box = framer.step(track, 1 / 30).shot.box
        if hands == "required" or k > 15:
            for j in (Joint.LEFT_WRIST, Joint.RIGHT_WRIST):
                assert box.x0 <= joint(track, j).x - 44 and joint(track, j).x + 44 <= box.x1


def test_without_a_skeleton_the_sides_of_the_box_are_inside() -> None:
    framer = Framer(SOURCE, TALL, config(TALL))
    for _ in range(30):
        track = dancer(height=450, ground=800, pose=arms(1.2, 1.2), skeleton=False)
        box = framer.step(track, 1 / 30).shot.box
    assert box.x0 <= track.box.x0 + 1 and track.box.x1 - 1 <= box.x1


def test_hands_off_keeps_the_size_whatever_the_arms_do() -> None:
    sizes = {
        round(
            frame_person(dancer(height=450, pose=arms(a, a)), SOURCE, TALL, config(TALL, hands="off")).height
        )
        for a in (0.0, math.pi / 2, math.pi)
    }
    assert len(sizes) == 1


def test_required_hands_leave_the_room_before_the_arms_rise() -> None:
    shots = [
        frame_person(
            dancer(height=450, ground=800, pose=arms(a, a)), SOURCE, TALL, config(TALL, hands="required")
        )
        for a in (0.0, math.pi / 2, math.pi)
    ]
    assert max(s.height for s in shots) < 1.03 * min(s.height for s in shots)


@pytest.mark.parametrize("shot", ["full", "upper"])
def test_losing_and_finding_the_skeleton_does_not_jump(shot: str) -> None:
    framer = Framer(SOURCE, TALL, config(TALL, shot=shot))
    last = framer.step(dancer(height=600), 0.0).shot
    for k in range(120):
        now = framer.step(dancer(height=600, skeleton=k % 20 < 10), 1 / 30).shot
        assert abs(now.cx - last.cx) < 0.01 * last.width
        assert abs(now.cy - last.cy) < 0.02 * last.height
        assert abs(math.log(now.height / last.height)) < 0.03
        last = now


@pytest.mark.parametrize("skeleton", [True, False])
def test_a_crouch_does_not_pump_the_zoom(skeleton: bool) -> None:
    framer = Framer(SOURCE, TALL, config(TALL, hands="off"))
    standing = framer.step(dancer(height=700, skeleton=skeleton), 0.0).shot
    # Hips half way down, knees out to the sides, as seen from the front.
    crouch = {j: (x * 1.6, y - 0.25) for j, (x, y) in _upper_body().items()}
    crouch |= {Joint.LEFT_KNEE: (0.25, 0.25), Joint.RIGHT_KNEE: (-0.25, 0.25)}
    for _ in range(24):
        shot = framer.step(dancer(height=700, pose=crouch, skeleton=skeleton), 1 / 30).shot
        assert abs(math.log(shot.height / standing.height)) < (0.10 if skeleton else 0.20)
        assert abs(shot.cy - standing.cy) < 0.04 * standing.height


def _upper_body() -> dict[Joint, tuple[float, float]]:
    from tests.unit.direction_dancer import STANDING

    return {j: v for j, v in STANDING.items() if j <= Joint.RIGHT_HIP}


def test_the_size_follows_somebody_who_comes_nearer() -> None:
    framer = Framer(SOURCE, WIDE, config(WIDE, hands="off"))
    for k in range(91):
        height = 400 * 1.6 ** (k / 90)
        shot = framer.step(dancer(height=height, ground=900), 1 / 30).shot
        assert abs(math.log(shot.height * 0.84 / height)) < 0.06


def test_no_more_upscaling_than_allowed_unless_the_source_is_too_small() -> None:
    far = dancer(height=200, ground=600)
    shot = frame_person(far, SOURCE, TALL, FramingConfig(aspect=TALL.aspect, max_upscale=2.0))
    assert shot.height == pytest.approx(1280 / 2)
    small = frame_person(far, Size(640, 360), TALL, FramingConfig(aspect=TALL.aspect, max_upscale=2.0))
    assert small.height == 360


def test_another_person_is_framed_anew() -> None:
    framer = Framer(SOURCE, TALL, config(TALL))
    framer.step(dancer(300, height=700, id=1), 0.0)
    other = dancer(1500, height=400, id=2)
    assert framer.step(other, 1 / 30).shot == frame_person(other, SOURCE, TALL, config(TALL))


NUMBERS = st.floats(allow_nan=True, allow_infinity=True, width=32) | st.floats(-500, 3000, width=32)


@settings(max_examples=120, deadline=None)
@given(
    edges=st.lists(NUMBERS, min_size=4, max_size=4),
    points=st.lists(NUMBERS, min_size=34, max_size=34),
    scores=st.lists(st.floats(0, 1, width=32), min_size=17, max_size=17),
    shot=st.sampled_from(["full", "upper", "chest", "face", "group", "wide"]),
    hands=st.sampled_from(["required", "preferred", "off"]),
    output=st.sampled_from([TALL, WIDE, Size(640, 640)]),
    source=st.sampled_from([SOURCE, Size(640, 480), Size(720, 1280)]),
)
def test_every_shot_is_finite_inside_and_of_exact_aspect(
    edges: list[float],
    points: list[float],
    scores: list[float],
    shot: str,
    hands: str,
    output: Size,
    source: Size,
) -> None:
    skeleton = Skeleton(np.array(points, np.float32).reshape(17, 2), np.array(scores, np.float32))
    framer = Framer(
        source, output, config(output, shot=shot, hands=hands, lead_norm=0.2, object_label="sports ball")
    )
    for box in (Box(200, 100, 400, 460), Box(*edges), Box(220, 100, 420, 460)):
        track = Track(1, box, 0, 0, 0.9, 0, 0, skeleton=skeleton)
        other = Track(2, Box(*edges[::-1]), 0, 0, 0.9, 0, 0, skeleton=skeleton)
        things = (DetectedObject("sports ball", Box(*edges), 0.5), DetectedObject("dog", box, 0.5))
        framed = framer.step(track, 1 / 30, Tracks(0.0, 0, (track, other), things))
        assert_good(framed.shot, source, output.aspect)
        assert_kept(framed, source)
        least = min(output.height / 8.0, Shot.widest(source, output.aspect).height)
        assert framed.shot.height >= least * (1 - 1e-9)  # never enlarged more than eight times


def assert_kept(framed: Framed, source: Size) -> None:
    """What must be kept is a real part of the source, and in the shot where it fits."""
    keep, box = framed.keep, framed.shot.box
    assert keep.is_finite() and keep.width > 0 and keep.height > 0
    assert keep == keep.clipped(source)
    widest = Shot.widest(source, framed.shot.aspect)
    if keep.width <= widest.width and keep.height <= widest.height:
        slack = 1e-6 * source.width
        assert box.x0 - slack <= keep.x0 and keep.x1 <= box.x1 + slack
        assert box.y0 - slack <= keep.y0 and keep.y1 <= box.y1 + slack


def assert_good(shot: Shot, source: Size, aspect: float) -> None:
    assert shot.is_finite()
    assert shot.aspect == aspect
    box, slack = shot.box, 1e-6 * source.width
    assert shot.height > 0
    assert box.x0 >= -slack and box.y0 >= -slack
    assert box.x1 <= source.width + slack and box.y1 <= source.height + slack

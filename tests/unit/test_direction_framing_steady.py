"""What stays the same while the person moves, comes, goes and turns; and what must never be cut."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from engine.direction.framing import Framed, Framer, FramingConfig, frame_person
from engine.geometry import Box, Shot, Size
from engine.people import Joint, Skeleton, Track
from tests.unit.direction_dancer import SOURCE, STANDING, arms, dancer, lying, rotated
from tests.unit.test_direction_framing import TALL, WIDE, assert_good, assert_kept, config, joint

FPS = pytest.mark.parametrize("fps", [15, 30, 60])


def play(
    framing: FramingConfig, people: Callable[[float], Track], seconds: float, fps: float = 30
) -> list[Framed]:
    """Every picture of that long; asserts what must always hold."""
    framer, out = Framer(SOURCE, Size(round(720 * framing.aspect), 720), framing), []
    for k in range(round(seconds * fps) + 1):
        framed = framer.step(people(k / fps), 1 / fps)
        assert_good(framed.shot, SOURCE, framing.aspect)
        assert_kept(framed, SOURCE)
        out.append(framed)
    return out


@FPS
@pytest.mark.parametrize(("end", "bound"), [(1.6, 0.06), (1 / 1.6, 0.09)])
def test_the_subject_keeps_its_size_coming_and_going(fps: int, end: float, bound: float) -> None:
    rng = np.random.default_rng(3)

    def height(t: float) -> float:
        return 500 * end ** (min(t, 3.0) / 3.0) / math.sqrt(end)

    shown = play(
        config(WIDE, hands="off"),
        lambda t: dancer(900, 900, height(t), noise_px=1.5, rng=rng),
        4.0,
        fps,
    )
    for k, framed in enumerate(shown):
        assert abs(math.log(0.84 * framed.shot.height / height(k / fps))) < bound


def test_a_bow_does_not_zoom() -> None:
    """The trunk points at the camera and looks half as long; legs stay."""
    bowed = {j: (x, 0.53 + (y - 0.53) * 0.5) for j, (x, y) in STANDING.items() if j <= Joint.RIGHT_WRIST}
    shown = play(
        config(TALL, hands="off"), lambda t: dancer(height=600, pose=bowed if 1 < t < 3 else None), 5.0
    )
    heights = [f.shot.height for f in shown]
    assert max(heights) < 1.04 * min(heights)


def test_legs_that_somebody_hides_do_not_zoom() -> None:
    def people(t: float) -> Track:
        whole = dancer(height=600, ground=900)
        if not 1 < t < 3:
            return whole
        assert whole.skeleton is not None
        score = whole.skeleton.score.copy()
        score[Joint.LEFT_KNEE :] = 0
        box = replace(whole.box, y1=650.0)
        return replace(whole, box=box, skeleton=Skeleton(whole.skeleton.xy, score))

    shown = play(config(TALL, hands="off"), people, 5.0)
    assert max(f.shot.height for f in shown) < 1.03 * min(f.shot.height for f in shown)
    assert max(f.shot.cy for f in shown) - min(f.shot.cy for f in shown) < 12


def test_a_jump_moves_the_picture_less_than_the_body() -> None:
    def people(t: float) -> Track:
        return dancer(height=500, ground=850 - 90 * max(math.sin(math.tau * t), 0.0))

    shown = play(config(TALL, hands="off"), people, 3.0)
    assert max(f.shot.cy for f in shown) - min(f.shot.cy for f in shown) < 0.6 * 90 + 50
    assert max(f.shot.height for f in shown) < 1.03 * min(f.shot.height for f in shown)


@pytest.mark.parametrize("shot", ["full", "upper", "chest", "face"])
@pytest.mark.parametrize("skeleton", [True, False])
@pytest.mark.parametrize("output", [TALL, WIDE])
def test_head_and_trunk_are_kept(shot: str, skeleton: bool, output: Size) -> None:
    track = dancer(height=600, ground=900, pose=arms(1.5, 0.2) if skeleton else None, skeleton=skeleton)
    framed = Framer(SOURCE, output, config(output, shot=shot)).step(track, 0.0)
    assert_kept(framed, SOURCE)
    head_top, hips, shoulders = 300.0, 900 - 0.53 * 600, (960 - 72, 960 + 72)
    assert head_top - 30 <= framed.keep.y0 <= head_top
    if shot == "face":
        assert framed.keep.height < 0.2 * 600
        return
    assert hips <= framed.keep.y1 < hips + 60
    assert shoulders[0] - 40 <= framed.keep.x0 <= shoulders[0]
    assert shoulders[1] <= framed.keep.x1 <= shoulders[1] + 40


@pytest.mark.parametrize("shot", ["full", "upper", "chest"])
def test_required_hands_are_kept_where_they_are(shot: str) -> None:
    track = dancer(height=450, ground=800, pose=arms(math.pi / 2, math.pi))
    framed = Framer(SOURCE, WIDE, config(WIDE, shot=shot, hands="required")).step(track, 0.0)
    assert_kept(framed, SOURCE)
    left, right = joint(track, Joint.LEFT_WRIST), joint(track, Joint.RIGHT_WRIST)
    assert framed.keep.x1 >= left.x + 45 and framed.keep.y0 <= right.y - 45


def test_ankles_beside_the_body_are_inside_a_full_shot() -> None:
    split = {
        Joint.LEFT_KNEE: (0.25, 0.3),
        Joint.LEFT_ANKLE: (0.45, 0.1),
        Joint.RIGHT_KNEE: (-0.25, 0.3),
        Joint.RIGHT_ANKLE: (-0.45, 0.1),
    }
    shown = play(config(TALL, hands="off"), lambda t: dancer(height=450, ground=800, pose=split), 1.0)
    for j in (Joint.LEFT_ANKLE, Joint.RIGHT_ANKLE):
        assert shown[-1].shot.box.scaled(0.97).contains(joint(dancer(height=450, ground=800, pose=split), j))


@pytest.mark.parametrize("output", [TALL, WIDE, Size(720, 720)])
@pytest.mark.parametrize("shot", ["full", "upper", "chest", "face", "group"])
@pytest.mark.parametrize("turn", [math.pi / 2, math.pi, -math.pi / 2])
def test_lying_and_upside_down_do_not_explode(output: Size, shot: str, turn: float) -> None:
    def people(t: float) -> Track:
        return rotated(dancer(960, 800, 500), turn * min(max(t - 1, 0.0) / 0.7, 1.0))

    shown = play(config(output, shot=shot), people, 4.0)
    start = shown[0].shot
    for before, after in pairwise(shown):
        assert abs(math.log(after.shot.height / before.shot.height)) < 0.35
    assert shown[-1].shot.height < 2.2 * start.height
    assert shown[-1].shot.height > 0.7 * start.height


def test_somebody_lying_from_the_start_is_inside() -> None:
    track = lying(dancer(960, 700, 500))
    shot = frame_person(track, SOURCE, WIDE, config(WIDE))
    for j in (Joint.NOSE, Joint.LEFT_ANKLE, Joint.RIGHT_HIP):
        assert shot.box.contains(joint(track, j))


def test_somebody_on_a_chair_keeps_their_head() -> None:
    """Thighs that point at the camera look short for minutes; the trunk does not."""
    seated = {j: (x, y - 0.2) for j, (x, y) in STANDING.items() if j <= Joint.RIGHT_HIP}
    framing = config(WIDE, shot="upper", hands="off")
    shown = play(framing, lambda t: dancer(height=600, ground=900, pose=seated), 20.0, 15)
    for framed in (shown[0], shown[-1]):
        head_top = 900 - 0.8 * 600
        assert head_top - framed.shot.box.y0 > 0.05 * framed.shot.height


def test_a_hat_is_inside_and_stays_so_when_arms_go_up() -> None:
    def people(t: float) -> Track:
        track = dancer(height=600, ground=900, pose=arms(math.pi, math.pi) if t > 4 else None)
        return track if t > 4 else replace(track, box=replace(track.box, y0=track.box.y0 - 0.07 * 600))

    shown = play(config(WIDE, shot="upper", hands="off"), people, 5.0)
    for framed in (shown[0], shown[115], shown[-1]):
        assert framed.keep.y0 < 900 - 1.06 * 600
        assert framed.shot.box.y0 < 900 - 1.06 * 600


@pytest.mark.parametrize("shot", ["full", "upper", "chest"])
@pytest.mark.parametrize("skeleton", [True, False])
def test_somebody_at_a_desk_fills_the_picture(shot: str, skeleton: bool) -> None:
    """Head and shoulders above the lower edge of the picture; hips and legs are not there."""
    whole = dancer(960, 1700, 1300)
    assert whole.skeleton is not None
    score = np.where(whole.skeleton.xy[:, 1] < 1080, 1.0, 0.0).astype(np.float32)
    track = replace(
        whole,
        box=whole.box.clipped(SOURCE),
        skeleton=Skeleton(whole.skeleton.xy, score) if skeleton else None,
    )
    framed = Framer(SOURCE, WIDE, config(WIDE, shot=shot, hands="off")).step(track, 0.0)
    assert_kept(framed, SOURCE)
    box = framed.shot.box
    if skeleton or shot == "full":  # a box does not say what is missing
        assert box.y1 == pytest.approx(1080, abs=1)
    assert 0.02 < (400 - box.y0) / framed.shot.height < 0.12
    assert abs(framed.shot.cx - 960) < 10


def test_a_face_that_turns_away_does_not_jerk_the_picture() -> None:
    aside = {j: (x + 0.05, y) for j, (x, y) in STANDING.items() if j <= Joint.RIGHT_EAR}

    def people(t: float) -> Track:
        track = dancer(height=800, ground=1000, pose=aside)
        assert track.skeleton is not None
        score = track.skeleton.score.copy()
        if 1 < t < 3:
            score[: Joint.LEFT_SHOULDER] = 0
        return replace(track, skeleton=Skeleton(track.skeleton.xy, score))

    shown = play(config(WIDE, shot="face"), people, 2.9)
    for before, after in pairwise(shown):
        assert abs(after.shot.cx - before.shot.cx) < 0.01 * after.shot.width
        assert abs(after.shot.cy - before.shot.cy) < 0.01 * after.shot.height


@FPS
@pytest.mark.parametrize("way", [-1, 1])
def test_room_is_left_in_front_of_somebody_who_travels(fps: int, way: int) -> None:
    framing = config(WIDE, lead_norm=0.15, hands="off")

    def x(t: float) -> float:
        return 960 + way * (300 * max(t - 1, 0.0) - 450)

    shown = play(framing, lambda t: dancer(x(t), 800, 350), 3.5, fps)
    at = [(f.shot.cx - x(k / fps)) / f.shot.width for k, f in enumerate(shown)]
    assert all(abs(a) < 0.005 for a in at[:fps])
    assert way * at[-1] == pytest.approx(0.15, abs=0.01)
    assert all(abs(b - a) * fps < 0.25 for a, b in pairwise(at))


@pytest.mark.parametrize("hz", [0.5, 1.0, 2.0])
def test_sway_asks_for_no_room_in_front(hz: float) -> None:
    def people(t: float) -> Track:
        return dancer(960 + 50 * math.sin(math.tau * hz * t), 800, 450)

    with_room = play(config(WIDE, lead_norm=0.15), people, 5.0)
    without = play(config(WIDE), people, 5.0)
    assert all(
        abs(a.shot.cx - b.shot.cx) < 0.004 * a.shot.width for a, b in zip(with_room, without, strict=True)
    )


def test_room_in_front_never_costs_a_hand() -> None:
    spread = arms(math.pi / 2, math.pi / 2)
    framing = config(TALL, lead_norm=0.3, hands="required")
    for k, framed in enumerate(play(framing, lambda t: dancer(400 + 250 * t, 800, 400, pose=spread), 3.5)):
        x = 400 + 250 * k / 30
        assert framed.shot.box.x0 <= x - 0.54 * 400 and x + 0.54 * 400 <= framed.shot.box.x1


@pytest.mark.parametrize("skeleton", [True, False])
def test_the_wish_does_not_depend_on_the_frame_rate(skeleton: bool) -> None:
    def people(t: float) -> Track:
        swing = 0.5 + 1.2 * (0.5 - 0.5 * math.cos(math.tau * 0.5 * t))
        x = 700 + 150 * t + 40 * math.sin(math.tau * 0.8 * t)
        return dancer(x, 850 + 20 * t, 450 + 20 * t, pose=arms(swing, 0.4), skeleton=skeleton)

    framing = config(WIDE, lead_norm=0.1)
    slow, fast = (play(framing, people, 4.0, fps) for fps in (15, 60))
    for a, b in zip(slow, fast[::4], strict=True):
        assert abs(a.shot.cx - b.shot.cx) < 0.02 * b.shot.width
        assert abs(math.log(a.shot.height / b.shot.height)) < 0.04


def test_another_shot_size_keeps_what_is_known_of_the_body() -> None:
    framer = Framer(SOURCE, WIDE, config(WIDE, hands="off"))
    for k in range(30):
        framer.step(dancer(height=600), k and 1 / 30)
    crouch = {j: (x, y - 0.25) for j, (x, y) in STANDING.items() if j <= Joint.RIGHT_HIP}
    framer.reconfigure(TALL, config(TALL, shot="upper", hands="off"))
    shot = framer.step(dancer(height=600, pose=crouch), 1 / 30).shot
    fresh = frame_person(dancer(height=600), SOURCE, TALL, config(TALL, shot="upper", hands="off"))
    assert shot.aspect == TALL.aspect
    assert shot.height == pytest.approx(fresh.height, rel=0.03)


def test_a_box_that_is_none_repeats_the_last_answer() -> None:
    framer = Framer(SOURCE, WIDE, config(WIDE))
    bad = Track(1, Box(math.nan, 0, 10, 10), 0, 0, 0.9, 0, 0)
    assert framer.step(bad, 0.0).shot == Shot.widest(SOURCE, WIDE.aspect)
    good = framer.step(dancer(height=500), 1 / 30)
    assert framer.step(bad, 1 / 30) == good

"""Framing of the scripted stage's performers, seen with noise: what the requirements ask of a shot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from engine.direction.framing import Framed, Framer, FramingConfig
from engine.geometry import Box, Point, Shot, Size
from engine.people import DetectedObject, Joint, Skeleton, Track, Tracks
from engine.sources.stage import PerformerTruth, Scene
from engine.sources.stage.choreography import scene
from tests.unit.test_direction_framing import TALL, WIDE, assert_good, assert_kept

OUTPUTS = pytest.mark.parametrize("output", [TALL, WIDE])


def seen(stage: Scene, index: int, rng: np.random.Generator, noise_px: float = 1.5) -> Tracks:
    """Everybody as a good tracker and a good pose estimator would have them."""
    time_s, items = index / stage.fps, []
    for person in stage.truth(time_s):
        edges = np.array(person.box.xyxy) + rng.normal(0, noise_px, 4)
        xy = person.skeleton.xy + rng.normal(0, noise_px, (17, 2)).astype(np.float32)
        box = Box(*map(float, edges)).clipped(stage.size)
        skeleton = Skeleton(xy.astype(np.float32), person.skeleton.score)
        items.append(Track(person.id, box, 0, 0, 0.9, time_s, 0, skeleton=skeleton))
    return Tracks(time_s, index, tuple(items))


def play(
    stage: Scene, output: Size, seconds: float, things: tuple[DetectedObject, ...] = (), **values: object
) -> Iterator[tuple[Framed, PerformerTruth]]:
    """What is wanted of performer 1 in each picture, and where they really are."""
    framing = FramingConfig(aspect=output.aspect, max_upscale=4.0, **values)  # type: ignore[arg-type]
    framer, rng = Framer(stage.size, output, framing), np.random.default_rng(5)
    for k in range(round(seconds * stage.fps)):
        tracks = replace(seen(stage, k, rng), objects=things)
        framed = framer.step(tracks.items[0], 1 / stage.fps, tracks)
        assert_good(framed.shot, stage.size, framing.aspect)
        assert_kept(framed, stage.size)
        yield framed, stage.truth(k / stage.fps)[0]


def joint(person: PerformerTruth, j: Joint) -> Point:
    return Point(*map(float, person.skeleton.xy[j]))


def hands_inside(shot: Shot, person: PerformerTruth) -> bool:
    """Both wrists with 0.1 of the body's height round them."""
    height = joint(person, Joint.LEFT_ANKLE).y - joint(person, Joint.LEFT_EYE).y
    room = 0.1 * height / 0.897
    return all(
        shot.box.contains(joint(person, j).shifted(dx, dy))
        for j in (Joint.LEFT_WRIST, Joint.RIGHT_WRIST)
        for dx, dy in ((-room, -room), (room, room))
    )


@OUTPUTS
@pytest.mark.parametrize(("hands", "share"), [("preferred", 0.98), ("required", 1.0)])
def test_arms_that_fly_are_in_the_wanted_shot(output: Size, hands: str, share: float) -> None:
    shown = [hands_inside(f.shot, p) for f, p in play(scene("armswide", 1), output, 12, hands=hands)]
    assert sum(shown) >= share * len(shown)


@pytest.mark.parametrize("hands", ["preferred", "required", "off"])
def test_arms_that_fly_do_not_move_the_middle(hands: str) -> None:
    shots = [f.shot for f, _ in play(scene("armswide", 1), WIDE, 7, hands=hands)]
    for shot in shots:
        assert abs(shot.cx - shots[0].cx) < 0.03 * shot.width
        assert abs(shot.cy - shots[0].cy) < 0.03 * shot.width


@OUTPUTS
@pytest.mark.parametrize("shot", ["upper", "chest"])
def test_the_torso_is_in_the_middle(output: Size, shot: str) -> None:
    for framed, person in play(scene("still", 1), output, 1, shot=shot, hands="off"):
        corners = (Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER, Joint.LEFT_HIP, Joint.RIGHT_HIP)
        torso = np.mean([person.skeleton.xy[j] for j in corners], axis=0)
        assert abs(framed.shot.cx - torso[0]) < 0.02 * framed.shot.height
        assert abs(framed.shot.cy - torso[1]) < 0.02 * framed.shot.height


@OUTPUTS
def test_the_eyes_are_where_a_face_shot_has_them(output: Size) -> None:
    for framed, person in play(scene("turn", 1), output, 6, shot="face"):
        if person.skeleton.score[Joint.LEFT_EYE] and person.skeleton.score[Joint.RIGHT_EYE]:
            left, right = joint(person, Joint.LEFT_EYE), joint(person, Joint.RIGHT_EYE)
            box = framed.shot.box
            assert ((left.x + right.x) / 2 - box.x0) / box.width == pytest.approx(0.5, abs=0.02)
            assert ((left.y + right.y) / 2 - box.y0) / box.height == pytest.approx(0.3, abs=0.02)


@OUTPUTS
def test_a_ball_two_metres_away_is_in_the_picture_where_both_fit(output: Size) -> None:
    stage = replace(scene("sway", 1), shrink=0.6)
    person = stage.truth(0.0)[0]
    metre = person.box.height / 1.75
    foot = joint(person, Joint.LEFT_ANKLE)
    ball = Box.from_center(960 + 2 * metre, foot.y, 0.24 * metre, 0.24 * metre)
    things = (DetectedObject("sports ball", ball, 0.7),)
    shown = [
        framed.shot.box.union(ball) == framed.shot.box and framed.shot.box.contains(joint(p, Joint.NOSE))
        for framed, p in play(stage, output, 5, things, object_label="sports ball")
    ]
    assert sum(shown) >= 0.95 * len(shown)


def test_of_three_the_two_that_fit_are_in_and_the_far_one_is_out() -> None:
    stage = scene("sway", 3)
    first, second, third = (p.box.center.x for p in stage.truth(0.0))
    assert second - first < third - first
    for framed, _ in play(stage, Size(720, 720), 4, shot="group"):
        box = framed.shot.box
        assert box.x0 < first - 60 and second + 60 < box.x1 < third

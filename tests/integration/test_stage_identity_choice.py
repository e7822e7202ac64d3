"""Choosing somebody on the scripted stage: by name, by a drawn box, from a list (R10, R11, R12)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.direction.framing import FramingConfig
from engine.direction.target import LockState, TargetKind, TargetRequest
from engine.direction.view import ViewConfig
from engine.errors import JikcamError
from engine.geometry import Box
from engine.perception.scheduler import Perception
from engine.show import Show
from engine.sources.frame import Frame
from engine.sources.stage import GroundTruthDetector, GroundTruthLooks, StageSource, scene
from engine.take import run_take
from engine.timing import StageTimes
from engine.view import Overlay, View
from tests.stage_show import OUTPUT, SIZE, enrolled, play


def frontal_since(played, who: int) -> int:
    """The first picture in which the performer looks into the camera and nobody hides the face."""
    people = (next(p for p in truth if p.id == who) for truth in played.truth)
    return next(
        k
        for k, p in enumerate(people)
        if p.face_share > 0.9 and abs(math.remainder(p.yaw, math.tau)) < math.radians(30)
    )


@pytest.mark.parametrize("name", ["sway", "turn"])
def test_r10_an_enrolled_person_is_chosen_without_a_click(name: str) -> None:
    stage = scene(name, 4, SIZE)
    members = enrolled(stage, [1, 2, 3, 4])
    played = play(stage, 3.0, [2, 3], names={2: "P2", 3: "P3"}, members=members)
    for who in (2, 3):
        first = frontal_since(played, who)
        assert any(m.held == who for m in played.views[who][first : first + 60])
        assert all(m.held in (None, who) for m in played.views[who])


def test_r10_somebody_who_is_not_there_is_not_found_and_nobody_is_shown_instead() -> None:
    stage = scene("sway", 4, SIZE)
    absent = enrolled(scene("sway", 5, SIZE), [5])
    played = play(stage, 3.0, [1], names={1: "P5"}, members=absent)
    moments = played.views[1]
    assert all(m.held is None for m in moments)
    assert all(m.state is LockState.LOST and m.reason and m.wide for m in moments[60:])


def test_r10_a_name_that_nobody_has_is_refused_with_words() -> None:
    stage = scene("sway", 2, SIZE)
    show = standing(stage, 0.5)
    with pytest.raises(JikcamError) as refused:
        show.request("main", TargetRequest(TargetKind.NAME, name="Nobody"))
    assert "Nobody" in str(refused.value)


def standing(stage, seconds: float) -> Show:
    """A show with one View that follows nobody yet, after so many seconds."""
    times = StageTimes()
    config = ViewConfig(
        "main", OUTPUT, FramingConfig(aspect=OUTPUT.aspect), target=TargetRequest(TargetKind.NONE)
    )
    show = Show(stage.size, [View(config, stage.size, [], Overlay(), times)], times)
    oracle = GroundTruthDetector(stage, noise_px=1.0)
    perception = Perception(oracle, oracle, reader=GroundTruthLooks(stage))
    run_take(StageSource(stage, "fast", seconds), show, perception)
    return show


def test_r11_a_drawn_box_locks_whom_it_holds_in_the_next_picture() -> None:
    stage = scene("still", 3, SIZE)
    show = standing(stage, 0.5)
    second = next(p for p in stage.truth(0.5) if p.id == 2).box
    drawn = second.shifted(second.width * 0.3, second.height * 0.1)
    assert 0.3 <= second.iou(drawn) < 0.6
    show.request("main", TargetRequest(TargetKind.BOX, box=drawn))
    index = round(0.5 * stage.fps)
    picture = np.zeros((SIZE.height, SIZE.width, 3), np.uint8)
    show.follow(Frame(picture, index / stage.fps, index))
    lock = show.views[0].director.lock
    assert lock.state is LockState.HELD and lock.track is not None
    assert lock.track.box.iou(second) > 0.7


@pytest.mark.parametrize("box", [Box(400, 20, 440, 60), Box(300, 300, 300, 400), Box(0, 0, 5, 5)])
def test_r11_an_empty_box_is_refused_with_words_and_locks_nobody(box: Box) -> None:
    show = standing(scene("still", 3, SIZE), 0.5)
    with pytest.raises(JikcamError) as refused:
        show.request("main", TargetRequest(TargetKind.BOX, box=box))
    assert refused.value.fix
    assert show.views[0].person is None


@pytest.mark.parametrize("people", range(1, 10))
def test_r12_everybody_is_listed_and_whoever_is_chosen_is_locked(people: int) -> None:
    stage = scene("still", people, SIZE, fps=15)
    show = standing(stage, 0.7)
    listed = [p for p in show.roll.people if p.track is not None]
    assert len(listed) == people
    on = {}
    for one in listed:
        track = show.tracks.find(one.track)
        assert track is not None
        on[one.person] = max(stage.truth(0.7), key=lambda p: p.box.iou(track.box)).id
    assert sorted(on.values()) == list(range(1, people + 1))
    for number, one in enumerate(listed):
        show.request("main", TargetRequest(TargetKind.PERSON, number=one.person))
        index = round(0.7 * stage.fps) + number
        show.follow(Frame(np.zeros((SIZE.height, SIZE.width, 3), np.uint8), index / stage.fps, index))
        lock = show.views[0].director.lock
        assert lock.state is LockState.HELD and lock.person == one.person

"""The camera of a View held, wide, and following again."""

from __future__ import annotations

import numpy as np
import pytest

from engine.direction.target import CameraMode, LockState, TargetKind, TargetRequest
from engine.direction.view import ViewDirector
from engine.errors import JikcamError
from engine.geometry import Shot
from engine.people import Track
from tests.unit.direction_dancer import SOURCE, at, dancer
from tests.unit.test_direction_view import WIDE, ask, edge_jump, one, play, view


def walker(t: float) -> list[Track]:
    return [dancer(500 + 260 * min(t, 4.0), 800, 400, time_s=t)]


def test_hold_brakes_without_turning_back_and_then_stands_still() -> None:
    director = ViewDirector(view(), SOURCE)
    before = play(director, walker, 0, 2)[-1][1].shot
    director.set_mode(CameraMode.HOLD)
    held = [d.shot for _, d in play(director, walker, 2, 5)]
    steps = np.diff([before.cx, *(s.cx for s in held)])
    assert steps[0] > 1, "it moved when it was told to hold"
    assert (steps > -0.01).all(), "it never turns back"
    assert all(s == held[-1] for s in held[15:])
    assert director.mode is CameraMode.HOLD and director.person == 1


def test_wide_shows_all_there_is_and_keeps_the_person() -> None:
    director = ViewDirector(view(), SOURCE)
    close = play(director, one(), 0, 3)[-1][1].shot
    director.set_mode(CameraMode.WIDE)
    wide = play(director, one(), 3, 7)[-1][1]
    assert wide.shot == Shot.widest(SOURCE, WIDE.aspect) and close.height < wide.shot.height
    assert wide.lock.state is LockState.HELD and wide.lock.person == 1
    director.set_mode(CameraMode.FOLLOW)
    back = play(director, one(), 7, 10)[-1][1].shot
    assert edge_jump(back, close) < 5


@pytest.mark.parametrize("mode", [CameraMode.HOLD, CameraMode.WIDE])
def test_choosing_somebody_makes_the_camera_follow_again(mode: CameraMode) -> None:
    def people(t: float) -> list[Track]:
        return [dancer(500, 800, 400, id=1, time_s=t), dancer(1500, 800, 400, id=2, time_s=t)]

    director = ViewDirector(view(target=TargetRequest(TargetKind.LEFTMOST)), SOURCE)
    play(director, people, 0, 2)
    director.set_mode(mode)
    play(director, people, 2, 4)
    with pytest.raises(JikcamError):
        ask(director, TargetRequest(TargetKind.INDEX, number=7), at(4, *people(4)))
    assert director.mode is mode, "nothing changes when nobody fits"
    ask(director, TargetRequest(TargetKind.NEXT), at(4, *people(4)))
    shown = play(director, people, 4, 8)[-1][1]
    assert director.mode is CameraMode.FOLLOW and shown.lock.person == 2
    assert abs(shown.shot.cx - 1500) < 60


def test_hold_before_the_first_picture_is_the_widest_shot() -> None:
    director = ViewDirector(view(), SOURCE)
    director.set_mode(CameraMode.HOLD)
    assert play(director, one(), 0, 2)[-1][1].shot == Shot.widest(SOURCE, WIDE.aspect)

"""Preview then take, cuts and moves, and a View locked against changes on air."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from engine.direction.lost import LostConfig
from engine.direction.target import CameraMode, Claim, LockState, TargetKind, TargetRequest
from engine.direction.view import ViewDirector
from engine.errors import JikcamError
from engine.geometry import Point, Shot
from engine.people import Track
from tests.unit.direction_dancer import SOURCE, all_sure, at, dancer, roll, standing
from tests.unit.test_direction_view import DT, TALL, ask, edge_jump, gone_between, play, step, view

NEXT, NONE = TargetRequest(TargetKind.NEXT), TargetRequest(TargetKind.NONE)
MOST = 0.04 * SOURCE.width


def both(t: float) -> list[Track]:
    return [dancer(400, 800, 400, id=1, time_s=t), dancer(1500, 800, 400, id=2, time_s=t)]


def following() -> ViewDirector:
    director = ViewDirector(view(TALL, target=TargetRequest(TargetKind.LEFTMOST)), SOURCE)
    play(director, both, 0, 2)
    return director


def preview(director: ViewDirector, request: TargetRequest, time_s: float) -> Claim | None:
    tracks = at(time_s, *both(time_s))
    return director.preview(request, tracks, all_sure(tracks))


def test_preview_changes_nothing_on_air_until_it_is_taken() -> None:
    director = following()
    before = step(director, at(2.0, *both(2.0))).shot
    assert preview(director, NEXT, 2.0) is None
    shown = play(director, both, 2 + DT, 4)
    assert director.previewed == 2 and director.person == 1
    assert all(edge_jump(before, d.shot) < 1 for _, d in shown)
    director.take()
    assert director.previewed is None
    after = play(director, both, 4, 7)
    assert after[-1][1].lock.person == 2 and abs(after[-1][1].shot.cx - 1500) < 20


@pytest.mark.parametrize(("configured", "how", "jumps"), [("move", "cut", True), ("cut", "move", False)])
def test_a_take_goes_the_way_it_is_told(configured: str, how: str, jumps: bool) -> None:
    director = ViewDirector(view(TALL, switch=configured, target=TargetRequest(TargetKind.LEFTMOST)), SOURCE)
    before = play(director, both, 0, 2)[-1][1].shot
    preview(director, NEXT, 2.0)
    director.take(how)  # type: ignore[arg-type]
    first = step(director, at(2.0, *both(2.0))).shot
    assert (edge_jump(before, first) > MOST) == jumps
    if jumps:
        assert abs(first.cx - 1500) < 2


def test_a_take_with_nobody_in_preview_says_so() -> None:
    director = following()
    with pytest.raises(JikcamError, match="nobody in preview"):
        director.take()
    preview(director, NEXT, 2.0)
    preview(director, NONE, 2.0)
    with pytest.raises(JikcamError, match="nobody in preview"):
        director.take()


def test_previewing_somebody_while_the_own_person_is_missed_means_that_somebody() -> None:
    director = following()
    play(director, lambda t: both(t)[1:], 2, 6)
    assert director.lock.state is LockState.LOST
    who = roll(6.0, standing(1, None, 0.0, absent=0.9), standing(2, 2, 0.6))
    claim = director.preview(
        TargetRequest(TargetKind.POINT, point=Point(1500, 700)), at(6.0, both(6.0)[1]), who
    )
    assert director.previewed == 2 and claim == Claim(2, 2)


def test_a_locked_view_refuses_everything_by_hand_but_the_wide_picture() -> None:
    director = following()
    preview(director, NEXT, 2.0)
    director.set_guard(True)
    with pytest.raises(JikcamError, match="locked"):
        ask(director, NEXT, at(2.0, *both(2.0)))
    with pytest.raises(JikcamError, match="locked"):
        director.take()
    with pytest.raises(JikcamError, match="locked"):
        director.set_mode(CameraMode.HOLD)
    with pytest.raises(JikcamError, match="locked"):
        director.reconfigure(replace(director.config, switch="cut"))
    with pytest.raises(JikcamError, match="locked"):
        director.claim(TargetRequest(TargetKind.POINT, point=Point(400, 700)), at(2.0), roll(2.0))
    director.reconfigure(director.config)
    assert director.person == 1 and director.previewed == 2 and director.config.switch == "move"
    director.set_mode(CameraMode.WIDE)
    wide = play(director, both, 2, 5)[-1][1].shot
    assert wide == Shot.widest(SOURCE, TALL.aspect)
    director.set_guard(False)
    director.take()
    assert play(director, both, 5, 8)[-1][1].lock.person == 2


def test_a_locked_view_still_goes_wide_when_its_person_is_lost_and_takes_nobody_else() -> None:
    director = ViewDirector(view(TALL, target=TargetRequest(TargetKind.LEFTMOST)), SOURCE)
    director.reconfigure(replace(director.config, lock=replace(director.config.lock, reselect=True)))
    play(director, both, 0, 2)
    director.set_guard(True)
    shown = play(director, lambda t: both(t)[1:], 2, 8)[-1][1]
    assert shown.lock.person == 1 and shown.shot.height == Shot.widest(SOURCE, TALL.aspect).height


def test_who_comes_back_is_cut_to_when_that_is_wanted() -> None:
    lost = LostConfig(back="cut")
    director = ViewDirector(view(TALL, lost=lost), SOURCE)
    close = play(director, gone_between(2.0, 6.0), 0, 2)[-1][1].shot
    shots = []
    for k in range(round(2 / DT), round(9 / DT)):
        t = k * DT
        shots.append(step(director, at(t, *gone_between(2.0, 6.0)(t))).shot)
    jumps = [edge_jump(a, b) for a, b in itertools.pairwise(shots)]
    assert sum(j > MOST for j in jumps) == 1
    assert edge_jump(shots[-1], close) < 5
    assert max(jumps) == pytest.approx(
        edge_jump(Shot.widest(SOURCE, TALL.aspect, shots[0].center), close), rel=0.1
    )

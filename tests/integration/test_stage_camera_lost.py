"""Loss, return, groups and the minute of dance on the scripted stage (R39, R53-R55, R137-R139)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from engine.direction.lost import LostConfig
from engine.direction.operators.feel import FOLLOWERS, Feel
from engine.direction.operators.path_feel import PATHS
from engine.direction.target import LockState, TargetKind, TargetRequest
from engine.geometry import Shot, Size
from engine.show import Show
from engine.sources.stage.choreography import scene
from tests.stage_camera import SIZE, TALL, Footage, camera, film, holds_body

WIDE = Size(640, 360)


@pytest.fixture(scope="module")
def curtain() -> dict[str, Footage]:
    """The one who is followed is behind a curtain from 3 s to 9 s."""
    views = [camera(then, lost=LostConfig(then=then)) for then in ("wide", "center", "hold", "group")]
    views += [camera("ahead", operator="lookahead"), camera("16:9", WIDE)]
    views += [camera("all", WIDE, lost=LostConfig(then="group"))]
    return film(scene("dropout:6", 3, SIZE, 30), 14.0, *views)


def widest(aspect: float) -> float:
    return Shot.widest(SIZE, aspect).height


@pytest.mark.parametrize("view", ["wide", "center", "ahead", "16:9"])
def test_r54_r137_somebody_lost_brings_the_whole_picture_and_a_slow_way_there(
    curtain: dict[str, Footage], view: str
) -> None:
    footage = curtain[view]
    close = footage.after(2.0, 3.0).height[-1]
    gone = footage.after(3.0, 9.3)
    full = widest(footage.shots[0].aspect)
    assert gone.height.max() >= 0.999 * full
    between = [t for t, h in zip(gone.time_s, gone.height, strict=True) if 1.05 * close < h < 0.97 * full]
    assert 0.3 <= max(between) - min(between) <= 1.5
    if view == "center":
        assert abs(gone.x[-10] - SIZE.width / 2) < 1


def test_r54_hold_stays_where_it_was(curtain: dict[str, Footage]) -> None:
    part = curtain["hold"].after(2.5, 9.0)
    assert np.ptp(part.height) < 0.02 * part.height[0] and np.ptp(part.x) < 5


def test_everybody_else_is_shown_while_the_person_is_lost(curtain: dict[str, Footage]) -> None:
    part = curtain["all"].after(7.0, 9.0)
    for who in (2, 3):
        assert part.share(holds_body, who) == 1.0
    assert part.height.max() < 0.97 * widest(WIDE.aspect), "nearer than all there is"


def test_a_picture_too_narrow_for_everybody_shows_all_it_can(curtain: dict[str, Footage]) -> None:
    part = curtain["group"].after(7.0, 9.0)
    assert part.height.min() >= 0.999 * widest(TALL.aspect)


@pytest.mark.parametrize("view", ["wide", "center", "hold", "group", "all", "ahead", "16:9"])
def test_who_comes_back_is_shown_again_and_nothing_ever_jumps(curtain: dict[str, Footage], view: str) -> None:
    footage = curtain[view]
    assert footage.largest_step() <= 0.04
    end = footage.after(12.5)
    assert all(s is LockState.HELD for s in end.states)
    assert end.share(holds_body) == 1.0
    assert end.height[-1] == pytest.approx(footage.after(2.5, 3.0).height[-1], rel=0.1)


def test_r55_a_group_takes_in_who_fits_and_leaves_out_who_is_far() -> None:
    """Three in a row, 273 px apart; the square picture is 540 px wide."""
    middle = TargetRequest(TargetKind.INDEX, number=2)
    view = camera("group", Size(640, 640), middle, shot="group")
    footage = film(scene("fidget", 3, SIZE, 30), 14.0, view)["group"].after(4.0)
    inside = [
        tuple(who for who in (1, 2, 3) if abs(footage.person(k, who).box.center.x - s.cx) < s.width / 2)
        for k, s in enumerate(footage.shots)
    ]
    assert all(2 in who and len(who) == 2 for who in inside)
    changes = sum(a != b for a, b in pairwise(inside))
    assert changes <= footage.time_s[-1] - footage.time_s[0]
    assert footage.largest_step() <= 0.04


def test_r39_a_ball_beside_the_person_is_kept_in_the_picture() -> None:
    stage = scene("ball", 1, SIZE, 30)
    view = camera("ball", WIDE, shot="full", object_label="sports ball")
    footage = film(stage, 12.0, view)["ball"].after(3.0)
    both = [
        s.box.contains(stage.things(t)[0].box.center) and holds_body(s, footage.person(k))
        for k, (t, s) in enumerate(zip(footage.time_s, footage.shots, strict=True))
    ]
    assert np.mean(both) >= 0.95


@pytest.fixture(scope="module")
def routine() -> dict[str, Footage]:
    """The minute of dance with a switch by hand at 30 s and back at 47 s."""
    stage = scene("routine", 5, SIZE, 30)

    def choose(who: int) -> Callable[[Show], None]:
        def act(show: Show) -> None:
            box = next(p.box for p in stage.truth(show.tracks.time_s) if p.id == who)
            for view in show.views:
                show.request(view.name, TargetRequest(TargetKind.BOX, box=box))

        return act

    live = [camera(str(feel), follower=FOLLOWERS[feel]) for feel in Feel]
    ahead = camera("lookahead", operator="lookahead", path=PATHS[Feel.DANCE], follower=FOLLOWERS[Feel.DANCE])
    cut = camera("cut", switch="cut", follower=FOLLOWERS[Feel.DANCE])
    at = {30.0: choose(3), 47.0: choose(1)}
    return film(stage, 60.0, *live, ahead, cut, at=at)


def test_r138_in_a_minute_of_dance_nothing_jumps_but_what_was_cut(routine: dict[str, Footage]) -> None:
    for name, footage in routine.items():
        if name != "cut":
            assert footage.largest_step() <= 0.04, name
    boxes = np.array([s.box.xyxy for s in routine["cut"].shots])
    jumps = np.abs(np.diff(boxes, axis=0)).max(axis=1) > 0.04 * SIZE.width
    # To the first one at the start, and the two switches by hand.
    assert 2 <= jumps.sum() <= 3


def test_r7_r158_calm_is_calmer_and_sport_is_nearer(routine: dict[str, Footage]) -> None:
    def accel(name: str) -> float:
        return float(np.sqrt(np.mean(np.diff(routine[name].x, 2) ** 2)) * 900 / 0.5)

    rising = [accel(str(feel)) for feel in Feel]
    assert rising == sorted(rising)
    assert accel("lookahead") < accel("dance")


def test_every_view_shows_every_picture_once(routine: dict[str, Footage]) -> None:
    for name, footage in routine.items():
        assert [d.tracks.index for d in footage.directions] == list(range(1800)), name


def test_nobody_else_is_on_air_after_a_switch(routine: dict[str, Footage]) -> None:
    for name in ("dance", "lookahead", "cut"):
        part = routine[name].after(32.0, 35.0)
        assert part.share(holds_body, who=3) >= 0.99, name
        assert {d.lock.person for d in part.directions} == {part.directions[0].lock.person}

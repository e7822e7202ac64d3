"""A View whose picture gets another shape while it runs: at once, and nobody is lost and nothing jumps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from engine.direction.target import CameraMode, LockState
from engine.direction.view import Direction, ViewConfig, ViewDirector
from engine.geometry import Shot, Size
from engine.people import Track
from tests.unit.direction_dancer import SOURCE, all_sure, at, dancer
from tests.unit.test_direction_view import DT, edge_jump, gone_between, one, view

WIDE, TALL, SQUARE = Size(1280, 720), Size(720, 1280), Size(720, 720)
CHANGES = [(WIDE, TALL), (TALL, WIDE), (TALL, SQUARE)]
People = Callable[[float], list[Track]]


def reshaped(config: ViewConfig, output: Size) -> ViewConfig:
    return replace(config, output=output, framing=replace(config.framing, aspect=output.aspect))


def walker(t: float) -> list[Track]:
    return [dancer(500 + 200 * t, 800, 400, time_s=t)]


def film(director: ViewDirector, people: People, start_s: float, end_s: float) -> list[Direction]:
    """What is settled in that time, at 30 pictures a second."""
    shown: list[Direction] = []
    for k in range(round(start_s / DT), round(end_s / DT)):
        tracks = at(k * DT, *people(k * DT))
        tracks = replace(tracks, index=k)
        shown += director.step(tracks, all_sure(tracks), DT).due
    return shown


def around(
    before: Size, after: Size, people: People, mode: CameraMode = CameraMode.FOLLOW, **values: object
) -> tuple[ViewDirector, list[Direction], list[Direction]]:
    """What is shown before and after the change at 3 s."""
    config = view(before, **values)
    director = ViewDirector(config, SOURCE)
    old = film(director, people, 0, 2)
    director.set_mode(mode)
    old += film(director, people, 2, 3)
    director.reconfigure(reshaped(config, after))
    new = film(director, people, 3, 6)
    return director, old, new


def seam(old: Shot, new: Shot) -> float:
    """How far the middle jumped and the height changed, beyond what keeps the new shape in the source."""
    kept = Shot(old.cx, old.cy, old.height, new.aspect).inside(SOURCE, max(old.height, new.height))
    return max(abs(kept.cx - new.cx), abs(kept.cy - new.cy), abs(kept.height - new.height))


@pytest.mark.parametrize("mode", list(CameraMode))
@pytest.mark.parametrize("operator", ["live", "lookahead"])
@pytest.mark.parametrize(("before", "after"), CHANGES, ids=lambda size: f"{size.width}x{size.height}")
def test_the_shape_changes_at_once_and_nothing_else_jumps(
    before: Size, after: Size, operator: str, mode: CameraMode
) -> None:
    director, old, new = around(before, after, walker, mode, operator=operator)
    assert {d.shot.aspect for d in old} == {before.aspect}
    assert {d.shot.aspect for d in new} == {after.aspect}
    assert new[0].tracks.index == old[-1].tracks.index + 1, "no picture is left out or comes twice"
    assert seam(old[-1].shot, new[0].shot) < 0.04 * SOURCE.width
    for a, b in pairwise(new):
        assert edge_jump(a.shot, b.shot) <= 0.04 * SOURCE.width + 1e-6
    assert all(edge_jump(d.shot.inside(SOURCE), d.shot) < 1e-6 for d in new)
    assert director.person == 1 and director.mode is mode
    assert all(d.lock.state is LockState.HELD for d in new)
    assert new[-1].lock.for_s > 3.0, "held without a break"


@pytest.mark.parametrize("operator", ["live", "lookahead"])
def test_after_a_while_it_is_as_if_it_had_always_been_so(operator: str) -> None:
    _, _, new = around(WIDE, TALL, one(), operator=operator)
    always = film(ViewDirector(view(TALL, operator=operator), SOURCE), one(), 0, 6)[-1]
    assert edge_jump(new[-1].shot, always.shot) < 0.03 * SOURCE.width


@pytest.mark.parametrize("then", ["wide", "full", "group"])
@pytest.mark.parametrize(("before", "after"), CHANGES, ids=lambda size: f"{size.width}x{size.height}")
def test_without_anybody_it_goes_on_showing_all_there_is(before: Size, after: Size, then: str) -> None:
    config = view(before)
    lost = replace(config.lost, then=then, hold_s=0.3)
    people = gone_between(0.5, 99.0)
    _, old, new = around(before, after, people, lost=lost)
    widest = (Shot.whole if then == "full" else Shot.widest)(SOURCE, after.aspect)
    assert {d.shot.aspect for d in new} == {after.aspect}
    assert old[-1].shot.height == pytest.approx(
        (Shot.whole if then == "full" else Shot.widest)(SOURCE, before.aspect).height
    )
    assert new[-1].shot.height == pytest.approx(widest.height, rel=0.01)
    for a, b in pairwise(new):
        assert edge_jump(a.shot, b.shot) <= 0.04 * SOURCE.width + 1e-6


@pytest.mark.parametrize("then", ["wide", "full"])
def test_a_wide_picture_stays_all_there_is(then: str) -> None:
    config = view(TALL)
    lost = replace(config.lost, then=then)
    _, _, new = around(TALL, WIDE, one(), CameraMode.WIDE, lost=lost)
    assert new[-1].shot == (Shot.whole if then == "full" else Shot.widest)(SOURCE, WIDE.aspect)


def test_another_size_of_the_same_shape_changes_nothing_but_how_close_it_may_come() -> None:
    config = view(Size(1280, 720))
    director = ViewDirector(config, SOURCE)
    film(director, one(), 0, 3)
    director.reconfigure(reshaped(config, Size(640, 360)))
    new = film(director, one(), 3, 6)
    for a, b in pairwise(new):
        assert edge_jump(a.shot, b.shot) <= 0.04 * SOURCE.width
    assert director.person == 1

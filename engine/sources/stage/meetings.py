"""Choreographies in which people meet: they hide one another, and must be told apart afterwards."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from engine.sources.stage.body import Pose
from engine.sources.stage.moves import bump, fidgeting, groove, passing, walking
from engine.sources.stage.place import MIDDLE, Place, line_up
from engine.sources.stage.scene import Act

_WALK_S, _PERIOD_S = 2.5, 4.5
#: Meetings drawn by lot in advance; later ones repeat.
_LOTS = 512


def cross(place: Place) -> Act:
    """Neighbours swap places every 4.5 s; for up to a second one hides the other."""
    # Who passes in front changes every second lap, so that everybody is hidden from either side.
    return _meeting(place, passes=lambda lap: True, first_in_front=lambda lap: lap // 2 % 2 == 0)


def feint(place: Place) -> Act:
    """As cross, but behind one another they go on or turn back by lot: the one in front shows which."""
    lots = np.random.default_rng((place.seed, place.k // 2, 29)).random((_LOTS, 2)) < 0.5
    return _meeting(
        place,
        passes=lambda lap: bool(lots[lap % _LOTS, 0]),
        first_in_front=lambda lap: bool(lots[lap % _LOTS, 1]),
    )


def _meeting(place: Place, passes: Callable[[int], bool], first_in_front: Callable[[int], bool]) -> Act:
    """Neighbours walk towards one another lap by lap.

    Args:
        passes: whether the two swap places in a lap, or turn back where one hides the other.
        first_in_front: whether the left one of the pair is nearer to the camera in a lap.
    """
    pair, second = divmod(place.k, 2)
    if pair * 2 + 1 >= place.people:
        return lambda t: groove(place.home, t, place.phase, 0.7)
    other_x, _ = line_up(place.k + 1 - 2 * second, place.people)
    start_s = 1.0 + 0.35 * (pair % 4)
    share = passing(abs(other_x - place.x), _WALK_S)
    outwards = math.copysign(1.0, other_x - place.x)

    def act(t: float) -> Pose:
        lap = max(math.floor((t - start_s) / _PERIOD_S), 0)
        u = t - start_s - lap * _PERIOD_S
        at_other = sum(passes(k) for k in range(lap)) % 2 == 1
        back = u > _WALK_S / 2 and not passes(lap)
        done = 1 - share(u) if back else share(u)
        there = 1 - done if at_other else done
        nearer = 1.0 if (second == 0) == first_in_front(lap) else -1.0
        close = bump(u, 0.0, _WALK_S, 0.8)
        depth = 0.5 + (place.depth - 0.5) * 0.3 * (1 - close) + 0.05 * nearer * close
        pose = Pose(place.x + (other_x - place.x) * there, depth)
        direction = outwards * (-1 if at_other != back else 1)
        return walking(
            groove(pose, t, place.phase, 0.5 - 0.4 * close),
            t,
            0.6 * bump(u, 0.0, _WALK_S, 0.4),
            direction,
            0.4,
        )

    return act


def turncross(place: Place) -> Act:
    """As cross, but everybody shows the back from before they meet until after."""
    crossing = cross(place)

    def act(t: float) -> Pose:
        u = (t - 1.0 - 0.35 * (place.k // 2 % 4)) % 4.5
        pose = crossing(t)
        return replace(pose, yaw=pose.yaw + math.pi * (1 - bump(u, 2.7, 4.5, 0.6)))

    return act


def huddle(place: Place) -> Act:
    """All come together in the middle, fidget there for 4 s, and go back."""

    def act(t: float) -> Pose:
        u = (t - 1.0) % 9.0 if t >= 1.0 else 0.0
        inside = bump(u, 0.0, 7.0, 1.5)
        x = MIDDLE + (place.k - (place.people - 1) / 2) * 58
        pose = Pose(
            place.x + (x - place.x) * inside, place.depth + (0.25 + 0.3 * place.phase - place.depth) * inside
        )
        moving = bump(u, 0.0, 1.5, 0.4) + bump(u, 5.5, 7.0, 0.4)
        outwards = math.copysign(1.0, place.x - x) * (-1 if u < 3 else 1)
        return walking(fidgeting(pose, t, (place.seed, place.k), 0.4 + 0.5 * inside), t, moving, outwards)

    return act

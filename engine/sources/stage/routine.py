"""Longer acts, for the camera operator: a walk towards the camera, and a minute of dance with it all."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from engine.sources.stage.body import Arm, Pose
from engine.sources.stage.moves import bump, groove, smooth, walking
from engine.sources.stage.place import Place, line_up
from engine.sources.stage.scene import Act

#: Depths at which a body is 1 and 1.6 times as large.
FAR, NEAR = -0.5, 1.0
#: The dance repeats after so long.
ROUTINE_S = 60.0
#: When formations change, and how long the way takes.
CHANGES_S, CHANGE_S = (6.0, 14.0, 28.0, 49.0, 55.0), 1.5
#: The first performer dashes across and back, spreads the arms, walks off and returns.
DASH_S, BACK_S, ARMS_S, OFF_S, ON_S = 19.0, 23.0, 10.0, 35.0, 41.0


def approach(place: Place) -> Act:
    """The first performer comes near in 3 s, 1.6 times as large then, stays for 4 s, goes back, and so on."""
    if place.k:
        return lambda t: groove(place.home, t, place.phase, 0.7)

    def act(t: float) -> Pose:
        u = t % 14.0
        near = _walked(u - 2.0, 3.0) - _walked(u - 9.0, 3.0)
        walk = bump(u, 2.0, 5.0, 0.4) + bump(u, 9.0, 12.0, 0.4)
        return walking(Pose(place.x, FAR + (NEAR - FAR) * near), t, walk, 1.0, turned=0.0)

    return act


def _walked(t: float, duration_s: float) -> float:
    """From 0 to 1 at an even pace, but for half a second at either end."""
    edge_s = 0.5
    pace = 1.0 / (duration_s - edge_s)
    u = min(max(t, 0.0), duration_s)
    v = min(u, edge_s), min(max(u - edge_s, 0.0), duration_s - 2 * edge_s), max(u - duration_s + edge_s, 0.0)
    return pace * (v[0] ** 2 / (2 * edge_s) + v[1] + v[2] - v[2] ** 2 / (2 * edge_s))


def routine(place: Place) -> Act:
    """A minute of choreography: new formations, a dash, spread arms, an exit and the return."""
    rng = np.random.default_rng((place.seed, 97))
    slots = [place.k, *(int(rng.permutation(place.people)[place.k]) for _ in CHANGES_S[1:]), place.k]
    spots = [line_up(slot, place.people) for slot in slots]
    first = place.k == 0

    def act(t: float) -> Pose:
        u = t % ROUTINE_S
        (x, depth), walk, way = spots[0], 0.0, 0.0
        for k, change_s in enumerate(CHANGES_S):
            share, (to_x, to_depth) = smooth(u, change_s, CHANGE_S), spots[k + 1]
            if 0 < share < 1:
                walk, way = bump(u, change_s, change_s + CHANGE_S, 0.3), to_x - x
            x, depth = x + (to_x - x) * share, depth + (to_depth - depth) * share
        if first:
            side = 1.0 if x < 960 else -1.0
            x += 700 * side * (smooth(u, DASH_S, 0.9) - smooth(u, BACK_S, 1.4))
            x += (-260 - x) * (smooth(u, OFF_S, 2.0) - smooth(u, ON_S, 2.0))
            for start_s, length_s, sense in (
                (DASH_S, 0.9, side),
                (BACK_S, 1.4, -side),
                (OFF_S, 2.0, -1.0),
                (ON_S, 2.0, 1.0),
            ):
                if start_s < u < start_s + length_s:
                    walk, way = bump(u, start_s, start_s + length_s, 0.25), sense
        pose = groove(Pose(x, depth), t, place.phase, 0.8 * (1 - 0.7 * walk))
        wide = bump(u, ARMS_S, ARMS_S + 2.5, 0.3)
        pose = replace(pose, left=_raised(pose.left, wide), right=_raised(pose.right, wide))
        return walking(pose, t * 1.4, walk, math.copysign(1.0, way)) if walk > 0 else pose

    return act


def _raised(arm: Arm, share: float) -> Arm:
    return Arm(arm.out + (1.6 - arm.out) * share, arm.bend * (1 - share), arm.forward * (1 - share))

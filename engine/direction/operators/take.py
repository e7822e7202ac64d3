"""The optimal path over a whole take: nothing is unknown, so nothing has to be guessed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.direction.operators.aims import Aims, Reader, clock, is_shot
from engine.direction.operators.corridor import pan_corridor, zoom_corridor
from engine.direction.operators.path import Corridor, PathConfig, knot_s, programme, worth
from engine.direction.operators.solver import solve
from engine.direction.operators.spline import positions
from engine.direction.want import Want
from engine.geometry import Shot, Size

F64 = NDArray[np.float64]

#: How often the price of speed is set anew by what the last path does.
PASSES = 3
#: Slower than that, in tolerances per second, is rest.
SLOW = 0.01
#: Between fewer knots a parabola has room that costs nothing: no jerk, and 0 at every knot.
LEAST_KNOTS = 3


def plan_take(wants: Sequence[Want], size: Size, config: PathConfig) -> tuple[Shot, ...]:
    """A shot for every want, by the same objective as Lookahead.

    Args:
        wants: one segment, in order of time; between two of them the person is the same.
        size: of the source picture.
        config: see PathConfig.

    Returns:
        As many shots; inside the picture, of the wanted aspect, finite. Wants that are no shot are passed
        over; without any that is one, the widest shot of the picture.
    """
    if not wants:
        return ()
    first = next((want for want in wants if is_shot(want)), None)
    if first is None:
        return (Shot.widest(size, size.aspect),) * len(wants)
    aims = Reader(size).read(wants, Aims.nothing())
    config, time_s, aspect = config.bounded(), clock(wants), first.shot.aspect
    h = knot_s(config.zoom_smooth_s)
    knots = _knots(float(time_s[-1]), h)
    zoom = _path(
        zoom_corridor(aims.sample(knots, h), size, aspect, config), config.zoom_smooth_s, config.stillness_s
    )
    heights = np.exp(positions(zoom, h, time_s)[0])
    pan_h = knot_s(config.smooth_s)
    knots = _knots(float(time_s[-1]), pan_h)
    tall = np.exp(positions(zoom, h, knots)[0])
    pan = _path(
        pan_corridor(aims.sample(knots, pan_h), tall, size, aspect, config),
        config.smooth_s,
        config.stillness_s,
    )
    x, y = positions(pan, pan_h, time_s)
    shots = []
    for want, cx, cy, height in zip(wants, x.tolist(), y.tolist(), heights.tolist(), strict=True):
        aspect = want.shot.aspect if is_shot(want) else aspect
        shots.append(Shot(cx, cy, height, aspect).inside(size))
    return tuple(shots)


def _knots(length_s: float, h: float) -> F64:
    return np.asarray(np.arange(max(math.ceil(length_s / h) + 1, LEAST_KNOTS)) * h, dtype=np.float64)


def _path(corridor: Corridor, smooth_s: float, stillness_s: float) -> F64:
    """Control points of the best path."""
    h, unit = knot_s(smooth_s), corridor.tolerance[:, :1]
    c = np.pad(corridor.aim, ((0, 0), (1, 1)), mode="edge") / unit
    price = np.ones((c.shape[0], c.shape[1] - 1))
    for _ in range(1 + PASSES):
        c = solve(programme(corridor, smooth_s, stillness_s, price), c, 0).c
        price = worth(np.diff(c, axis=1) / h)
    return np.stack([_stilled(row, SLOW * h) for row in c]) * unit


def _stilled(c: F64, step: float) -> F64:
    """With rests that stand exactly still: runs of steps below ``step`` become their mean."""
    run = np.concatenate([[0], np.cumsum(np.abs(np.diff(c)) >= step)])
    return np.asarray((np.bincount(run, c) / np.bincount(run))[run])

"""The operator that knows the next half second: the optimal path, planned anew many times a second."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.direction.operators.aims import GAP_S, LONGEST_S, Aims, Reader, is_shot
from engine.direction.operators.corridor import pan_corridor, zoom_corridor
from engine.direction.operators.mover import Mover
from engine.direction.operators.path import Corridor, PathConfig, knot_s
from engine.direction.want import Want
from engine.geometry import Shot, Size

F64 = NDArray[np.float64]

#: A plan goes on beyond what is known for so many smooth_s, in which the camera can come to rest, but within
#: these bounds.
REST_SMOOTH, MIN_REST_S, MAX_REST_S = 6.0, 1.0, 4.0
#: No more than this is looked ahead.
LONGEST_WINDOW_S = 3.0
#: A new plan is made this often, by the clock of the pictures: the path must not depend on their rate. After
#: a stall not more often than so many times at once.
PLAN_S, MAX_PLANS = 1 / 15, 8
#: After news the next plan comes sooner, in shares of that.
NEWS_SHARE = 0.5
#: Plans of Views that begin together are spread over the pictures by where they begin, with this period.
SPREAD_PX = 7.0
#: Two clocks that differ by less agree.
SAME_S = 1e-6


class Lookahead:
    """Follows wants inside a source picture of ``size``, of which it knows some in advance. See Operator.

    With a window of one it is a live operator. The attribute ``config`` may be replaced at any time; it
    counts from the next plan on.
    """

    def __init__(self, size: Size, config: PathConfig, shot: Shot) -> None:
        self.size = size
        self.config = config
        self.cut(shot)

    def cut(self, shot: Shot) -> None:
        """Begin anew at ``shot``; when the next want is near it, as if it had always been followed."""
        self._shot = shot.inside(self.size)
        self._pan = Mover(np.array([self._shot.cx, self._shot.cy]))
        self._zoom = Mover(np.array([math.log(self._shot.height)]))
        # What has been read, by a clock on which the last picture is at 0.
        self._reader, self._aims = Reader(self.size), Aims.nothing()
        self._read_s, self._seen = 0.0, True
        self._since_s, self._next_s = 0.0, 0.0
        self._new = True

    def step(self, window: Sequence[Want], dt_s: float) -> Shot:
        """The shot ``dt_s`` later. Wants that are no shot are passed over."""
        if self._new:
            dt_s = 0.0
        elif not (math.isfinite(dt_s) and dt_s > 0):
            return self._shot
        dt_s = min(dt_s, LONGEST_S)
        self._since_s += dt_s
        self._read_s += dt_s
        news = window[-1].seen != self._seen
        if news:
            # Lost or back: what the running plan expects is no longer so.
            self._seen, self._next_s = window[-1].seen, min(self._next_s, self._since_s - dt_s)
        due = self._new or self._since_s > self._next_s + SAME_S
        if due or not len(self._aims.time_s) or self._aims.time_s[-1] < self._read_s - SAME_S:
            past = self._aims.later(-self._read_s).between(-GAP_S, -SAME_S)
            self._aims, self._read_s = self._reader.read(window, past), 0.0
        if not len(self._aims.time_s):
            return self._shot
        aspect = window[0].shot.aspect if is_shot(window[0]) else self._shot.aspect
        if due:
            self._plan_due(self._aims, aspect, dt_s if news else dt_s / 2)
            # Where somebody who is back is going shows a little later.
            self._next_s *= NEWS_SHARE if news else 1.0
        cx, cy = self._pan.at(self._since_s)
        height = math.exp(self._zoom.at(self._since_s)[0])
        self._shot = Shot(cx, cy, height, aspect).inside(self.size)
        return self._shot

    def _plan_due(self, aims: Aims, aspect: float, more_s: float) -> None:
        """Make the plans that were due until now: they are made at the same times at any rate."""
        if self._new:
            self._plan(aims, aspect, 0.0, 0.0)
            share = (self._shot.cx + self._shot.height) / SPREAD_PX % 1.0
            self._since_s, self._next_s, self._new = 0.0, PLAN_S * (1.0 - share), False
            return
        every_s = max(PLAN_S, (self._since_s - self._next_s) / MAX_PLANS)
        while self._since_s > self._next_s + SAME_S:
            for mover in (self._zoom, self._pan):
                mover.go(self._next_s)
            self._since_s -= self._next_s
            self._plan(aims, aspect, self._since_s, more_s)
            self._next_s = every_s
        self._next_s = PLAN_S

    def _plan(self, aims: Aims, aspect: float, early_s: float, more_s: float) -> None:
        """Plan both parts anew, ``early_s`` before the picture to be shown."""
        config = self.config.bounded()
        # What has become known since was not known then, or slower pictures would be planned with more
        # foresight; but the delay goes on average half a picture beyond the last one known: ``more_s``.
        end_s = float(aims.time_s[-1]) + min(early_s, more_s)
        aims = aims.later(early_s).until(max(end_s, early_s))
        known_s = min(max(float(aims.time_s[-1]), 0.0), LONGEST_WINDOW_S)
        ahead = aims.between(0.0, math.inf)

        def zoom(at: Aims) -> Corridor:
            return zoom_corridor(at, self.size, aspect, config)

        def pan(at: Aims) -> Corridor:
            heights = np.exp(self._zoom.planned(at.time_s)[0])
            return pan_corridor(at, heights, self.size, aspect, config)

        for mover, corridor, smooth_s in (
            (self._zoom, zoom, config.zoom_smooth_s),
            (self._pan, pan, config.smooth_s),
        ):
            if mover.resting and mover.rests_in(corridor(ahead)):
                mover.rest()
                continue
            times = _knots(known_s, smooth_s)
            known = int(np.searchsorted(times, known_s + 1e-9))
            mover.plan(corridor(aims.sample(times, knot_s(smooth_s))), known, smooth_s, config.stillness_s)


def _knots(known_s: float, smooth_s: float) -> F64:
    rest_s = min(max(REST_SMOOTH * smooth_s, MIN_REST_S), MAX_REST_S)
    # The number of knots must not change by rounding: plans of equal length help one another.
    count = math.ceil((known_s + rest_s) / knot_s(smooth_s) - 1e-6) + 1
    return np.arange(count, dtype=np.float64) * knot_s(smooth_s)

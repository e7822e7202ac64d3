"""The operator that knows the next half second: the optimal path, planned anew for every picture."""

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
#: Slower pictures are planned in more than one step: what a camera decides must not wait for the next one,
#: or the path would depend on the rate. After a stall that would take too long.
INNER_STEP_S, MAX_INNER_STEPS = 0.045, 8


class Lookahead:
    """Follows wants inside a source picture of ``size``, of which it knows some in advance. See Operator.

    With a window of one it is a live operator. The attribute ``config`` may be replaced at any time.
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
        self._reader, self._before = Reader(self.size), Aims.nothing()
        self._new = True

    def step(self, window: Sequence[Want], dt_s: float) -> Shot:
        """The shot ``dt_s`` later. Wants that are no shot are passed over."""
        if not (math.isfinite(dt_s) and dt_s > 0):
            if not self._new:
                return self._shot
            dt_s = 0.0
        dt_s = min(dt_s, LONGEST_S)
        aims = self._reader.read(window, self._before.later(-dt_s).between(-GAP_S, 0.0))
        if not len(aims.time_s):
            return self._shot
        aspect = window[0].shot.aspect if is_shot(window[0]) else self._shot.aspect
        self._before = aims.between(-math.inf, 0.0)
        count = min(max(math.ceil(dt_s / INNER_STEP_S), 1), MAX_INNER_STEPS)
        for left in range(count - 1, -1, -1):
            self._advance(aims.later(left * dt_s / count), aspect, dt_s / count, left * dt_s / count)
        self._new = False
        height = math.exp(float(self._zoom.place[0]))
        cx, cy = self._pan.place.tolist()
        self._shot = Shot(cx, cy, height, aspect).inside(self.size)
        return self._shot

    def _advance(self, aims: Aims, aspect: float, dt_s: float, early_s: float) -> None:
        """Move both parts by ``dt_s`` to time 0, which is ``early_s`` before the picture to be shown."""
        config = self.config.bounded()
        aims = aims.later(dt_s)
        # What has become known during this step was not known at its beginning. Without that rule slower
        # pictures would be planned with more foresight.
        end_s = float(aims.time_s[-1]) - early_s
        aims = aims.until(max(end_s - dt_s, dt_s))
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
            if mover.rests_in(corridor(ahead)):
                mover.rest()
                continue
            times = _knots(known_s, smooth_s)
            known = int(np.searchsorted(times, known_s + 1e-9))
            mover.step(
                corridor(aims.sample(times, knot_s(smooth_s))), known, smooth_s, config.stillness_s, dt_s
            )


def _knots(known_s: float, smooth_s: float) -> F64:
    rest_s = min(max(REST_SMOOTH * smooth_s, MIN_REST_S), MAX_REST_S)
    # The number of knots must not change by rounding: plans of equal length help one another.
    count = math.ceil((known_s + rest_s) / knot_s(smooth_s) - 1e-6) + 1
    return np.arange(count, dtype=np.float64) * knot_s(smooth_s)

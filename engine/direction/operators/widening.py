"""How much wider a shot must be for what it must not cut: the camera cannot be everywhere at once."""

from __future__ import annotations

import math

from engine.direction.operators.glide import Glide
from engine.geometry import Box, Shot

#: How fast it widens (angular frequency), and how far ahead the need is foreseen.
WIDEN_W, FORESEE_S = 18.0, 0.05
#: Times the top speed of a zoom: a dash lasts half a second.
HASTE = 4.0
#: Somebody who dashed once often goes on: the shot stays wide this long before it comes back slowly.
HOLD_S, BACK_S = 0.3, 1.2


class Widening:
    """The logarithm of the factor by which a shot is wider than it would be without.

    Its aim is the highest need of late; a glide makes both ways smooth.
    """

    def __init__(self) -> None:
        self._glide = Glide(0j)
        self._aim = 0.0
        self._held_s = 0.0

    @property
    def log(self) -> float:
        """Never negative."""
        return max(self._glide.at.real, 0.0)

    def step(self, need: float, top_speed: float, dt_s: float) -> None:
        """Move on by ``dt_s``.

        Args:
            need: the logarithm asked for, 0 = none.
            top_speed: of zooms, in logarithm per second.
        """
        if need >= self._aim:
            self._aim, self._held_s = need, 0.0
        else:
            self._held_s += dt_s
            if self._held_s > HOLD_S:
                self._aim = need + (self._aim - need) * math.exp(-dt_s / BACK_S)
        self._glide.pull(complex(self._aim), WIDEN_W, dt_s, HASTE * top_speed, math.inf)


def needed(keep: Box, drift: complex, shot: Shot) -> float:
    """By which factor (logarithm, from 0) ``shot`` must be wider to hold ``keep``, now and soon.

    Args:
        drift: speed of ``keep`` as seen from the shot, pixels per second.
    """
    dx, dy = drift.real * FORESEE_S, drift.imag * FORESEE_S
    side = max(shot.cx - keep.x0 - min(dx, 0.0), keep.x1 + max(dx, 0.0) - shot.cx)
    up = max(shot.cy - keep.y0 - min(dy, 0.0), keep.y1 + max(dy, 0.0) - shot.cy)
    return math.log(max(2 * side / shot.width, 2 * up / shot.height, 1.0))

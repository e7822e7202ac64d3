"""So that a camera which is slow up and down cuts off no head: it stays up, and it sees heads rise."""

from __future__ import annotations

import math

from engine.direction.operators.pace import Pace

#: Somebody who jumps or rises from a crouch does so again: the camera stays up to this share of its height
#: above where it should be, and sinks back in about this time.
STAY_NORM, SINK_S = 0.08, 2.0
#: A head is held this share of the picture's height below the upper edge.
EDGE_NORM = 0.03
#: A head that rises by more than this share of the height per second, which is the most that noise does, is
#: met where it will be after so many times the lag of the camera.
RISE_NORM, AHEAD = 0.08, 1.4


class Perch:
    """The highest place of late; y grows downwards."""

    def __init__(self, y: float) -> None:
        self._y = y

    def step(self, y: float, height: float, dt_s: float) -> float:
        """Up at once, down slowly, at most STAY_NORM of ``height`` above ``y``."""
        sunk = y + (self._y - y) * math.exp(-dt_s / SINK_S)
        self._y = max(min(y, sunk), y - STAY_NORM * height)
        return self._y


class Headroom:
    """The lowest place for the middle of a picture that still holds a head, also while it rises.

    Arms go up, somebody jumps: the top of what must be kept then moves twice as far as the middle of the
    body, and the camera comes late by its lag.
    """

    def __init__(self) -> None:
        self._pace = Pace(0j)

    def step(self, top: float | None, height: float, lag_s: float, width: float, dt_s: float) -> float:
        """The lowest y for the middle of a picture of ``height`` and ``width``.

        Args:
            top: upper end of what must be kept; None = nothing is known of it, and nothing is asked.
            lag_s: how late the camera is.
        """
        if top is None:
            self._pace.step(0j, False, width, dt_s)
            return math.inf
        speed = self._pace.step(complex(0.0, top), True, width, dt_s).imag
        rise = max(-speed - RISE_NORM * height, 0.0)
        return top - rise * AHEAD * lag_s + (0.5 - EDGE_NORM) * height

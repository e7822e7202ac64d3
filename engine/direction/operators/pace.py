"""How fast the subject moves just now: what a camera needs to lead instead of lagging."""

from __future__ import annotations

import math

#: Time over which a growing speed is averaged, and a falling one: who stops must not be led.
GROW_S, FALL_S = 0.12, 0.03
#: Picture widths per second that a dancer may have. What is faster is another box and no motion.
BELIEVED_NORM = 4.0


class Pace:
    """The smoothed speed of a point. Complex numbers: x + iy."""

    def __init__(self, point: complex) -> None:
        self.speed = 0j
        self._point = point
        self._seen = True

    def step(self, point: complex, seen: bool, width: float, dt_s: float) -> complex:
        """The speed in units of ``point`` per second, ``dt_s`` later.

        A point that was not seen is a guess, and one seen again came from anywhere: neither moves, and the
        speed dies out.
        """
        speed = (point - self._point) / dt_s if seen and self._seen else 0j
        self._point, self._seen = point, seen
        top = BELIEVED_NORM * width
        if abs(speed) > top:
            speed *= top / abs(speed)
        time_s = GROW_S if abs(speed) > abs(self.speed) else FALL_S
        self.speed = speed + (self.speed - speed) * math.exp(-dt_s / time_s)
        return self.speed

"""Which way somebody is going, for room in front of them."""

from __future__ import annotations

import math

from engine.direction.framing.smooth import smoothstep

#: Two low-passes of this time constant each: weight shifted to and fro is no travel.
SLOW_S = 0.6
#: Body heights per second: below the first somebody stands, from the second on they go at full speed
#: (walking pace is about 0.8).
STANDS_NORM_S = 0.15
FULL_NORM_S = 0.8


class Travel:
    """A slow estimate of sideways travel. The same to the left and to the right, and at any frame rate."""

    def __init__(self, x: float) -> None:
        self._x = x
        self._once = self._twice = 0.0

    def step(self, x: float, height: float, dt_s: float) -> float:
        """How fast they go ``dt_s`` later, from -1 (full speed to the left) to 1.

        Args:
            x: where the torso is, source pixels.
            height: of the body, source pixels.
        """
        if dt_s <= 0:
            return self._share()
        speed = (x - self._x) / height / dt_s
        self._x = x
        fade = math.exp(-dt_s / SLOW_S)
        once = self._once
        # Speed is even between two pictures: the exact answer of both filters to that.
        self._once = speed + (once - speed) * fade
        self._twice = speed + (self._twice - speed + (once - speed) * dt_s / SLOW_S) * fade
        return self._share()

    def _share(self) -> float:
        pace = (abs(self._twice) - STANDS_NORM_S) / (FULL_NORM_S - STANDS_NORM_S)
        return math.copysign(smoothstep(pace), self._twice)

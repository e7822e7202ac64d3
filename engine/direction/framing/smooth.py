"""First-order filters that framing is made of: exact for any time step, each way at its own pace."""

from __future__ import annotations

import math


def held(before: float, low: float, high: float) -> float:
    """``before`` moved as little as possible into [low, high]; the middle when that is empty."""
    return (low + high) / 2 if low > high else min(max(before, low), high)


def eased(before: float, now: float, dt_s: float, *, grow_s: float, shrink_s: float) -> float:
    """First-order low-pass with its own time constant each way."""
    tau_s = grow_s if now > before else shrink_s
    return now + (before - now) * math.exp(-max(dt_s, 0.0) / tau_s)


def common(a: float, b: float) -> float:
    """What two movements have in common: the smaller one where they agree in direction, else 0."""
    return math.copysign(min(abs(a), abs(b)), a) if a * b > 0 else 0.0


def smoothstep(share: float) -> float:
    """From 0 to 1 without a corner at either end."""
    u = min(max(share, 0.0), 1.0)
    return u * u * (3 - 2 * u)


class Envelope:
    """The most that was asked for of late: comes at once, stays while it is asked for again, goes slowly.

    Or the picture would pump with every gesture.

    Args:
        grow_s: time constant of the way up.
        hold_s: asked for less for so long before it goes down.
        shrink_s: time constant of the way down.
        near: asking for this share of it counts as asking for it again.
        value: what there is at first.
    """

    def __init__(
        self, grow_s: float, hold_s: float, shrink_s: float, *, near: float = 0.95, value: float = 0.0
    ) -> None:
        self.grow_s, self.hold_s, self.shrink_s, self.near = grow_s, hold_s, shrink_s, near
        self.value = value
        self._unused_s = 0.0

    def step(self, asked: float, dt_s: float) -> float:
        """The room there is after ``dt_s`` of asking for ``asked``."""
        self._unused_s = 0.0 if asked >= self.near * self.value else self._unused_s + dt_s
        if asked > self.value or self._unused_s > self.hold_s:
            self.value = eased(self.value, asked, dt_s, grow_s=self.grow_s, shrink_s=self.shrink_s)
        return self.value

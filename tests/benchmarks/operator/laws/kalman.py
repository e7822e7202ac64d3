"""A Kalman filter of constant velocity as a camera: predict, then correct where somebody was seen.

Source: textbook (white-noise acceleration, discrete: Bar-Shalom, Li, Kirubarajan 2001, section 6.3.2). Only
the ratio of process to measurement noise matters; no default is documented anywhere, 30 per s^2 stands in.
Through a gap it goes on at the last speed for ``coast_s`` and then waits, as trackers that end a track do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.benchmarks.operator.laws.law import Course, Law
from tests.benchmarks.operator.paths import F64


@dataclass(frozen=True)
class Kalman(Law):
    ratio: float = 30.0
    coast_s: float = 0.5

    def follow(self, course: Course) -> F64:
        aims, dt_s = course.aim, course.dt_s
        shown = np.empty_like(aims)
        at = shown[0] = aims[0]
        speed = np.zeros_like(at)
        # Covariance of place and speed in units of the measurement's; begun wide open.
        pp, pv, vv = (np.full_like(at, v) for v in (1.0, 0.0, 1e3))
        q = self.ratio**2
        unseen_s = np.zeros_like(at)
        for t in range(1, len(aims)):
            speed = np.where(unseen_s > self.coast_s, 0.0, speed)
            at = at + speed * dt_s
            pp = pp + 2 * dt_s * pv + dt_s**2 * vv + q * dt_s**4 / 4
            pv = pv + dt_s * vv + q * dt_s**3 / 2
            vv = vv + q * dt_s**2
            seen = np.isfinite(aims[t])
            off = np.where(seen, aims[t] - at, 0.0)
            gain_p, gain_v = pp / (pp + 1), pv / (pp + 1)
            at, speed = at + gain_p * off, speed + gain_v * off
            vv = np.where(seen, vv - gain_v * pv, vv)
            pv = np.where(seen, pv * (1 - gain_p), pv)
            pp = np.where(seen, pp * (1 - gain_p), pp)
            unseen_s = np.where(seen, 0.0, unseen_s + dt_s)
            shown[t] = at
        return shown

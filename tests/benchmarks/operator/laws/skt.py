"""SKT AI Fellowship Live Tracking: a moving average of 1 s, behind a dead band of 10 pixels.

Source: its repository as of 2024-08, in own words: a new centre within 10 pixels of the old one is ignored,
else c += alpha (aim - c) with alpha = 1 / rate, between 0.01 and 1, which is a time constant of 1 s at any
rate. (The frames inserted on a line that an earlier version described were given up.) Its crop never zooms;
the pan's law stands in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.benchmarks.operator.laws.law import Course, Law
from tests.benchmarks.operator.paths import F64


@dataclass(frozen=True)
class Skt(Law):
    time_constant_s: float = 1.0
    dead_px: float = 10.0

    def follow(self, course: Course) -> F64:
        aims = course.held
        shown = np.empty_like(aims)
        alpha = np.clip(course.dt_s / self.time_constant_s, 0.01, 1.0)
        at = shown[0] = aims[0]
        for t in range(1, len(aims)):
            off = aims[t] - at
            at = shown[t] = np.where(np.abs(off) < self.dead_px, at, at + alpha * off)
        return shown

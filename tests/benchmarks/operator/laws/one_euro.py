"""The one-euro filter: a low pass whose cut-off rises with speed.

Source: Casiez, Roussel, Vogel, CHI 2012: alpha(f) = 1 / (1 + 1 / (2 pi f dt)), f = f_min + beta |speed|, the
speed itself low-passed with f_d = 1 Hz. Defaults of its reference code: f_min 1 Hz, beta 0. Speed is taken in
crop widths (heights) per second, so that beta does not depend on the resolution.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.benchmarks.operator.laws.law import Course, Law
from tests.benchmarks.operator.paths import F64


@dataclass(frozen=True)
class OneEuro(Law):
    least_hz: float = 1.0
    beta: float = 0.0
    speed_hz: float = 1.0

    def follow(self, course: Course) -> F64:
        aims, dt_s = course.held, course.dt_s
        shown = np.empty_like(aims)
        at = shown[0] = aims[0]
        speed = np.zeros_like(at)
        for t in range(1, len(aims)):
            moved = (aims[t] - aims[t - 1]) / dt_s / course.span[t]
            speed = speed + _alpha(self.speed_hz, dt_s) * (moved - speed)
            cutoff_hz = self.least_hz + self.beta * np.abs(speed)
            at = shown[t] = at + _alpha(cutoff_hz, dt_s) * (aims[t] - at)
        return shown


def _alpha(cutoff_hz: F64 | float, dt_s: F64) -> F64:
    return np.asarray(1 / (1 + 1 / (2 * np.pi * cutoff_hz * dt_s)))

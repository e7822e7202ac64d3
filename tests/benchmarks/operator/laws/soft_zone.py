"""Auto-Framing-For-OBS 0.2 (2026): an exponential answer behind a soft dead zone.

Source: its crop controller, in own words. Per axis, with R = half of 12 % of the crop: an aim within 0.45
R of the centre counts as the centre, one beyond R as itself, and between them the share smoothstep of the
way is asked for. The crop goes 1 - exp(-12 speed dt) of the way, speed 0.32; this one is aware of time.
The zoom goes the same share of the way without a zone. It detects every 150 ms and frames the source's
aspect; here it is given every picture and 9:16. Without people it widens to the whole picture; here it
waits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.benchmarks.operator.laws.law import Course, Law
from tests.benchmarks.operator.paths import F64

INNER, RESPONSE_HZ = 0.45, 12.0


@dataclass(frozen=True)
class SoftZone(Law):
    speed: float = 0.32
    dead: float = 0.12

    def follow(self, course: Course) -> F64:
        return self._towards(course, self.dead)

    def zoom(self, course: Course) -> F64:
        return self._towards(course, 0.0)

    def _towards(self, course: Course, dead: float) -> F64:
        aims = course.held
        shown = np.empty_like(aims)
        share = 1 - np.exp(-RESPONSE_HZ * self.speed * course.dt_s)
        at = shown[0] = aims[0]
        for t in range(1, len(aims)):
            off = aims[t] - at
            outer = np.maximum(dead * course.span[t] / 2, 1e-9)
            s = np.clip((np.abs(off) - INNER * outer) / ((1 - INNER) * outer), 0.0, 1.0)
            at = shown[t] = at + share * off * (s * s * (3 - 2 * s))
        return shown

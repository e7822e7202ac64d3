"""AutoPTZ 2.2 (2026), digital framer: a moving average behind a dead zone with hysteresis, in whole pixels.

Source: its digital framer, in own words. The crop rests while the wanted centre is within 4 % of the
crop's width and height; once outside on either axis it follows with 0.18 of the way per picture until
both are within half the zone. The size follows with 0.08 per picture, and ignores changes up to 3 %. What
is shown is rounded to whole pixels, the state is not. Not aware of time. Lead room is off by default and
is left out, as is the raised centre (headroom 0.10): all laws are asked for the same centre here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.benchmarks.operator.laws.law import Course, Law
from tests.benchmarks.operator.paths import F64

INNER = 0.5


@dataclass(frozen=True)
class AutoPtz(Law):
    alpha: float = 0.18
    dead: float = 0.04
    size_alpha: float = 0.08
    size_dead: float = 0.03

    def follow(self, course: Course) -> F64:
        aims = course.held
        shown = np.empty_like(aims)
        at = shown[0] = aims[0]
        following = np.zeros((aims.shape[1], 1), dtype=np.bool_)
        for t in range(1, len(aims)):
            off = np.abs(aims[t] - at)
            zone = self.dead * course.span[t]
            near = (off <= INNER * zone).all(axis=1, keepdims=True)
            far = (off > zone).any(axis=1, keepdims=True)
            following = np.where(following, ~near, far)
            at = shown[t] = np.where(following, at + self.alpha * (aims[t] - at), at)
        return np.round(shown - course.span / 2) + np.round(course.span) / 2

    def zoom(self, course: Course) -> F64:
        aims = course.held
        shown = np.empty_like(aims)
        at = shown[0] = aims[0]
        for t in range(1, len(aims)):
            off = aims[t] - at
            at = shown[t] = np.where(np.abs(off) <= self.size_dead * at, at, at + self.size_alpha * off)
        return np.round(shown)

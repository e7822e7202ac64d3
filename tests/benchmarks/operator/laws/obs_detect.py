"""locaal-ai obs-detect (2024-06): an average of 0.05 per rendered picture, in whole pixels.

Source: its detect filter, in own words: each side of the crop goes 0.05 of the way per picture; while
nobody is found it goes 0.01 of the way towards the whole picture (here: its middle, where the zoom is
fixed); the sides are cut to whole pixels for OBS's Crop/Pad filter. Speed 0 to 0.1 in its settings, 0.05
by default. The same average moves the zoom. It is not aware of time. Its aspect is always the source's;
here it is 9:16 like all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.benchmarks.operator.laws.law import Course, Law
from tests.benchmarks.operator.paths import F64

LOST = 0.2


@dataclass(frozen=True)
class ObsDetect(Law):
    speed: float = 0.05

    def follow(self, course: Course) -> F64:
        shown = self._averaged(course, course.picture / 2)
        return np.floor(shown - course.span / 2) + course.span / 2

    def zoom(self, course: Course) -> F64:
        return np.floor(self._averaged(course, course.picture))

    def _averaged(self, course: Course, away: F64) -> F64:
        shown = np.empty_like(course.aim)
        at = shown[0] = course.aim[0]
        for t in range(1, len(course.aim)):
            seen = np.isfinite(course.aim[t])
            goal = np.where(seen, course.aim[t], np.clip(away, course.low[t], course.high[t]))
            at = shown[t] = at + np.where(seen, 1.0, LOST) * self.speed * (goal - at)
        return shown

"""A moving average that is faster the farther behind: alpha = 0.001 + 0.8 distance / width, to 0.1.

Source: what is known of the fancam program fancam_cpu (2026). It runs over files and bridges gaps up to 0.5 s
with a line; here it is given no future and waits in gaps. Which width it means is not known: the source's is
taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.benchmarks.operator.laws.law import Course, Law
from tests.benchmarks.operator.paths import F64


@dataclass(frozen=True)
class DynamicEma(Law):
    base: float = 0.001
    gain: float = 0.8
    most: float = 0.1

    def follow(self, course: Course) -> F64:
        aims = course.held
        shown = np.empty_like(aims)
        at = shown[0] = aims[0]
        for t in range(1, len(aims)):
            off = aims[t] - at
            alpha = np.minimum(self.base + self.gain * np.abs(off) / course.picture, self.most)
            at = shown[t] = at + alpha * off
        return shown

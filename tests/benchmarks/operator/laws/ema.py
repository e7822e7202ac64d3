"""The exponential moving average of most small auto-framers, per picture: c += alpha (aim - c).

Source: common knowledge; LearnOpenCV's CenterStage, center_stage, SimpleAutoFramer and kpop-fancam-studio
(0.18) are of this kind. Default 0.10, the middle of what they use. Not aware of time: at twice the rate it is
twice as fast.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.benchmarks.operator.laws.law import Course, Law
from tests.benchmarks.operator.paths import F64


@dataclass(frozen=True)
class Ema(Law):
    alpha: float = 0.10

    def follow(self, course: Course) -> F64:
        aims = course.held
        shown = np.empty_like(aims)
        at = shown[0] = aims[0]
        for t in range(1, len(aims)):
            at = shown[t] = at + self.alpha * (aims[t] - at)
        return shown

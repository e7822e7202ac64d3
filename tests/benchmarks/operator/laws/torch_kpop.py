"""Torch K-pop (Boostcamp, 2023): what smooths its fancams, as it runs and as it lies switched off.

As coded, source: its video step "smoothing", in own words: gaps hold the last crop, then a moving median of
0.5 s, then a moving average of 0.25 s, both over past pictures only although it runs over files. It shows the
whole picture in gaps of 5 s and more; here it waits.

Switched off: a Savitzky-Golay filter of 45 pictures and degree 2 over the whole take, gaps bridged by lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.signal import savgol_filter

from tests.benchmarks.operator.laws.law import Course, Kind, Law, bridged
from tests.benchmarks.operator.paths import F64


@dataclass(frozen=True)
class TorchTrailing(Law):
    median_s: float = 0.5
    mean_s: float = 0.25

    def follow(self, course: Course) -> F64:
        aims = course.held
        shown = np.empty_like(aims)
        for s, dt_s in enumerate(course.dt_s[:, 0]):
            middle = np.median(_recent(aims[:, s], self.median_s, float(dt_s)), axis=-1)
            shown[:, s] = np.mean(_recent(middle, self.mean_s, float(dt_s)), axis=-1)
        return shown


def _recent(values: F64, window_s: float, dt_s: float) -> F64:
    """(T, A, N) the last N pictures of each; before the first picture is as the first."""
    count = max(1, int(window_s / dt_s + 1e-9))
    padded = np.concatenate([np.repeat(values[:1], count - 1, axis=0), values])
    return sliding_window_view(padded, count, axis=0)


@dataclass(frozen=True)
class TorchSavGol(Law):
    kind: ClassVar[Kind] = "offline"
    pictures: int = 45
    degree: int = 2

    def follow(self, course: Course) -> F64:
        shown = np.empty_like(course.aim)
        for s, length in enumerate(course.lengths):
            window = min(self.pictures, length if length % 2 else length - 1)
            for a in range(course.aim.shape[2]):
                values = bridged(course.aim[:length, s, a])
                shown[:length, s, a] = savgol_filter(values, window, min(self.degree, window - 1))
            shown[length:, s] = shown[length - 1, s]
        return shown

"""AutoFlip (MediaPipe, Apache-2.0): its two camera paths, the kinematic and the polynomial one.

Kinematic, source: its kinematic path solver, in own words, in degrees of a 60-degree field of view. At
rest, an error below the least motion (1.2 degrees) is ignored; moving, one below the window (0) ends the
motion; else the error less the window is the goal. The speed goes a share r = min(mean dt / 0.2 s, 0.8)
of the way to error / dt, at most 18 degrees/s, and place += speed times mean dt; at a limit it stops. An
optional median over the last observations comes first. Observations are whole pixels. While nobody is
seen the last one is repeated.

Polynomial, source: its polynomial regression path solver: one polynomial of degree 4 per axis and scene
over the picture's number, scenes of 600 pictures, 30 pictures of the scene before joining the fit. Its
Cauchy loss (0.5 of normalised units) is nearly the square here, and least squares is used. It picks a
resting camera for scenes with little motion; which of our scenes would be such is not decided here: all
are tracked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tests.benchmarks.operator.laws.law import Course, Kind, Law, bridged
from tests.benchmarks.operator.paths import F64

FIELD_DEG, MOST_RATE, DEGREE = 60.0, 0.8, 4


@dataclass(frozen=True)
class AutoFlipKinematic(Law):
    least_deg: float = 1.2
    most_deg_s: float = 18.0
    window_deg: float = 0.0
    rate_s: float = 0.2
    median_s: float = 0.0

    def follow(self, course: Course) -> F64:
        dt_s, px_deg = course.dt_s, course.picture / FIELD_DEG
        aims = _recent_median(np.trunc(course.held), course.dt_s, self.median_s)
        shown = np.empty_like(aims)
        at = shown[0] = aims[0]
        speed = np.zeros_like(at)
        moving = np.zeros(at.shape, dtype=np.bool_)
        rate = np.minimum(dt_s / self.rate_s, MOST_RATE)
        for t in range(1, len(aims)):
            off = (aims[t] - at) / px_deg
            small = np.where(moving, np.abs(off) < self.window_deg, np.abs(off) < self.least_deg)
            moving = ~small
            off = np.where(small, 0.0, off - np.where(off > 0, 1.0, -1.0) * self.window_deg)
            speed = np.clip(speed * (1 - rate) + off / dt_s * rate, -self.most_deg_s, self.most_deg_s)
            moved = at + speed * dt_s * px_deg
            at = shown[t] = np.clip(moved, course.low[t], course.high[t])
            stopped = moved != at
            speed, moving = np.where(stopped, 0.0, speed), moving & ~stopped
        return shown


def _recent_median(values: F64, dt_s: F64, window_s: float) -> F64:
    """(T, S, A) the median of the last ``window_s``, the upper one of an even number."""
    if window_s <= 0:
        return values
    smooth = np.empty_like(values)
    for s, step_s in enumerate(dt_s[:, 0]):
        count = int(window_s / step_s + 1e-9) + 1
        for t in range(min(count, len(values))):
            smooth[t, s] = np.sort(values[: t + 1, s], axis=0)[(t + 1) // 2]
        windows = sliding_window_view(values[:, s], min(count, len(values)), axis=0)
        smooth[min(count, len(values)) - 1 :, s] = np.sort(windows, axis=-1)[..., windows.shape[-1] // 2]
    return smooth


@dataclass(frozen=True)
class AutoFlipQuartic(Law):
    kind: ClassVar[Kind] = "offline"
    scene_pictures: int = 600
    prior_pictures: int = 30

    def follow(self, course: Course) -> F64:
        shown = np.empty_like(course.aim)
        for s, length in enumerate(course.lengths):
            for a in range(course.aim.shape[2]):
                shown[:length, s, a] = self._fitted(bridged(course.aim[:length, s, a]))
            shown[length:, s] = shown[length - 1, s]
        return shown

    def _fitted(self, values: F64) -> F64:
        shown = np.empty_like(values)
        for start in range(0, len(values), self.scene_pictures):
            first = max(0, start - self.prior_pictures)
            part = values[first : start + self.scene_pictures]
            place = np.linspace(-1, 1, len(part)) if len(part) > 1 else np.zeros(1)
            fit = np.polynomial.Polynomial.fit(place, part, min(DEGREE, len(part) - 1), domain=[-1, 1])
            shown[start : start + self.scene_pictures] = fit(place)[start - first :]
        return shown

"""norihiro obs-face-tracker 0.9.1: PI with a filtered D, then an integrator, per axis.

Source: its doc/properties.md and face-tracker filter, in own words. The error e (aim less crop, 0 while
nobody is found) passes a dead band d and a quadratic band n, both shares of sqrt(width x height) of the
source: 0 within d, (|e| - d)^2 / 2n up to d + n, |e| - d - n/2 beyond. Then o += Kp dt (e + i), i += Ki
dt e, l = (l T + e dt) / (T + dt), crop = o + Kp Td l. While i has the other sign than e, it is unwound no
farther than to 0. o is held at the limits. Defaults: Kp 0.95 /s, Ki 0.3 /s, Td 0.42 s, T 2 s, bands 0;
zoom: Kp -10 dB, T 6 s.

Not in here: the delay of its face detector and correlation tracker. Its quadratic band is not symmetric
as coded; the symmetric one of the formula is used. Faces are followed there, the middle of the box here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tests.benchmarks.operator.laws.law import Course, Law
from tests.benchmarks.operator.paths import F64

ZOOM_GAIN, ZOOM_LOW_PASS_S = 10 ** (-10 / 20), 6.0


@dataclass(frozen=True)
class ObsFaceTracker(Law):
    kp: float = 0.95
    ki: float = 0.3
    td_s: float = 0.42
    low_pass_s: float = 2.0
    dead: float = 0.0
    soft: float = 0.0

    def follow(self, course: Course) -> F64:
        dt_s = course.dt_s
        scale = (
            np.sqrt(np.prod(course.picture, axis=1, keepdims=True)) if course.picture.shape[1] == 2 else 1.0
        )
        dead, soft = self.dead * scale, self.soft * scale
        shown = np.empty_like(course.aim)
        at = shown[0] = course.aim[0]
        output = at.copy()
        integral, slow = np.zeros_like(at), np.zeros_like(at)
        for t in range(1, len(course.aim)):
            error = np.nan_to_num(course.aim[t] - at)
            e = np.sign(error) * _banded(np.abs(error), dead, soft)
            to_zero = -integral / (dt_s * self.ki) if self.ki > 0 else np.zeros_like(e)
            unwinding = np.sign(error) * np.minimum(np.abs(error), np.abs(to_zero))
            i_error = np.where(integral * error < 0, unwinding, e)
            output = output + self.kp * dt_s * (e + integral)
            integral = integral + self.ki * dt_s * i_error
            slow = (slow * self.low_pass_s + e * dt_s) / (self.low_pass_s + dt_s)
            at = output + self.kp * self.td_s * slow
            low, high = course.low[t], course.high[t]
            output = np.where(at < low, np.maximum(output, low), output)
            output = np.where(at > high, np.minimum(output, high), output)
            at = shown[t] = np.clip(at, low, high)
        return shown

    def zoom(self, course: Course) -> F64:
        slower = replace(self, kp=self.kp * ZOOM_GAIN, low_pass_s=ZOOM_LOW_PASS_S, dead=0.0, soft=0.0)
        return slower.follow(course)


def _banded(size: F64, dead: F64 | float, soft: F64 | float) -> F64:
    """The size of an error after both bands."""
    with np.errstate(divide="ignore", invalid="ignore"):
        curve = np.where(np.asarray(soft) > 0, (size - dead) ** 2 / (2 * np.asarray(soft)), 0.0)
    beyond = size - dead - np.asarray(soft) / 2
    return np.where(size <= dead, 0.0, np.where(size < dead + np.asarray(soft), curve, beyond))

"""Random processes in seconds, drawn on a fixed fine grid: the rate of the pictures changes nothing."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.signal import lfilter

F64 = NDArray[np.float64]

#: Every process is drawn at this rate, whatever the rate of the pictures.
GRID_HZ = 60.0


def grid_index(time_s: F64) -> NDArray[np.int64]:
    """The grid point next to each time."""
    return np.rint(time_s * GRID_HZ).astype(np.int64)


def white(rng: np.random.Generator, time_s: F64, last_s: float, shape: tuple[int, ...]) -> F64:
    """(T, *shape) independent standard normal values of a grid up to ``last_s``, seen at ``time_s``."""
    return rng.standard_normal((grid_size(last_s), *shape))[grid_index(time_s)]


def lagging(
    rng: np.random.Generator, time_s: F64, last_s: float, shape: tuple[int, ...], tau_s: float
) -> F64:
    """(T, *shape) Ornstein-Uhlenbeck noise of unit variance and correlation exp(-lag / tau_s)."""
    keep = math.exp(-1.0 / (GRID_HZ * tau_s))
    fresh = rng.standard_normal((grid_size(last_s), *shape))
    fresh[0] /= math.sqrt(1.0 - keep * keep)
    values: F64 = lfilter([math.sqrt(1.0 - keep * keep)], [1.0, -keep], fresh, axis=0)
    return values[grid_index(time_s)]


def lasting(rng: np.random.Generator, time_s: F64, last_s: float, shape: tuple[int, ...]) -> F64:
    """(T, *shape) noise of unit variance as detectors err: for a moment, a posture, a whole scene.

    Correlated .8, .7, .6, .4, .3 after .05, .1, .2, .5, 1 s.
    """
    values = math.sqrt(0.08) * white(rng, time_s, last_s, shape)
    for share, tau_s in ((0.27, 0.12), (0.35, 0.5), (0.30, 4.0)):
        values = values + math.sqrt(share) * lagging(rng, time_s, last_s, shape, tau_s)
    return values


def wandering(
    rng: np.random.Generator, time_s: F64, last_s: float, shape: tuple[int, ...], interval_s: float
) -> F64:
    """(T, *shape) smooth noise: a cubic spline through standard normal values every ``interval_s``."""
    knots = np.arange(math.ceil(last_s / interval_s) + 3) * interval_s
    curve = CubicSpline(knots, rng.standard_normal((len(knots), *shape)), axis=0)
    return np.asarray(curve(time_s), dtype=np.float64)


def grid_size(last_s: float) -> int:
    """Grid points needed to reach ``last_s``."""
    return math.ceil(last_s * GRID_HZ) + 2


def minimum_jerk(share: F64) -> F64:
    """0 to 1 along the smoothest path (Flash and Hogan 1985); ``share`` of the time is clipped to 0..1."""
    u = np.clip(share, 0.0, 1.0)
    return u**3 * (10.0 - 15.0 * u + 6.0 * u * u)

"""A constant-velocity Kalman filter on (cx, cy, w, h), four independent axes, vectorised over tracks.

Per axis the state is (position, velocity) with covariance [[a, b], [b, c]] stored as (a, b, c): for N tracks
``position`` and ``velocity`` are (N, 4) in pixels and pixels per second, ``covariance`` is (N, 4, 3).
Noise is white in continuous time (Bar-Shalom, Li, Kirubarajan 2001, 6.2.2), so steps compose exactly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.tracking.config import FilterConfig

F64 = NDArray[np.float64]


def first_covariance(height: F64, config: FilterConfig) -> F64:
    """(N, 4, 3) covariance of tracks seen once; ``height`` (N,) pixels."""
    covariance = np.zeros((len(height), 4, 3))
    covariance[..., 0] = ((config.first_position * height) ** 2)[:, None]
    covariance[..., 2] = ((config.first_velocity * height) ** 2)[:, None]
    return covariance


def predict_covariance(covariance: F64, height: F64, dt_s: float, config: FilterConfig) -> F64:
    """Covariance after ``dt_s`` seconds of constant velocity and noise."""
    walk = ((config.position_walk * height) ** 2)[:, None]
    push = ((config.velocity_walk * height) ** 2)[:, None]
    a, b, c = covariance[..., 0], covariance[..., 1], covariance[..., 2]
    out = np.empty_like(covariance)
    out[..., 0] = a + dt_s * (2 * b + dt_s * c) + walk * dt_s + push * (dt_s**3 / 3)
    out[..., 1] = b + dt_s * c + push * (dt_s**2 / 2)
    out[..., 2] = c + push * dt_s
    return out


def update_position(
    position: F64, velocity: F64, covariance: F64, measured: F64, variance: F64
) -> tuple[F64, F64, F64]:
    """Fuse measured boxes (N, 4) of ``variance`` (N, 4) px²; new position, velocity and covariance."""
    a, b, c = covariance[..., 0], covariance[..., 1], covariance[..., 2]
    spread = a + variance
    gain_p, gain_v = a / spread, b / spread
    error = measured - position
    out = np.empty_like(covariance)
    out[..., 0] = gain_p * variance
    out[..., 1] = gain_v * variance
    out[..., 2] = np.maximum(c - gain_v * b, 1e-9)
    return position + gain_p * error, velocity + gain_v * error, out


def update_velocity(velocity: F64, covariance: F64, measured: F64, variance: F64) -> tuple[F64, F64]:
    """Fuse measured velocities (N, 2) of ``variance`` (N, 2) (px/s)² into the axes cx and cy.

    The position is left alone: the caller moves it by the displacement itself.
    """
    covariance = covariance.copy()
    a, b, c = covariance[:, :2, 0], covariance[:, :2, 1], covariance[:, :2, 2]
    gain = c / (c + variance)
    out = velocity.copy()
    out[:, :2] += gain * (measured - velocity[:, :2])
    # Joseph form for a gain of zero on the position: its variance stays, the correlation shrinks.
    covariance[:, :2, 0], covariance[:, :2, 1], covariance[:, :2, 2] = a, (1 - gain) * b, (1 - gain) * c
    return out, covariance


def nis(position: F64, covariance: F64, measured: F64, variance: F64) -> F64:
    """(N,) normalised innovation squared, chi-square of 4 degrees of freedom when the filter is honest."""
    result: F64 = ((measured - position) ** 2 / (covariance[..., 0] + variance)).sum(axis=1)
    return result

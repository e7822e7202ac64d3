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
    # Both are linear: in the covariance by the motion, in the squared height by the noise.
    motion = np.array([[1.0, 0.0, 0.0], [2 * dt_s, 1.0, 0.0], [dt_s * dt_s, dt_s, 1.0]])
    walk, push = config.position_walk**2, config.velocity_walk**2
    noise = np.array([walk * dt_s + push * (dt_s**3 / 3), push * (dt_s**2 / 2), push * dt_s])
    out: F64 = (covariance.reshape(-1, 3) @ motion).reshape(covariance.shape)
    out += ((height * height)[:, None] * noise)[:, None]
    return out


def update_position(
    position: F64, velocity: F64, covariance: F64, measured: F64, variance: F64
) -> tuple[F64, F64, F64]:
    """Fuse measured boxes (N, 4) of ``variance`` px², (N, 4) or (N, 1).

    Returns new position, velocity and covariance.
    """
    a, b, c = covariance[..., 0], covariance[..., 1], covariance[..., 2]
    spread = a + variance
    gain_p, gain_v = a / spread, b / spread
    error = measured - position
    out = np.empty_like(covariance)
    out[..., 0] = gain_p * variance
    out[..., 1] = gain_v * variance
    out[..., 2] = np.maximum(c - gain_v * b, 1e-9)
    return position + gain_p * error, velocity + gain_v * error, out


def move_measured(
    velocity: F64, predicted: F64, before: F64, measured: F64, height: F64, dt_s: float, config: FilterConfig
) -> tuple[F64, F64]:
    """A step whose displacement was measured (by optical flow); new velocity and covariance.

    The displacement is a control input: the position takes it over whole, so the velocity's doubt does not
    reach the position. The same measurement corrects the velocity of the axes cx and cy.

    Args:
        velocity: (N, 4) before the correction.
        predicted: (N, 4, 3) covariance had the step been extrapolated.
        before: (N, 4, 3) covariance before the step.
        measured: (N, 2) displacement per second.
        height: (N,) pixels.
        dt_s: length of the step.
        config: noise.
    """
    b, c = before[:, :2, 1], predicted[:, :2, 2]
    gain = c / (c + ((config.flow_velocity * height) ** 2 / dt_s)[:, None])
    faster = velocity.copy()
    faster[:, :2] += gain * (measured - velocity[:, :2])
    covariance = predicted.copy()
    covariance[:, :2, 0] = before[:, :2, 0] + ((config.flow_walk * height) ** 2 * dt_s)[:, None]
    # Joseph form with no gain on the position: the correlation shrinks like the velocity's variance.
    covariance[:, :2, 1] = (1 - gain) * b
    covariance[:, :2, 2] = (1 - gain) * c
    return faster, covariance

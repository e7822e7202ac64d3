"""Uniform cubic B-splines: twice continuously differentiable paths whose jerk is constant between knots.

Control points c have shape (axes, n); the n - 2 knots lie ``knot_s`` apart, the first at time 0. Knot k is
shaped by c[k], c[k + 1], c[k + 2] (de Boor, A Practical Guide to Splines).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


def at_knots(c: F64) -> F64:
    """Positions at the knots; shape (axes, n - 2)."""
    return np.asarray((c[:, :-2] + 4.0 * c[:, 1:-1] + c[:, 2:]) / 6.0)


def beginning(state: F64, knot_s: float) -> F64:
    """The first three control points, shape (axes, 3), of a path that begins with ``state``.

    Args:
        state: rows of position, speed and acceleration at time 0, shape (axes, 3).
        knot_s: time between two knots.
    """
    p, v, a = state[:, 0], state[:, 1] * knot_s, state[:, 2] * knot_s**2
    middle = p - a / 6.0
    return np.stack([middle - v + a / 2.0, middle, middle + v + a / 2.0], axis=1)


def positions(c: F64, knot_s: float, time_s: F64) -> F64:
    """Positions at times (T,) between the first and the last knot; shape (axes, T)."""
    place = np.minimum(np.maximum(time_s / knot_s, 0.0), c.shape[1] - 3.0)
    k = np.minimum(place.astype(np.intp), c.shape[1] - 4)
    u = place - k
    w = 1.0 - u
    uu, ww = u * u, w * w
    far, near = u * uu, w * ww
    left, right = 3.0 * far - 6.0 * uu + 4.0, 3.0 * near - 6.0 * ww + 4.0
    return np.asarray((near * c[:, k] + left * c[:, k + 1] + right * c[:, k + 2] + far * c[:, k + 3]) / 6.0)


def shifted(c: F64, place: NDArray[np.floating]) -> F64:
    """Nearly the same path by other knots: the control polygon at ``place`` (T,), in control points."""
    at = np.arange(c.shape[1], dtype=np.float64)
    return np.stack([np.interp(place, at, row) for row in c])


def state_at(c: F64, knot_s: float, time_s: float) -> F64:
    """Position, speed and acceleration, shape (axes, 3), at a time between the first and the last knot."""
    place = max(time_s / knot_s, 0.0)
    k = min(int(place), c.shape[1] - 4)
    u = min(place - k, 1.0)
    w = 1.0 - u
    weights = np.array(
        [
            [w**3 / 6, (3 * u**3 - 6 * u**2 + 4) / 6, (3 * w**3 - 6 * w**2 + 4) / 6, u**3 / 6],
            [-(w**2) / 2, u * (3 * u - 4) / 2, w * (4 - 3 * w) / 2, u**2 / 2],
            [w, 3 * u - 2, 3 * w - 2, u],
        ]
    )
    return np.asarray(c[:, k : k + 4] @ weights.T / np.array([1.0, knot_s, knot_s * knot_s]))

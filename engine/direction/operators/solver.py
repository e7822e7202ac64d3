"""The convex programme behind an optimal camera path, solved by an interior-point method.

For control points c of a cubic B-spline, per axis, all axes at once:

    minimise  1/2 sum_k pull_k (p_k - aim_k)^2 + 1/2 sum_i jerk_i (D3 c)_i^2 + sum_i rest_i |D1 c|_i
              + sum_k (above_k max(p_k - high_k, 0) + below_k max(low_k - p_k, 0))

with p the positions at the knots. |D1 c| makes pieces that stand exactly still, as in Grundmann, Kwatra and
Essa, "Auto-directed video stabilization with robust L1 optimal camera paths" (CVPR 2011). Jerk is squared:
|D3| alone would leave it as a few strong blows where the pieces meet. Leaving a bound has an exact penalty: a
bound that can be kept is kept.

Every absolute value and every max(.., 0) is the support function of an interval of multipliers s, so the
optimum is a saddle point with H c - b + A' s = 0 and s inside its box. Newton steps with Mehrotra's predictor
and corrector (Nocedal and Wright, Numerical Optimization, 14.2) need one Cholesky factor of a matrix with
three bands beside the diagonal: linear in the length, so that the same code serves 0.5 s and 10 min.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpbtrf, dpbtrs

from engine.direction.operators.spline import at_knots

F64 = NDArray[np.float64]

THIRD = (-1.0, 3.0, -3.0, 1.0)
#: The matrix has this many bands below the diagonal.
BANDS = 3
MAX_STEPS = 40
#: Done when multipliers times distances are that small on average, and the gradient everywhere.
GAP, GRADIENT = 3e-4, 1e-2
#: First distance from the bounds, in the unit of the path; and how far multipliers taken from another
#: programme may go towards theirs.
APART, INNER = 0.01, 0.9
#: How far towards the bounds a step may go.
NEAR = 0.98


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """The numbers of the programme in the module's docstring, for m axes and n control points.

    Attributes:
        aim, pull, low, below, high, above: (m, n - 2) at the knots; low <= high.
        rest: (m, n - 1), above 0.
        jerk: (m, n - 3).
    """

    aim: F64
    pull: F64
    low: F64
    below: F64
    high: F64
    above: F64
    rest: F64
    jerk: F64


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Control points (m, n), and for each term (m, 3 n - 5) its multiplier as a share of what it may be."""

    c: F64
    shares: F64


def solve(programme: Programme, start: F64, fixed: int, shares: F64 | None = None) -> Solution:
    """The best control points.

    Args:
        programme: what to minimise.
        start: (m, n) control points to begin with.
        fixed: this many at the beginning stay as they are in ``start``: the past.
        shares: of a solution that is much like this one, if there is one: with it as a start, half of the
            steps are enough.
    """
    return _InteriorPoint(programme, start, fixed, shares).run()


class _InteriorPoint:
    """Distances zh, zl of the terms beyond and short of their bounds; multipliers s in (lower, upper)."""

    def __init__(self, q: Programme, start: F64, fixed: int, shares: F64 | None) -> None:
        m, n = start.shape
        self._fixed, self._c = fixed, start.copy()
        self._hessian = _quadratic(q, n)
        self._b = _spread(q.pull * q.aim)
        self._ends = (n - 1, n - 1 + n - 2)
        nothing = np.zeros_like(q.aim)
        upper = np.concatenate([q.rest, q.above, nothing], axis=1)
        lower = -np.concatenate([q.rest, nothing, q.below], axis=1)
        # Multipliers that cannot differ from 0 would divide by 0.
        self._lower, self._upper = lower - 1e-9, upper + 1e-9
        self._middle, self._half = (lower + upper) / 2.0, (upper - lower) / 2.0 + 1e-9
        share = 0.0 if shares is None else np.clip(shares, -INNER, INNER)
        self._s = self._middle + self._half * share
        bound = np.concatenate([np.zeros((m, n - 1)), q.high, q.low], axis=1)
        off = self._terms(start) - bound
        self._zh, self._zl = np.maximum(off, 0.0) + APART, np.maximum(-off, 0.0) + APART

    def run(self) -> Solution:
        slope = self._slope()
        for _ in range(MAX_STEPS):
            up, down = self._upper - self._s, self._s - self._lower
            gap = float((self._zh * up + self._zl * down).sum())
            mean = gap / (2 * up.size)
            if mean < GAP and float(np.abs(slope).max()) < GRADIENT:
                break
            weight = 1.0 / (self._zh / up + self._zl / down)
            factor, failed = dpbtrf(self._matrix(weight), lower=1, overwrite_ab=1)
            if failed:
                break
            step = _Step(self, factor, weight, slope, up, down)
            _, ds, dzh, dzl, length = step.towards(0.0, 0.0)
            left = (self._zh + length * dzh) * (up - length * ds) + (self._zl + length * dzl) * (
                down + length * ds
            )
            centre = (float(left.sum()) / gap) ** 3 * mean
            dc, ds, dzh, dzl, length = step.towards(centre + dzh * ds, centre - dzl * ds)
            length *= NEAR
            # The gradient is linear, and a whole step would bring it to 0.
            slope *= 1.0 - length
            self._c += length * dc
            self._s += length * ds
            self._zh += length * dzh
            self._zl += length * dzl
        return Solution(self._c, (self._s - self._middle) / self._half)

    def _terms(self, c: F64) -> F64:
        p = at_knots(c)
        return np.concatenate([c[:, 1:] - c[:, :-1], p, p], axis=1)

    def _transposed(self, s: F64) -> F64:
        i, j = self._ends
        out = _spread(s[:, i:j] + s[:, j:])
        out[:, :-1] -= s[:, :i]
        out[:, 1:] += s[:, :i]
        return out

    def _slope(self) -> F64:
        c, hessian = self._c, self._hessian
        out = hessian[0] * c
        for k in range(1, BANDS + 1):
            out[:, k:] += hessian[k, :, :-k] * c[:, :-k]
            out[:, :-k] += hessian[k, :, :-k] * c[:, k:]
        out += self._transposed(self._s) - self._b
        out[:, : self._fixed] = 0.0
        return np.asarray(out)

    def _matrix(self, weight: F64) -> F64:
        """The Newton matrix of all axes, one after the other, in LAPACK's lower band storage."""
        i, j = self._ends
        bands = self._hessian.copy()
        bands[0, :, :-1] += weight[:, :i]
        bands[0, :, 1:] += weight[:, :i]
        bands[1, :, :-1] -= weight[:, :i]
        _add_knots(bands, weight[:, i:j] + weight[:, j:])
        return np.asarray(bands[:, :, self._fixed :].reshape(BANDS + 1, -1))


class _Step:
    """One factorised Newton step, asked twice: as predictor and as corrector."""

    def __init__(self, at: _InteriorPoint, factor: F64, weight: F64, slope: F64, up: F64, down: F64) -> None:
        self._at, self._factor, self._weight, self._slope = at, factor, weight, slope
        self._up, self._down = up, down

    def towards(self, high: F64 | float, low: F64 | float) -> tuple[F64, F64, F64, F64, float]:
        """Changes of c, s, zh, zl that bring the products to ``high`` and ``low``, and how far to go."""
        at, up, down = self._at, self._up, self._down
        zh, zl = at._zh, at._zl
        miss = (high - zh * up) / up - (low - zl * down) / down
        right = at._transposed(self._weight * miss) - self._slope
        m, n = right.shape
        free = n - at._fixed
        x, _ = dpbtrs(self._factor, right[:, at._fixed :].ravel(), lower=1)
        dc = np.zeros((m, n))
        dc[:, at._fixed :] = x.reshape(m, free)
        ds = self._weight * (at._terms(dc) - miss)
        dzh = (high - zh * up + zh * ds) / up
        dzl = (low - zl * down - zl * ds) / down
        shrinks = np.concatenate([ds / up, -ds / down, -dzh / zh, -dzl / zl])
        worst = max(float(shrinks.max()), 1.0)
        return dc, ds, dzh, dzl, 1.0 / worst


def _quadratic(q: Programme, n: int) -> F64:
    """Second derivatives of the smooth part, lower bands (4, m, n)."""
    bands = np.zeros((BANDS + 1, q.aim.shape[0], n))
    for i in range(4):
        for k in range(4 - i):
            bands[k, :, i : n - 3 + i] += THIRD[i] * THIRD[i + k] * q.jerk
    _add_knots(bands, q.pull)
    return bands


def _add_knots(bands: F64, weight: F64) -> None:
    """Add P' weight P, with P the positions at the knots."""
    w = weight / 36.0
    bands[0, :, :-2] += w
    bands[0, :, 1:-1] += 16.0 * w
    bands[0, :, 2:] += w
    bands[1, :, :-2] += 4.0 * w
    bands[1, :, 1:-1] += 4.0 * w
    bands[2, :, :-2] += w


def _spread(s: F64) -> F64:
    """P' s: what values at the knots (m, n - 2) do to the control points (m, n)."""
    out = np.zeros((s.shape[0], s.shape[1] + 2))
    out[:, :-2] = s
    out[:, 1:-1] += 4.0 * s
    out[:, 2:] += s
    return np.asarray(out / 6.0)

"""What makes a camera path good: the objective of the operators that know what comes."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from engine.direction.operators.solver import Programme

F64 = NDArray[np.float64]

#: Weight of the squared distance from the wanted place, in tolerances: moves end in the middle.
CENTERING = 0.3
#: Weight of what lies beyond the tolerance, per tolerance, and how much more beyond what must be kept.
FENCE, HARD = 50.0, 20.0
#: A speed (tolerances per second) far above that counts as a move, far below as rest. Where the plan rests,
#: speed costs twice its weight, where it moves next to nothing, so that a path rests or moves and does not
#: creep (re-weighted L1: Candes, Wakin, Boyd 2008).
CREEP = 0.05
#: A move of the plan may begin and end so many knots farther out at the price of moving.
BESIDE_KNOTS = 3
#: Knots per smooth_s, and how near and far apart they may be.
KNOTS_PER_SMOOTH, MIN_KNOT_S, MAX_KNOT_S = 4.0, 0.025, 0.1


@dataclass(frozen=True, slots=True)
class PathConfig:
    """How an optimal path trades rest, smoothness and framing (after Grundmann, Kwatra, Essa 2011).

    Everything is in seconds and in shares of the picture, so a path depends neither on the frame rate nor
    on the size of the source. Numbers out of bounds count as the nearest in bounds.

    Attributes:
        tolerance_norm: how far the wanted centre may lie off the middle, as a share of the picture's width;
            upwards 0.6 of that share of its height. The camera rests while the subject stays within;
            0.02 to 0.4.
        smooth_s: time constant of a pan: higher moves start earlier, end later and are softer; 0.05 to 1.5.
        stillness_s: a move must bring one tolerance for about this many seconds to be worth its way; higher
            means longer rests and fewer moves; 0 to 10.
        zoom_tolerance_norm: how far the size may be off, as a share of it; 0.01 to 0.5.
        zoom_smooth_s: as smooth_s, for the zoom; 0.05 to 1.5.
        margin_norm: room between what must not be cut (Want.keep) and the edge, as a share of the picture's
            width and height; 0 to 0.2.
    """

    tolerance_norm: float = 0.22
    smooth_s: float = 0.27
    stillness_s: float = 2.0
    zoom_tolerance_norm: float = 0.12
    zoom_smooth_s: float = 0.5
    margin_norm: float = 0.03

    def bounded(self) -> PathConfig:
        """The same with every number inside its bounds; one that is not finite counts as the default."""
        best = PathConfig()
        return PathConfig(
            _bounded(self.tolerance_norm, 0.02, 0.4, best.tolerance_norm),
            _bounded(self.smooth_s, 0.05, 1.5, best.smooth_s),
            _bounded(self.stillness_s, 0.0, 10.0, best.stillness_s),
            _bounded(self.zoom_tolerance_norm, 0.01, 0.5, best.zoom_tolerance_norm),
            _bounded(self.zoom_smooth_s, 0.05, 1.5, best.zoom_smooth_s),
            _bounded(self.margin_norm, 0.0, 0.2, best.margin_norm),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Corridor:
    """Where a path should run, for m axes at the knots; all (m, K), in one unit per axis.

    Attributes:
        aim: the wanted place.
        low, high: it should not leave these; low <= high.
        hard_low, hard_high: 1.0 where that bound is the picture's edge or keeps what must not be cut, 0.0
            where it is only a tolerance.
        tolerance: what counts as one step off, above 0.
        trust: how much the knot counts, 0 to 1: less for a forecast.
    """

    aim: F64
    low: F64
    high: F64
    hard_low: F64
    hard_high: F64
    tolerance: F64
    trust: F64

    def rows(self, axes: NDArray[np.intp]) -> Corridor:
        """Only these axes."""
        return Corridor(*(getattr(self, field.name)[axes] for field in fields(self)))


def knot_s(smooth_s: float) -> float:
    """Time between two knots of a path of that smoothness."""
    return min(max(smooth_s / KNOTS_PER_SMOOTH, MIN_KNOT_S), MAX_KNOT_S)


def programme(corridor: Corridor, smooth_s: float, stillness_s: float, worth: F64) -> Programme:
    """The programme whose solution is the path, in tolerances of the first knot.

    Per axis, with e the distance from the aim in tolerances, it is the integral over seconds of
    0.3 e^2 + stillness_s worth |e'| + smooth_s^6 (e''')^2 + 50 max(|e| - 1, 0).

    Args:
        corridor: K knots ``knot_s(smooth_s)`` apart.
        smooth_s: see PathConfig.
        stillness_s: see PathConfig.
        worth: (m, K + 1) factors of the price of speed between two control points.
    """
    h = knot_s(smooth_s)
    unit = corridor.tolerance[:, :1]
    narrow = unit / corridor.tolerance
    between = np.concatenate([narrow[:, :1], (narrow[:, 1:] + narrow[:, :-1]) / 2, narrow[:, -1:]], axis=1)
    fence = FENCE * h * corridor.trust * narrow
    return Programme(
        aim=corridor.aim / unit,
        pull=2.0 * CENTERING * h * corridor.trust * narrow**2,
        low=corridor.low / unit,
        below=fence * (1.0 + (HARD - 1.0) * corridor.hard_low),
        high=corridor.high / unit,
        above=fence * (1.0 + (HARD - 1.0) * corridor.hard_high),
        rest=np.maximum(stillness_s, 1e-6) * worth * between,
        jerk=2.0 * smooth_s**6 / h**5 * between[:, 1:-1] ** 2,
    )


def worth(speed: F64) -> F64:
    """The price of speed where a plan runs at ``speed`` tolerances per second: 2 at rest, 0 when it moves.

    A move may begin a little earlier and end a little later almost for nothing, or it would stop short.

    Args:
        speed: (m, n) between control points.
    """
    near = maximum_filter1d(np.abs(speed), 2 * BESIDE_KNOTS + 1, axis=1, mode="nearest")
    return np.asarray(2.0 * CREEP / (near + CREEP))


def _bounded(value: float, low: float, high: float, default: float) -> float:
    return min(max(value, low), high) if math.isfinite(value) else default

"""Where a camera path should run: near what is wanted, round what must not be cut, inside the picture."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.direction.operators.aims import Aims
from engine.direction.operators.path import Corridor, PathConfig
from engine.geometry import Size

F64 = NDArray[np.float64]

#: The tolerance is lower than wide, because there is less room over a head than beside it.
VERTICAL_TOLERANCE = 0.6
#: Of the room left beside what must be kept, at most this share is margin: the camera must be able to rest.
MARGIN_SHARE = 0.5
#: A shot may be smaller than wanted by this share of the tolerance only: it would cut off hands.
SMALLER = 0.4
#: What leaves less than this share of the shot free fills it and gives no direction.
LEAST_SPARE = 0.04


def zoom_corridor(aims: Aims, size: Size, aspect: float, config: PathConfig) -> Corridor:
    """For the logarithm of the height, shape (1, K): wide enough for what must not be cut."""
    aim = aims.aim[2:]
    width, height = aims.keep[2] - aims.keep[0], aims.keep[3] - aims.keep[1]
    room = 1.0 - 2.0 * config.margin_norm
    needed = np.log(np.maximum(np.maximum(height, width / aspect) / room, 1.0))[None]
    widest = math.log(min(size.height, size.width / aspect))
    tolerance = np.full_like(aim, config.zoom_tolerance_norm)
    soft_low, soft_high = aim - SMALLER * tolerance, aim + tolerance
    low, high = np.maximum(soft_low, np.minimum(needed, aim)), np.minimum(soft_high, widest)
    return Corridor(
        aim, low, high, _flags(low > soft_low), _flags(high < soft_high), tolerance, aims.trust[None]
    )


def pan_corridor(aims: Aims, heights: F64, size: Size, aspect: float, config: PathConfig) -> Corridor:
    """For the centre x, y in pixels, shape (2, K), while the shot is ``heights`` (K,) pixels high."""
    shot = np.stack([heights * aspect, heights])
    tolerance = config.tolerance_norm * shot * np.array([[1.0], [VERTICAL_TOLERANCE]])
    first, last = aims.keep[:2], aims.keep[2:]
    spare = shot - (last - first)
    margin = np.clip(config.margin_norm * shot, 0.0, MARGIN_SHARE / 2.0 * np.maximum(spare, 0.0))
    # What does not fit into the shot cannot be kept; then only the aim counts.
    fits = spare > LEAST_SPARE * shot
    least = np.where(fits, last + margin - shot / 2.0, -np.inf)
    most = np.where(fits, first - margin + shot / 2.0, np.inf)
    edge = np.array([[size.width], [size.height]])
    half = np.minimum(shot, edge) / 2.0
    aim = np.clip(aims.aim[:2], half, edge - half)

    def held(value: F64) -> F64:
        return np.clip(np.clip(value, least, most), half, edge - half)

    soft_low, soft_high = aim - tolerance, aim + tolerance
    low, high = held(soft_low), held(soft_high)
    trust = np.broadcast_to(aims.trust, aim.shape)
    return Corridor(aim, low, high, _flags(low != soft_low), _flags(high != soft_high), tolerance, trust)


def _flags(which: NDArray[np.bool_]) -> F64:
    return which.astype(np.float64)

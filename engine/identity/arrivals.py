"""Who a track that has just appeared may be: somebody who was out of sight, or somebody new."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Box
from engine.identity.config import ArrivalConfig

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody was last believed to be.

    Attributes:
        x, y, height: centre and height, source pixels.
        velocity_x, velocity_y: pixels per second.
        time_s: when.
    """

    x: float
    y: float
    height: float
    velocity_x: float
    velocity_y: float
    time_s: float


def plausibility(box: Box, time_s: float, last: list[Place | None], config: ArrivalConfig) -> F64:
    """(P,) how well each person fits a new track, 1 = just where expected, on the scale of ``newcomer``.

    It falls as the area grows over which somebody out of sight may be by now.
    """
    result = np.array([config.unseen if p is None else config.anywhere for p in last])
    known = [i for i, place in enumerate(last) if place is not None]
    if not known:
        return result
    table = np.array(
        [(p.x, p.y, p.height, p.velocity_x, p.velocity_y, p.time_s) for p in last if p is not None]
    )
    x, y, height, velocity_x, velocity_y, then_s = table.T
    gap_s = np.maximum(time_s - then_s, 0.0)
    coast_s = np.minimum(gap_s, config.coast_s)
    height = np.maximum(height, 1.0)
    away = np.hypot(box.center.x - x - velocity_x * coast_s, box.center.y - y - velocity_y * coast_s) / height
    spread = config.spread + config.speed * gap_s
    taller = np.log(max(box.height, 1.0) / height) / config.height
    result[known] += np.exp(-0.5 * ((away / spread) ** 2 + taller**2)) * (config.spread / spread)
    return result


def trust(time_s: float, last: list[Place | None], config: ArrivalConfig) -> F64:
    """(P,) how sure a place alone can be of each person: fully at once, less the longer they were gone."""
    gap_s = np.array([math.inf if p is None else max(time_s - p.time_s, 0.0) for p in last])
    result: F64 = config.inherit + (1.0 - config.inherit) * np.exp(-gap_s / config.hidden_s)
    return result


def shares(available: F64, plausible: F64, trusted: F64, newcomer: float) -> F64:
    """(P,) how much of a new track is each person; what is missing to 1 is somebody new.

    Args:
        available: (P,) how probable it is that each person is out of sight.
        plausible: (P,) see `plausibility`.
        trusted: (P,) see `trust`.
        newcomer: the same for somebody never seen; 0 = there is nobody else.
    """
    weights = available * plausible
    total = float(weights.sum()) + newcomer
    if total <= 0.0:
        return np.zeros(len(available))
    result: F64 = np.minimum(weights / total, np.minimum(available, trusted))
    return result

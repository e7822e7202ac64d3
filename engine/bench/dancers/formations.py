"""Where the dancers of a group stand: formations on the floor, in metres."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

#: Formation and how often it is taken.
FORMATIONS = {
    "line": 1.2,
    "wedge": 1.0,
    "open wedge": 0.8,
    "rows": 1.5,
    "file": 0.3,
    "circle": 0.7,
    "cluster": 0.6,
    "scattered": 1.0,
}
#: Two bodies do not stand nearer than this.
APART_M = 0.55


def formation(rng: np.random.Generator, people: int, gap_m: float, depth_m: float) -> F64:
    """(N, 2) places x (right), z (away from the camera) in metres around the middle of the stage."""
    kinds = list(FORMATIONS)
    weights = np.array(list(FORMATIONS.values()))
    kind = kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))]
    places = _shape(rng, kind, people, gap_m, depth_m)
    places = places - places.mean(axis=0) + rng.normal(0.0, 0.08, places.shape)
    return kept_apart(places)


def kept_apart(places: F64) -> F64:
    """The places pushed away from one another until bodies fit beside one another."""
    for _ in range(30):
        away = places[:, None] - places[None]
        distance = np.linalg.norm(away, axis=-1) + 9.0 * np.eye(len(places))
        push = np.clip(APART_M - distance, 0.0, None) / np.maximum(distance, 1e-3)
        places = places + 0.5 * (push[..., None] * away).sum(axis=1)
    return places


def _shape(rng: np.random.Generator, kind: str, people: int, gap_m: float, depth_m: float) -> F64:
    order = np.arange(people)
    middle = order - (people - 1) / 2
    if kind == "line":
        return np.column_stack([middle * gap_m, np.zeros(people)])
    if kind == "wedge":
        return np.column_stack([middle * gap_m * 0.8, np.abs(middle) * depth_m * 0.6])
    if kind == "open wedge":
        return np.column_stack([middle * gap_m * 0.8, -np.abs(middle) * depth_m * 0.5])
    if kind == "rows":
        per_row = -(-people // (2 if people < 9 else 3))
        row, column = np.divmod(order, per_row)
        return np.column_stack([(column - (per_row - 1) / 2 + row % 2 * 0.5) * gap_m, row * depth_m])
    if kind == "file":
        return np.column_stack([rng.normal(0.0, 0.18, people), middle * depth_m * 0.45])
    if kind == "circle":
        angle = 2 * np.pi * order / people
        return np.column_stack([np.cos(angle), np.sin(angle)]) * max(0.7, people * gap_m / 6.5)
    if kind == "cluster":
        return rng.normal(0.0, 0.45 + 0.06 * people, (people, 2))
    wide = rng.uniform(-0.4, 0.4, people) * gap_m * people
    return np.column_stack([wide, rng.uniform(-1.5, 1.5, people) * depth_m])

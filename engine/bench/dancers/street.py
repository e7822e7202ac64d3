"""Paths of walkers over a street: constant speeds, in pairs and alone, coming and going at the sides."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.bench.dancers.camera import View

F64 = NDArray[np.float64]

IN_PAIRS = 0.3
STANDING = 0.25
#: Width over height of annotated walkers, and the least height in pictures.
USUAL_ASPECT = 0.41
SMALLEST = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Street:
    """Walkers: places (T, N, 2) x, z in metres, ways walked (T, N) in metres, headings (N,) in radians."""

    places_m: F64
    walked_m: F64
    heading: F64


def street(
    rng: np.random.Generator, time_s: F64, last_s: float, in_sight: int, half_width_m: float, deep_m: float
) -> Street:
    """About ``in_sight`` walkers at a time, half_width_m to either side and up to deep_m from the front.

    They walk from one side to the other, some towards or away from the camera, and start outside the picture.
    """
    edge_m = half_width_m * 1.25
    crossing_s = 2 * edge_m / 1.3
    standing = round(STANDING * in_sight)
    people = standing + max(2, round((in_sight - standing) * (last_s + crossing_s) / crossing_s))
    speed = np.clip(rng.normal(1.3, 0.22, people), 0.6, 2.2)
    side = rng.choice([-1.0, 1.0], people)
    slant = np.clip(rng.normal(0.0, rng.uniform(0.2, 0.9), people), -1.4, 1.4)
    centre_s = rng.uniform(-crossing_s / 2, last_s + crossing_s / 2, people)
    depth = rng.uniform(0.0, deep_m, people)
    middle = np.column_stack([rng.uniform(-0.15, 0.15, people) * half_width_m, depth])
    for second in np.flatnonzero(rng.random(people) < IN_PAIRS):
        first = second - 1
        if first < 0:
            continue
        speed[second], side[second], slant[second] = speed[first], side[first], slant[first]
        centre_s[second] = centre_s[first] + rng.normal(0.0, 0.15)
        beside_m = rng.choice([-1.0, 1.0]) * rng.uniform(0.5, 0.8)
        middle[second] = middle[first] + (rng.normal(0.0, 0.2), beside_m)
    way = speed[:, None] * np.column_stack([side * np.cos(slant), np.sin(slant)])
    walked = speed * (time_s[:, None] - centre_s)
    stands = np.arange(people) < standing
    walked[:, stands] = 0.0
    middle[stands, 0] = rng.uniform(-0.9, 0.9, standing) * half_width_m
    since = np.where(stands, 0.0, time_s[:, None] - centre_s)
    places = middle + way * since[..., None]
    places[..., 1] += 0.15 * np.sin(0.5 * walked + rng.uniform(0.0, 6.0, people))
    return Street(places, walked, np.arctan2(way[:, 0], -way[:, 1]))


def steadied(view: View, picture_height_px: int) -> View:
    """The view with boxes as street annotators draw them: hardly wider at a stride, and not of far specks."""
    boxes = view.boxes.copy()
    height = boxes[..., 3] - boxes[..., 1]
    width = 0.5 * (boxes[..., 2] - boxes[..., 0]) + 0.5 * USUAL_ASPECT * height
    middle = view.joints[..., 0].mean(axis=-1)
    boxes[..., 0], boxes[..., 2] = middle - width / 2, middle + width / 2
    return replace(view, boxes=boxes, inside=view.inside & (height > SMALLEST * picture_height_px))

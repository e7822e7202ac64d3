"""Paths of dancers over the floor: formations held, then changed along curves, some dancers exchanged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from engine.bench.dancers.formations import formation
from engine.bench.dancers.processes import minimum_jerk, wandering

F64 = NDArray[np.float64]

#: Nobody crosses the stage faster than this, in the mean.
FASTEST_M_S = 2.4
#: A dancer leaves the picture for one formation with this probability, in sequences where anybody leaves.
LEAVES = 0.07
SEQUENCES_WITH_LEAVING = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Floor:
    """Where everybody stands: places (T, N, 2) x, z in metres; what the camera should see, half each way."""

    places_m: F64
    half_width_m: float
    half_depth_m: float
    beat_s: float


def choreography(
    rng: np.random.Generator, time_s: F64, last_s: float, people: int, difficulty: float
) -> Floor:
    """The floor paths of one dance, as a function of time."""
    gap_m, depth_m = rng.uniform(0.62, 1.3) / np.sqrt(difficulty), rng.uniform(0.8, 1.8)
    beat_s = float(rng.uniform(0.42, 0.62))
    leaving = LEAVES if rng.random() < SEQUENCES_WITH_LEAVING else 0.0
    now = formation(rng, people, gap_m, depth_m)
    half_m, deep_m = np.abs(now).max(axis=0)
    places = np.repeat(now[None], len(time_s), axis=0)
    start_s = 0.0
    while start_s < last_s:
        start_s += rng.uniform(0.8, 5.0) / difficulty
        then = _exchanged(rng, now, formation(rng, people, gap_m, depth_m), difficulty)
        half_m, deep_m = np.maximum((half_m, deep_m), np.abs(then).max(axis=0))
        off = rng.random(people) < leaving
        then[off, 0] = rng.choice([-1.0, 1.0], people)[off] * (half_m + 2.5)
        step, duration_s = _transition(rng, time_s - start_s, now, then, difficulty)
        places += step
        now, start_s = then, start_s + duration_s
    places += _groove(rng, time_s, last_s, people, beat_s)
    return Floor(places, float(half_m) + 0.6, float(deep_m) + 0.3, beat_s)


def _exchanged(rng: np.random.Generator, now: F64, places: F64, difficulty: float) -> F64:
    """Everybody takes the nearest new place, then some take one another's."""
    distance = np.linalg.norm(now[:, None] - places[None], axis=-1)
    taken = places[linear_sum_assignment(distance)[1]]
    count = int(rng.uniform(0.0, 0.75) * min(difficulty, 1.3) * len(now))
    some = rng.permutation(len(now))[: max(2, count)]
    taken[some] = taken[rng.permutation(some)]
    return taken


def _transition(
    rng: np.random.Generator, since_s: F64, now: F64, then: F64, difficulty: float
) -> tuple[F64, float]:
    """(T, N, 2) what the change adds to the places, and how long it takes. Everybody starts a little late."""
    people = len(now)
    way = then - now
    length = np.linalg.norm(way, axis=1)
    duration_s = np.maximum(rng.uniform(1.2, 3.4) / np.sqrt(difficulty), length / FASTEST_M_S)
    late_s = rng.uniform(0.0, 0.35, people)
    bow = rng.normal(0.0, 0.2, (people, 2)) * length[:, None]
    share = np.clip((since_s[:, None] - late_s) / duration_s, 0.0, 1.0)
    eased = minimum_jerk(share)[..., None]
    return way * eased + bow * np.sin(np.pi * eased), float((duration_s + late_s).max())


def _groove(rng: np.random.Generator, time_s: F64, last_s: float, people: int, beat_s: float) -> F64:
    """(T, N, 2) stepping from side to side with the music, and drifting off one's mark."""
    size_m = rng.uniform(0.04, 0.17, people) * rng.choice([0.5, 1.0, 1.6])
    bar_s = beat_s * rng.choice([4.0, 8.0])
    late = rng.normal(0.0, 0.05, people)
    turn = 2 * np.pi * time_s[:, None]
    side = 1.2 * np.sin(turn / bar_s + late) + 0.22 * np.sin(turn / (2 * beat_s) + 9.0 * late)
    deep = 0.7 * np.sin(turn / (2 * bar_s) + rng.uniform(0.0, 6.0))
    drift = 0.06 * wandering(rng, time_s, last_s, (people, 2), 1.0)
    return np.stack([side * size_m, np.broadcast_to(deep * size_m, side.shape)], axis=-1) + drift

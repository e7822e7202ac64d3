"""What bodies do: arms, legs, crouches, turns, jumps and floor work, on the beat or along a walk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.bench.dancers.processes import minimum_jerk

F64 = NDArray[np.float64]


#: A new posture is reached in this share of a beat, then held.
ATTACK = 0.7


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """Posture of N people at T times; sides are left, right of the person.

    Attributes:
        arms: (T, N, 2) raised from level, radians; -pi/2 hangs, pi/2 points up.
        elbows: (T, N, 2) bent, radians.
        reach: (T, N) how far the arms point forward, 0 to 1.
        spread_m: (T, N) feet apart, each from its place under the hip.
        stride_m: (T, N) left foot forward and right foot back.
        crouch_m: (T, N) hips below standing.
        roll, pitch: (T, N) torso leaning to the person's left and forward, radians.
        yaw: (T, N) 0 faces the camera, pi/2 faces right of the picture.
        lift_m: (T, N) feet above the floor.
    """

    arms: F64
    elbows: F64
    reach: F64
    spread_m: F64
    stride_m: F64
    crouch_m: F64
    roll: F64
    pitch: F64
    yaw: F64
    lift_m: F64


class Beats:
    """Values that change on the beat: a shared choreography, danced by everybody with small differences."""

    def __init__(
        self, rng: np.random.Generator, time_s: F64, last_s: float, people: int, beat_s: float
    ) -> None:
        self.rng, self.people = rng, people
        self.count = int(last_s / beat_s) + 6
        at = np.clip(time_s[:, None] / beat_s + rng.normal(0.0, 0.12, people), 0.0, self.count - 2)
        self.index = at.astype(np.int64)
        self.share = minimum_jerk((at - self.index) / ATTACK)

    def track(self, low: float, high: float, own: float = 0.15, low_bias: float = 1.0) -> F64:
        """(T, N) between low and high: held or changed at each beat; a share ``own`` is one's own idea."""
        rng, span = self.rng, high - low
        shared = low + span * rng.random(self.count) ** low_bias
        held = rng.random(self.count) < 0.68
        held[0] = False
        shared = shared[np.maximum.accumulate(np.where(held, 0, np.arange(self.count)))]
        values = np.repeat(shared[:, None], self.people, axis=1)
        values = np.where(rng.random(values.shape) < own, rng.uniform(low, high, values.shape), values)
        values += rng.normal(0.0, 0.04 * span, values.shape)
        who = np.arange(self.people)
        return values[self.index, who] * (1 - self.share) + values[self.index + 1, who] * self.share


def dancing(rng: np.random.Generator, time_s: F64, last_s: float, people: int, beat_s: float) -> Moves:
    """Dancers: everything on the beat, now and then a turn, a jump, some floor work."""
    beats = Beats(rng, time_s, last_s, people, beat_s)
    down = _floor_work(rng, time_s, last_s, people)
    crouch = np.clip(beats.track(-0.25, 0.55), 0.0, None)
    wide = rng.uniform(0.6, 1.7)
    bounce = rng.uniform(0.0, 0.05, people) * np.abs(np.sin(np.pi * time_s[:, None] / beat_s))
    return Moves(
        arms=np.stack([beats.track(-1.5, 1.35, low_bias=2.1 / wide) for _ in range(2)], -1),
        elbows=np.stack([beats.track(0.0, 2.1) for _ in range(2)], -1),
        reach=np.clip(beats.track(-0.4, 0.8), 0.0, 1.0),
        spread_m=np.clip(wide * beats.track(0.02, 0.42, low_bias=2.0), 0.0, 0.7),
        stride_m=beats.track(-0.15, 0.15),
        crouch_m=crouch * (1 - down) + 0.62 * down,
        roll=beats.track(-0.16, 0.16) + down * rng.normal(0.0, 0.5, people),
        pitch=beats.track(-0.05, 0.2) + down * rng.uniform(0.2, 0.9, people),
        yaw=beats.track(-1.2, 1.2, own=0.1) + _turns(rng, time_s, last_s, people),
        lift_m=bounce + _jumps(rng, time_s, last_s, people),
    )


def walking(rng: np.random.Generator, time_s: F64, walked_m: F64, heading: F64) -> Moves:
    """Walkers: legs and arms swing with the way walked (T, N); ``heading`` (N,) is where they face."""
    people = walked_m.shape[1]
    phase = 2 * np.pi * (walked_m / rng.uniform(1.2, 1.5, people) + rng.random(people))
    swing = np.sin(phase)
    still = np.zeros_like(swing)
    hanging = np.full((*swing.shape, 2), -1.45)
    return Moves(
        arms=hanging,
        elbows=np.abs(np.stack([swing, -swing], axis=-1)) * 0.5 + rng.uniform(0.0, 0.5, (people, 1)),
        reach=np.clip(0.25 * np.abs(swing), 0.0, 1.0),
        spread_m=still + 0.02,
        stride_m=swing * rng.uniform(0.22, 0.34, people),
        crouch_m=0.02 * (1 + np.cos(2 * phase)),
        roll=still,
        pitch=still + 0.05,
        yaw=still + heading,
        lift_m=still,
    )


def _turns(rng: np.random.Generator, time_s: F64, last_s: float, people: int) -> F64:
    """(T, N) whole turns, together or by some; about one in five seconds."""
    turned = np.zeros((len(time_s), people))
    for _ in range(rng.poisson(last_s / 5.0)):
        start_s, duration_s = rng.uniform(0.0, last_s), rng.uniform(0.8, 2.0)
        who = np.ones(people) if rng.random() < 0.5 else rng.random(people) < 0.25
        turned += 2 * np.pi * minimum_jerk((time_s[:, None] - start_s) / duration_s) * who
    return turned


def _jumps(rng: np.random.Generator, time_s: F64, last_s: float, people: int) -> F64:
    """(T, N) metres above the floor: jumps of 0.45 s by most of the group, about one in eight seconds."""
    lift = np.zeros((len(time_s), people))
    for _ in range(rng.poisson(last_s / 8.0)):
        u = np.clip((time_s - rng.uniform(0.0, last_s)) / 0.45, 0.0, 1.0)
        lift += (1.2 * u * (1 - u))[:, None] * (rng.random(people) < 0.6)
    return lift


def _floor_work(rng: np.random.Generator, time_s: F64, last_s: float, people: int) -> F64:
    """(T, N) 0 on the feet, 1 down on the floor; in two dances of five, about half of the group."""
    down = np.zeros((len(time_s), people))
    if rng.random() >= 0.4:
        return down
    for _ in range(1 + rng.poisson(last_s / 20.0)):
        start_s, length_s = rng.uniform(0.0, last_s), rng.uniform(2.0, 6.0)
        since_s = time_s[:, None] - start_s - rng.normal(0.0, 0.15, people)
        stay = minimum_jerk(since_s) * (1 - minimum_jerk(since_s - length_s))
        down = np.maximum(down, stay * (rng.random(people) < 0.6))
    return down

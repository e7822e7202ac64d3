"""What is learned from: labelled pairs of many walks through many synthetic scenes, at many rates."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as Many
from dataclasses import dataclass, replace
from multiprocessing import Pool

import numpy as np
from numpy.typing import NDArray

from engine.bench.dancers import DanceConfig, dance
from engine.bench.learning.walk import Glance, walk
from engine.bench.tracking.sequence import Sequence
from engine.tracking.config import AssociationConfig, TrackerConfig
from engine.tracking.features import DISTANCES
from engine.tracking.learned import PairCost, moved_heights
from engine.tracking.network import Network
from engine.tracking.rivals import rival_features

F16 = NDArray[np.float16]
F32 = NDArray[np.float32]
I64 = NDArray[np.int64]

#: Detections a second, from what a laptop manages to what a camera gives.
RATES_HZ = (20.0, 10.0, 20.0, 7.0, 20.0, 10.0, 30.0, 15.0, 10.0, 5.0)
#: Pairs further apart than this many heights, of which one in so many is learned from.
FAR, FAR_EVERY = 0.6, 5
#: Streets among the stages, one in so many.
STREET_EVERY = 7
#: One scene in so many has key points: many a detector gives none.
POSES_EVERY = 3
#: Difficulties of the dances, in turn.
DIFFICULTIES = (1.0, 1.0, 1.4, 1.0, 0.7, 1.8)


@dataclass(frozen=True, slots=True)
class Scene:
    """One walk: which dance, at which rate, what is withheld.

    Attributes:
        seed: of the dance and of what is withheld.
        config: of the dance.
        poses: whether the key points are given.
        gaps_hz: how often per second a person is withheld for a moment.
    """

    seed: int
    config: DanceConfig
    poses: bool
    gaps_hz: float

    def sequence(self) -> Sequence:
        """The dance itself."""
        danced = dance(self.seed, self.config)
        return danced if self.poses else replace(danced, skeletons={})


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """The pairs of one picture.

    Attributes:
        described: (P, F) features.
        rows, columns: (P,) track and finding of each.
        shape: how many of them there are.
        label: (P,) 1 = one person.
        weight: (P,) how much it counts; 0 = not at all. Of those far apart one in FAR_EVERY stands for all:
            they are most of the pairs and teach least.
    """

    described: F16
    rows: I64
    columns: I64
    shape: tuple[int, int]
    label: F32
    weight: F32


def scenes(first_seed: int, count: int, seconds: float) -> list[Scene]:
    """A mix of stages and streets, rates, difficulties, with key points and without."""
    result = []
    for k in range(count):
        street = k % STREET_EVERY == STREET_EVERY - 1
        config = DanceConfig(
            scene="street" if street else "stage",
            seconds=seconds,
            fps=RATES_HZ[k % len(RATES_HZ)],
            difficulty=1.0 if street else DIFFICULTIES[k % len(DIFFICULTIES)],
            looks=None,
        )
        result.append(Scene(first_seed + k, config, k % POSES_EVERY == 1, 0.25 if k % 3 == 2 else 0.0))
    return result


def tracker_config(rng: np.random.Generator) -> TrackerConfig:
    """The tracker's own thresholds, a little varied, so that no mistake is always the same."""
    base = AssociationConfig()
    shift = float(rng.normal(0, 0.5))
    return TrackerConfig(
        association=replace(base, seen_odds=base.seen_odds + shift, lost_odds=base.lost_odds + shift)
    )


def glances(scene: Scene, cost: PairCost | None) -> Iterator[Glance]:
    """A walk through a scene, by the teacher (``cost`` None) or on policy."""
    rng = np.random.default_rng([scene.seed, 7])
    config = tracker_config(rng) if cost is not None else TrackerConfig()
    return walk(scene.sequence(), cost, config, rng, scene.gaps_hz, on_policy=cost is not None)


def collected(which: Many[Scene], cost: PairCost | None, jobs: int) -> list[Lesson]:
    """The lessons of all scenes, in their order whatever ``jobs`` is."""
    with Pool(jobs) as pool:
        parts = pool.starmap(_lessons, [(scene, cost) for scene in which], chunksize=1)
    return [lesson for part in parts for lesson in part]


def _lessons(scene: Scene, cost: PairCost | None) -> list[Lesson]:
    rng = np.random.default_rng([scene.seed, 9])
    return [
        Lesson(
            g.described.astype(np.float16),
            g.decided.pair_rows,
            g.decided.pair_columns,
            (len(g.state), len(g.found)),
            g.label.astype(np.float32),
            _weight(g, rng),
        )
        for g in glances(scene, cost)
        if g.counts.any()
    ]


def _weight(g: Glance, rng: np.random.Generator) -> F32:
    far = ~g.label & (g.described[:, DISTANCES].min(axis=1) > FAR)
    kept = rng.random(len(far)) < 1 / FAR_EVERY
    return (g.counts * np.where(far, FAR_EVERY * kept, 1)).astype(np.float32)


def pairs(lessons: Many[Lesson]) -> tuple[F16, F32, F32]:
    """Features, labels and weights for the first pass."""
    return (
        np.concatenate([x.described[x.weight > 0] for x in lessons]),
        np.concatenate([x.label[x.weight > 0] for x in lessons]),
        np.concatenate([x.weight[x.weight > 0] for x in lessons]),
    )


def pairs_among_rivals(lessons: Many[Lesson], first: Network) -> F16:
    """Features for the second pass: those of the first, and what it says about the rivals."""
    parts = []
    for x in lessons:
        described = x.described.astype(np.float32)
        among = rival_features(first(described), x.rows, x.columns, x.shape, moved_heights(described))
        parts.append(np.concatenate([x.described, among.astype(np.float16)], axis=1)[x.weight > 0])
    return np.concatenate(parts)

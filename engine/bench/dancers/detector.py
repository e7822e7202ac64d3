"""A person detector as it errs in crowds: misses, scores, box errors, false boxes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from engine.bench.dancers.camera import View, clipped
from engine.bench.dancers.overlap import Cover, iou
from engine.bench.dancers.processes import grid_index, grid_size, lagging, lasting, white
from engine.geometry import Size

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class DetectorTraits:
    """How good a detector is. Pairs are for (behind, in front of) the nearest neighbour.

    Attributes:
        miss: how often somebody alone is missed; misses_overlapped is added times the squared overlap.
        score, score_spread: of somebody alone; the others change them by the overlap (IoU).
        box_error: of each edge, in heights, of somebody alone; box_error_overlapped grows with the overlap.
        drift: how far a half-hidden person's box moves to the one in front, at most.
        false_boxes: a picture, mean.
        same: boxes that overlap more (IoU) are one person's: the weaker goes (non-maximum suppression).
    """

    miss: float = 0.002
    misses_overlapped: tuple[float, float] = (0.15, 0.02)
    score: float = 0.96
    score_drop: tuple[float, float] = (0.46, 0.12)
    score_spread: tuple[float, float] = (0.10, 0.06)
    score_spread_overlapped: tuple[float, float] = (0.30, 0.2)
    box_error: tuple[float, float] = (0.06, 0.025)
    box_error_overlapped: tuple[float, float] = (0.11, 0.065)
    drift: float = 0.3
    false_boxes: float = 0.8
    same: float = 0.7

    def varied(self, rng: np.random.Generator) -> DetectorTraits:
        """Another detector of the kind: somewhat better or worse, as pictures and weights differ."""
        worse = float(np.exp(rng.normal(0.0, 0.4)))
        return replace(
            self,
            miss=min(self.miss * worse**2, 0.25),
            score=self.score - 0.04 * (worse - 1.0),
            score_spread=_times(self.score_spread, worse),
            box_error=_times(self.box_error, worse),
            box_error_overlapped=_times(self.box_error_overlapped, worse),
            false_boxes=self.false_boxes * float(np.exp(rng.normal(0.0, 0.6))),
        )


def _times(pair: tuple[float, float], factor: float) -> tuple[float, float]:
    return pair[0] * factor, pair[1] * factor


STAGE_DETECTOR = DetectorTraits()
#: Small people, poor light, an older detector.
STREET_DETECTOR = DetectorTraits(
    miss=0.06,
    misses_overlapped=(0.9, 0.3),
    score=0.86,
    score_spread=(0.2, 0.14),
    box_error=(0.06, 0.04),
    false_boxes=6.0,
)

FALSE_SLOTS = 12
FALSE_LASTS_S = 0.5
LOWEST_SCORE = 0.1
#: Spread of the logarithm of how large box errors are for a while.
BURSTS = 1.2


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What the detector says: boxes (T, M, 4) and scores (T, M) where ``kept`` (T, M).

    The first N of the M places are the N people, in their order; ``body`` (T, M) says whose body each box
    lies on, also for the false ones after them.
    """

    boxes: F64
    scores: F64
    kept: Flags
    body: I64


def detect(
    rng: np.random.Generator,
    time_s: F64,
    last_s: float,
    view: View,
    covered: Cover,
    size: Size,
    traits: DetectorTraits,
) -> Found:
    """Runs the detector model over all pictures."""
    people = view.depth_m.shape[1]
    behind = ~covered.front & (covered.overlap > 0)

    def by_side(pair: tuple[float, float]) -> F64:
        return np.where(behind, pair[0], pair[1])

    sight = np.where(behind, np.clip((covered.visible - 0.08) / 0.22, 0.0, 1.0), 1.0)
    luck = lasting(rng, time_s, last_s, (people,))
    miss = traits.miss + by_side(traits.misses_overlapped) * covered.overlap**2
    missed = ndtr(luck) < 1.0 - (1.0 - miss) * (0.7 + 0.3 * sight)

    spread = by_side(traits.score_spread) + by_side(traits.score_spread_overlapped) * covered.overlap
    mean = traits.score - by_side(traits.score_drop) * covered.overlap - 0.15 * (1.0 - sight)
    doubt = lasting(rng, time_s, last_s, (people,))
    moment = white(rng, time_s, last_s, (people,))
    scores = np.clip(mean + spread * (0.5 * luck + 0.75 * doubt + 0.43 * moment), LOWEST_SCORE, 0.975)

    boxes = _drifted(rng, time_s, last_s, view.boxes, covered, behind, traits.drift)
    error = by_side(traits.box_error) + by_side(traits.box_error_overlapped) * covered.overlap
    height = view.boxes[..., 3] - view.boxes[..., 1]
    boxes = boxes + _edge_noise(rng, time_s, last_s, people) * (error * height)[..., None]
    kept = view.inside & ~missed

    false = _false_boxes(rng, time_s, last_s, view, traits.false_boxes)
    boxes = clipped(_upright(np.concatenate([boxes, false.boxes], axis=1)), size)
    scores = np.concatenate([scores, false.scores], axis=1)
    kept = np.concatenate([kept, false.kept], axis=1)
    kept &= (boxes[..., 2:] - boxes[..., :2]).min(axis=-1) > 4.0
    kept = _suppressed(boxes, scores, kept, traits.same)
    body = np.concatenate([np.broadcast_to(np.arange(people), missed.shape), false.body], axis=1)
    return Found(boxes, scores, kept, body)


def _edge_noise(rng: np.random.Generator, time_s: F64, last_s: float, people: int) -> F64:
    """(T, N, 4) unit variance, lasting, quiet with bursts; feet are found better than sides."""
    noise = lasting(rng, time_s, last_s, (people, 4))
    burst = BURSTS * lagging(rng, time_s, last_s, (people, 1), 0.3)
    edges = np.array([1.1, 0.9, 1.1, 0.8])
    return np.clip(edges * noise * np.exp(burst - BURSTS**2), -8.0, 8.0)


def _drifted(
    rng: np.random.Generator,
    time_s: F64,
    last_s: float,
    boxes: F64,
    covered: Cover,
    behind: Flags,
    drift: float,
) -> F64:
    """The boxes of half-hidden people moved towards the box of whoever is in front of them."""
    pull = drift * ndtr(lagging(rng, time_s, last_s, (boxes.shape[1],), 0.3)) * (1.0 - covered.visible)
    pull = np.where(behind & (covered.visible < 0.55) & (covered.occluder >= 0), pull, 0.0)
    before = np.take_along_axis(boxes, np.maximum(covered.occluder, 0)[..., None], axis=1)
    return boxes + pull[..., None] * (before - boxes)


def _false_boxes(rng: np.random.Generator, time_s: F64, last_s: float, view: View, a_picture: float) -> Found:
    """Boxes on parts of bodies: each stays on one part of one body for a while."""
    spells = int(last_s / FALSE_LASTS_S) + 2
    spell = np.floor(time_s / FALSE_LASTS_S + 1e-6).astype(np.int64)
    luck = lagging(rng, time_s, last_s, (FALSE_SLOTS,), 0.15)
    chance = rng.random((grid_size(last_s), FALSE_SLOTS))[grid_index(time_s)]
    on = ndtr(luck) + 0.2 * chance < a_picture / FALSE_SLOTS * 1.1
    body = rng.integers(view.depth_m.shape[1], size=(spells, FALSE_SLOTS))[spell]
    part = rng.uniform(0.25, 0.6, (spells, FALSE_SLOTS, 2))[spell]
    corner = rng.uniform(-0.2, 1.0, (spells, FALSE_SLOTS, 2))[spell] * (1.0 - part * 0.8)
    whole = np.take_along_axis(view.boxes, body[..., None], axis=1)
    extent = whole[..., 2:] - whole[..., :2]
    low = whole[..., :2] + corner * extent
    height = rng.exponential(0.22, (spells, FALSE_SLOTS))[spell]
    score = np.clip(0.1 + height + 0.05 * luck, LOWEST_SCORE, 0.9)
    kept = on & np.take_along_axis(view.inside, body, axis=1)
    return Found(np.concatenate([low, low + part * extent], axis=-1), score, kept, body)


def _upright(boxes: F64) -> F64:
    """Boxes whose edges have not passed one another."""
    return np.concatenate(
        [np.minimum(boxes[..., :2], boxes[..., 2:]), np.maximum(boxes[..., :2], boxes[..., 2:])], axis=-1
    )


def _suppressed(boxes: F64, scores: F64, kept: Flags, same: float) -> Flags:
    """(T, M) what is left after greedy non-maximum suppression, all pictures side by side."""
    order = np.argsort(-np.where(kept, scores, -1.0), axis=1, kind="stable")
    boxes = np.take_along_axis(boxes, order[..., None], axis=1)
    alive = np.take_along_axis(kept, order, axis=1)
    twins = iou(boxes, boxes) > same
    for rank in range(boxes.shape[1] - 1):
        alive[:, rank + 1 :] &= ~(twins[:, rank, rank + 1 :] & alive[:, rank, None])
    left = np.zeros_like(kept)
    np.put_along_axis(left, order, alive, axis=1)
    return left

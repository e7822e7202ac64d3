"""When a crop was filmed by the clock of its wide master, and whether it is a mirror image."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.errors import JikcamError
from engine.sources.frame import Image
from tests.benchmarks.operator.register import LEVELS, Grey, Placement, aligned, likeness
from tests.benchmarks.operator.register_features import Vote, crop_features, placed, wide_features
from tests.benchmarks.operator.register_film import Skimmed, full

#: Width of the small pictures.
SMALL_PX = 480
#: So many pictures, spread over the crop, are looked at.
SAMPLES = 7
#: Alike to this much at the best time, or the two films do not belong together.
LEAST_ALIKE = 0.3
#: People change slowly enough for so coarse a first search.
STRIDE_S, BEST = 0.07, 4
#: The small pictures need no coarse level.
SMALL_LEVELS = LEVELS[1:2]


@dataclass(frozen=True, slots=True)
class InStep:
    """How two films fit together.

    Attributes:
        shift_s: crop time + this = master time.
        mirrored: the crop shows left as right.
        alike: how alike the samples are then, small, -1 to 1.
    """

    shift_s: float
    mirrored: bool
    alike: float


def in_step(wide_path: Path, wide: Skimmed, crop_path: Path, crop: Skimmed, search_s: float) -> InStep:
    """When and which way round.

    Args:
        search_s: how much the beginnings may differ, either way.

    Raises:
        JikcamError: the crop shows no part of the wide film.
    """
    at = np.unique(np.linspace(0.04, 0.96, SAMPLES) * (len(crop.times) - 1)).astype(int)
    guesses = {int(j): wide.nearest(float(crop.times[j])) for j in at}
    mirrored, votes = _placed(wide_path, crop_path, guesses)
    if not votes:
        raise JikcamError(
            f"{crop_path.name} shows no part of {wide_path.name} that could be recognised",
            "give the wide recording that this crop was made of",
        )
    steps = max(int(search_s * wide.hz), 1)
    scans = [_Scan(wide, crop, j, guesses[j], vote, mirrored) for j, vote in votes.items()]
    stride = max(round(STRIDE_S * wide.hz), 1)
    coarse = {k: _mean_alike(scans, k) for k in _outwards(steps, stride)}
    near = sorted(coarse, key=lambda k: coarse[k])[-BEST:]
    fine = {k + d: _mean_alike(scans, k + d) for k in near for d in range(1 - stride, stride)}
    best = max(fine, key=lambda k: fine[k])
    if fine[best] < LEAST_ALIKE:
        raise JikcamError(
            f"{crop_path.name} and {wide_path.name} are never alike within {search_s:g} s",
            "raise --search-s, or give the wide recording that this crop was made of",
        )
    return InStep(best / wide.hz, mirrored, fine[best])


def _placed(wide_path: Path, crop_path: Path, guesses: dict[int, int]) -> tuple[bool, dict[int, Vote]]:
    """Whether it is mirrored, and where the samples lie that were recognised."""
    wides, crops = full(wide_path, set(guesses.values())), full(crop_path, set(guesses))
    found: dict[bool, dict[int, Vote]] = {False: {}, True: {}}
    for j, k in guesses.items():
        if j not in crops or k not in wides:
            continue
        ours = wide_features(wides[k])
        for flipped, votes in found.items():
            image = np.ascontiguousarray(crops[j][:, ::-1]) if flipped else crops[j]
            vote = placed(ours, crop_features(image), image.shape)
            if vote is not None:
                votes[j] = vote
    plain, turned = (sum(v.cells for v in votes.values()) for votes in found.values())
    return turned > plain, found[turned > plain]


class _Scan:
    """One picture of the crop against pictures of the master.

    From picture to picture the placement is taken along, so that the wide camera may move too.
    """

    def __init__(self, wide: Skimmed, crop: Skimmed, j: int, guess: int, vote: Vote, mirrored: bool) -> None:
        self._wide = wide
        self._guess = guess
        self._theirs = _grey(crop.small[j], mirrored)
        start = Placement(
            vote.placement.x0 / wide.shrunk,
            vote.placement.y0 / wide.shrunk,
            vote.placement.scale * crop.shrunk / wide.shrunk,
        )
        self._placements = {0: start}

    def alike(self, offset: int) -> float:
        """How alike the master's picture so many after the guess is; NaN beyond its ends."""
        index = self._guess + offset
        if not 0 <= index < len(self._wide.small):
            return math.nan
        ours = _grey(self._wide.small[index], False)
        nearest = min(self._placements, key=lambda k: abs(k - offset))
        placement = self._placements[nearest]
        fit = aligned(ours, self._theirs, np.ones_like(ours), placement, SMALL_LEVELS)
        if fit is not None:
            placement = self._placements[offset] = fit.placement
        return likeness(ours, self._theirs, placement)


def _mean_alike(scans: list[_Scan], offset: int) -> float:
    """Mean over the samples; -1 where most of them lie beyond the ends."""
    values = [v for v in (scan.alike(offset) for scan in scans) if math.isfinite(v)]
    return float(np.mean(values)) if len(values) >= (len(scans) + 1) // 2 else -1.0


def _outwards(steps: int, stride: int) -> list[int]:
    """0, 1, -1, 2, -2, ... strides."""
    return sorted((k for k in range(-steps, steps + 1) if k % stride == 0), key=abs)


def _grey(image: Image, mirrored: bool) -> Grey:
    return np.ascontiguousarray(image[:, ::-1] if mirrored else image).astype(np.float32)

"""Synthetic dances are like real ones: figures inside bands around DanceTrack's and MOT17's totals."""

from __future__ import annotations

import pytest

from engine.bench.dancers import DanceConfig, dance
from engine.bench.dancers.statistics import statistics

STAGE = {
    "people a picture": (6.0, 12.0),
    "IoU after 0.05 s, mean": (0.88, 0.92),
    "speed, heights/s, median": (0.22, 0.40),
    "overlap, mean": (0.19, 0.32),
    "share overlapped > .3": (0.30, 0.48),
    "share overlapped > .5": (0.09, 0.21),
    "width / height, mean": (0.48, 0.68),
    "height / picture, mean": (0.22, 0.38),
    "left-right switches a second and pair": (0.045, 0.10),
    "recall, score > .1": (0.93, 0.985),
    "recall, score > .6": (0.86, 0.95),
    "recall behind, overlap 0.5-0.7": (0.70, 0.90),
    "recall in front, overlap 0.5-0.7": (0.90, 1.0),
    "score behind, overlap 0.3-0.5": (0.70, 0.85),
    "edge error in front, overlap 0.0-0.1": (0.015, 0.035),
    "edge error behind, overlap 0.5-0.7": (0.06, 0.11),
    "false boxes a picture, score > .1": (0.1, 0.5),
}
STREET = {
    "people a picture": (6.0, 18.0),
    "IoU after 0.05 s, mean": (0.85, 0.93),
    "overlap, mean": (0.15, 0.32),
    "width / height, mean": (0.32, 0.42),
    "height / picture, mean": (0.15, 0.35),
    "recall, score > .1": (0.7, 0.9),
    "recall, score > .6": (0.6, 0.82),
    "false boxes a picture, score > .1": (0.8, 4.5),
}


@pytest.mark.parametrize(("scene", "bands", "count"), [("stage", STAGE, 20), ("street", STREET, 8)])
def test_the_figures_lie_in_their_bands(
    scene: str, bands: dict[str, tuple[float, float]], count: int
) -> None:
    config = DanceConfig(scene=scene, seconds=12, looks=None)  # type: ignore[arg-type]
    figures = statistics(dance(seed, config) for seed in range(count))
    outside = {n: figures[n] for n, (low, high) in bands.items() if not low <= figures[n] <= high}
    assert not outside

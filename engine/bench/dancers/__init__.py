"""Synthetic dancers and walkers with truth, and simulated appearance of stated quality."""

from engine.bench.dancers.config import DanceConfig
from engine.bench.dancers.dance import dance
from engine.bench.dancers.looks import with_looks
from engine.bench.dancers.quality import EASY, HARD, MEASURED, MEDIUM, FaceQuality, LookQuality
from engine.bench.dancers.separability import separability

__all__ = [
    "EASY",
    "HARD",
    "MEASURED",
    "MEDIUM",
    "DanceConfig",
    "FaceQuality",
    "LookQuality",
    "dance",
    "separability",
    "with_looks",
]

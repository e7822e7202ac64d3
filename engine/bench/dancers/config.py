"""What to dance: length, rate, how many people, how hard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.bench.dancers.quality import MEDIUM, LookQuality
from engine.errors import JikcamError
from engine.geometry import Size

SLOWEST_HZ = 1.0
FASTEST_HZ = 60.0
MOST_PEOPLE = 60


@dataclass(frozen=True, slots=True)
class DanceConfig:
    """One synthetic sequence. The same seed gives the same motion at any rate.

    Attributes:
        scene: "stage" = choreographed dancers; "street" = walkers who come and go at the sides.
        seconds: length, at least 1.
        fps: pictures per second, 1 to 60.
        people: dancers on the stage, or walkers in sight at a time on the street; None: the seed draws.
        difficulty: 1 = as crowded and busy as DanceTrack; above it tighter formations and more exchanges.
        size: picture in pixels; None: 1920x1080 on the stage, drawn by the seed on the street.
        looks: simulated appearance; None leaves it out.
    """

    scene: Literal["stage", "street"] = "stage"
    seconds: float = 30.0
    fps: float = 20.0
    people: int | None = None
    difficulty: float = 1.0
    size: Size | None = None
    looks: LookQuality | None = MEDIUM

    def __post_init__(self) -> None:
        if not SLOWEST_HZ <= self.fps <= FASTEST_HZ:
            raise JikcamError(f"{self.fps:g} pictures a second cannot be danced", "take a rate from 1 to 60")
        if not self.seconds >= 1.0:
            raise JikcamError(f"{self.seconds:g} s are too short for a dance", "take 1 s or more")
        if self.people is not None and not 1 <= self.people <= MOST_PEOPLE:
            raise JikcamError(f"{self.people} people cannot be danced", f"take 1 to {MOST_PEOPLE} people")
        if not 0.25 <= self.difficulty <= 4.0:
            raise JikcamError(f"difficulty {self.difficulty:g} is out of range", "take 0.25 to 4")

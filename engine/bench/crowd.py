"""The benchmarks' stage: real photographs of people, wandering and crossing."""

from __future__ import annotations

from engine.cast import photographic_cast
from engine.geometry import Size
from engine.sources.stage import Scene, scene


def crowd_scene(people: int, size: Size, fps: float) -> Scene:
    """A crowd that mixes everything that is hard; one person alone sways."""
    name = "crowd" if people > 1 else "sway"
    return scene(name, people, size, fps, costumes=photographic_cast(people))

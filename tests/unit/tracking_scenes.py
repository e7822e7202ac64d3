"""Scripted people for the tracker's tests: where they are at any time, what is seen, how pixels move."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.geometry import Box
from engine.people import Detection, MotionField, Observation, Tracks
from engine.tracking import Tracker, TrackerConfig

#: Where somebody is at a time, or None when they are not in the picture or fully hidden.
Path = Callable[[float], Box | None]


def walker(x: float, y: float, vx: float, vy: float = 0.0, height: float = 400.0) -> Path:
    """Straight on for ever; x, y is the centre at time 0, pixels and pixels per second."""
    return lambda t: Box.from_center(x + vx * t, y + vy * t, height * 0.36, height)


def swinger(x: float, y: float, reach: float, period_s: float, height: float = 400.0) -> Path:
    """To and fro, the way dancers do."""
    turn = 2 * math.pi / period_s
    return lambda t: Box.from_center(x + reach * math.sin(turn * t), y, height * 0.36, height)


def absent(path: Path, from_s: float, to_s: float) -> Path:
    """Not seen in that time."""
    return lambda t: None if from_s <= t < to_s else path(t)


@dataclass
class Scene:
    """People seen by a detector with noise ``noise_px``; the motion of their pixels is known exactly."""

    people: list[Path]
    noise_px: float = 0.0
    score: float = 0.9

    def observation(self, time_s: float, index: int, complete: bool = True) -> Observation:
        found = []
        for k, path in enumerate(self.people):
            box = path(time_s)
            if box is not None:
                # The same noise for the same person and time, whatever else is asked.
                seed = np.random.default_rng([k, round(time_s * 1e4)])
                found.append(Detection(box.shifted(*seed.normal(0, self.noise_px, 2)), self.score))
        return Observation(time_s, index, tuple(found), complete)

    def field(self, from_s: float, to_s: float) -> MotionField:
        """Twenty points on each upper body, and a still background."""
        points, moves = [[5.0, 5.0]], [[0.0, 0.0]]
        for path in self.people:
            a, b = path(from_s), path(to_s)
            if a is None or b is None:
                continue
            for u in np.linspace(0.3, 0.7, 4):
                for v in np.linspace(0.12, 0.55, 5):
                    points.append([a.x0 + u * a.width, a.y0 + v * a.height])
                    moves.append([b.center.x - a.center.x, b.center.y - a.center.y])
        return MotionField(
            from_s, to_s, np.array(points, np.float32), np.array(moves, np.float32), np.eye(2, 3)
        )


def play(
    scene: Scene,
    seconds: float,
    fps: float = 30.0,
    every_s: float = 0.1,
    late: int = 0,
    flow: bool = True,
    config: TrackerConfig | None = None,
) -> tuple[Tracker, list[Tracks]]:
    """Run a tracker over a scene: all pictures, an observation every ``every_s``, ``late`` pictures late.

    The last observations are delivered too. Returns the tracker and what it showed at every picture.
    """
    tracker = Tracker(config)
    shown: list[Tracks] = []
    waiting: list[Observation] = []
    stride = max(1, round(every_s * fps))
    for index in range(round(seconds * fps) + 1):
        now = index / fps
        field = scene.field((index - 1) / fps, now) if flow and index else None
        tracker.advance(now, index, field)
        if index % stride == 0:
            waiting.append(scene.observation(now, index))
        while waiting and waiting[0].index <= index - late:
            tracker.observe(waiting.pop(0))
        shown.append(tracker.tracks)
    for observation in waiting:
        tracker.observe(observation)
    return tracker, shown

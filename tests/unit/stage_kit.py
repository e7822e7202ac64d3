"""Questions tests ask about a scene."""

from __future__ import annotations

from dataclasses import replace

import cv2

from engine.geometry import Box
from engine.sources.stage import (
    Painter,
)


def person(made, who: int, time_s: float):
    return next(p for p in made.truth(time_s) if p.id == who)


def hidden_runs_s(made, who: int, until_s: float, below: float = 0.35) -> list[float]:
    """How long each hiding of somebody lasts."""
    dt_s, runs, length = 1 / 50, [], 0
    for k in range(int(until_s / dt_s)):
        if person(made, who, k * dt_s).visible_share < below:
            length += 1
        elif length:
            runs.append(length * dt_s)
            length = 0
    return runs


def moved_pixels_box(made, who: int, time_s: float) -> tuple[Box, float]:
    """The box of the pixels that somebody's absence changes, and how many are inside the silhouette."""
    alone = replace(made, performers=tuple(p for p in made.performers if p.id == who))
    nobody = replace(made, performers=())
    changed = cv2.absdiff(Painter(alone).paint(time_s), Painter(nobody).paint(time_s)).max(axis=2) > 24
    ys, xs = changed.nonzero()
    return Box(float(xs.min()), float(ys.min()), float(xs.max()) + 1, float(ys.max()) + 1), float(
        changed.sum()
    )

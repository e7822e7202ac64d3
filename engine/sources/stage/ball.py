"""A ball on the scripted stage."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Box
from engine.sources.frame import Image
from engine.sources.stage.brush import Brush
from engine.sources.stage.costume import canvas_for
from engine.sources.stage.place import Place
from engine.sources.stage.view import StageView

#: A football.
RADIUS_M = 0.11
LABEL = "sports ball"
_LEATHER, _PATCH, _RIM = (240, 240, 236), (44, 38, 36), (150, 150, 146)
#: How high and how often the ball of the choreography bounces, and how far from its person.
BOUNCE_M, BOUNCE_S, BESIDE_M = 0.8, 0.9, 2.0


@dataclass(frozen=True, slots=True)
class BallPose:
    """Where a ball is.

    Attributes:
        x, depth: of the place on the stage it is measured from, as in ``Pose``.
        right_m: to the right of that place.
        up_m: of its lowest point above the floor.
        turns: how far it has rolled, in full turns.
    """

    x: float
    depth: float
    right_m: float = 0.0
    up_m: float = 0.0
    turns: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Ball:
    """A ball and what it does: its pose at a time in seconds."""

    act: Callable[[float], BallPose]

    def place(self, view: StageView, time_s: float) -> PlacedBall:
        pose = self.act(time_s)
        scale = view.px_per_m(pose.depth)
        middle = complex(
            view.x_px(pose.x, time_s) + pose.right_m * scale,
            view.floor_px(pose.depth) - (pose.up_m + RADIUS_M) * scale,
        )
        return PlacedBall(pose.depth, middle, RADIUS_M * scale, pose.turns)


@dataclass(frozen=True, eq=False)
class PlacedBall:
    """A ball in one picture: middle (x + 1j * y) and radius in source pixels."""

    depth: float
    middle: complex
    radius: float
    turns: float

    @cached_property
    def box(self) -> Box:
        side = 2 * self.radius
        return Box.from_center(self.middle.real, self.middle.imag, side, side)

    def paint(self, canvas: Image) -> None:
        self._draw(Brush(canvas))

    def silhouette(self, box: Box, scale: float) -> NDArray[np.uint8]:
        mask = canvas_for(box, scale)
        self._draw(Brush(mask, (box.x0, box.y0), scale))
        return mask

    def _draw(self, brush: Brush) -> None:
        r = self.radius
        brush.ellipse(self.middle, r, r, _RIM)
        if not brush.detailed:
            return
        brush.ellipse(self.middle - 0.04 * r * (1 + 1j), 0.94 * r, 0.94 * r, _LEATHER)
        for k in range(6):
            away = 0.62 * r * cmath.exp(1j * math.tau * (self.turns + k / 5)) if k < 5 else 0.0
            brush.ellipse(self.middle + away, 0.22 * r, 0.22 * r, _PATCH)


def bouncing_beside(place: Place, x_of: Callable[[float], float]) -> Ball:
    """A ball that bounces 2 m to the right of somebody.

    Args:
        place: theirs.
        x_of: where they stand at a time, design pixels.
    """

    def act(t: float) -> BallPose:
        u = t % BOUNCE_S / BOUNCE_S
        return BallPose(x_of(t), place.depth, BESIDE_M, 4 * BOUNCE_M * u * (1 - u), 0.4 * t)

    return Ball(act)

"""The stage as the camera sees it: a high camera in the middle, so that nearer is lower and larger."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.geometry import Size

#: Choreographies place people on a picture this wide; other widths are scaled.
DESIGN_WIDTH_PX = 1920.0
#: A grown-up with hair and shoes; body heights in pixels mean one of these.
PERSON_M = 1.75
#: One to and fro of a panning camera.
PAN_PERIOD_S = 4.0


@dataclass(frozen=True, slots=True)
class StageView:
    """From the stage to the picture.

    Attributes:
        size: of the picture in pixels.
        shrink: how much smaller than usual people are, for large groups.
        pan_px_s: fastest speed of the camera's pan in pixels per second; 0 for a fixed camera.
    """

    size: Size
    shrink: float = 1.0
    pan_px_s: float = 0.0

    @property
    def pan_reach_px(self) -> float:
        """How far the pan goes to either side."""
        return abs(self.pan_px_s) * PAN_PERIOD_S / math.tau

    def pan_px(self, time_s: float) -> float:
        """How far the camera looks to the right of the middle at that time."""
        return self.pan_px_s * PAN_PERIOD_S / math.tau * math.sin(math.tau * time_s / PAN_PERIOD_S)

    def x_px(self, design_x: float, time_s: float) -> float:
        """Picture x of a place given in design pixels."""
        return design_x * self.size.width / DESIGN_WIDTH_PX - self.pan_px(time_s)

    def floor_px(self, depth: float) -> float:
        """Picture y of the floor; ``depth`` 0 is the back of the stage, 1 the front edge."""
        return self.size.height * (0.72 + 0.23 * depth)

    def px_per_m(self, depth: float) -> float:
        """Pixels for one metre at that depth."""
        tall_px = min(self.size.height, self.size.width * 0.75) * (0.42 + 0.14 * depth)
        return tall_px * self.shrink / PERSON_M

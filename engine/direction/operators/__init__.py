"""How the virtual camera moves towards the shot it is asked for."""

from __future__ import annotations

from typing import Protocol

from engine.geometry import Shot


class Operator(Protocol):
    """Moves a camera. Causal: what ``step`` returns depends on the past and the present only.

    Every shot lies inside the source picture, has the exact aspect of the goal and is finite. The path
    does not depend on the frame rate. Nothing raises.
    """

    def step(self, goal: Shot, dt_s: float) -> Shot:
        """The shot ``dt_s`` seconds after the last one, when ``goal`` is wanted now."""
        ...

    def cut(self, shot: Shot) -> None:
        """Stand still at ``shot`` at once; the next step starts from there."""
        ...

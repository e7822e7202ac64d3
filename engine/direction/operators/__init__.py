"""How the virtual camera moves towards the shots it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from engine.direction.want import Want
from engine.geometry import Shot


class Operator(Protocol):
    """Moves a camera.

    Every shot lies inside the source picture, has the exact aspect of the wanted one and is finite. The path
    does not depend on the frame rate nor on when the clock began. Nothing raises.
    """

    def step(self, window: Sequence[Want], dt_s: float) -> Shot:
        """The shot for ``window[0]``, ``dt_s`` seconds after the last one.

        Args:
            window: the picture to be shown and, when pictures are delayed, what is known of those after it;
                never empty. A live operator has one want and so never reads the future.
            dt_s: time since the last step; 0 on the first.
        """
        ...

    def cut(self, shot: Shot) -> None:
        """Begin anew, at rest at ``shot``: what comes has nothing to do with what was."""
        ...

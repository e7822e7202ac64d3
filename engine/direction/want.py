"""What one picture asks of a camera: the message from framing to the operators."""

from __future__ import annotations

from dataclasses import dataclass

from engine.geometry import Box, Shot


@dataclass(frozen=True, slots=True)
class Want:
    """What the picture of ``time_s`` asks for.

    Attributes:
        time_s: capture time of the picture.
        shot: what framing would show if a camera could be anywhere at once; inside the source picture.
        keep: what must not be cut off, in source pixels: head and trunk of the person, all of them in a
            group; None = nothing.
        seen: the person was seen in this picture. Else ``shot`` is a forecast or rests where it was, and an
            operator that knows the future may pass over it.
    """

    time_s: float
    shot: Shot
    keep: Box | None = None
    seen: bool = True

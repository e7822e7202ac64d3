"""What a View makes of one picture before its camera has moved: the message from planning to the camera."""

from __future__ import annotations

from dataclasses import dataclass

from engine.direction.lock import LockReport
from engine.direction.want import Want
from engine.geometry import Shot
from engine.people import Tracks

#: As ``Plan.change_s``: show the picture as it is, without a way there.
CUT = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """One picture as planned.

    Attributes:
        tracks, lock: at that picture.
        dt_s: since the picture before it.
        want: what the operator is asked for.
        away: what is shown instead while nobody is followed; None = the operator's shot.
        begins: the operator begins anew here, because it is somebody else or they have come back.
        change_s: this picture's shot has another origin than the one before; take about so long to get over
            to it; CUT = no time; None = nothing has changed.
    """

    tracks: Tracks
    lock: LockReport
    dt_s: float
    want: Want
    away: Shot | None
    begins: bool
    change_s: float | None

    @property
    def time_s(self) -> float:
        """Capture time of the picture."""
        return self.tracks.time_s

"""What viewers' pages tell of their own reception: kept while the session lasts and the page goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from engine.control.bodies import MAX_INTEGER

#: Pages tell once a second.
SILENCE_S = 10.0

Amount = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=MAX_INTEGER)]
Side = Annotated[int, Field(ge=0, le=16384)]


class ViewerReport(BaseModel):
    """Body of ``POST /api/viewer``; null is what that browser does not tell.

    Counts are since the session began, the rest is of late. ``id`` is the session's, which only its own page
    knows.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    id: str = Field(min_length=1, max_length=200)
    packets_lost: Count | None = None
    packets_unrecovered: Count | None = Field(default=None, description="of those lost")
    nack: Count | None = None
    key_frame_interval_s: Amount | None = None
    rtt_ms: Amount | None = None
    delay_ms: float | None = Field(
        default=None, ge=-1e6, le=1e6, allow_inf_nan=False, description="from capture to display, median"
    )
    kbps: Amount | None = None
    jitter_buffer_ms: Amount | None = None
    fps: Amount | None = None
    freezes: Count | None = None
    codec: str = Field(default="", max_length=20, pattern="^[a-z0-9-]*$")
    size: list[Side] | None = Field(default=None, min_length=2, max_length=2, description="in pixels")


class ViewerReports:
    """The newest report of each session. Belongs to the server's event loop.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._reports: dict[str, tuple[float, ViewerReport]] = {}

    def take(self, report: ViewerReport) -> None:
        """Take it down; whether that session exists is for the caller to know."""
        self._reports[report.id] = (self._clock(), report)

    def of(self, session: str) -> ViewerReport | None:
        """None when its page has told nothing of late."""
        told_s, report = self._reports.get(session, (float("-inf"), None))
        return report if self._clock() - told_s <= SILENCE_S else None

    def forget_all_but(self, sessions: Collection[str]) -> None:
        """Sessions that have ended and pages that are silent."""
        for session in [s for s in self._reports if s not in sessions or self.of(s) is None]:
            del self._reports[session]

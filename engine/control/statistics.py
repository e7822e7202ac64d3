"""How well everybody is served: the streaming process's numbers joined with what viewers' pages tell."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import psutil
from aiohttp import web

from engine.control.answers import Done, Stats
from engine.control.bodies import parse
from engine.control.commands import done
from engine.control.endpoint import Endpoint, Role
from engine.control.viewers import ViewerReport, ViewerReports
from engine.control.wire import number
from engine.state import EngineControl
from virtualcam.webrtc.messages import Measure, Measures, RefusedError

#: Whoever asks more often gets the same answer.
FRESH_S = 0.5
#: So much of a session's id is told; the whole of it is what proves that a report is the session's own.
SHOWN_OF_ID = 8

NOTHING = Measures({}, [], [], [], 0.0, 0.0)


class Streaming(Protocol):
    """What is needed of ``StreamHost`` here."""

    async def call(self, request: Measure) -> Measures: ...


@dataclass(frozen=True, slots=True)
class Measured:
    """One look at both processes.

    Attributes:
        viewers: one row for each session, as in ``GET /api/stats``.
        cpu_percent: of one core, the engine's own process; streaming_cpu_percent: the streaming process.
            None at the first look and after a restart.
        status: what is wrong with the streaming process; empty when nothing is.
    """

    viewers: tuple[dict[str, Any], ...] = ()
    measures: Measures = NOTHING
    cpu_percent: float | None = None
    streaming_cpu_percent: float | None = None
    status: str = ""


class Statistics:
    """Belongs to the server's event loop.

    Args:
        streaming: None = there is no WebRTC.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        engine: EngineControl,
        streaming: Streaming | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._streaming = streaming
        self._clock = clock
        self._reports = ViewerReports(clock)
        self._process = psutil.Process()
        self._measured = Measured()
        self._measured_s = float("-inf")
        self._own_cpu_s: float | None = None
        self._looking: asyncio.Task[None] | None = None

    def endpoints(self) -> tuple[Endpoint, ...]:
        told = "What a viewer's page tells of its own reception"
        return (
            Endpoint(
                *("POST", "/api/viewer", self.report, Role.VIEW, told, ViewerReport, "application/json"),
                answer=Done,
                errors=(404,),
            ),
            Endpoint("GET", "/api/stats", self.stats, Role.CONTROL, "How well it all works", answer=Stats),
        )

    async def report(self, request: web.Request) -> web.Response:
        report = parse(ViewerReport, await request.read())
        await self.measured()
        if report.id not in self._measured.measures.viewers:
            raise web.HTTPNotFound(reason="there is no such viewer")
        self._reports.take(report)
        return done()

    async def stats(self, _request: web.Request) -> web.Response:
        now, metrics = await self.measured(), await asyncio.to_thread(self._engine.metrics)
        names = [view.name for view in self._engine.state().views]
        return web.json_response(
            {
                "views": [
                    {"name": n, "viewers": [viewer for viewer in now.viewers if viewer["view"] == n]}
                    for n in names
                ],
                "renditions": now.measures.renditions,
                "publishers": now.measures.publishers,
                "cameras": now.measures.cameras,
                "stages": [
                    {
                        "name": stage.name,
                        "count": stage.count,
                        "p50_ms": number(stage.p50_ms, 2),
                        "p95_ms": number(stage.p95_ms, 2),
                        "p99_ms": number(stage.p99_ms, 2),
                        "max_ms": number(stage.max_ms, 2),
                    }
                    for stage in metrics.stages
                ],
                "process": {"cpu_percent": now.cpu_percent, "memory_mb": number(metrics.memory_mb, 1)},
                "streaming": {
                    "status": now.status,
                    "cpu_percent": now.streaming_cpu_percent,
                    "memory_mb": number(now.measures.memory_mb, 1),
                },
            }
        )

    async def measured(self) -> Measured:
        """At most FRESH_S old; who asks meanwhile waits for the same look."""
        if self._looking is None and self._clock() - self._measured_s >= FRESH_S:
            self._looking = asyncio.create_task(self._look())
        if self._looking is not None:
            await asyncio.shield(self._looking)
        # A page's report may be newer than the look.
        return replace(self._measured, viewers=tuple(self._rows(self._measured.measures)))

    async def _look(self) -> None:
        try:
            before, before_s = self._measured, self._measured_s
            status, measures = await self._ask()
            self._measured_s = self._clock()
            since_s = self._measured_s - before_s
            self._reports.forget_all_but(measures.viewers)
            used_s = sum(self._process.cpu_times()[:2])
            self._measured = Measured(
                measures=measures,
                cpu_percent=_percent(self._own_cpu_s, used_s, since_s),
                streaming_cpu_percent=_percent(before.measures.cpu_s or None, measures.cpu_s, since_s),
                status=status,
            )
            self._own_cpu_s = used_s
        finally:
            self._looking = None

    async def _ask(self) -> tuple[str, Measures]:
        if self._streaming is None:
            return "", NOTHING
        try:
            return "", await self._streaming.call(Measure())
        except RefusedError as refusal:
            return refusal.reason, NOTHING

    def _rows(self, measures: Measures) -> list[dict[str, Any]]:
        intervals = {
            (r.get("view"), r.get("codec"), r.get("height")): r.get("key_frame_interval_s")
            for r in measures.renditions
        }
        return [
            _row(session, sent, self._reports.of(session), intervals)
            for session, sent in measures.viewers.items()
        ]


def _row(
    session: str, sent: dict[str, Any], told: ViewerReport | None, intervals: dict[Any, Any]
) -> dict[str, Any]:
    """One viewer. What the page tells of its reception is nearer to the truth than the sender's guess."""
    rendition = (sent.get("view"), sent.get("codec"), sent.get("height"))
    row = {
        "id": session[:SHOWN_OF_ID],
        **{key: sent.get(key) for key in ("view", "codec", "width", "height", "state", "since_s", "moved")},
        **{key: sent.get(key) for key in ("packets_lost", "rtt_ms", "nack", "kbps")},
        **dict.fromkeys(("packets_unrecovered", "delay_ms", "jitter_buffer_ms", "fps", "freezes")),
        "key_frame_interval_s": intervals.get(rendition),
    }
    if told is not None:
        row |= told.model_dump(exclude={"id", "size", "codec"}, exclude_none=True)
    return row


def _percent(before_s: float | None, used_s: float, since_s: float) -> float | None:
    if before_s is None or used_s < before_s or since_s <= 0:
        return None
    return round(100.0 * (used_s - before_s) / since_s, 1)

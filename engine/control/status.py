"""The endpoints that tell how things are: state, time, health, metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from aiohttp import web

from engine.control.access.gate import grant_of
from engine.control.answers import Done, State, Time
from engine.control.endpoint import Endpoint, Role
from engine.control.prometheus import CONTENT_TYPE, metrics_text
from engine.control.prometheus_streams import streaming_families
from engine.control.statistics import Statistics
from engine.control.watch import StateWatch
from engine.state import EngineControl


class Status:
    """``engine.state()`` is called on the event loop: it hands out what is already there.

    Args:
        clients: who is connected how often, by name of the gauge.
    """

    def __init__(
        self,
        engine: EngineControl,
        watch: StateWatch,
        statistics: Statistics,
        clients: Callable[[], Mapping[str, int]],
    ) -> None:
        self._engine = engine
        self._watch = watch
        self._statistics = statistics
        self._clients = clients

    def endpoints(self) -> tuple[Endpoint, ...]:
        view = Role.VIEW
        return (
            Endpoint("GET", "/api/state", self.state, view, "The engine at the newest picture", answer=State),
            Endpoint("GET", "/api/time", self.time, view, "The clock of the pictures", answer=Time),
            Endpoint(
                *("GET", "/healthz", self.health, view, "Whether pictures flow"), answer=Done, errors=(503,)
            ),
            Endpoint(
                *("GET", "/metrics", self.metrics, Role.CONTROL, "Counters and times for Prometheus"),
                answers=((200, CONTENT_TYPE),),
            ),
        )

    async def state(self, request: web.Request) -> web.Response:
        """Viewers get the Views that they may watch, and the people in their shots."""
        return web.json_response(self._watch.state_json(self._engine.state(), grant_of(request)))

    async def time(self, _request: web.Request) -> web.Response:
        return web.json_response({"now_s": self._engine.now_s()})

    async def health(self, _request: web.Request) -> web.Response:
        if trouble := self._watch.trouble():
            raise web.HTTPServiceUnavailable(reason=" ".join(trouble.split()))
        return web.json_response({"ok": True})

    async def metrics(self, _request: web.Request) -> web.Response:
        measured, metrics = await self._statistics.measured(), await asyncio.to_thread(self._engine.metrics)
        state = self._engine.state()
        streaming = streaming_families(measured, [view.name for view in state.views])
        text = metrics_text(metrics, state, self._clients(), streaming)
        return web.Response(body=text.encode(), headers={"Content-Type": CONTENT_TYPE})

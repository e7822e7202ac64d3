"""The JSON endpoints: state, target, preview and take, people, camera, view, preset, OBS, health, metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from aiohttp import web

from engine.control.board import ObsBoard, ObsState
from engine.control.bodies import (
    CameraBody,
    ClaimBody,
    EnrolBody,
    ForgetBody,
    GuardBody,
    ObsBody,
    ObsReportBody,
    PresetBody,
    TakeBody,
    TargetBody,
    ViewBody,
    parse,
)
from engine.control.events import EventSockets
from engine.control.prometheus import CONTENT_TYPE, metrics_text
from engine.control.streams import Streams
from engine.control.watch import StateWatch
from engine.direction.target import CameraMode
from engine.state import EngineControl

_T = TypeVar("_T")


class Api:
    """Handlers of the JSON endpoints.

    ``engine.state()`` is called on the event loop: it hands out what is already there. Everything else
    may take its time and runs in a worker thread; commands one after another, in the order of arrival.
    """

    def __init__(
        self,
        engine: EngineControl,
        watch: StateWatch,
        streams: Streams,
        events: EventSockets,
        board: ObsBoard,
    ) -> None:
        self._engine = engine
        self._watch = watch
        self._streams = streams
        self._events = events
        self._board = board
        self._commands = asyncio.Lock()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/state", self.state),
            web.post("/api/target", self.target),
            web.post("/api/preview", self.preview),
            web.post("/api/take", self.take),
            web.post("/api/guard", self.guard),
            web.post("/api/claim", self.claim),
            web.post("/api/enrol", self.enrol),
            web.post("/api/forget", self.forget),
            web.get("/people/{person:[0-9]{1,16}}.jpg", self.thumbnail),
            web.post("/api/camera", self.camera),
            web.post("/api/view", self.view),
            web.post("/api/obs", self.obs),
            web.post("/api/obs/report", self.obs_report),
            web.get("/api/preset", self.preset),
            web.post("/api/preset", self.apply_preset),
            web.get("/healthz", self.health),
            web.get("/metrics", self.metrics),
        ]

    async def state(self, _request: web.Request) -> web.Response:
        return web.json_response(self._watch.state_json(self._engine.state()))

    async def target(self, request: web.Request) -> web.Response:
        body = parse(TargetBody, await request.read()).root
        self._expect_view(body.view)
        await self._command(lambda: self._engine.set_target(body.view, body.request()))
        return web.json_response({"ok": True})

    async def preview(self, request: web.Request) -> web.Response:
        """As ``target``, but it only says who is next; ``{"kind": "none"}`` takes that back."""
        body = parse(TargetBody, await request.read()).root
        self._expect_view(body.view)
        await self._command(lambda: self._engine.preview(body.view, body.request()))
        return web.json_response({"ok": True})

    async def take(self, request: web.Request) -> web.Response:
        body = parse(TakeBody, await request.read())
        self._expect_view(body.view)
        await self._command(lambda: self._engine.take(body.view, body.how))
        return web.json_response({"ok": True})

    async def guard(self, request: web.Request) -> web.Response:
        body = parse(GuardBody, await request.read())
        self._expect_view(body.view)
        await self._command(lambda: self._engine.set_guard(body.view, body.on))
        return web.json_response({"ok": True})

    async def claim(self, request: web.Request) -> web.Response:
        body = parse(ClaimBody, await request.read())
        self._expect_view(body.view)
        await self._command(lambda: self._engine.claim(body.view, body.request()))
        return web.json_response({"ok": True})

    async def enrol(self, request: web.Request) -> web.Response:
        body = parse(EnrolBody, await request.read())
        await self._command(lambda: self._engine.enrol(body.person, body.name))
        return web.json_response({"ok": True})

    async def forget(self, request: web.Request) -> web.Response:
        body = parse(ForgetBody, await request.read())
        await self._command(lambda: self._engine.forget(body.name))
        return web.json_response({"ok": True})

    async def thumbnail(self, request: web.Request) -> web.Response:
        """``GET /people/{id}.jpg``: one person, so that the user can say who is meant."""
        jpeg = await asyncio.to_thread(self._engine.thumbnail, int(request.match_info["person"]))
        if jpeg is None:
            raise web.HTTPNotFound(reason="there is no picture of that person")
        return web.Response(body=jpeg, content_type="image/jpeg")

    async def camera(self, request: web.Request) -> web.Response:
        body = parse(CameraBody, await request.read())
        self._expect_view(body.view)
        await self._command(lambda: self._engine.set_mode(body.view, CameraMode(body.mode)))
        return web.json_response({"ok": True})

    async def obs(self, request: web.Request) -> web.Response:
        parse(ObsBody, await request.read())
        self._board.release()
        return web.json_response({"ok": True})

    async def obs_report(self, request: web.Request) -> web.Response:
        body = parse(ObsReportBody, await request.read())
        self._board.report(ObsState(body.state, body.text, body.scene, body.scenes))
        return web.json_response({"ok": True})

    async def view(self, request: web.Request) -> web.Response:
        body = parse(ViewBody, await request.read())
        self._expect_view(body.view)
        await self._command(lambda: self._engine.set_view(body.view, body.changes))
        return web.json_response({"ok": True})

    async def preset(self, _request: web.Request) -> web.Response:
        def both() -> dict[str, object]:
            return {"toml": self._engine.preset_text(), "values": self._engine.preset_values()}

        return web.json_response(await asyncio.to_thread(both))

    async def apply_preset(self, request: web.Request) -> web.Response:
        body = parse(PresetBody, await request.read())

        def apply() -> list[str]:
            if body.base is not None and body.base != self._engine.preset_text():
                raise web.HTTPConflict(reason="the preset was changed meanwhile; load it again")
            return self._engine.apply_preset(body.toml)

        return web.json_response({"ok": True, "restart": await self._command(apply)})

    async def health(self, _request: web.Request) -> web.Response:
        if trouble := self._watch.trouble():
            raise web.HTTPServiceUnavailable(reason=" ".join(trouble.split()))
        return web.json_response({"ok": True})

    async def metrics(self, _request: web.Request) -> web.Response:
        metrics = await asyncio.to_thread(self._engine.metrics)
        text = metrics_text(metrics, self._engine.state(), self._streams.viewers, self._events.clients)
        return web.Response(body=text.encode(), headers={"Content-Type": CONTENT_TYPE})

    def _expect_view(self, name: str) -> None:
        if self._engine.mjpeg(name) is None:
            known = [" ".join(v.name.split()) for v in self._engine.state().views]
            raise web.HTTPNotFound(reason=f"there is no such View; the Views are: {', '.join(known)}")

    async def _command(self, command: Callable[[], _T]) -> _T:
        async with self._commands:
            return await asyncio.to_thread(command)

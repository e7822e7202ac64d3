"""The endpoints that direct: who is followed, who is next, who moves the camera, where people count."""

from __future__ import annotations

from aiohttp import web
from pydantic import BaseModel

from engine.control.answers import Done
from engine.control.bodies import (
    AreaBody,
    CameraBody,
    ClaimBody,
    GuardBody,
    TakeBody,
    TargetBody,
    ViewBody,
    parse,
)
from engine.control.endpoint import Endpoint, Handler, Role
from engine.control.orders import Orders
from engine.direction.target import CameraMode
from engine.state import EngineControl


class Commands:
    """Each checks its body and hands the rest to the engine, whose refusal is the answer."""

    def __init__(self, engine: EngineControl, orders: Orders) -> None:
        self._engine = engine
        self._orders = orders

    def endpoints(self) -> tuple[Endpoint, ...]:
        return (
            _post("target", self.target, TargetBody, "Follow another person in a View"),
            _post("preview", self.preview, TargetBody, "Choose who is shown next; the picture stays"),
            _post("take", self.take, TakeBody, "Show who was previewed"),
            _post("guard", self.guard, GuardBody, "Refuse changes on air in a View, or allow them again"),
            _post("claim", self.claim, ClaimBody, "Say that the View's own person stands there"),
            _post("camera", self.camera, CameraBody, "Say who moves the camera: follow, hold or wide"),
            _post("view", self.view, ViewBody, "Change values of a View's table in the running preset"),
            _post("area", self.area, AreaBody, "Say where on the picture people count", errors=()),
        )

    async def target(self, request: web.Request) -> web.Response:
        body = parse(TargetBody, await request.read()).root
        self._orders.expect_view(body.view)
        await self._orders.give(lambda: self._engine.set_target(body.view, body.request()))
        return done()

    async def preview(self, request: web.Request) -> web.Response:
        """As ``target``, but it only says who is next; ``{"kind": "none"}`` takes that back."""
        body = parse(TargetBody, await request.read()).root
        self._orders.expect_view(body.view)
        await self._orders.give(lambda: self._engine.preview(body.view, body.request()))
        return done()

    async def take(self, request: web.Request) -> web.Response:
        body = parse(TakeBody, await request.read())
        self._orders.expect_view(body.view)
        await self._orders.give(lambda: self._engine.take(body.view, body.how))
        return done()

    async def guard(self, request: web.Request) -> web.Response:
        body = parse(GuardBody, await request.read())
        self._orders.expect_view(body.view)
        await self._orders.give(lambda: self._engine.set_guard(body.view, body.on))
        return done()

    async def claim(self, request: web.Request) -> web.Response:
        body = parse(ClaimBody, await request.read()).root
        self._orders.expect_view(body.view)
        await self._orders.give(lambda: self._engine.claim(body.view, body.request()))
        return done()

    async def camera(self, request: web.Request) -> web.Response:
        body = parse(CameraBody, await request.read())
        self._orders.expect_view(body.view)
        await self._orders.give(lambda: self._engine.set_mode(body.view, CameraMode(body.mode)))
        return done()

    async def view(self, request: web.Request) -> web.Response:
        body = parse(ViewBody, await request.read())
        self._orders.expect_view(body.view)
        await self._orders.give(lambda: self._engine.set_view(body.view, body.changes))
        return done()

    async def area(self, request: web.Request) -> web.Response:
        sent = await request.read()
        # Many corners take a while to check.
        await self._orders.give(lambda: self._engine.set_area(parse(AreaBody, sent).preset()))
        return done()


def done() -> web.Response:
    """``{"ok": true}``."""
    return web.json_response({"ok": True})


def _post(
    name: str, handler: Handler, body: type[BaseModel], summary: str, errors: tuple[int, ...] = (404,)
) -> Endpoint:
    return Endpoint(
        *("POST", f"/api/{name}", handler, Role.CONTROL, summary, body, "application/json"),
        answer=Done,
        errors=errors,
    )

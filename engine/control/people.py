"""The endpoints about people: their names, and what they look like."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from engine.control.answers import Done
from engine.control.bodies import EnrolBody, ForgetBody, parse
from engine.control.commands import done
from engine.control.endpoint import Endpoint, Role
from engine.control.orders import Orders
from engine.state import EngineControl

JSON = "application/json"
#: Tiles are asked for twice a second, by every page that is open.
FRESH_S = 0.45


@dataclass(frozen=True, slots=True)
class Portrait:
    """A picture of somebody, being made or made."""

    begun_s: float
    jpeg: asyncio.Task[bytes | None]


class People:
    """Enrols, forgets and shows people.

    Args:
        clock: monotonic seconds.
    """

    def __init__(
        self, engine: EngineControl, orders: Orders, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = engine
        self._orders = orders
        self._clock = clock
        self._portraits: dict[int, Portrait] = {}

    def endpoints(self) -> tuple[Endpoint, ...]:
        control = Role.CONTROL
        enrol, forget = "Give a person a name and remember their looks", "Take a name back"
        return (
            Endpoint("POST", "/api/enrol", self.enrol, control, enrol, EnrolBody, JSON, answer=Done),
            Endpoint("POST", "/api/forget", self.forget, control, forget, ForgetBody, JSON, answer=Done),
            Endpoint(
                *("GET", "/people/{person:[0-9]{1,16}}.jpg", self.thumbnail, control),
                "One person as last seen, so that the user can say who is meant",
                answers=((200, "image/jpeg"),),
                errors=(404,),
            ),
        )

    async def enrol(self, request: web.Request) -> web.Response:
        body = parse(EnrolBody, await request.read())
        await self._orders.give(lambda: self._engine.enrol(body.person, body.name))
        return done()

    async def forget(self, request: web.Request) -> web.Response:
        body = parse(ForgetBody, await request.read())
        await self._orders.give(lambda: self._engine.forget(body.name))
        return done()

    async def thumbnail(self, request: web.Request) -> web.Response:
        """Half a second old at most: however many pages show it, it is made twice a second."""
        person = int(request.match_info["person"])
        made = self._portraits.get(person)
        if made is None or self._clock() - made.begun_s >= FRESH_S:
            task = asyncio.create_task(asyncio.to_thread(self._engine.thumbnail, person))
            made = self._portraits[person] = Portrait(self._clock(), task)
            self._forget_old()
        jpeg = await asyncio.shield(made.jpeg)
        if jpeg is None:
            raise web.HTTPNotFound(reason="there is no picture of that person")
        return web.Response(body=jpeg, content_type="image/jpeg")

    def _forget_old(self) -> None:
        now_s = self._clock()
        for person in [p for p, made in self._portraits.items() if now_s - made.begun_s >= FRESH_S]:
            del self._portraits[person]

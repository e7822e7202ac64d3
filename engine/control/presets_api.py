"""The endpoints about presets: the running one, and those kept in files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from aiohttp import web

from engine.control.access.reach import check_text
from engine.control.answers import Differences, Done, Library, Loaded, Restart, RunningPreset
from engine.control.bodies import PresetBody, SaveBody, parse
from engine.control.commands import done
from engine.control.compare import differences
from engine.control.endpoint import Endpoint, Role
from engine.control.library import PresetLibrary, UnknownPresetError, checked
from engine.control.orders import Orders
from engine.presets import with_members
from engine.state import EngineControl

_T = TypeVar("_T")
JSON = "application/json"


class Presets:
    """The preset that the engine runs, and the library."""

    def __init__(self, engine: EngineControl, orders: Orders, library: PresetLibrary) -> None:
        self._engine = engine
        self._orders = orders
        self._library = library

    def endpoints(self) -> tuple[Endpoint, ...]:
        one, kept, control = "/api/preset", "/api/presets", Role.CONTROL
        named = f"{kept}/{{name}}"
        unknown = (400, 404)
        return (
            Endpoint("GET", one, self.running, control, "The running preset", answer=RunningPreset),
            Endpoint(
                *("POST", one, self.apply, control, "Run another preset", PresetBody, JSON),
                answer=Restart,
                errors=(409,),
            ),
            Endpoint("GET", kept, self.entries, control, "All presets by name", answer=Library),
            Endpoint(*("GET", named, self.read, control, "One preset"), answer=RunningPreset, errors=unknown),
            Endpoint(
                *("GET", f"{named}/compare", self.compare, control),
                "What differs between the running preset and that one",
                answer=Differences,
                errors=unknown,
            ),
            Endpoint(
                *("PUT", named, self.save, control, "Keep a preset under that name", SaveBody, JSON),
                answer=Done,
            ),
            Endpoint(
                *("POST", f"{named}/load", self.load, control, "Run that preset"),
                answer=Loaded,
                errors=unknown,
            ),
            Endpoint(
                *("DELETE", named, self.delete, control, "Delete one of the user's presets"),
                answer=Done,
                errors=unknown,
            ),
        )

    async def running(self, _request: web.Request) -> web.Response:
        def both() -> dict[str, object]:
            return {"toml": self._engine.preset_text(), "values": self._engine.preset_values()}

        return web.json_response(await asyncio.to_thread(both))

    async def apply(self, request: web.Request) -> web.Response:
        body = parse(PresetBody, await request.read())

        def use() -> list[str]:
            if body.base is not None and body.base != self._engine.preset_text():
                raise web.HTTPConflict(reason="the preset was changed meanwhile; load it again")
            check_text(request, self._engine, body.toml)
            return self._engine.apply_preset(body.toml)

        return web.json_response({"ok": True, "restart": await self._orders.give(use)})

    async def entries(self, _request: web.Request) -> web.Response:
        found = await asyncio.to_thread(self._library.entries)
        return web.json_response(
            {"presets": [asdict(entry) for entry in found], "running": self._library.running}
        )

    async def read(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]

        def both() -> dict[str, Any]:
            preset = self._library.preset(name)
            return {"toml": self._library.text(name), "values": preset.model_dump(mode="json")}

        return web.json_response(await _found(both))

    async def compare(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]

        def found() -> list[dict[str, Any]]:
            # The running preset has a View for each member already.
            saved = with_members(self._library.preset(name), self._engine.state().members)
            compared = differences(self._engine.preset_values(), saved.model_dump(mode="json"))
            return [asdict(difference) for difference in compared]

        return web.json_response({"differences": await _found(found)})

    async def save(self, request: web.Request) -> web.Response:
        name, body = request.match_info["name"], parse(SaveBody, await request.read())

        def keep() -> None:
            if body.toml is not None:
                check_text(request, self._engine, body.toml)
                self._library.save(name, body.toml)
                return
            self._library.save(name, self._engine.preset_text())
            self._library.running = checked(name)

        await self._orders.give(keep)
        return done()

    async def load(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]

        def use() -> list[str]:
            text = self._library.text(name)
            restart = self._engine.apply_preset(text)
            self._library.running = checked(name)
            return restart

        return web.json_response({"restart": await _found(use, self._orders)})

    async def delete(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        await _found(lambda: self._library.delete(name), self._orders)
        return done()


async def _found(work: Callable[[], _T], orders: Orders | None = None) -> _T:
    """What ``work`` gives, out of a worker thread, in its turn where it commands; 404 without the preset."""
    try:
        return await (orders.give(work) if orders else asyncio.to_thread(work))
    except UnknownPresetError as error:
        raise web.HTTPNotFound(reason=str(error)) from None

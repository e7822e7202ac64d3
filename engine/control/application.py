"""Everything that one engine's control server answers, joined into one application behind the guard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from aiohttp import web

from engine.control.access.gate import Gate
from engine.control.access.grants import Access
from engine.control.access.guard import Guard
from engine.control.access.login import Login
from engine.control.access.whoami import AccessApi
from engine.control.api import Api
from engine.control.board import ObsBoard
from engine.control.endpoint import Endpoint
from engine.control.events import EventSockets
from engine.control.faults import MAX_BODY_BYTES, add_security_headers, errors_as_json
from engine.control.library import PresetLibrary
from engine.control.openapi import with_document
from engine.control.pages import page_endpoints
from engine.control.rtc import Rtc, Streaming
from engine.control.streams import Streams
from engine.control.watch import StateWatch
from engine.state import EngineControl

#: All that the application answers, for the document and for tests.
ENDPOINTS = web.AppKey("endpoints", tuple[Endpoint, ...])


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the application stands on.

    Attributes:
        streams: the streaming process; None = none.
        library: None = only the presets that are shipped.
        origins: where other machines find the server, the likeliest first.
        fingerprint: of its certificate; "" = it has none.
    """

    engine: EngineControl
    access: Access
    streams: Streaming | None
    library: PresetLibrary | None
    origins: Callable[[], tuple[str, ...]]
    fingerprint: str = ""


def application(wiring: Wiring) -> web.Application:
    """Every route is an Endpoint. Belongs to the event loop that is running."""
    engine = wiring.engine
    board = ObsBoard()
    watch = StateWatch(engine, board)
    streams, events = Streams(engine), EventSockets(watch)
    api = Api(engine, watch, streams, events, board, streaming=wiring.streams, library=wiring.library)
    gate = Gate(wiring.access)
    login = Login(gate, lambda: [view.name for view in engine.state().views])
    guard = Guard(gate, login.sign_in)
    app = web.Application(middlewares=[errors_as_json, guard.middleware], client_max_size=MAX_BODY_BYTES)
    app.on_response_prepare.append(add_security_headers)
    rtc = Rtc(wiring.streams, lambda view: engine.mjpeg(view) is not None, engine.now_s)
    access = AccessApi(engine, wiring.access, wiring.origins, wiring.fingerprint)
    endpoints: tuple[Endpoint, ...] = with_document(
        (
            *api.endpoints(),
            *events.endpoints(),
            *streams.endpoints(),
            *rtc.endpoints(),
            *access.endpoints(),
            *login.endpoints(),
            *page_endpoints(),
        )
    )
    guard.add(app, endpoints)
    app[ENDPOINTS] = endpoints

    async def look(_app: web.Application) -> AsyncIterator[None]:
        looking = asyncio.create_task(watch.run())
        yield
        looking.cancel()

    async def close_long_answers(_app: web.Application) -> None:
        await asyncio.gather(streams.close(), events.close(), api.close())

    app.cleanup_ctx.append(look)
    app.on_shutdown.append(close_long_answers)
    return app

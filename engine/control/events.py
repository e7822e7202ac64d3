"""The event WebSocket: the newest state, at once when it matters and otherwise five times a second."""

from __future__ import annotations

import asyncio
import contextlib

from aiohttp import WSCloseCode, web

from engine.control.access.gate import grant_of
from engine.control.backlog import cut_off, keep_backlog_small
from engine.control.endpoint import Endpoint, Role
from engine.control.watch import StateWatch

MAX_CLIENTS = 32
#: A ping this often; a client that does not answer within half of it is gone (aiohttp's rule).
HEARTBEAT_S = 10.0
#: Room for a few messages: who reads slowly gets the newest soon, not a long tail of old ones.
SEND_BUFFER_BYTES = 8 * 1024
#: How long a client may take to say goodbye.
GOODBYE_S = 0.5


class EventSockets:
    """The open event WebSockets."""

    def __init__(self, watch: StateWatch) -> None:
        self._watch = watch
        self._sockets: dict[web.WebSocketResponse, web.Request] = {}

    @property
    def clients(self) -> int:
        return len(self._sockets)

    def endpoints(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                *("GET", "/api/events", self.handle, Role.VIEW, "The state as it changes (WebSocket)"),
                answers=((101, ""),),
                socket=True,
                errors=(400, 503),
            ),
        )

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Messages ``{"type": "state", "state": as /api/state gives it}``; nothing is expected back."""
        socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT_S, timeout=GOODBYE_S, max_msg_size=1024, compress=False
        )
        if not socket.can_prepare(request):
            raise web.HTTPBadRequest(reason="this is a WebSocket; open it with ws://")
        if len(self._sockets) >= MAX_CLIENTS:
            raise web.HTTPServiceUnavailable(reason=f"{MAX_CLIENTS} event clients are connected already")
        self._sockets[socket] = request
        self._watch.join()
        sender: asyncio.Task[None] | None = None
        try:
            await socket.prepare(request)
            keep_backlog_small(request, SEND_BUFFER_BYTES)
            sender = asyncio.create_task(self._send(request, socket))
            async for _ in socket:
                pass  # reading is what notices pongs and the client's leaving
        finally:
            self._watch.leave()
            del self._sockets[socket]
            if sender is not None:
                sender.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await sender
        return socket

    async def _send(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        sequence = 0
        with contextlib.suppress(ConnectionError):  # the reading side sees it too and cleans up
            while True:
                sequence, message = await self._watch.after(sequence, grant_of(request))
                await socket.send_str(message)
                # Whatever comes up while this client is slow is skipped, but for the newest.
                await request.writer.drain()

    async def close(self) -> None:
        """Say goodbye to all clients; the slow ones are cut off."""
        await asyncio.gather(*(_say_goodbye(socket, request) for socket, request in self._sockets.items()))


async def _say_goodbye(socket: web.WebSocketResponse, request: web.Request) -> None:
    try:
        await asyncio.wait_for(socket.close(code=WSCloseCode.GOING_AWAY), GOODBYE_S)
    except TimeoutError:
        cut_off(request)

"""A client of the wide WebSocket, which acknowledges only when it is told to."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from engine.control import ControlServer
from tests.integration.control_rig import PATIENCE_S


class WideClient:
    """One open socket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def picture(self) -> tuple[dict[str, Any], bytes]:
        """Header and JPEG of the next message."""
        message = await self.socket.receive()
        assert message.type is aiohttp.WSMsgType.BINARY, message
        (length,) = struct.unpack_from("<I", message.data)
        return json.loads(message.data[4 : 4 + length]), message.data[4 + length :]

    async def frame(self) -> int:
        return int((await self.picture())[0]["frame"])

    async def ack(self, frame: int) -> None:
        await self.socket.send_json({"ack": frame})

    async def nothing_for(self, seconds: float) -> None:
        """Fail when a message comes."""
        try:
            message = await self.socket.receive(timeout=seconds)
        except TimeoutError:
            return
        raise AssertionError(f"a message came: {message.type}")

    async def closed(self) -> int:
        """The code with which the server closes, after whatever it still sends."""
        while (message := await self.socket.receive()).type is aiohttp.WSMsgType.BINARY:
            pass
        assert message.type is aiohttp.WSMsgType.CLOSE, message
        return int(message.data)


@asynccontextmanager
async def opened(server: ControlServer, query: str = "") -> AsyncIterator[WideClient]:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{server.url}/api/wide{query}", autoping=True) as socket,
    ):
        yield WideClient(socket)


def talk(server: ControlServer, script: Callable[[WideClient], Awaitable[None]], query: str = "") -> None:
    async def go() -> None:
        async with asyncio.timeout(PATIENCE_S), opened(server, query) as client:
            await script(client)

    asyncio.run(go())

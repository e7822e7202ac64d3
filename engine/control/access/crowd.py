"""How many connections the network may hold: a crowd at the door must not use up what the show needs.

Every connection is an open file, and of those a process has few (256 on macOS): cameras, the streaming
process and this machine's own programs need some too. Connections of this machine are not counted.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Protocol

from engine.control.access.addresses import is_loopback, plain_address
from engine.control.access.listeners import Listener

log = logging.getLogger(__name__)

#: Of the whole network. A viewer's page has about four, a director's ten.
MOST = 160
#: Of one address, behind which several people may be.
MOST_EACH = 64
#: Who does not finish saying hello encrypted is not waited for.
HANDSHAKE_S = 5.0
BACKLOG = 128


class Server(Protocol):
    """What is needed of aiohttp's web.Server."""

    @property
    def connections(self) -> list[Any]: ...

    def __call__(self) -> asyncio.Protocol: ...


async def listen(server: Server, listener: Listener) -> asyncio.Server:
    """Accept connections at ``listener`` for ``server``, as many as there is room for."""
    return await asyncio.get_running_loop().create_server(
        lambda: _Door(server),
        sock=listener.socket,
        ssl=listener.tls,
        ssl_handshake_timeout=HANDSHAKE_S if listener.tls else None,
        backlog=BACKLOG,
    )


class _Door(asyncio.Protocol):
    """Looks at who comes, then steps aside."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        if not _has_room(_address(transport), self._server.connections):
            transport.abort()
            return
        inside = self._server()
        transport.set_protocol(inside)
        inside.connection_made(transport)


def _has_room(address: str, connections: list[Any]) -> bool:
    if is_loopback(address):
        return True
    others = [_address(c.transport) for c in connections if c.transport is not None]
    foreign = [other for other in others if not is_loopback(other)]
    if len(foreign) < MOST and foreign.count(address) < MOST_EACH:
        return True
    log.debug("%s has too many connections, or all have", address)
    return False


def _address(transport: asyncio.BaseTransport) -> str:
    peer = transport.get_extra_info("peername")
    return plain_address(str(peer[0])) if peer else ""

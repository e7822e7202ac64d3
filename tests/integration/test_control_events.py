from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from engine.control import ControlServer
from engine.direction.target import LockState
from tests.integration.control_rig import PATIENCE_S, FakeEngine, ask, serving

Socket = aiohttp.ClientWebSocketResponse
HANDSHAKE = (
    "GET /api/events HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine("main", "tall")


@pytest.fixture
def server(engine: FakeEngine) -> Iterator[ControlServer]:
    with serving(engine) as running:
        yield running


def listen(server: ControlServer, script: Callable[[Socket], Awaitable[None]]) -> None:
    async def go() -> None:
        async with (
            asyncio.timeout(PATIENCE_S),
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{server.url}/api/events") as events,
        ):
            await script(events)

    asyncio.run(go())


async def until(events: Socket, true: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    while True:
        message = await events.receive_json()
        assert message["type"] == "state"
        if true(message["state"]):
            return message["state"]  # type: ignore[no-any-return]


def test_the_state_comes_at_once_and_goes_on(server: ControlServer, engine: FakeEngine) -> None:
    async def script(events: Socket) -> None:
        first = await events.receive_json()
        assert first == {"type": "state", "state": ask(server, "/api/state").json}
        for _ in range(3):
            engine.tick()
            await until(events, lambda state: state["frame_index"] == engine.frame)

    listen(server, script)


def test_changes_of_lock_person_and_people_are_told(server: ControlServer, engine: FakeEngine) -> None:
    async def script(events: Socket) -> None:
        await asyncio.to_thread(ask, server, "/api/target", {"view": "tall", "kind": "person", "number": 2})
        await until(events, lambda state: state["views"][1]["person"] == 2)
        engine.change_view(1, lock=LockState.LOST)
        await until(events, lambda state: state["views"][1]["lock"] == "lost")
        engine.people = engine.people[1:]
        await until(events, lambda state: [p["id"] for p in state["people"]] == [2, 3])
        engine.failure = RuntimeError("no state for a moment")
        await asyncio.sleep(0.1)
        engine.failure = None
        engine.source_status = "reconnecting"
        await until(events, lambda state: state["source_status"] == "reconnecting")

    listen(server, script)


def test_what_clients_say_is_ignored_and_too_much_ends_it(server: ControlServer) -> None:
    async def script(events: Socket) -> None:
        await events.send_str("hello")
        await events.send_bytes(b"\x00")
        await events.receive_json()
        await events.receive_json()
        await events.send_str("x" * 5000)
        while (message := await events.receive()).type is aiohttp.WSMsgType.TEXT:
            pass
        assert message.type is aiohttp.WSMsgType.CLOSE and message.data == aiohttp.WSCloseCode.MESSAGE_TOO_BIG

    listen(server, script)
    assert ask(server, "/api/state").status == 200


def test_the_number_of_clients_is_bounded(server: ControlServer) -> None:
    async def script(events: Socket) -> None:
        async with aiohttp.ClientSession() as session:
            more = [await session.ws_connect(f"{server.url}/api/events") for _ in range(31)]
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(f"{server.url}/api/events")
            assert refused.value.status == 503
            assert (
                "jikcam_event_clients 32.0"
                in (await asyncio.to_thread(ask, server, "/metrics")).body.decode()
            )
            await more[0].close()
            async with session.ws_connect(f"{server.url}/api/events") as again:
                await again.receive_json()
            for other in more:
                await other.close()

    listen(server, script)


def test_stop_says_goodbye(server: ControlServer) -> None:
    async def script(events: Socket) -> None:
        await events.receive_json()
        stopping = asyncio.create_task(asyncio.to_thread(server.stop))
        while (message := await events.receive()).type is aiohttp.WSMsgType.TEXT:
            pass
        assert message.data == aiohttp.WSCloseCode.GOING_AWAY
        await stopping

    listen(server, script)
    assert not server._thread.is_alive()  # type: ignore[union-attr]


def test_a_client_that_reads_nothing_costs_nothing(server: ControlServer, engine: FakeEngine) -> None:
    at = urlsplit(server.url)
    with socket.create_connection((at.hostname, at.port), timeout=PATIENCE_S) as deaf:
        deaf.sendall(HANDSHAKE.format(host=at.netloc).encode())
        engine.run(200)
        people = engine.people

        async def script(events: Socket) -> None:
            # Every change is a message of its own; the deaf client's buffers overflow meanwhile.
            for n in range(100):
                engine.people = people * 20 if n % 2 else people[:1]
                wanted = len(engine.people)
                await until(events, lambda state, wanted=wanted: len(state["people"]) == wanted)  # type: ignore[misc]

        listen(server, script)
        server.stop()
        assert "jikcam-control" not in {t.name for t in threading.enumerate()}
        with contextlib.suppress(ConnectionError):
            while deaf.recv(65536):
                pass  # a time-out here would mean that the connection was left open

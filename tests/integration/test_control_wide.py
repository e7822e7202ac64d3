"""The wide picture: each with its own people, never old, and one JPEG for everybody."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import cv2
import numpy as np
import pytest

from engine.control import ControlServer, wide
from engine.geometry import Box
from tests.integration.control_rig import PATIENCE_S, FakeEngine, ask, serving
from tests.integration.wide_client import WideClient, opened, talk

HANDSHAKE = (
    "GET /api/wide HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine("main", "tall")


@pytest.fixture
def server(engine: FakeEngine) -> Iterator[ControlServer]:
    with serving(engine) as running:
        yield running


def moved(engine: FakeEngine) -> None:
    """Whoever is person 1 stands where the number of the picture says."""
    there = Box.from_center(engine.frame + 1.0, 540, 100, 400)
    engine.people = (replace(engine.people[0], box=there), *engine.people[1:])
    engine.tick()


def test_people_and_shots_are_those_of_the_very_picture(server: ControlServer, engine: FakeEngine) -> None:
    async def script(client: WideClient) -> None:
        moved(engine)
        header, jpeg = await client.picture()
        assert (header["frame"], header["time_s"], header["size"]) == (1, 0.033, [1920, 1080])
        # The engine goes on while the picture is on its way.
        for _ in range(20):
            moved(engine)
        await client.ack(header["frame"])
        later, _ = await client.picture()
        for told in (header, later):
            assert told["people"][0]["box"] == [told["frame"] - 50.0, 340.0, 100.0, 400.0]
        state = ask(server, "/api/state").json
        assert later["people"][1:] == [one | {"joints": None} for one in state["people"][1:]]
        assert later["views"] == [
            {"name": name, "shot": [0.0, 0.0, 1920.0, 1080.0], "lock": "nobody", "person": None}
            for name in ("main", "tall")
        ]
        image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert image is not None and image.shape == (360, 640, 3)

    talk(server, script)


def test_two_pictures_at_most_are_on_their_way_and_the_next_is_the_newest(
    server: ControlServer, engine: FakeEngine
) -> None:
    async def script(client: WideClient) -> None:
        engine.run(120)
        await client.ack(await client.frame())  # a short round trip
        first, second = await client.frame(), await client.frame()
        await client.nothing_for(0.5)
        newest = engine.frame
        await client.ack(first)
        third = await client.frame()
        assert first < second < newest - 3 <= third
        await client.nothing_for(0.2)
        # An acknowledgement stands for all pictures before it; what was never sent stands for none.
        await client.ack(10**9)
        await client.nothing_for(0.2)
        await client.ack(third)
        assert await client.frame() < await client.frame()

    talk(server, script)


def test_who_never_acknowledges_gets_two_pictures_and_is_sent_away(
    server: ControlServer, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wide, "OVERDUE_S", 0.3)

    async def script(client: WideClient) -> None:
        await client.frame()
        await client.frame()
        assert await client.closed() == aiohttp.WSCloseCode.POLICY_VIOLATION

    engine.run()
    talk(server, script)
    assert "jikcam_wide_clients 0.0" in ask(server, "/metrics").body.decode()


def test_who_acknowledges_stays(
    server: ControlServer, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wide, "OVERDUE_S", 0.3)

    async def script(client: WideClient) -> None:
        for _ in range(15):
            await client.ack(await client.frame())
        # Where the source stands still nobody owes anything.
        engine.close()

    engine.run(30)
    talk(server, script)


def test_a_standing_source_costs_no_client_its_place(
    server: ControlServer, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wide, "OVERDUE_S", 0.2)

    async def script(client: WideClient) -> None:
        engine.tick()
        await client.ack(await client.frame())
        await client.nothing_for(0.6)
        for _ in range(10):
            engine.tick()
        assert await client.frame() > 1

    talk(server, script)


def test_one_jpeg_for_all_clients(
    server: ControlServer, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[int] = []
    encode = cv2.imencode

    def counted(kind: str, image: Any, options: Any) -> Any:
        encoded.append(image.shape[1])
        return encode(kind, image, options)

    monkeypatch.setattr(cv2, "imencode", counted)

    async def go() -> None:
        async with asyncio.timeout(PATIENCE_S), AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(opened(server, "?fps=30")) for _ in range(8)]
            for n in range(1, 6):
                await asyncio.sleep(0.05)  # all of them wait for the next picture
                engine.tick()
                pictures = [await client.picture() for client in clients]
                assert {header["frame"] for header, _ in pictures} == {n}
                assert len({jpeg for _, jpeg in pictures}) == 1
                for client in clients:
                    await client.ack(n)

    asyncio.run(go())
    assert encoded == [640] * 5
    engine.tick()
    assert len(encoded) == 5, "nobody watches any more"


def test_the_widest_and_the_fastest_wish_decides(server: ControlServer, engine: FakeEngine) -> None:
    async def go() -> None:
        async with asyncio.timeout(PATIENCE_S), opened(server, "?width=320&fps=5") as small:
            engine.run(60)
            header, jpeg = await small.picture()
            assert jpeg_width(jpeg) == 320
            last_s = header["time_s"]
            async with opened(server, "?width=480&fps=30") as large:
                # The first one may have been made before this wish was known.
                await large.picture()
                _, jpeg = await large.picture()
                assert jpeg_width(jpeg) == 480 and engine.wide().max_fps == 30
                await small.ack(header["frame"])
                for _ in range(3):
                    header, jpeg = await small.picture()
                    await small.ack(header["frame"])
                    assert header["time_s"] - last_s >= 0.16, "more than five a second"
                    last_s = header["time_s"]
                assert jpeg_width(jpeg) == 480
            while engine.wide().max_width != 320:
                await asyncio.sleep(0.01)
            assert engine.wide().max_fps == 5

    asyncio.run(go())


def jpeg_width(jpeg: bytes) -> int:
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return int(image.shape[1])


@pytest.mark.parametrize("said", ["hello", "{}", '{"ack":"1"}', '{"ack":1.5}', "[" * 500, '{"ack":1e400}'])
def test_what_is_no_acknowledgement_ends_it(server: ControlServer, said: str) -> None:
    async def script(client: WideClient) -> None:
        await client.socket.send_str(said)
        assert await client.closed() == aiohttp.WSCloseCode.INVALID_TEXT

    talk(server, script)


def test_bytes_and_too_much_end_it(server: ControlServer) -> None:
    async def bytes_(client: WideClient) -> None:
        await client.socket.send_bytes(b"\x00")
        assert await client.closed() == aiohttp.WSCloseCode.UNSUPPORTED_DATA

    async def much(client: WideClient) -> None:
        await client.socket.send_str(" " * 5000)
        assert await client.closed() == aiohttp.WSCloseCode.MESSAGE_TOO_BIG

    talk(server, bytes_)
    talk(server, much)


@pytest.mark.parametrize(
    "query", ["?width=159", "?width=1281", "?fps=0.9", "?fps=31", "?fps=nan", "?width=a"]
)
def test_impossible_wishes(server: ControlServer, query: str) -> None:
    answer = ask(server, f"/api/wide{query}")
    assert answer.status == 400 and query[1:].partition("=")[0] in answer.error


def test_it_is_a_socket(server: ControlServer) -> None:
    assert "WebSocket" in ask(server, "/api/wide").error


def test_the_number_of_clients_is_bounded(server: ControlServer) -> None:
    async def go() -> None:
        async with asyncio.timeout(PATIENCE_S), AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(opened(server)) for _ in range(wide.MAX_CLIENTS)]
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await stack.enter_async_context(opened(server))
            assert refused.value.status == 503
            await clients[0].socket.close()
            await stack.enter_async_context(opened(server))

    asyncio.run(go())


def test_a_fault_of_the_engine_ends_the_socket_and_not_the_server(
    server: ControlServer, engine: FakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    async def script(client: WideClient) -> None:
        engine.failure = RuntimeError("broken")
        engine.tick()
        assert await client.closed() == aiohttp.WSCloseCode.INTERNAL_ERROR

    talk(server, script)
    assert "the wide picture failed" in caplog.text
    engine.failure = None
    assert ask(server, "/api/state").status == 200


def test_a_client_that_reads_nothing_holds_up_nobody_and_leaves_at_the_end(
    server: ControlServer, engine: FakeEngine
) -> None:
    at = urlsplit(server.url)
    with socket.create_connection((at.hostname, at.port), timeout=PATIENCE_S) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.sendall(HANDSHAKE.format(host=at.netloc).encode())
        engine.run(60)

        async def script(client: WideClient) -> None:
            for _ in range(10):
                await client.ack(await client.frame())

        talk(server, script, "?fps=30")
        server.stop()
        assert "jikcam-control" not in {thread.name for thread in threading.enumerate()}


def test_stop_says_goodbye(server: ControlServer, engine: FakeEngine) -> None:
    async def script(client: WideClient) -> None:
        await asyncio.gather(client.closed(), asyncio.to_thread(server.stop))

    engine.tick()
    talk(server, script)


@pytest.mark.parametrize(
    ("round_trips_s", "window"),
    [([], 2), ([0.02], 2), ([0.2], 4), ([0.4], 6), ([2.0], 6), ([2.0, 0.1, 3.0], 3)],
)
def test_as_many_are_on_their_way_as_fill_the_shortest_round_trip(
    round_trips_s: list[float], window: int
) -> None:
    client = wide.Client(None, None, wide.WideQuery(fps=12))  # type: ignore[arg-type]
    for frame, took_s in enumerate(round_trips_s):
        client.sent(frame, 100.0)
        client.acknowledged(frame, 100.0 + took_s)
    assert client.window == window
    client.room.set()
    for frame in range(window):
        assert client.room.is_set()
        client.sent(1000 + frame, 200.0)
    assert not client.room.is_set()

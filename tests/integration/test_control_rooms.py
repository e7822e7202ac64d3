"""Two engines, two Views, two pages: nothing mixes and nothing is done twice."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import cv2
import numpy as np
import pytest

from engine.control import ControlServer
from engine.control.library import PresetLibrary
from engine.direction.target import LockState
from engine.geometry import Size
from tests.integration.control_rig import PATIENCE_S, PICTURE, WIDE_WIDTH, FakeEngine, ask, serving
from tests.integration.fuzz_engine import PRESET, ShortStreaming
from tests.integration.wide_client import opened
from virtualcam.multipart import BOUNDARY

#: What each command says, and the first word of the call that reaches the engine.
COMMANDS: list[tuple[str, dict[str, Any], str]] = [
    ("/api/target", {"view": "main", "kind": "person", "number": 2}, "target"),
    ("/api/preview", {"view": "main", "kind": "person", "number": 3}, "preview"),
    ("/api/take", {"view": "main"}, "take"),
    ("/api/claim", {"view": "main", "x": 1, "y": 1}, "claim"),
    ("/api/guard", {"view": "main", "on": True}, "guard"),
    ("/api/camera", {"view": "main", "mode": "wide"}, "mode"),
    ("/api/view", {"view": "main", "changes": {"zoom": 1.0}}, "view"),
    ("/api/area", {"exclude": [], "inside": None}, "area"),
    ("/api/enrol", {"person": 1, "name": "Mina"}, "enrol"),
    ("/api/forget", {"name": "Mina"}, "forget"),
]


@pytest.fixture
def engines() -> tuple[FakeEngine, FakeEngine]:
    return FakeEngine("main", "tall"), FakeEngine("main", "tall")


@pytest.fixture
def servers(
    engines: tuple[FakeEngine, FakeEngine], tmp_path: Path
) -> Iterator[tuple[ControlServer, ControlServer]]:
    def options(name: str) -> dict[str, Any]:
        return {"library": PresetLibrary(tmp_path / name), "streams": ShortStreaming()}

    with serving(engines[0], **options("a")) as a, serving(engines[1], **options("b")) as b:
        yield a, b


def steady(answer: Any) -> Any:
    """Without what changes by itself: addresses and processor time."""
    told = answer.json
    if isinstance(told, dict):
        told.pop("process", None)
        told.pop("links", None)
    return told


def everything(server: ControlServer) -> dict[str, Any]:
    told = {
        path: steady(ask(server, path))
        for path in ("/api/state", "/api/preset", "/api/presets", "/api/stats", "/api/time", "/api/access")
    }
    return {**told, **{path: ask(server, path).status for path in ("/people/1.jpg", "/api/presets/mine")}}


def test_nothing_of_one_engine_reaches_the_other(
    servers: tuple[ControlServer, ControlServer], engines: tuple[FakeEngine, FakeEngine], tmp_path: Path
) -> None:
    (a, b), before = servers, everything(servers[1])
    for path, body, _ in COMMANDS:
        assert ask(a, path, body).status == 200, path
    assert [call[0] for call in engines[0].calls] == [word for _, _, word in COMMANDS]
    engines[0].thumbnails[1] = b"\xff\xd8"
    engines[0].preset = PRESET
    assert ask(a, "/api/presets/mine", {"toml": None}, method="PUT").status == 200
    assert ask(a, "/api/presets/webcam/load", {}).status == 200
    assert ask(a, "/api/preset", {"toml": 'name = "x"'}).status == 200
    assert ask(a, "/api/obs", {"scenes": "auto"}).status == 200
    report = {"state": "up", "text": "", "scene": "A", "scenes": "auto"}
    assert ask(a, "/api/obs/report", report).status == 200
    sdp = {"Content-Type": "application/sdp"}
    offer = b"v=0\r\n"
    watched = ask(a, "/whep/main", offer, headers=sdp)
    session = watched.headers["Location"].rsplit("/", 1)[1]
    assert ask(a, "/api/viewer", {"id": session, "fps": 30}).status == 200
    engines[0].tick()

    assert engines[1].calls == [] and everything(b) == before
    assert ask(b, "/api/viewer", {"id": session, "fps": 30}).status == 404
    assert ask(b, f"/whep/main/{session}", method="DELETE").status == 404
    assert ask(b, f"/whep/main/{session}/clock").status == 404
    assert not (tmp_path / "b").exists()
    assert ask(a, "/api/state").json["obs"]["scene"] == "A"


def test_each_engine_sends_its_own_pictures_and_events(
    servers: tuple[ControlServer, ControlServer], engines: tuple[FakeEngine, FakeEngine]
) -> None:
    engines[1].frame = 100_000
    for engine in engines:
        engine.run(60)

    async def go() -> None:
        async with asyncio.timeout(PATIENCE_S), AsyncExitStack() as stack:
            wides = [await stack.enter_async_context(opened(server, "?fps=30")) for server in servers]
            told = [await stack.enter_async_context(events(server)) for server in servers]
            for _ in range(10):
                for n, (wide, socket) in enumerate(zip(wides, told, strict=True)):
                    frame = await wide.frame()
                    await wide.ack(frame)
                    state = (await socket.receive_json())["state"]
                    assert [f > 50_000 for f in (frame, state["frame_index"])] == [bool(n)] * 2

    asyncio.run(go())


@asynccontextmanager
async def events(server: ControlServer) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{server.url}/api/events") as socket,
    ):
        yield socket


def test_nothing_of_one_view_reaches_the_other() -> None:
    engine = FakeEngine("main", "tall")
    engine.change_view(0, person=1, lock=LockState.HELD)
    with serving(engine, streams=ShortStreaming()) as server:
        before = ask(server, "/api/state").json["views"][0]
        values = ask(server, "/api/preset").json["values"]["view"][0].copy()
        engine.change_view(1, person=1)
        for path, body, _ in COMMANDS[:7]:
            assert ask(server, path, {**body, "view": "tall"}).status == 200, path
        assert {call[1] for call in engine.calls} == {"tall"}
        after = ask(server, "/api/state").json["views"]
        assert after[0] == before and after[1] != {**before, "name": "tall"}
        assert ask(server, "/api/preset").json["values"]["view"][0] == values
        sdp = {"Content-Type": "application/sdp"}
        there = ask(server, "/whep/main", b"v=0\r\n", headers=sdp).headers["Location"]
        assert ask(server, there.replace("main", "tall") + "/clock").status == 404
        assert ask(server, there.replace("main", "tall"), method="DELETE").status == 404
        assert [len(view["viewers"]) for view in ask(server, "/api/stats").json["views"]] == [1, 0]
        assert ask(server, there, method="DELETE").status == 200


class Striped(FakeEngine):
    """Each View has pictures of one grey."""

    def picture(self, view: str) -> Any:
        grey = {"main": 40, "tall": 200}[view]
        return np.full((PICTURE.height, PICTURE.width, 3), grey, np.uint8)


def test_each_stream_has_the_pictures_of_its_view() -> None:
    engine = Striped("main", "tall", picture=Size(64, 36))

    async def first(server: ControlServer, view: str) -> float:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{server.url}/stream/{view}.mjpeg") as answer,
        ):
            reader = aiohttp.MultipartReader.from_response(answer)
            part = await reader.next()
            assert isinstance(part, aiohttp.BodyPartReader)
            image = cv2.imdecode(np.frombuffer(await part.read(), np.uint8), cv2.IMREAD_COLOR)
            assert image is not None
            return float(image.mean())

    async def go(server: ControlServer) -> None:
        async with asyncio.timeout(PATIENCE_S):
            main, tall = await asyncio.gather(first(server, "main"), first(server, "tall"))
        assert main == pytest.approx(40, abs=3) and tall == pytest.approx(200, abs=3)

    with serving(engine) as server:
        engine.run(30)
        asyncio.run(go(server))


# -- twice the page


@asynccontextmanager
async def page(server: ControlServer, got: Counter[str]) -> AsyncIterator[None]:
    """All that the control room opens, and all that it asks for now and then."""

    async def states(socket: aiohttp.ClientWebSocketResponse) -> None:
        async for _ in socket:
            got["state"] += 1

    async def program(answer: aiohttp.ClientResponse) -> None:
        while True:
            await answer.content.readuntil(BOUNDARY.encode())
            got["program"] += 1

    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        wide = await stack.enter_async_context(opened(server, "?fps=30"))
        told = await stack.enter_async_context(session.ws_connect(f"{server.url}/api/events"))
        shown = await stack.enter_async_context(session.get(f"{server.url}/stream/main.mjpeg"))

        async def pictures() -> None:
            while True:
                await wide.ack(await wide.frame())
                got["wide"] += 1

        async def tiles() -> None:
            while True:
                for path in ("/people/1.jpg", "/api/stats"):
                    async with session.get(server.url + path) as answer:
                        got[path] += answer.status == 200
                await asyncio.sleep(0.1)

        work = [asyncio.create_task(w) for w in (states(told), program(shown), pictures(), tiles())]
        try:
            yield
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)


def test_the_page_opened_often_costs_one_encoder_and_one_look_each(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: Counter[int] = Counter()
    encode = cv2.imencode

    def counted(kind: str, image: Any, options: Any) -> Any:
        encoded[image.shape[1]] += 1
        return encode(kind, image, options)

    monkeypatch.setattr(cv2, "imencode", counted)
    engine, streaming = FakeEngine("main", "tall"), ShortStreaming()
    looks: Counter[str] = Counter()
    state, ask_streaming = engine.state, streaming.call

    def thumbnail(_person: int) -> bytes:
        looks["portrait"] += 1
        return b"\xff\xd8"

    def looked() -> Any:
        looks["state"] += 1
        return state()

    async def measured(request: object) -> Any:
        looks["measure"] += 1
        return await ask_streaming(request)

    monkeypatch.setattr(engine, "thumbnail", thumbnail)
    monkeypatch.setattr(engine, "state", looked)
    monkeypatch.setattr(streaming, "call", measured)

    async def opened_by(pages: int) -> tuple[Counter[str], int]:
        """What the pages got in the time of thirty pictures, and how many threads there were."""
        got: Counter[str] = Counter()
        async with AsyncExitStack() as stack:
            for _ in range(pages):
                await stack.enter_async_context(page(server, got))
            encoded.clear()
            looks.clear()
            begin = engine.frame
            while engine.frame < begin + 30:
                await asyncio.sleep(0.01)
            return got, threading.active_count()

    with serving(engine, streams=streaming) as server:
        engine.run(30)
        _, threads = asyncio.run(opened_by(1))
        seconds = 1.0
        for pages in (2, 6):
            got, more_threads = asyncio.run(opened_by(pages))
            # What was encoded before the pages were all there was not counted; a picture more may be.
            assert encoded[WIDE_WIDTH] <= 31 and encoded[PICTURE.width] <= 31, encoded
            assert got["wide"] >= 15 * pages and got["program"] >= 15 * pages, got
            assert got["/people/1.jpg"] >= 3 * pages and looks["portrait"] <= 4 * seconds
            assert looks["measure"] <= 4 * seconds
            # Worker threads may come one by one; encoders and looking do not.
            assert more_threads <= threads + pages
        idle_s = time.monotonic() + PATIENCE_S
        while engine.wide().viewers or engine.streams["main"].viewers:
            assert time.monotonic() < idle_s
            time.sleep(0.01)
        time.sleep(0.1)
        encoded.clear()
        time.sleep(0.3)
        assert not encoded, "nobody watches any more"


def test_the_page_is_asked_for_by_many_and_starts_nothing() -> None:
    engine = FakeEngine("main")
    with serving(engine) as server, ThreadPoolExecutor(4) as pool:
        before = {
            thread.name
            for thread in threading.enumerate()
            if not thread.name.startswith(("asyncio", "Thread"))
        }
        answers = list(pool.map(lambda _: ask(server, "/").status, range(20)))
        assert answers == [200] * 20 and engine.calls == []
        after = {thread.name for thread in threading.enumerate()}
        assert not {name for name in after - before if name.startswith("jikcam") or "mjpeg" in name}
        assert not engine.wide().watched and not engine.streams["main"].watched

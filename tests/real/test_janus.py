"""Views published to a real Janus, through the streaming process, and watched there."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.real.janus_rig import ROOM, ROOM_VP8_ONLY, JanusRig
from tests.real.janus_room import RoomViewer, room_viewer
from tests.waiting import until
from virtualcam.sink import Picture
from virtualcam.webrtc.host import StreamHost
from virtualcam.webrtc.messages import Measure, StreamConfig, WhipTarget

pytestmark = pytest.mark.real

VIEWS = ("main", "side", "wide")
SIZE = (640, 360)
TOKEN = "janus-token-7"


@pytest.fixture(scope="module")
def janus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JanusRig]:
    with JanusRig(tmp_path_factory.mktemp("janus")) as rig:
        yield rig


@pytest.fixture
def streams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StreamHost]:
    """A streaming process that gets pictures of the Views in VIEWS."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    host = StreamHost(StreamConfig())
    sinks = [host.sink(view, 30.0) for view in VIEWS]
    over = threading.Event()

    def feed() -> None:
        number = 0
        while not over.wait(1 / 30):
            image = np.full((SIZE[1], SIZE[0], 3), 60, np.uint8)
            image[:, number * 8 % SIZE[0] :][:, :80] = 220
            for sink in sinks:
                sink.send(Picture(image, time.monotonic(), number))
            number += 1

    feeder = threading.Thread(target=feed)
    feeder.start()
    host.start()
    try:
        yield host
    finally:
        over.set()
        feeder.join()
        host.stop()


def report(streams: StreamHost, view: str = "main") -> dict[str, Any]:
    """Of the View's target."""
    targets = asyncio.run(streams.call(Measure())).publishers
    return next(target for target in targets if target["view"] == view)


def watch(janus: JanusRig, room: int = ROOM) -> RoomViewer:
    """See the room's pictures for a moment."""

    async def go() -> RoomViewer:
        async with room_viewer(janus.socket_url) as viewer:
            await viewer.watch(room)
            return viewer

    return asyncio.run(go())


def publishers(janus: JanusRig) -> list[int]:
    async def go() -> list[int]:
        async with room_viewer(janus.socket_url) as viewer:
            return await viewer.publishers(ROOM)

    return asyncio.run(go())


def test_a_view_is_seen_in_the_room_and_again_after_a_kill(janus: JanusRig, streams: StreamHost) -> None:
    """Janus' WHIP server refuses a second publisher for minutes after the first was killed."""
    streams.publish(WhipTarget("main", janus.endpoint("stage", token=TOKEN), TOKEN))
    viewer = watch(janus)
    assert viewer.size == SIZE and viewer.codec == "h264"
    until(lambda: report(streams)["kbps"] > 0)
    assert report(streams)["state"] == "live" and report(streams)["text"] == ""
    (before,) = publishers(janus)

    assert streams.pid is not None
    os.kill(streams.pid, signal.SIGKILL)
    until(lambda: [one for one in publishers(janus) if one != before])
    assert watch(janus).size == SIZE
    assert len(publishers(janus)) == 1, "the dead one is gone"

    assert janus.in_use("stage")
    streams.stop()
    assert not janus.in_use("stage"), "the session was ended at the server"


def test_what_a_room_takes_is_published_and_what_it_refuses_is_told(
    janus: JanusRig, streams: StreamHost
) -> None:
    """A room as Janus makes it takes VP8 alone."""
    urls = [janus.endpoint(f"room of {view}", token=TOKEN, room=ROOM_VP8_ONLY) for view in VIEWS]
    main, side, wide = (url.replace(" ", "%20") for url in urls)
    streams.publish(WhipTarget("main", main, TOKEN, "vp8"))
    streams.publish(WhipTarget("side", side, TOKEN, "h264"))
    streams.publish(WhipTarget("wide", wide, "another token"))
    viewer = watch(janus, ROOM_VP8_ONLY)
    assert viewer.size == SIZE and viewer.codec == "vp8"
    until(lambda: 'codec = "vp8"' in streams._trouble("side"))
    until(lambda: "token_env" in streams._trouble("wide"))
    assert not streams._trouble("main")
    assert TOKEN not in streams._trouble("wide") and "another token" not in streams._trouble("wide")


@pytest.mark.slow
def test_a_janus_that_died_and_came_back_gets_the_view_again(janus: JanusRig, streams: StreamHost) -> None:
    streams.publish(WhipTarget("main", janus.endpoint("again")))
    watch(janus)
    until(lambda: report(streams)["rtt_ms"] is not None)
    janus.kill_janus()
    until(lambda: "silent" in report(streams)["text"])
    janus.start_janus()
    assert watch(janus).size == SIZE
    assert report(streams)["restarts"] == 1

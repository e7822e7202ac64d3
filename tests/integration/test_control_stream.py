from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest

from engine.control import ControlServer, streams
from engine.geometry import Size
from tests.integration.control_rig import PATIENCE_S, FakeEngine, ask, serving
from virtualcam.multipart import BOUNDARY


class Watcher:
    """Reads a stream as a browser would, part by part."""

    def __init__(
        self, server: ControlServer, path: str = "/stream/main.mjpeg", receive_bytes: int = 0
    ) -> None:
        at = urlsplit(server.url)
        self._socket = socket.socket()
        self._socket.settimeout(PATIENCE_S)
        if receive_bytes:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self._socket.connect((at.hostname, at.port))
        self._socket.sendall(f"GET {path} HTTP/1.1\r\nHost: {at.netloc}\r\n\r\n".encode())
        self.answer = http.client.HTTPResponse(self._socket)
        self.answer.begin()
        if self.answer.status == 200:
            assert self.answer.readline() == f"--{BOUNDARY}\r\n".encode()

    def part(self) -> tuple[int, bytes] | None:
        """Index and JPEG of the next picture with the boundary behind it; None at the end."""
        headers = {}
        while line := self.answer.readline().strip():
            name, _, value = line.decode().partition(": ")
            headers[name] = value
        if not headers:
            return None
        assert headers["Content-Type"] == "image/jpeg"
        jpeg = self.answer.read(int(headers["Content-Length"]))
        assert self.answer.readline() == b"\r\n"
        assert self.answer.readline() == f"--{BOUNDARY}\r\n".encode()
        return int(headers["X-Frame-Index"]), jpeg

    def index(self) -> int:
        part = self.part()
        assert part is not None, "the stream is over"
        return part[0]

    def close(self) -> None:
        self.answer.close()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None
    ) -> None:
        self.close()


def eventually(true: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline_s, "it never came true"
        time.sleep(0.01)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def server(engine: FakeEngine) -> Iterator[ControlServer]:
    with serving(engine) as running:
        yield running


def test_each_picture_comes_whole_and_at_once(server: ControlServer, engine: FakeEngine) -> None:
    engine.tick()
    with Watcher(server) as watcher:
        assert watcher.answer.headers["Content-Type"] == f"multipart/x-mixed-replace; boundary={BOUNDARY}"
        assert watcher.answer.headers["Cache-Control"] == "no-store"
        assert watcher.answer.headers["X-Content-Type-Options"] == "nosniff"
        for expected in (1, 2, 3):
            # Lockstep: the next picture is made only when this one, and its boundary, have arrived.
            part = watcher.part()
            assert part is not None and part[0] == expected
            image = cv2.imdecode(np.frombuffer(part[1], np.uint8), cv2.IMREAD_COLOR)
            assert image is not None and image.shape == (180, 320, 3)
            engine.tick()


def test_opencv_plays_it(server: ControlServer, engine: FakeEngine) -> None:
    engine.run(30)
    capture = cv2.VideoCapture(f"{server.url}/stream/main.mjpeg", cv2.CAP_FFMPEG)
    if not capture.isOpened():
        pytest.skip("this OpenCV has no FFmpeg")
    for _ in range(3):
        ok, image = capture.read()
        assert ok and image.shape == (180, 320, 3)
    capture.release()


def test_a_slow_viewer_gets_the_newest_and_holds_up_nobody() -> None:
    engine = FakeEngine(picture=Size(1280, 720))
    with serving(engine) as server:
        engine.tick()
        slow = Watcher(server, receive_bytes=64 * 1024)
        slow.index()
        with slow, Watcher(server) as first, Watcher(server) as second:
            for expected in range(1, 41):
                assert (first.index(), second.index()) == (expected, expected)
                engine.tick()
            # Not one of 40 pictures was read; at most what fits into the buffers may be old.
            seen = [slow.index()]
            while seen[-1] < engine.frame:
                seen.append(slow.index())
            assert seen == sorted(set(seen)) and len(seen) <= 4


def test_the_rate_can_be_limited(server: ControlServer, engine: FakeEngine) -> None:
    engine.run(100)
    with Watcher(server, "/stream/main.mjpeg?fps=20&t=1") as watcher:
        watcher.index()
        begin_s = time.monotonic()
        indexes = [watcher.index() for _ in range(8)]
        assert time.monotonic() - begin_s >= 8 / 20 * 0.8
        assert indexes == sorted(set(indexes))


@pytest.mark.parametrize("fps", ["0", "-1", "nan", "inf", "many", "", "1e9"])
def test_a_senseless_rate_is_refused(server: ControlServer, fps: str) -> None:
    answer = ask(server, f"/stream/main.mjpeg?fps={fps}")
    assert answer.status == 400 and "fps" in answer.error


def test_views_with_odd_names_can_be_streamed() -> None:
    engine = FakeEngine("직캠 1/2 & more")
    with serving(engine) as server:
        engine.tick()
        with Watcher(server, "/stream/%EC%A7%81%EC%BA%A0%201%2F2%20%26%20more.mjpeg") as watcher:
            assert watcher.index() == 1
        assert ask(server, "/stream/main.mjpeg").status == 404


def test_who_leaves_is_forgotten_even_without_pictures(server: ControlServer, engine: FakeEngine) -> None:
    with Watcher(server):
        assert engine.streams["main"].viewers == 1
    eventually(lambda: engine.streams["main"].viewers == 0)


def test_the_number_of_streams_is_bounded(
    server: ControlServer, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert streams.MAX_VIEWERS == 32
    watchers = [Watcher(server) for _ in range(32)]
    answer = ask(server, "/stream/main.mjpeg")
    assert answer.status == 503 and "32" in answer.error
    assert "jikcam_stream_viewers 32.0" in ask(server, "/metrics").body.decode()
    for watcher in watchers:
        watcher.close()
    eventually(lambda: engine.streams["main"].viewers == 0)
    with Watcher(server) as watcher:
        assert watcher.answer.status == 200


def test_a_viewer_that_takes_nothing_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "STALLED_S", 0.2)
    engine = FakeEngine(picture=Size(1280, 720))
    with serving(engine) as server, Watcher(server, receive_bytes=4096):
        engine.run(30)
        eventually(lambda: engine.streams["main"].viewers == 0)


def test_the_end_of_the_view_ends_the_stream(server: ControlServer, engine: FakeEngine) -> None:
    engine.tick()
    with Watcher(server) as watcher:
        assert watcher.index() == 1
        engine.streams["main"].close()
        assert watcher.part() is None


def test_stop_while_streaming() -> None:
    engine = FakeEngine(picture=Size(1280, 720))
    with serving(engine) as server:
        engine.run(30)
        stalled = Watcher(server, receive_bytes=4096)
        watchers = [Watcher(server) for _ in range(3)]
        for watcher in watchers:
            watcher.index()
        before = {t.name for t in threading.enumerate()}
        server.stop()
        assert "jikcam-control" in before
        assert "jikcam-control" not in {t.name for t in threading.enumerate()}
        for watcher in [stalled, *watchers]:
            # Cut in the middle of a picture or between two: either way the viewer sees the end.
            with pytest.raises((http.client.IncompleteRead, ConnectionError, AssertionError)):
                while True:
                    watcher.index()
            watcher.close()
        assert engine.streams["main"].viewers == 0

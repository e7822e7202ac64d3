"""An engine made of nothing that writes down what it is asked, and can refuse, hang or go away."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple

PATIENCE_S = 15.0


def person(number: int, x: float) -> dict[str, Any]:
    return {"id": number, "box": [x, 100.0, 80.0, 300.0], "name": "", "sure": 0.9, "seen_s_ago": 0.0}


class Asked(NamedTuple):
    """One POST; ``at_s`` is time.monotonic() at its arrival."""

    path: str
    body: Any
    at_s: float


class RecordingEngine:
    """Serves on a loopback port until the block ends; a second `start` takes the same port."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.state: dict[str, Any] = {
            "people": [person(7, 900.0), person(4, 100.0)],
            "views": [{"name": "stage", "person": 4, "label": "", "lock": "held", "mode": "follow"}],
            "obs": None,
        }
        self.looks = 0
        #: Status and text of the answer to any POST; None = it is done.
        self.refusal: tuple[int, str] | None = None
        #: Cleared: requests are taken and not answered.
        self.answering = threading.Event()
        self.answering.set()
        self._port = 0
        self._server: ThreadingHTTPServer | None = None
        self._connections: set[socket.socket] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def calls(self) -> list[tuple[str, Any]]:
        return [(a.path, a.body) for a in self.asked]

    def start(self) -> RecordingEngine:
        self._server = _Server(("127.0.0.1", self._port), self._handler())
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Go away as a program that ends: its connections end too."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        self.answering.set()
        for connection in list(self._connections):
            with contextlib.suppress(OSError):  # the client has gone already
                connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> RecordingEngine:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        engine = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                engine._connections.add(self.connection)

            def finish(self) -> None:
                engine._connections.discard(self.connection)
                super().finish()

            def do_GET(self) -> None:
                engine.looks += 1
                engine.answering.wait(PATIENCE_S)
                self._answer(200, engine.state)

            def do_POST(self) -> None:
                at_s = time.monotonic()
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                engine.asked.append(Asked(self.path, body, at_s))
                engine.answering.wait(PATIENCE_S)
                if engine.refusal is None:
                    self._answer(200, {"ok": True})
                else:
                    self._answer(engine.refusal[0], {"error": engine.refusal[1]})

            def _answer(self, status: int, answer: Any) -> None:
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                """Be quiet."""

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The client went away meanwhile, which is its right."""

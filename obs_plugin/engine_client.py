"""The running engine as the OBS side sees it: its state as it changes, and commands, over the control API."""

from __future__ import annotations

import json
import logging
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import websocket

from engine.errors import JikcamError
from engine.presets import Preset, check_preset

log = logging.getLogger(__name__)

State = Mapping[str, Any]

#: Of one connection attempt or request; the engine is on this machine.
TIMEOUT_S = 2.0
#: The engine tells its state five times a second; silence means that it hangs.
SILENCE_S = 2.0
RETRY_S = 0.5
#: A direct way: proxies of the environment have no business between two programs of one machine.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def check_url(url: str) -> str:
    """The engine's address without a slash at its end.

    Raises:
        JikcamError: not an http address.
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme == "http" and parts.hostname and parts.path in ("", "/") and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise JikcamError(
            f"{url!r} is not an address of jikcam",
            "write it as http://127.0.0.1:8787, as jikcam run prints it",
        )
    return url.rstrip("/")


def ask(url: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    """GET ``path``, or POST ``body`` to it; the JSON that comes back.

    Raises:
        JikcamError: the engine is away, or refuses; in its own words.
    """
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data=data, headers={"Content-Type": "application/json"})
    try:
        with _OPENER.open(request, timeout=TIMEOUT_S) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        raise JikcamError(f"jikcam at {url} refused: {_words(error)}") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "reason", error)
        raise JikcamError(f"jikcam does not answer at {url} ({why})", "start it with: jikcam run") from None


def running_preset(url: str) -> Preset:
    """The preset of the running engine.

    Raises:
        JikcamError: the engine is away, or of another version.
    """
    return check_preset(ask(url, "/api/preset")["values"], f"the preset of {url}")


class EngineClient:
    """Follows the engine's state in a thread of its own, across restarts of the engine.

    Args:
        url: of the engine, such as http://127.0.0.1:8787.
        on_state: called from that thread with each state (shaped as ``GET /api/state``), and with None as
            soon as the engine is lost.
    """

    def __init__(self, url: str, on_state: Callable[[State | None], None]) -> None:
        self.url = check_url(url)
        self._on_state = on_state
        self._stopping = threading.Event()
        self._socket: websocket.WebSocket | None = None
        self._thread = threading.Thread(target=self._run, name="jikcam-engine-client", daemon=True)
        self._report: Mapping[str, Any] | None = None
        self._reported = threading.Condition()
        self._reporter = threading.Thread(target=self._send_reports, name="jikcam-obs-report", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()
        self._reporter.start()

    def stop(self) -> None:
        """End; may be called twice."""
        self._stopping.set()
        with self._reported:
            self._reported.notify_all()
        if (socket := self._socket) is not None:
            socket.abort()
        for thread in (self._thread, self._reporter):
            if thread.ident is not None:
                thread.join(TIMEOUT_S)

    def report(self, body: Mapping[str, Any]) -> None:
        """Leave word with the engine, without waiting; only the newest is sent."""
        with self._reported:
            self._report = body
            self._reported.notify_all()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except (OSError, ValueError, KeyError, TypeError, websocket.WebSocketException) as error:
                log.debug("engine: %s", error)
            self._on_state(None)
            self._stopping.wait(RETRY_S)

    def _listen(self) -> None:
        address = self.url.replace("http", "ws", 1) + "/api/events"
        socket = websocket.create_connection(
            address, timeout=TIMEOUT_S, suppress_origin=True, http_no_proxy=["*"], enable_multithread=True
        )
        self._socket = socket
        try:
            socket.settimeout(SILENCE_S)
            while not self._stopping.is_set():
                message = json.loads(socket.recv())
                if message["type"] == "state":
                    self._on_state(message["state"])
        finally:
            self._socket = None
            socket.shutdown()

    def _send_reports(self) -> None:
        while True:
            with self._reported:
                self._reported.wait_for(lambda: self._report is not None or self._stopping.is_set())
                body, self._report = self._report, None
            if body is None:
                return
            try:
                ask(self.url, "/api/obs/report", body)
            except JikcamError as error:
                log.debug("report: %s", error)


def _words(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(error.read())["error"])
    except (OSError, ValueError, KeyError, TypeError):
        return f"{error.code} {error.reason}"

"""One session with obs-websocket: obsws-python with every wait bounded and every answer checked.

obsws-python's constructors are not used: they write the password into the log, read a `config.toml`, go
through the `http_proxy` of the environment and keep the socket to themselves while they wait. What it
knows of the protocol (authentication, the event thread) is.

Protocol: obs-websocket 5, https://github.com/obsproject/obs-websocket/blob/master/docs/generated/protocol.md
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import websocket
from obsws_python.baseclient import ObsClient
from obsws_python.events import EventClient

from obs_plugin.errors import ObsRefusedError
from obs_plugin.secret import Secret

log = logging.getLogger(__name__)

#: WebSocketOpCode of the protocol.
_HELLO, _REQUEST, _RESPONSE = 0, 6, 7

#: A dead socket on another computer is noticed after about 5 + 3 * 2 s.
_KEEPALIVE = (("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 2), ("TCP_KEEPCNT", 3))

#: obsws-python writes with tracebacks what is reported by us anyhow.
_QUIET = logging.getLogger("obsws_python")


def silence() -> None:
    """Keep the libraries' own log lines from the user, and whatever they hold from every log file."""
    for name in ("obsws_python", "websocket"):
        logger = logging.getLogger(name)
        logger.propagate = False
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


class DeadlineSocket(socket.socket):
    """A connected socket on which all waiting together ends at `deadline_s` (monotonic; None: never).

    The timeout of a plain socket starts anew with each byte.
    """

    deadline_s: float | None = None

    @classmethod
    def reach(cls, host: str, port: int, timeout_s: float) -> DeadlineSocket:
        """Connect; `timeout_s` is for each of the host's addresses.

        Raises:
            OSError: nobody is there.
        """
        plain = socket.create_connection((host, port), timeout_s)
        sock = cls(fileno=plain.detach())
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEPALIVE:
            if hasattr(socket, name):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        return sock

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        self._arm()
        return super().recv(bufsize, flags)

    def send(self, data: Any, flags: int = 0, /) -> int:
        self._arm()
        return super().send(data, flags)

    def abort(self) -> None:
        """End all waiting on it, from any thread. It stays open: its owner may be inside a call."""
        with contextlib.suppress(OSError):
            self.shutdown(socket.SHUT_RDWR)

    def _arm(self) -> None:
        if self.deadline_s is None:
            self.settimeout(None)
            return
        left_s = self.deadline_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("deadline passed")
        self.settimeout(left_s)


class _WebSocket(websocket.WebSocket):
    """Keeps the close code, which websocket-client's `recv` turns into an empty text."""

    close_code = 0

    def recv(self) -> str | bytes:
        opcode, frame = self.recv_data_frame()
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            self.close_code = int.from_bytes(frame.data[:2], "big")
            raise websocket.WebSocketConnectionClosedException(f"closed with code {self.close_code}")
        data: bytes = frame.data
        return data.decode()

    def send_close(self, status: int = websocket.STATUS_NORMAL, reason: str | bytes = b"") -> None:
        # The answer to a close frame: the other end may be gone already, and its code counts more.
        with contextlib.suppress(OSError, websocket.WebSocketException):
            super().send_close(status, reason)


class Session(ObsClient):  # type: ignore[misc, unused-ignore]
    """One identified client of OBS. Holds the password only while it identifies.

    Args:
        sock: its `deadline_s` is the caller's to set before each call.
        url: for the handshake's Host line.
        subscriptions: EventSubscription bits of the protocol.

    Raises:
        OSError, websocket.WebSocketException, ValueError, KeyError, TypeError: as the other end likes.
    """

    def __init__(self, sock: DeadlineSocket, url: str, subscriptions: int) -> None:
        self.logger = _QUIET
        self.sock, self.subs, self.password = sock, subscriptions, ""
        self._wire = _WebSocket()
        self.ws: websocket.WebSocket = self._wire
        self._ids = itertools.count(1)
        # A given socket is used as it is: no proxy; a redirect would open another one.
        self.ws.connect(url, socket=sock, redirect_limit=0)  # type: ignore[no-untyped-call]
        self.server_hello = json.loads(self.ws.recv())
        if self.server_hello["op"] != _HELLO:
            raise ValueError("the first message is no Hello")
        asked = self.server_hello["d"].get("authentication")
        # Together with the password they are encoded, and an error about that would show it.
        if asked and not all(isinstance(asked[k], str) and asked[k].isascii() for k in ("salt", "challenge")):
            raise ValueError("the challenge is no base64")

    def identify(self, secret: Secret | None) -> None:
        """Give OBS what it asks for.

        Raises:
            ObsRefusedError: it asks for a password and there is none. A wrong one is told by `close_code`.
            OBSSDKError and all that the constructor raises.
        """
        if secret is None and "authentication" in self.server_hello["d"]:
            raise ObsRefusedError(
                "OBS wants a password",
                "run: jikcam obs password; the password is in OBS: Tools > WebSocket Server Settings > "
                "Show Connect Info",
            )
        self.password = secret.reveal() if secret else ""
        try:
            self.authenticate()
        finally:
            self.password = ""

    @property
    def close_code(self) -> int:
        """WebSocketCloseCode with which OBS has ended the session; 0: none."""
        return self._wire.close_code

    def req(self, req_type: str, req_data: Mapping[str, Any] | None = None) -> Any:
        """Ask, and take nothing but the answer to this: obsws-python's own takes whatever comes next."""
        request_id = str(next(self._ids))
        body: dict[str, Any] = {"requestType": req_type, "requestId": request_id}
        if req_data:
            body["requestData"] = req_data
        self.ws.send(json.dumps({"op": _REQUEST, "d": body}))
        message = json.loads(self.ws.recv())
        answer = message["d"]
        if (message["op"], answer["requestId"], answer["requestType"]) != (_RESPONSE, request_id, req_type):
            raise ValueError("an answer to another question")
        return answer


class EventSession(EventClient):  # type: ignore[misc, unused-ignore]
    """The event thread over an identified session, until the socket is aborted or OBS goes.

    Args:
        session: belongs to the event thread from now on.
        callback: has `trigger(event_type, event_data)`, in place of obsws-python's registry, which matches
            function names; it is there before the first event is read, so that none is lost.
        on_end: called in the event thread when no further events come.
    """

    def __init__(self, session: Session, callback: Any, on_end: Callable[[], None]) -> None:
        self.logger = _QUIET
        self.base_client, self.callback, self._on_end = session, callback, on_end
        self.ended = False
        session.sock.deadline_s = None
        self.subscribe()

    def __repr__(self) -> str:
        return "EventSession()"

    def trigger(self, stop_event: threading.Event) -> None:
        threading.current_thread().name = "jikcam-obs-events"
        try:
            super().trigger(stop_event)
        except Exception as error:
            log.debug("OBS sent an event that is none: %s: %s", type(error).__name__, error)
        finally:
            self.ended = True
            self.base_client.ws.shutdown()
            self._on_end()

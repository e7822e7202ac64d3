"""One connection to OBS, from the first byte to the last; every failure is one of our errors."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import websocket
from obsws_python.subs import Subs

from obs_plugin.errors import ObsAwayError, ObsError, ObsRefusedError, ObsRequestError, ObsTimeoutError
from obs_plugin.secret import Secret
from obs_plugin.session import DeadlineSocket, EventSession, Session, silence

log = logging.getLogger(__name__)

#: WebSocketCloseCode of the protocol.
AUTHENTICATION_FAILED = 4009
UNSUPPORTED_RPC_VERSION = 4010
SESSION_INVALIDATED = 4011

#: For the close frame; whoever does not take it at once does not get it.
_GOODBYE_S = 0.2


class Connection:
    """Two sessions with OBS, one for requests and one for events. Used once; never comes back.

    `open`, `request` and `close` are for one thread; `abort` for any.

    Args:
        host: name or address, IPv6 with or without brackets.
        port: of OBS's WebSocket server.
        timeout_s: for each of: reaching the computer, greeting, one request.
        on_event: takes the protocol's eventType and eventData, in the event thread, in their order.
        on_end: called in the event thread when no further events come.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        timeout_s: float,
        on_event: Callable[[str, Mapping[str, Any]], None],
        on_end: Callable[[], None],
    ) -> None:
        self._host, self._port, self._timeout_s = host.strip("[]"), port, timeout_s
        self._on_event, self._on_end = on_event, on_end
        self._guard = threading.Lock()
        self._sockets: list[DeadlineSocket] = []
        self._closed = False
        self._requests: Session | None = None
        self._events: EventSession | None = None

    @property
    def where(self) -> str:
        """Address and port as users write them."""
        return f"{f'[{self._host}]' if ':' in self._host else self._host}:{self._port}"

    @property
    def events_alive(self) -> bool:
        """Whether the event thread still listens."""
        return self._events is not None and not self._events.ended and self._events.worker.is_alive()

    @property
    def kicked(self) -> bool:
        """Whether somebody ended a session by hand, in OBS's WebSocket Server Settings."""
        return any(session.close_code == SESSION_INVALIDATED for session in self._sessions())

    def open(self, secret: Secret | None) -> None:
        """Connect and identify both sessions.

        Raises:
            ObsRefusedError: no password, or not the right one.
            ObsAwayError, ObsTimeoutError: OBS is not there, frozen, or something else answers.
        """
        silence()
        self._requests = self._session(secret, 0)
        self._events = EventSession(self._session(secret, int(Subs.LOW_VOLUME)), self, self._on_end)

    def request(self, kind: str, data: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The protocol's responseData.

        Raises:
            ObsRequestError: OBS said no; the connection is fine.
            ObsAwayError, ObsTimeoutError: the connection must be closed: what comes next is not known.
        """
        session = self._requests
        if session is None:
            raise ObsAwayError("there is no connection to OBS")
        session.sock.deadline_s = time.monotonic() + self._timeout_s
        try:
            answer = session.req(kind, data)
            status, found = answer["requestStatus"], answer.get("responseData")
            done, code, comment = bool(status["result"]), int(status["code"]), status.get("comment")
            if not isinstance(found, dict | None):
                raise TypeError("responseData is no object")
        except Exception as error:
            raise self._typed(error, f"OBS did not answer {kind} within {self._timeout_s:g} s") from error
        if not done:
            raise ObsRequestError(kind, code, str(comment or ""))
        return found or {}

    def trigger(self, event: object, data: object) -> None:
        """Take one event; called by the event thread."""
        if self._closed:
            return
        if isinstance(event, str) and isinstance(data, dict):
            self._on_event(event, data)
        else:
            log.debug("what OBS sent among the events is none")

    def close(self, polite: bool) -> None:
        """Never waits for OBS. `polite` says goodbye first, to an OBS that is well."""
        self._closed = True
        for session in self._sessions() if polite else ():
            session.sock.deadline_s = time.monotonic() + _GOODBYE_S
            session.ws.send_close()
        self.abort()
        if self._requests:
            self._requests.ws.shutdown()

    def abort(self) -> None:
        """End whatever this connection waits for, for good; from any thread."""
        with self._guard:
            self._closed = True
            for sock in self._sockets:
                sock.abort()

    def _sessions(self) -> list[Session]:
        both = (self._requests, self._events.base_client if self._events else None)
        return [session for session in both if session is not None]

    def _session(self, secret: Secret | None, subscriptions: int) -> Session:
        sock = self._reach()
        session: Session | None = None
        try:
            session = Session(sock, f"ws://{self.where}", subscriptions)
            session.identify(secret)
            return session
        except Exception as error:
            sock.close()
            late = f"OBS at {self.where} does not answer within {self._timeout_s:g} s"
            raise self._typed(error, late, session.close_code if session else 0) from error

    def _reach(self) -> DeadlineSocket:
        try:
            sock = DeadlineSocket.reach(self._host, self._port, self._timeout_s)
        except (OSError, UnicodeError) as error:
            raise ObsAwayError(
                f"OBS does not answer at {self.where}",
                "start OBS and enable its server: Tools > WebSocket Server Settings",
            ) from error
        sock.deadline_s = time.monotonic() + self._timeout_s
        with self._guard:
            if self._closed:
                sock.close()
                raise ObsAwayError("the link was stopped")
            self._sockets.append(sock)
        return sock

    def _typed(self, error: Exception, late: str, close_code: int = 0) -> ObsError:
        """One of our errors for whatever the libraries and the other end make of it."""
        if isinstance(error, ObsError):
            return error
        if isinstance(error, TimeoutError | websocket.WebSocketTimeoutException):
            return ObsTimeoutError(late, "if it hangs, restart OBS")
        if close_code == AUTHENTICATION_FAILED:
            return ObsRefusedError(
                "OBS did not accept the password",
                "copy it from OBS: Tools > WebSocket Server Settings > Show Connect Info",
            )
        if close_code == UNSUPPORTED_RPC_VERSION:
            return ObsAwayError(f"the OBS at {self.where} speaks another obs-websocket", "update jikcam")
        if isinstance(error, OSError | websocket.WebSocketConnectionClosedException):
            return ObsAwayError(f"the connection to OBS at {self.where} was lost")
        log.debug("not what OBS would say: %s: %s", type(error).__name__, error)
        return ObsAwayError(
            f"what answers at {self.where} does not speak like OBS 28 or newer",
            "compare the port with OBS: Tools > WebSocket Server Settings",
        )

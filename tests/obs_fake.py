"""A fake OBS: speaks obs-websocket 5.1.0 like the real one, and fails on demand.

    with FakeObs(password="secret") as fake:
        link = Link("127.0.0.1", fake.port, ...)
        fake.act("SetCurrentProgramScene", sceneName="Other")  # the operator's hand
        fake.inject(Fault.SILENT, "GetVersion")  # the next GetVersion gets no answer
        fake.freeze(); fake.thaw(); fake.kick(); fake.die(); fake.start()

It passes the same tests as the real OBS 29 (tests/real/test_obs_contract*.py). Not in it: request batches,
filters but those that delay, outputs, media control, studio mode.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, cast

from websockets.http11 import Request as HttpRequest
from websockets.http11 import Response
from websockets.sync.server import Server, ServerConnection, serve

from tests.obs_fake_faults import Fault, Faults
from tests.obs_fake_parts import LINUX_KINDS, Subscription
from tests.obs_fake_requests import answer
from tests.obs_fake_session import Hooks, Request, Session, reset
from tests.obs_fake_world import World
from tests.ports import free_port

__all__ = ["FakeObs", "Fault", "Request", "Subscription"]

#: A frame at 60 Hz: how long OBS takes from being told to switch to saying that it did.
_FRAME_S = 1 / 60
_WAIT_S = 5.0
_GOODBYE_S = 2.0
_POLL_S = 0.01

# A client that goes away in the middle of its handshake is what these tests are about, not news.
_LOG = logging.getLogger("tests.obs_fake")
_LOG.setLevel(logging.CRITICAL)


class FakeObs:
    """One fake OBS on a loopback port; every method may be called from any thread.

    Args:
        password: of obs-websocket; "" = no authentication.
        scenes: names, the first on program; each holds one colour source "<scene> colour".
        size: canvas, width and height in px.
        kinds: input kinds and their default settings, to be an OBS of another OS.
        hotkeys: names that scripts would have added.
        port: fixed port, 0 = a free one.
    """

    def __init__(
        self,
        password: str = "",
        *,
        scenes: Sequence[str] = ("Main", "Other"),
        size: tuple[int, int] = (1280, 720),
        kinds: Mapping[str, Mapping[str, Any]] = LINUX_KINDS,
        hotkeys: Sequence[str] = (),
        port: int = 0,
    ) -> None:
        self.port = port or free_port()
        self.password = password
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._world = World(scenes, size, kinds, self.emit, self._render_soon)
        self._world.extra_hotkeys.extend(hotkeys)
        self._awake = threading.Event()
        self._awake.set()
        self._faults = Faults()
        self._requests: list[Request] = []
        self._sessions: list[Session] = []
        self._identified: list[Session] = []
        self._connections: set[ServerConnection] = set()
        self._count = 0
        self._rendering = False
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self._restarting: list[threading.Thread] = []

    def start(self) -> FakeObs:
        """Listen; after `stop`, `quit` or `die` again on the same port, with the scenes as they were."""
        if self._server is not None:
            return self
        self._awake.set()
        self._server = serve(
            self._serve,
            "127.0.0.1",
            self.port,
            create_connection=cast(type[ServerConnection], self._connect),
            process_request=self._handshake,
            compression=None,
            open_timeout=None,
            ping_interval=None,
            close_timeout=_GOODBYE_S,
            max_size=None,
            logger=_LOG,
        )
        self._thread = threading.Thread(target=self._server.serve_forever, name="fake OBS", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """End everything quietly; safe twice."""
        for thread in self._restarting:
            thread.join()
        self._shut(lambda session: session.close(1001, "Server stopping."))

    def __enter__(self) -> FakeObs:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._faults.clear()
        self.stop()

    def act(self, kind: str, **data: Any) -> dict[str, Any]:
        """Do a request as somebody else would, the operator or another client; not in the log.

        Raises:
            RequestRefusedError: it can't be done.
        """
        return dict(self._answer(kind, data))

    def emit(self, kind: str, intent: Subscription, data: Mapping[str, Any] | None = None) -> None:
        """Send an event to all who subscribed to its intent."""
        with self._lock:
            for session in self._identified:
                session.event(kind, intent, data)

    def flood(self, count: int) -> None:
        """Many events at once, of a kind every client with general events gets."""
        for number in range(count):
            self.emit("CustomEvent", Subscription.GENERAL, {"number": number})

    def inject(self, fault: Fault, kind: str = "", times: int = 1) -> None:
        """Let the next `times` requests of this type, "" = any, suffer this."""
        self._faults.plan(fault, kind, times)

    def slow(self, delay_s: float, kind: str = "") -> None:
        """Answer requests of this type, "" = all, that much later from now on."""
        self._faults.slow(kind, delay_s)

    def heal(self) -> None:
        """Nothing goes wrong any more: no fault, no delay, not frozen."""
        self._faults.clear()
        self.thaw()

    def freeze(self) -> None:
        """As a stopped process: connections are accepted, nothing is answered; pings are, unlike there."""
        self._awake.clear()

    def thaw(self) -> None:
        """Go on where it stopped: what waited is answered."""
        self._awake.set()

    def kick(self) -> None:
        """End all sessions as OBS's Kick button does: 4011, a client must not come back by itself."""
        with self._lock:
            for session in self._sessions:
                session.close(4011, "Your session has been invalidated.")

    def change_password(self, password: str) -> None:
        """As in OBS's settings: the server restarts, so that everybody has to identify again."""
        self.password = password
        self.stop()
        self.start()

    def reset(self) -> None:
        """Cut all connections; the port stays open."""
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            reset(connection)

    def die(self) -> None:
        """As a crash: connections are cut, the port is closed. `start` brings it back."""
        self._shut(lambda session: session.reset())

    def quit(self) -> None:
        """As a clean quit: scenes and inputs go, then ExitStarted, then 1001, then the port is closed."""
        with self._lock:
            self._world.announce_exit()
        self.stop()

    def restart(self, down_s: float = 0.2) -> None:
        """Die and come back on the same port."""
        self.die()
        time.sleep(down_s)
        self.start()

    @property
    def requests(self) -> list[Request]:
        """Every request so far, in the order of arrival."""
        with self._lock:
            return list(self._requests)

    def requests_of(self, kind: str) -> list[Request]:
        """The requests of one type so far."""
        return [request for request in self.requests if request.kind == kind]

    @property
    def sessions(self) -> int:
        """Clients identified now."""
        with self._lock:
            return len(self._identified)

    def wait_for(self, kind: str, count: int = 1, timeout_s: float = _WAIT_S) -> Request:
        """The `count`-th request of this type since the start, waited for.

        Raises:
            TimeoutError: it did not come.
        """
        with self._changed:
            if self._changed.wait_for(lambda: len(self.requests_of(kind)) >= count, timeout_s):
                return self.requests_of(kind)[count - 1]
            kinds = [request.kind for request in self._requests]
        raise TimeoutError(f"not {count} x {kind} in {timeout_s} s, only {kinds}")

    def wait_sessions(self, count: int, timeout_s: float = _WAIT_S) -> None:
        """Until exactly that many clients are identified. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._identified) == count, timeout_s):
                raise TimeoutError(f"{len(self._identified)} clients after {timeout_s} s, not {count}")

    def _answer(self, kind: str, data: object) -> Mapping[str, Any]:
        with self._lock:
            return answer(self._world, kind, data)

    def _arrived(self, request: Request) -> None:
        with self._changed:
            self._requests.append(request)
            self._changed.notify_all()

    def _on_identified(self, session: Session) -> None:
        with self._changed:
            self._identified.append(session)
            self._changed.notify_all()

    def _render_soon(self) -> None:
        if not self._rendering:
            self._rendering = True
            frame = threading.Timer(_FRAME_S, self._render)
            frame.daemon = True
            frame.start()

    def _render(self) -> None:
        with self._lock:
            self._rendering = False
            self._world.render()

    def _connect(self, *parts: Any, **more: Any) -> ServerConnection:
        """Called for each TCP connection, before it has said anything."""
        connection = ServerConnection(*parts, **more)
        with self._lock:
            self._connections.add(connection)
        return connection

    def _handshake(self, connection: ServerConnection, request: HttpRequest) -> Response | None:
        """Runs in the connection's own thread before the client gets its first byte."""
        self._awake.wait()
        if self._server is None:  # it froze and died
            reset(connection)
        return None

    def _serve(self, connection: ServerConnection) -> None:
        with self._lock:
            self._count += 1
            hooks = Hooks(
                lambda: self.password,
                self._answer,
                self._arrived,
                self._on_identified,
                self._restart_apart,
                self._awake,
                self._faults,
            )
            session = Session(connection, self._count, hooks)
            self._sessions.append(session)
        try:
            session.run()
        finally:
            with self._changed:
                self._sessions.remove(session)
                self._connections.discard(connection)
                with contextlib.suppress(ValueError):
                    self._identified.remove(session)
                self._changed.notify_all()

    def _restart_apart(self) -> None:
        """Not in the session's own thread: the restart waits for that one."""
        self._restarting.append(threading.Thread(target=self.restart, daemon=True))
        self._restarting[-1].start()

    def _shut(self, end: Callable[[Session], None]) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        server.socket.close()  # first, so that nobody who was cut finds the port still open
        with self._lock:
            sessions = list(self._sessions)
        for session in sessions:
            end(session)
        self._awake.set()
        for session in sessions:
            session.wait(_GOODBYE_S)
        closing = threading.Thread(target=server.shutdown, daemon=True)
        closing.start()
        while closing.is_alive():  # clients that don't listen, or came in just now
            self.reset()
            closing.join(_POLL_S)
        self._connections.clear()

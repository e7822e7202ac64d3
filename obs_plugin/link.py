"""The link to OBS that survives: OBS started later, restarted, frozen, kicking us, changing its password."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar

from engine.errors import JikcamError
from obs_plugin.connection import Connection
from obs_plugin.errors import ObsAwayError, ObsError, ObsRefusedError, ObsRequestError, ObsTimeoutError
from obs_plugin.link_status import Event, LinkConfig, LinkState, LinkStatus
from obs_plugin.secret import Secret

__all__ = ["Event", "Link", "LinkConfig", "LinkState", "LinkStatus"]

log = logging.getLogger(__name__)

#: RequestStatus::NotReady of the protocol: OBS is loading, or changes its scene collection.
NOT_READY = 207
#: How long ``stop`` leaves the owner thread to say goodbye before it is cut off.
_GOODBYE_S = 0.3
_STOPPED = LinkStatus(LinkState.STOPPED, "stopped")


_DEFAULT_TIMES = LinkConfig()

News = TypeVar("News", Event, LinkStatus)


@dataclass(frozen=True, slots=True)
class _Job:
    kind: str
    data: dict[str, Any] | None
    future: Future[dict[str, Any]] = field(default_factory=Future)


class Link:
    """Keeps one connection to OBS. Only its own thread, `jikcam-obs-link`, touches it.

    Args:
        host, port: of OBS's WebSocket server; a name, IPv4 or IPv6.
        password: asked before each attempt, in the link's thread; None = OBS wants none. A JikcamError of
            it becomes the status.
        on_event: called in the event thread, in OBS's order, from the moment OBS counts us in; an event
            may so come shortly before UP and none comes after the link has left UP. It may call `request`.
        on_status: called in the link's thread after each change. It must not call `request`.
        config: times.
    """

    def __init__(
        self,
        host: str,
        port: int,
        password: Callable[[], Secret | None],
        *,
        on_event: Callable[[Event], None] | None = None,
        on_status: Callable[[LinkStatus], None] | None = None,
        config: LinkConfig = _DEFAULT_TIMES,
    ) -> None:
        self._host, self._port, self._password = host, port, password
        self._on_event, self._on_status, self._config = on_event, on_status, config
        self._changed = threading.Condition()
        self._status = LinkStatus(LinkState.CONNECTING, f"connecting to OBS at {host}:{port}")
        self._connections = 0
        self._jobs: deque[_Job] = deque()
        self._stopping = False
        self._closing = False
        self._current: Connection | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def status(self) -> LinkStatus:
        """How the link stands now; from any thread."""
        return self._status

    @property
    def connection(self) -> int:
        """How often the link has come up: who kept state of OBS asks anew when it differs."""
        return self._connections

    def start(self) -> None:
        """Begin to connect; returns at once. A stopped link stays stopped."""
        with self._changed:
            if self._thread or self._stopping:
                return
            self._thread = threading.Thread(target=self._run, name="jikcam-obs-link", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Say goodbye to an OBS that is well; never waits for one that is not."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            thread = self._thread
        if thread is threading.current_thread():
            return
        if thread:
            thread.join(_GOODBYE_S)
            with self._changed:
                current = self._current
            if current:
                current.abort()
            # Reaching the computer can't be cut off; the thread then ends by itself, and silently.
            thread.join(_GOODBYE_S)
        self._set(_STOPPED, tell=False)

    def wait_up(self, timeout_s: float) -> bool:
        """Wait until the link is up; False when it is not by then, or is stopped."""
        with self._changed:
            self._changed.wait_for(lambda: self._status.state in (LinkState.UP, LinkState.STOPPED), timeout_s)
            return self._status.state is LinkState.UP

    def request(self, kind: str, data: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Ask OBS; from any thread but the link's own.

        Args:
            kind: requestType of the protocol.
            data: requestData, anything JSON can hold; copied.

        Returns:
            responseData of the protocol, {} where there is none.

        Raises:
            ObsAwayError: there is no connection, or it was lost meanwhile.
            ObsRefusedError: OBS wants another password.
            ObsTimeoutError: no answer in time; the link reconnects.
            ObsRequestError: OBS said no.
        """
        if threading.current_thread() is self._thread:
            raise RuntimeError("on_status must not ask OBS: the link's own thread would wait for itself")
        job = _Job(kind, json.loads(json.dumps(dict(data), allow_nan=False)) if data else None)
        with self._changed:
            status = self._status
            if status.state is LinkState.REFUSED:
                raise ObsRefusedError(status.text)
            if status.state is not LinkState.UP:
                raise ObsAwayError(status.text)
            if len(self._jobs) >= self._config.most_waiting:
                raise ObsTimeoutError(f"OBS is too slow: {len(self._jobs)} requests wait for it already")
            self._jobs.append(job)
            self._changed.notify_all()
        try:
            # One timeout for who is before us, one for us; after either the link is thrown away.
            return job.future.result(2 * self._config.timeout_s)
        except TimeoutError:
            job.future.cancel()
            raise ObsTimeoutError(f"OBS had no time for {kind}: too much was asked of it") from None

    # -- the owner thread -----------------------------------------------------------------------------

    def _run(self) -> None:
        pause_s = self._config.retry_first_s
        while not self._stopping:
            connection = Connection(
                self._host,
                self._port,
                timeout_s=self._config.timeout_s,
                on_event=self._take_event,
                on_end=self._wake,
            )
            with self._changed:
                self._current, self._closing = connection, False
            up_s = time.monotonic()
            status, wait_s = self._live(connection)
            if time.monotonic() - up_s > self._config.retry_most_s and self._status.state is LinkState.UP:
                pause_s = self._config.retry_first_s
            polite = self._stopping or self._closing
            self._set(_STOPPED if self._stopping else status)
            connection.close(polite)
            if wait_s is None:
                wait_s, pause_s = pause_s, min(2 * pause_s, self._config.retry_most_s)
            with self._changed:
                self._changed.wait_for(lambda: self._stopping, wait_s)
        self._set(_STOPPED)

    def _live(self, connection: Connection) -> tuple[LinkStatus, float | None]:
        """One connection from beginning to end: what to say then, and how long to wait (None: back-off)."""
        try:
            connection.open(self._secret())
            self._greet(connection)
            self._serve(connection)
        except ObsRefusedError as error:
            return LinkStatus(LinkState.REFUSED, str(error)), self._config.refused_retry_s
        except ObsError as error:
            if self._closing:
                return LinkStatus(LinkState.AWAY, "OBS was closed"), self._config.closing_s
            if connection.kicked:
                text = "the session was ended in OBS's WebSocket Server Settings; connecting again"
                return LinkStatus(LinkState.AWAY, text), self._config.refused_retry_s
            return LinkStatus(LinkState.AWAY, str(error)), None
        except Exception as error:
            log.debug("a fault of the link itself", exc_info=True)
            text = f"the link to OBS failed ({type(error).__name__}); connecting again"
            return LinkStatus(LinkState.AWAY, text), self._config.retry_most_s
        return _STOPPED, None

    def _secret(self) -> Secret | None:
        try:
            return self._password()
        except JikcamError as error:
            raise ObsRefusedError(error.problem, error.fix) from error
        except Exception as error:
            # Its text is not ours and may hold anything.
            raise ObsRefusedError(f"the password of OBS can't be read ({type(error).__name__})") from None

    def _greet(self, connection: Connection) -> None:
        """UP only when OBS answers about scenes: its port opens before it has loaded."""
        while not self._stopping:
            try:
                version = connection.request("GetVersion")
                connection.request("GetSceneList")
            except ObsRequestError as error:
                if error.code != NOT_READY:
                    raise
            else:
                obs, plugin = (str(version.get(key, "")) for key in ("obsVersion", "obsWebSocketVersion"))
                self._set(LinkStatus(LinkState.UP, f"connected to OBS {obs}", obs, plugin))
                return
            self._set(LinkStatus(LinkState.CONNECTING, "OBS is still loading"))
            self._check(connection)
            with self._changed:
                self._changed.wait_for(lambda: self._stopping or self._closing, self._config.loading_s)

    def _serve(self, connection: Connection) -> None:
        """Answer requests, and feel OBS's pulse while there are none, until the link stops or is lost."""
        heard_s = time.monotonic()
        while not self._stopping:
            self._check(connection)
            with self._changed:
                self._changed.wait_for(
                    lambda: self._stopping or self._closing or self._jobs or not connection.events_alive,
                    heard_s + self._config.heartbeat_s - time.monotonic(),
                )
                if self._stopping or self._closing or not connection.events_alive:
                    continue
                job = self._jobs.popleft() if self._jobs else _Job("GetVersion", None)
            if job.future.set_running_or_notify_cancel():
                self._answer(connection, job)
                heard_s = time.monotonic()

    def _answer(self, connection: Connection, job: _Job) -> None:
        try:
            job.future.set_result(connection.request(job.kind, job.data))
        except ObsRequestError as error:
            job.future.set_exception(error)
        except ObsError as error:
            job.future.set_exception(error)
            raise

    def _check(self, connection: Connection) -> None:
        if self._closing or not connection.events_alive:
            raise ObsAwayError("the connection to OBS was lost; connecting again")

    # -- news -----------------------------------------------------------------------------------------

    def _set(self, status: LinkStatus, tell: bool = True) -> None:
        with self._changed:
            if status == self._status or self._status.state is LinkState.STOPPED:
                return
            self._status = status
            if status.state is LinkState.UP:
                self._connections += 1
                left: list[_Job] = []
            else:
                left = list(self._jobs)
                self._jobs.clear()
            self._changed.notify_all()
        for job in left:
            if job.future.set_running_or_notify_cancel():
                job.future.set_exception(ObsAwayError(status.text))
        if tell:
            self._call(self._on_status, status)

    def _take_event(self, kind: str, data: Mapping[str, Any]) -> None:
        self._call(self._on_event, Event(kind, data))
        if kind == "ExitStarted":
            # OBS waits 5 s for clients that stay.
            self._closing = True
            self._wake()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _call(self, callback: Callable[[News], None] | None, news: News) -> None:
        if callback is None:
            return
        try:
            callback(news)
        except Exception as error:
            log.error("a fault of our own at news from OBS: %s: %s", type(error).__name__, error)
            log.debug("where it happened", exc_info=True)

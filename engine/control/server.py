"""The control server: HTTP and WebSocket, in a thread and an event loop of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from concurrent.futures import Future

from aiohttp import web

from engine.control.access.addresses import ANY_HOSTS, LOOPBACK_HOSTS, host_port, own_addresses
from engine.control.access.crowd import listen
from engine.control.access.grants import Access
from engine.control.access.links import Link
from engine.control.access.listeners import Listener, check_address, open_listeners
from engine.control.access.tls import Certificate
from engine.control.access.whoami import AccessApi
from engine.control.application import Wiring, application
from engine.control.library import PresetLibrary
from engine.control.rtc import Streaming
from engine.state import EngineControl

log = logging.getLogger(__name__)

DEFAULT_PORT = 8787
#: Answers under way may take this long once streams and sockets are closed.
FAREWELL_S = 0.5
#: A command that hangs in the engine must not keep the program from ending.
JOIN_S = 5.0


class ControlServer:
    """Serves the control API of one engine. Made for one start and one stop.

    Programs of this machine use plain HTTP on loopback. With tokens other machines are let in too: at the
    same port, or with a certificate only encrypted at the next one.

    Args:
        host: 127.0.0.1, localhost (the same) or ::1; with tokens, where other machines are let in: one
            of this machine's addresses, 0.0.0.0, or a loopback name for all.
        port: 0 takes any free one; ``url`` tells which.
        streams: the streaming process; None = viewers and cameras are refused.
        library: None = only the presets that are shipped.
        certificate: for other machines.

    Raises:
        JikcamError: a host that is not this machine without tokens, or no port number.
    """

    def __init__(
        self,
        engine: EngineControl,
        host: str = "127.0.0.1",
        port: int = DEFAULT_PORT,
        *,
        streams: Streaming | None = None,
        access: Access | None = None,
        library: PresetLibrary | None = None,
        certificate: Certificate | None = None,
    ) -> None:
        self._access = access or Access.loopback()
        check_address(host, port, self._access.lan, certificate is not None)
        self._engine = engine
        self._host = host
        self._port = port
        self._streams = streams
        self._library = library
        self._certificate = certificate
        self._listeners: list[Listener] = []
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._quit = asyncio.Event()

    @property
    def url(self) -> str:
        """For programs of this machine, without a slash at the end; with the true port once started."""
        host = "::1" if self._host == "::1" and not self._access.lan else "127.0.0.1"
        return f"http://{host_port(host, self._port)}"

    @property
    def access(self) -> Access:
        """Makes tokens of this server, once it is started."""
        return self._access.at(self._port)

    def origins(self) -> tuple[str, ...]:
        """Where other machines find it, the likeliest first; else where this one does."""
        outer = self._listeners[-1] if self._listeners else None
        if outer is None or not (self.access.lan or outer.tls):
            return (self.url,)
        everywhere = self._host in (*ANY_HOSTS, *LOOPBACK_HOSTS)
        hosts = own_addresses() if everywhere and self.access.lan else (self._host,)
        if everywhere and self._host != "::":
            hosts = tuple(host for host in hosts if ":" not in host and host not in LOOPBACK_HOSTS)
        scheme = "https" if outer.tls else "http"
        return tuple(
            f"{scheme}://{host_port(host, outer.port, bool(outer.tls))}" for host in hosts or ("127.0.0.1",)
        )

    def links(self) -> tuple[Link, ...]:
        """What to hand out, at the likeliest address."""
        return AccessApi(self._engine, self.access, self.origins).links()

    def start(self) -> None:
        """Bind the port and serve; returns when requests are answered.

        Raises:
            JikcamError: the port can't be had.
            RuntimeError: started before.
        """
        if self._thread is not None:
            raise RuntimeError("a ControlServer starts only once")
        tls = self._certificate.context() if self._certificate else None
        self._listeners = open_listeners(self._host, self._port, self._access.lan, tls)
        self._port = self._listeners[0].port
        ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="jikcam-control", daemon=True)
        self._thread.start()
        ready.result()
        log.info("control page: %s", self.url)

    def stop(self) -> None:
        """End all streams and sockets and stop serving; may be called twice and before ``start``."""
        if self._thread is None or self._loop is None:
            return
        with contextlib.suppress(RuntimeError):  # the loop has ended already
            self._loop.call_soon_threadsafe(self._quit.set)
        self._thread.join(JOIN_S)
        if self._thread.is_alive():
            log.warning("the control server still waits for the engine; it is left behind")

    def _run(self, ready: Future[None]) -> None:
        try:
            asyncio.run(self._serve(ready))
        except BaseException as error:
            if ready.done():
                log.exception("the control server broke off")
            else:
                ready.set_exception(error)
        finally:
            for listener in self._listeners:
                listener.socket.close()

    async def _serve(self, ready: Future[None]) -> None:
        self._loop = asyncio.get_running_loop()
        app = application(
            Wiring(
                self._engine,
                self.access,
                self._streams,
                self._library,
                self.origins,
                self._certificate.fingerprint if self._certificate else "",
            )
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=FAREWELL_S)
        await runner.setup()
        assert runner.server is not None
        doors = []
        try:
            doors += [await listen(runner.server, listener) for listener in self._listeners]
            ready.set_result(None)
            await self._quit.wait()
        finally:
            for door in doors:
                door.close()
            await runner.cleanup()

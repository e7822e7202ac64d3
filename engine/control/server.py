"""The control server: HTTP and WebSocket on loopback, in a thread and an event loop of its own."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
import sys
import threading
from concurrent.futures import Future

from aiohttp import web

from engine.control.api import Api
from engine.control.board import ObsBoard
from engine.control.events import EventSockets
from engine.control.guard import (
    MAX_BODY_BYTES,
    add_security_headers,
    check_host,
    errors_as_json,
    host_port,
    same_machine_only,
)
from engine.control.pages import page_routes
from engine.control.streams import Streams
from engine.control.watch import StateWatch
from engine.errors import JikcamError
from engine.state import EngineControl

log = logging.getLogger(__name__)

DEFAULT_PORT = 8787
#: Answers under way may take this long once streams and sockets are closed.
FAREWELL_S = 0.5
#: A command that hangs in the engine must not keep the program from ending.
JOIN_S = 5.0


class ControlServer:
    """Serves the control API of one engine to this machine. Made for one start and one stop.

    Args:
        host: 127.0.0.1, localhost (the same) or ::1.
        port: 0 takes any free one; ``url`` tells which.

    Raises:
        JikcamError: a host that is not this machine, or no port number.
    """

    def __init__(self, engine: EngineControl, host: str = "127.0.0.1", port: int = DEFAULT_PORT) -> None:
        check_host(host)
        if not 0 <= port <= 65535:
            raise JikcamError(f"port {port} does not exist", "choose 1024 to 65535, or 0 for any free port")
        self._engine = engine
        self._host = "127.0.0.1" if host == "localhost" else host
        self._port = port
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._quit = asyncio.Event()

    @property
    def url(self) -> str:
        """Of the page, without a slash at the end; with the true port once started."""
        return f"http://{host_port(self._host, self._port)}"

    def start(self) -> None:
        """Bind the port and serve; returns when requests are answered.

        Raises:
            JikcamError: the port can't be had.
            RuntimeError: started before.
        """
        if self._thread is not None:
            raise RuntimeError("a ControlServer starts only once")
        listener = self._bind()
        self._port = listener.getsockname()[1]
        ready: Future[None] = Future()
        self._thread = threading.Thread(
            target=self._run, args=(listener, ready), name="jikcam-control", daemon=True
        )
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

    def _bind(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            # On Windows SO_REUSEADDR would let another program take over the port.
            if sys.platform == "win32":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            else:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self._host, self._port))
            listener.listen()
        except OSError as error:
            listener.close()
            reason = "taken by another program" if error.errno == errno.EADDRINUSE else error.strerror
            raise JikcamError(
                f"port {self._port} on {self._host} can't be used for the control page: {reason}",
                "choose another with --port, for example --port 8790, or --port 0 for any free one",
            ) from error
        return listener

    def _run(self, listener: socket.socket, ready: Future[None]) -> None:
        try:
            asyncio.run(self._serve(listener, ready))
        except BaseException as error:
            if ready.done():
                log.exception("the control server broke off")
            else:
                ready.set_exception(error)
        finally:
            listener.close()

    async def _serve(self, listener: socket.socket, ready: Future[None]) -> None:
        self._loop = asyncio.get_running_loop()
        board = ObsBoard()
        watch = StateWatch(self._engine, board)
        streams, events = Streams(self._engine), EventSockets(watch)
        runner = web.AppRunner(
            self._app(watch, streams, events, board), access_log=None, shutdown_timeout=FAREWELL_S
        )
        await runner.setup()
        looking = asyncio.create_task(watch.run())
        try:
            await web.SockSite(runner, listener).start()
            ready.set_result(None)
            await self._quit.wait()
        finally:
            looking.cancel()
            await runner.cleanup()

    def _app(
        self, watch: StateWatch, streams: Streams, events: EventSockets, board: ObsBoard
    ) -> web.Application:
        app = web.Application(
            middlewares=[errors_as_json, same_machine_only(self._port)], client_max_size=MAX_BODY_BYTES
        )
        app.on_response_prepare.append(add_security_headers)
        app.router.add_routes(Api(self._engine, watch, streams, events, board).routes())
        # No HEAD for these two: it would wait for the end of something that has none.
        app.router.add_get("/api/events", events.handle, allow_head=False)
        app.router.add_get("/stream/{view}.mjpeg", streams.handle, allow_head=False)
        app.router.add_routes(page_routes())

        async def close_long_answers(_app: web.Application) -> None:
            await asyncio.gather(streams.close(), events.close())

        app.on_shutdown.append(close_long_answers)
        return app

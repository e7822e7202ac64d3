"""Starts the streaming process, keeps it alive and passes wishes on to it; the picture never waits for it."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import threading
import time
from typing import overload

from virtualcam.sink import SinkError
from virtualcam.webrtc import pipe
from virtualcam.webrtc.calls import Calls
from virtualcam.webrtc.camera.feed import CameraFeed
from virtualcam.webrtc.messages import (
    Answer,
    AskClock,
    End,
    Measure,
    Measures,
    Push,
    RefusedError,
    RtpClock,
    StreamConfig,
    Watch,
    WhipTarget,
)
from virtualcam.webrtc.process import StreamProcess, new_bell
from virtualcam.webrtc.sink import WebrtcSink

log = logging.getLogger(__name__)

#: Waits before the first, second, ... restart; a process that lived for a minute begins anew.
RESTART_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
LIVED_S = 60.0
#: Between two questions whether it is well, and the silence after which it is replaced.
PING_S = 1.0
SILENT_S = 5.0
#: A slow disk takes its time to load the codecs.
FIRST_WORD_S = 60.0
#: For the answer to one wish.
ANSWER_S = 10.0
#: Between two looks at the clock while nothing is said.
TICK_S = 0.25
#: For the process to say goodbye to viewers and SFUs.
FAREWELL_S = 6.0


class StreamHost:
    """The streaming process and everything that is to live in it.

    Whatever happens to that process, sinks and cameras go on: it is started again with growing waits, and
    told again of Views, publishers and cameras. It is also replaced when it is frozen. Methods may be called
    from any thread, before ``start`` too.

    Args:
        config: how streams are made.
    """

    def __init__(self, config: StreamConfig) -> None:
        self._config = config
        self._bell = new_bell()
        self._lock = threading.Lock()
        self._sinks: dict[str, WebrtcSink] = {}
        self._feeds: dict[str, CameraFeed] = {}
        self._targets: list[WhipTarget] = []
        self._publishers: list[dict[str, object]] = []
        self._calls = Calls()
        self._early: list[pipe.Asked] = []
        self._process: StreamProcess | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jikcam-streams", daemon=True)
        self._status = ""
        self._ready = threading.Event()
        self.starts = 0

    @property
    def status(self) -> str:
        """Empty when all is well, else one line for the user."""
        return self._status

    @property
    def ready(self) -> bool:
        """The process answers wishes; it takes a second or so after the start."""
        return self._ready.is_set()

    @property
    def pid(self) -> int | None:
        """Of the running streaming process."""
        process = self._process
        return process.pid if process else None

    def start(self) -> None:
        """Start the process in the background."""
        self._thread.start()
        # Else shared memory would stay behind when a program forgets to stop us.
        atexit.register(self.stop)

    def stop(self) -> None:
        """End the process and close all sinks and cameras; may be called twice."""
        atexit.unregister(self.stop)
        self._stopping.set()
        with self._lock:
            if self._process:
                self._process.send(pipe.Leave())
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join()
        for sink in list(self._sinks.values()):
            sink.close()
        for feed in list(self._feeds.values()):
            feed.close()

    def sink(self, view: str, fps: float) -> WebrtcSink:
        """A sink for the pictures of a View; close it when the View goes.

        Raises:
            SinkError: that View has one already, or there is no shared memory left.
        """
        with self._lock:
            if view in self._sinks:
                raise SinkError(f"the View {view} goes to WebRTC already; leave out the second webrtc sink")
            try:
                sink = WebrtcSink(view, fps, self._ring_bell, self._trouble, self._sink_closed)
            except OSError as error:
                raise SinkError(_no_memory(error)) from None
            self._sinks[view] = sink
            self._tell(pipe.AddView(view, fps, sink.ring))
            return sink

    def publish(self, target: WhipTarget) -> None:
        """Publish a View for as long as this host lives; trouble shows in the status of the View's sink."""
        with self._lock:
            self._targets.append(target)
            self._tell(target)

    def camera(self, name: str, size: tuple[int, int]) -> CameraFeed:
        """Pictures of who pushes as the camera ``name``, as BGR of ``size`` (width, height).

        Raises:
            SinkError: that camera is in use already, or there is no shared memory left.
        """
        with self._lock:
            if name in self._feeds:
                raise SinkError(f"the camera {name} is in use already; give the second source another name")
            try:
                feed = CameraFeed(name, size, lambda: self._status, self._feed_closed)
            except OSError as error:
                raise SinkError(_no_memory(error)) from None
            self._feeds[name] = feed
            self._tell(pipe.AddCamera(name, *size, feed.ring))
            return feed

    @overload
    async def call(self, request: Watch | Push) -> Answer: ...
    @overload
    async def call(self, request: End) -> bool: ...
    @overload
    async def call(self, request: AskClock) -> RtpClock: ...
    @overload
    async def call(self, request: Measure) -> Measures: ...
    async def call(self, request: pipe.Request) -> pipe.Reply:
        """Have the process answer; from any event loop.

        Raises:
            RefusedError: it refuses; 503 while it is away or does not answer.
        """
        with self._lock:
            starting = self.starts == 0 and self._thread.is_alive()
            if self._stopping.is_set() or (self._process is None and not starting):
                raise RefusedError(503, self._status or "WebRTC is not running")
            number, future = self._calls.open()
            asked = pipe.Asked(number, request)
            if self._process is None:
                self._early.append(asked)
            self._tell(asked)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), ANSWER_S)
        except TimeoutError:
            raise RefusedError(503, "the streaming process does not answer; try again in a moment") from None
        finally:
            self._calls.forget(number)

    def _tell(self, message: object) -> None:
        if self._process:
            self._process.send(message)

    def _ring_bell(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # rung too often and never heard
            self._bell.release()

    def _trouble(self, view: str) -> str:
        publishers = (str(p.get("text") or "") for p in self._publishers if p.get("view") == view)
        return self._status or next(filter(None, publishers), "")

    def _sink_closed(self, sink: WebrtcSink) -> None:
        with self._lock:
            del self._sinks[sink.view]
            self._tell(pipe.RemoveView(sink.view))

    def _feed_closed(self, feed: CameraFeed) -> None:
        with self._lock:
            del self._feeds[feed.camera]
            self._tell(pipe.RemoveCamera(feed.camera))

    # What follows is done by the host's own thread.

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            begin_s = time.monotonic()
            try:
                process = self._begin()
                reason = self._listen(process)
                self._away()
                code = process.end()
                reason = reason or f"its process ended, exit code {code}"
            except OSError as error:
                reason = f"its process can't be started: {error}"
            if self._stopping.is_set():
                return
            failures = 1 if time.monotonic() - begin_s > LIVED_S else failures + 1
            wait_s = RESTART_S[min(failures, len(RESTART_S)) - 1]
            status = f"WebRTC is away ({reason}); it is started again"
            if status != self._status:
                log.warning("%s", status)
                self._status = status
            self._stopping.wait(wait_s)

    def _begin(self) -> StreamProcess:
        process = StreamProcess(self._config, self._bell)
        with self._lock:
            self.starts += 1
            self._process = process
            for sink in self._sinks.values():
                process.send(pipe.AddView(sink.view, sink.fps, sink.ring))
            for feed in self._feeds.values():
                process.send(pipe.AddCamera(feed.camera, *feed.size, feed.ring))
            for target in self._targets:
                process.send(target)
            while self._early:
                process.send(self._early.pop(0))
            if self._stopping.is_set():
                process.send(pipe.Leave())
        return process

    def _listen(self, process: StreamProcess) -> str:
        """Hear what it says until it is gone or silent; why that is, "" when not known."""
        silent_s, ping_s, stopping_s, patience_s = 0.0, 0.0, 0.0, FIRST_WORD_S
        reason = ""
        while silent_s < patience_s and stopping_s < FAREWELL_S:
            before_s = time.monotonic()
            try:
                message = process.receive(TICK_S)
            except (EOFError, OSError):
                return reason
            # At most a tick: when this process was stopped itself, the other one is not to blame.
            waited_s = min(time.monotonic() - before_s, TICK_S)
            silent_s, ping_s = silent_s + waited_s, ping_s + waited_s
            stopping_s += waited_s * self._stopping.is_set()
            if isinstance(message, (pipe.Ready, pipe.Beat)):
                silent_s, patience_s = 0.0, SILENT_S
            elif isinstance(message, pipe.Failed):
                reason = message.reason
            if message is not None:
                self._heard(message)
            if ping_s >= PING_S:
                process.send(pipe.Ping())
                ping_s = 0.0
        process.kill()
        return f"its process did not answer for {patience_s:.0f} s"

    def _heard(self, message: object) -> None:
        match message:
            case pipe.Pushed(camera) if feed := self._feeds.get(camera):
                feed.arrived()
            case pipe.CameraGone(camera) if feed := self._feeds.get(camera):
                feed.gone()
            case pipe.Watched(view, watchers) if sink := self._sinks.get(view):
                sink.watch(watchers)
            case pipe.Answered(number, reply):
                if not self._calls.answered(number, reply) and isinstance(reply, Answer):
                    # Who asked has gone: nobody else would end that session.
                    with self._lock:
                        self._tell(pipe.Asked(0, End(reply.id)))
            case pipe.Beat(publishers):
                self._publishers = publishers
            case pipe.Said(level, text):
                log.log(level, text)
            case pipe.Ready():
                self._status = ""
                self._ready.set()

    def _away(self) -> None:
        self._ready.clear()
        with self._lock:
            self._process = None
            self._publishers = []
            sinks, feeds = list(self._sinks.values()), list(self._feeds.values())
        for sink in sinks:
            sink.watch(0)
        for feed in feeds:
            feed.gone()
        self._calls.refuse_all(RefusedError(503, "WebRTC is started again; try again in a moment"))


def _no_memory(error: OSError) -> str:
    return (
        f"no shared memory for WebRTC ({error.strerror}); give /dev/shm more room (docker: --shm-size=256m)"
    )

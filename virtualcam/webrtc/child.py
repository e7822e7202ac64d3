"""The streaming process: encoders and WebRTC peers, joined to the engine's process by pipe and rings."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
import time
from collections.abc import Coroutine
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Semaphore
from typing import Any

import cv2
import psutil

from virtualcam.webrtc.addresses import offer_addresses
from virtualcam.webrtc.camera.ingest import Cameras
from virtualcam.webrtc.child_log import quiet
from virtualcam.webrtc.messages import (
    AskClock,
    End,
    Measure,
    Measures,
    Push,
    RawPicture,
    RefusedError,
    StreamConfig,
    Watch,
    WhipTarget,
)
from virtualcam.webrtc.pipe import (
    AddCamera,
    AddView,
    Answered,
    Asked,
    Beat,
    CameraGone,
    Failed,
    Leave,
    Ping,
    Pushed,
    Ready,
    RemoveCamera,
    RemoveView,
    Reply,
    Request,
    Said,
    Watched,
)
from virtualcam.webrtc.publish.publishers import Publishers
from virtualcam.webrtc.ring import RingReader
from virtualcam.webrtc.watch.studio import Studio

log = logging.getLogger(__name__)

#: For saying goodbye to peers and SFUs; then the process ends anyway.
GOODBYE_S = 4.0


def main(config: StreamConfig, pipe: Connection, bell: Semaphore) -> None:
    """Live until the pipe breaks or Leave is read from it."""
    wire = _Wire(pipe)
    quiet(lambda level, text: wire.say(Said(level, text)))
    offer_addresses(config.lan)
    # Pictures are scaled in the encoders' own threads, of which there are as many as it needs.
    cv2.setNumThreads(1)
    try:
        asyncio.run(_live(config, wire, bell))
    except Exception as error:
        wire.say(Failed(f"its process failed: {type(error).__name__}: {error}"))
    # Threads of the codecs, and the one that waits for the bell, end with the process.
    os._exit(0)


async def _live(config: StreamConfig, wire: _Wire, bell: Semaphore) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_one_line)
    child = _Child(config, wire)
    threading.Thread(target=child.carry, args=(bell,), name="pictures", daemon=True).start()
    inbox: asyncio.Queue[Any] = asyncio.Queue()
    threading.Thread(target=wire.listen, args=(loop, inbox), name="wishes", daemon=True).start()
    wire.say(Ready())
    while (message := await inbox.get()) is not None and not isinstance(message, Leave):
        child.hear(message)
    # Also when closing hangs, or the loop does.
    threading.Timer(GOODBYE_S + 1.0, os._exit, (0,)).start()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(child.close(), GOODBYE_S)


class _Wire:
    """Our end of the pipe."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()

    def say(self, message: object) -> None:
        """From any thread; nothing happens once the pipe is broken."""
        with self._lock, contextlib.suppress(OSError):
            self._pipe.send(message)

    def listen(self, loop: asyncio.AbstractEventLoop, inbox: asyncio.Queue[Any]) -> None:
        """Put what comes into ``inbox``, and at last None when the parent is gone."""
        with contextlib.suppress(EOFError, OSError):
            while True:
                loop.call_soon_threadsafe(inbox.put_nowait, self._pipe.recv())
        # The loop may hang or be closed: without a parent nothing is left to do.
        threading.Timer(GOODBYE_S + 1.0, os._exit, (0,)).start()
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(inbox.put_nowait, None)


class _Child:
    """Views, publishers and cameras of this process; used in its event loop, but for ``carry``."""

    def __init__(self, config: StreamConfig, wire: _Wire) -> None:
        self._wire = wire
        self._studio = Studio(config, lambda view, watchers: wire.say(Watched(view, watchers)))
        self._publishers = Publishers(self._studio)
        self._cameras = Cameras(
            lambda camera: wire.say(Pushed(camera)), lambda camera: wire.say(CameraGone(camera))
        )
        self._studio.audio = self._cameras.audio
        self._rings: dict[str, RingReader] = {}
        self._reading = threading.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def hear(self, message: object) -> None:
        """Do what the parent says; what goes wrong with one View or camera ends no other."""
        try:
            self._do(message)
        except FileNotFoundError:
            log.debug("%s: closed again meanwhile", message)
        except Exception:
            log.exception("%s failed", type(message).__name__)

    def _do(self, message: object) -> None:
        match message:
            case Asked(number, request):
                self._begin(self._answer(number, request))
            case AddView(view, fps, ring):
                with self._reading:
                    self._rings[view] = RingReader(ring)
                self._studio.add_view(view, fps)
            case RemoveView(view):
                with self._reading:
                    reader = self._rings.pop(view, None)
                    if reader is not None:
                        reader.close()
                self._studio.remove_view(view)
            case AddCamera(camera, width, height, ring):
                self._cameras.add(camera, (width, height), ring)
            case RemoveCamera(camera):
                self._cameras.remove(camera)
            case WhipTarget():
                self._publishers.add(message)
            case Ping():
                self._wire.say(Beat(self._publishers.report()))

    def carry(self, bell: Semaphore) -> None:
        """Give new pictures to the studio, for ever; a thread's work."""
        while bell.acquire():
            # Rung for each picture of each View; one look at the rings is enough for all.
            while bell.acquire(block=False):
                pass
            for view in list(self._rings):
                try:
                    self._carry(view)
                except FileNotFoundError:
                    log.debug("%s: closed meanwhile", view)
                except Exception:
                    log.exception("a picture of %s is lost", view)

    def _carry(self, view: str) -> None:
        with self._reading:
            reader = self._rings.get(view)
            picture = reader.read() if reader else None
        if picture is not None:
            self._studio.give(view, RawPicture(picture.image, picture.time_s, picture.index))

    async def close(self) -> None:
        """Say goodbye to everybody."""
        await asyncio.gather(
            self._publishers.close(), self._cameras.close(), self._studio.close(), return_exceptions=True
        )

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, number: int, request: Request) -> None:
        reply: Reply | RefusedError
        try:
            reply = await self._reply(request)
        except RefusedError as error:
            reply = error
        except Exception as error:
            # Whatever a peer sends must not end the others' streams.
            log.exception("%s failed", type(request).__name__)
            reply = RefusedError(500, f"the stream could not be set up ({type(error).__name__})")
        self._wire.say(Answered(number, reply))

    async def _reply(self, request: Request) -> Reply:
        match request:
            case Watch():
                return await self._studio.watch(request)
            case Push():
                return await self._cameras.push(request)
            case End(id):
                return await self._cameras.end(id) or await self._studio.end(id)
            case AskClock(id):
                return self._studio.clock(id)
            case Measure():
                viewers, renditions = await self._studio.measure()
                return Measures(
                    viewers,
                    renditions,
                    self._publishers.report(),
                    self._cameras.report(),
                    time.process_time(),
                    psutil.Process().memory_info().rss / 1e6,
                )


def _one_line(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What nobody awaited has failed: most often a peer that vanished in the middle of something."""
    error = context.get("exception")
    if isinstance(error, (ConnectionError, asyncio.CancelledError)):
        log.debug("%s: %s", context["message"], error)
    else:
        log.error("%s", context["message"], exc_info=error)

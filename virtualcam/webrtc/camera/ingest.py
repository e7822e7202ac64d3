"""Cameras that come in over WebRTC, most often phones (WHIP, RFC 9725)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import numpy as np
from aiortc import MediaStreamTrack
from numpy.typing import NDArray

from virtualcam.webrtc.camera.pusher import Pusher
from virtualcam.webrtc.messages import Answer, Push, RefusedError
from virtualcam.webrtc.ring import RingWriter

log = logging.getLogger(__name__)

#: Without a packet for so long another one may take a pusher's place.
DEAD_S = 3.0
#: Without a packet for so long it is thrown out; a phone between two networks comes back sooner.
LEFT_S = 30.0
#: For ICE and DTLS.
CONNECT_S = 15.0
#: Between two looks at how each is doing.
LOOK_S = 0.25


class Cameras:
    """Who pushes as which camera. Made, used and closed in one event loop.

    Of each name there is one at a time: a second one is refused while the first is alive.

    Args:
        arrived: called with the camera's name for each new picture in its ring, from any thread.
        gone: called with the camera's name when nobody pushes as it any more.
    """

    def __init__(self, arrived: Callable[[str], None], gone: Callable[[str], None]) -> None:
        self._arrived = arrived
        self._gone = gone
        self._cameras: dict[str, _Camera] = {}
        self._changed = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()

    def add(self, name: str, size: tuple[int, int], ring: str) -> None:
        """Take in who pushes as ``name``, as BGR pictures of ``size`` (width, height) in that ring."""
        self._cameras[name] = _Camera(name, size, RingWriter(ring), self._arrived, self._gone)
        if self._watch is None:
            self._watch = asyncio.get_running_loop().create_task(self._look_after())

    def remove(self, name: str) -> None:
        """Throw out who pushes as ``name``, and take in nobody more; the name is free at once."""
        camera = self._cameras.pop(name, None)
        if camera is not None:
            camera.close()
            if camera.pusher is not None:
                self._start(camera.pusher.close())

    async def push(self, request: Push) -> Answer:
        """Answer a camera's offer.

        Raises:
            RefusedError: 404 no such camera, 409 somebody else is it, 400 or 406 the offer is no good.
        """
        camera = self._cameras.get(request.camera)
        if camera is None:
            raise RefusedError(404, f"no source waits for a camera {request.camera!r}")
        before = camera.pusher
        if before is not None and before.silent_s < DEAD_S and not before.over:
            raise RefusedError(
                409, f"another device is the camera {camera.name} already; close its page first"
            )
        pusher = Pusher(camera.size, camera.deliver_from, self._changed.set)
        # Before anything is waited for, so that of two at the same moment only one gets it.
        camera.pusher = pusher
        if before is not None:
            self._start(before.close())
        try:
            return Answer(pusher.id, await pusher.answer(request.sdp))
        except BaseException:
            self._leave(camera, pusher)
            raise

    async def end(self, id: str) -> bool:
        """The pusher of that id leaves; False where there is none."""
        for camera in self._cameras.values():
            if camera.pusher is not None and camera.pusher.id == id:
                self._leave(camera, camera.pusher)
                return True
        return False

    def audio(self) -> MediaStreamTrack | None:
        """The microphone of a camera that has one, for one more viewer."""
        pushers = (camera.pusher for camera in self._cameras.values() if camera.pusher is not None)
        return next((track for pusher in pushers if (track := pusher.audio()) is not None), None)

    def report(self) -> list[dict[str, Any]]:
        """Of each camera: camera, state, width, height, fps."""
        nobody = {"state": "waiting", "width": 0, "height": 0, "fps": 0.0}
        return [
            {"camera": camera.name, **(camera.pusher.report() if camera.pusher else nobody)}
            for camera in self._cameras.values()
        ]

    async def close(self) -> None:
        """Throw out everybody; may be called twice."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
            self._watch = None
        for name in list(self._cameras):
            self.remove(name)
        await asyncio.gather(*self._ending)

    async def _look_after(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), LOOK_S)
            self._changed.clear()
            for camera in list(self._cameras.values()):
                pusher = camera.pusher
                if pusher is None:
                    continue
                await pusher.look()
                late = not pusher.connected and pusher.age_s > CONNECT_S
                if pusher.over or late or pusher.silent_s > LEFT_S:
                    self._leave(camera, pusher)
                elif pusher.silent_s > DEAD_S:
                    camera.still()

    def _leave(self, camera: _Camera, pusher: Pusher) -> None:
        camera.leave(pusher)
        self._start(pusher.close())

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


class _Camera:
    """A name that may be pushed to, and where its pictures go.

    What is told of it is told under one lock: a picture that is on its way as its pusher leaves must not be
    told of last, or a camera would count as live for ever.
    """

    def __init__(
        self,
        name: str,
        size: tuple[int, int],
        writer: RingWriter,
        arrived: Callable[[str], None],
        gone: Callable[[str], None],
    ) -> None:
        self.name = name
        self.size = size
        self.pusher: Pusher | None = None
        self._live = False
        self._writer = writer
        self._arrived = arrived
        self._gone = gone
        self._writing = threading.Lock()
        self._index = 0
        self._closed = False

    def deliver_from(self, pusher: Pusher, image: NDArray[np.uint8], time_s: float) -> None:
        """A picture of ``pusher``, which may have been replaced meanwhile; from any thread."""
        with self._writing:
            if self._closed or pusher is not self.pusher:
                return
            self._writer.write(image, time_s, self._index)
            self._index += 1
            self._live = True
            self._arrived(self.name)

    def still(self) -> None:
        """No picture comes any more; told once."""
        with self._writing:
            if self._live:
                self._live = False
                self._gone(self.name)

    def leave(self, pusher: Pusher) -> None:
        """That pusher is not this camera any more, if it was."""
        with self._writing:
            if self.pusher is pusher:
                self.pusher = None
                self._live = False
                self._gone(self.name)

    def close(self) -> None:
        with self._writing:
            self._closed = True
            self._writer.close()

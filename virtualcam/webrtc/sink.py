"""A View for WebRTC: its pictures go to the streaming process while somebody takes them there."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from virtualcam.sink import Picture
from virtualcam.webrtc.ring import Ring, RingWriter

#: While pictures come, whoever begins to watch gets the next one; one more would hold up the picture thread.
STILL_S = 0.1
#: Between two attempts to get shared memory where there was none left.
MEMORY_RETRY_S = 5.0


class WebrtcSink:
    """A Sink that costs next to nothing while nobody watches. Made by ``StreamHost.sink``.

    ``send`` writes the picture into shared memory and never waits for the other process, whatever state
    that is in. Pictures may change their size.

    Args:
        view: name of the View.
        fps: its usual rate.
        told: called after each written picture; must not wait.
        trouble: one line about what is amiss behind the ring, or "".
        closed: called once, by ``close``.

    Raises:
        OSError: there is no shared memory left.
    """

    def __init__(
        self,
        view: str,
        fps: float,
        told: Callable[[], None],
        trouble: Callable[[str], str],
        closed: Callable[[WebrtcSink], None],
    ) -> None:
        self.view = view
        self.fps = fps
        self._told = told
        self._trouble = trouble
        self._on_close = closed
        self._ring = Ring()
        self._writer = RingWriter(self._ring.name, self._ring.grow)
        self._lock = Lock()
        self._watchers = 0
        self._last: Picture | None = None
        self._last_s = 0.0
        self._written: Picture | None = None
        self._full = ""
        self._retry_s = 0.0
        self._closed = False

    @property
    def name(self) -> str:
        return "webrtc"

    @property
    def ring(self) -> str:
        """Name of the ring its pictures go into, (height * 3 / 2, width) I420."""
        return self._ring.name

    @property
    def watched(self) -> bool:
        """Somebody takes its pictures: a viewer, or an SFU it is published to."""
        return self._watchers > 0

    @property
    def watchers(self) -> int:
        """How many take its pictures."""
        return self._watchers

    @property
    def resizable(self) -> bool:
        return True

    @property
    def status(self) -> str:
        return self._full or self._trouble(self.view)

    def send(self, picture: Picture) -> None:
        """Make this the newest picture. After ``close`` nothing happens."""
        with self._lock:
            if not self._closed:
                self._last, self._last_s = picture, time.monotonic()
                if self._watchers:
                    self._write(picture)

    def rest(self) -> None:
        with self._lock:
            self._last = None

    def watch(self, watchers: int) -> None:
        """So many take its pictures from now on; where none come now the first one gets the last picture."""
        with self._lock:
            if self._closed:
                return
            self._watchers = watchers
            if not watchers:
                self._written = None
                return
            still = time.monotonic() - self._last_s > STILL_S
            if still and self._last is not None and self._last is not self._written:
                self._write(self._last)

    def close(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._watchers = 0
            self._last = self._written = None
            self._writer.close()
            self._ring.close()
        self._on_close(self)

    def _write(self, picture: Picture) -> None:
        if self._full and time.monotonic() < self._retry_s:
            return
        try:
            self._writer.write(picture.i420, picture.time_s, picture.index)
        except OSError as error:
            self._retry_s = time.monotonic() + MEMORY_RETRY_S
            self._full = (
                f"{self.view}: no shared memory for WebRTC ({error.strerror}); "
                "give /dev/shm more room (docker: --shm-size=256m)"
            )
            return
        self._full = ""
        self._written = picture
        self._told()

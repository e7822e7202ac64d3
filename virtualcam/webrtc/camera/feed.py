"""A camera that comes over WebRTC, as the engine's process sees it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from virtualcam.webrtc.ring import Ring, RingPicture, RingReader


class CameraFeed:
    """The newest picture of whoever pushes as this camera. Made by ``StreamHost.camera``.

    Args:
        camera: its name, as in ``/camera/NAME``.
        size: width and height of every picture; others are letterboxed into it.
        trouble: one line about what is amiss in the streaming process, or "".
        closed: called once, by ``close``.

    Raises:
        OSError: there is no shared memory left.
    """

    def __init__(
        self,
        camera: str,
        size: tuple[int, int],
        trouble: Callable[[], str],
        closed: Callable[[CameraFeed], None],
    ) -> None:
        self.camera = camera
        self.size = size
        self._trouble = trouble
        self._on_close = closed
        self._ring = Ring(size[0] * size[1] * 3)
        self._reader = RingReader(self._ring.name)
        self._changed = threading.Condition()
        self._reading = threading.Lock()
        self._fresh = False
        self._live = False
        self._seen = False
        self._closed = self._released = False

    @property
    def ring(self) -> str:
        """Name of the ring its pictures come over, (height, width, 3) BGR."""
        return self._ring.name

    @property
    def live(self) -> bool:
        """Somebody pushes pictures now."""
        return self._live

    @property
    def seen(self) -> bool:
        """Somebody has pushed a picture since the start."""
        return self._seen

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def trouble(self) -> str:
        """What is amiss in the streaming process, as one line; "" when all is well."""
        return self._trouble()

    def read(self, timeout_s: float) -> RingPicture | None:
        """The newest picture, or None when none came within ``timeout_s`` or the feed is closed."""
        end_s = time.monotonic() + timeout_s
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._fresh or self._closed, max(end_s - time.monotonic(), 0.0)
                )
                if self._closed or not self._fresh:
                    return None
                self._fresh = False
            with self._reading:
                picture = None if self._closed else self._reader.read()
            if picture is not None:
                return picture

    def arrived(self) -> None:
        """A new picture is in the ring."""
        with self._changed:
            self._fresh = self._live = self._seen = True
            self._changed.notify_all()

    def gone(self) -> None:
        """Nobody pushes any more."""
        self._live = False

    def close(self) -> None:
        """No picture any more, who waits is woken; may be called twice, from any thread."""
        with self._changed:
            self._closed = True
            self._live = False
            self._changed.notify_all()
        with self._reading:  # who closes it a second time waits until it is closed
            if not self._released:
                self._released = True
                self._reader.close()
                self._ring.close()
                self._on_close(self)

"""A live JPEG stream: encodes only while somebody watches, and everybody gets the newest picture."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from dataclasses import dataclass, field
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from virtualcam.sink import Picture, SinkError

log = logging.getLogger(__name__)

#: With a limit to the rate a picture may come so much of the limit's period early: cameras are not punctual.
EARLY = 0.2


@dataclass(frozen=True, slots=True)
class Jpeg:
    """One encoded picture.

    Attributes:
        data: a complete JPEG file (JFIF, 4:2:0).
        time_s, index: of the Picture it was made from.
        number: 1, 2, 3, ... in the order of encoding.
    """

    data: bytes = field(repr=False)
    time_s: float
    index: int
    number: int


class MjpegSink:
    """A View as JPEG pictures for any number of viewers.

    ``send`` only swaps a reference. The encoder thread sleeps unless there is both a viewer and a new
    picture; it always takes the newest one. The last picture is kept, so that a viewer who comes while
    the source stands still sees it at once. Pictures may change their size.

    Args:
        name: of the View.
        quality: of the JPEG, 1 to 100.
        max_width: wider pictures are made smaller first, by the encoder; None = as they are. Like
            ``max_fps`` an attribute that any thread may change, for the next picture on.
        max_fps: pictures that come faster are left out; None = none is.

    Raises:
        SinkError: a quality outside its bounds.
    """

    def __init__(
        self, name: str, quality: int = 85, *, max_width: int | None = None, max_fps: float | None = None
    ) -> None:
        if not 1 <= quality <= 100:
            raise SinkError(f"JPEG quality {quality} is no good; choose 1 to 100")
        self.max_width = max_width
        self.max_fps = max_fps
        self._name = name
        self._options = [
            *(cv2.IMWRITE_JPEG_QUALITY, quality),
            *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420),
        ]
        self._changed = threading.Condition()
        self._picture: Picture | None = None
        self._encoded: Picture | None = None
        self._jpeg: Jpeg | None = None
        self._viewers: set[Viewer] = set()
        self._newcomer = False
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=f"mjpeg {name}", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        return self._name

    @property
    def status(self) -> str:
        """Always empty: nothing goes wrong here that ``send`` does not raise."""
        return ""

    @property
    def viewers(self) -> int:
        """How many watch now."""
        return len(self._viewers)

    @property
    def watched(self) -> bool:
        """Somebody has subscribed."""
        return bool(self._viewers)

    @property
    def resizable(self) -> bool:
        """Always: every JPEG tells its own size."""
        return True

    def send(self, picture: Picture) -> None:
        """Make this the newest picture. After ``close`` nothing happens."""
        with self._changed:
            if not self._closed:
                self._picture = picture
                self._changed.notify_all()

    def rest(self) -> None:
        """No pictures come for now: a viewer who subscribes waits for the next and gets no old one."""
        with self._changed:
            self._picture = None
            self._jpeg = None

    def subscribe(self) -> Viewer:
        """Somebody more who watches; close the Viewer (or leave its ``with``) when they go."""
        viewer = Viewer(self)
        with self._changed:
            if not self._closed:
                if self._jpeg is not None and self._picture is not self._encoded:
                    # Encoding paused for want of viewers: that JPEG may be minutes old, a new one follows.
                    viewer._seen = self._jpeg.number
                self._viewers.add(viewer)
                self._newcomer = True
                self._changed.notify_all()
        return viewer

    def close(self) -> None:
        """End the stream for every viewer; may be called twice."""
        with self._changed:
            self._closed = True
            self._picture = None
            self._wake()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        number = 0
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._wanted())
                picture = self._picture
                if self._closed or picture is None:
                    return
                # Set before encoding: a picture that can't be encoded isn't tried over and over.
                self._encoded, self._newcomer = picture, False
            try:
                _, data = cv2.imencode(".jpg", _narrowed(picture.image, self.max_width), self._options)
            except cv2.error as error:
                log.warning("%s: picture %d gave no JPEG: %s", self._name, picture.index, error)
                continue
            number += 1
            with self._changed:
                self._jpeg = Jpeg(data.tobytes(), picture.time_s, picture.index, number)
                self._wake()

    def _wanted(self) -> bool:
        picture, last = self._picture, self._encoded
        if not self._viewers or picture is None or picture is last:
            return False
        if self.max_fps is None or last is None or self._newcomer:
            return True
        return abs(picture.time_s - last.time_s) * self.max_fps >= 1.0 - EARLY

    def _wake(self) -> None:
        self._changed.notify_all()
        for viewer in self._viewers:
            viewer._wake()


class Viewer:
    """One who watches a MjpegSink. A slow viewer misses pictures and never gets an old one.

    Use ``wait`` from a thread or ``next`` from asyncio, one call at a time.
    """

    def __init__(self, sink: MjpegSink) -> None:
        self._sink = sink
        self._seen = 0
        self._pending: tuple[asyncio.AbstractEventLoop, asyncio.Future[None]] | None = None

    def wait(self, timeout_s: float | None = None) -> Jpeg | None:
        """The next JPEG; None when none came in time or the stream is over."""
        with self._sink._changed:
            self._sink._changed.wait_for(lambda: self._over or self._fresh, timeout_s)
            return self._take()

    async def next(self) -> Jpeg | None:
        """The next JPEG; None when the stream is over. May be cancelled at any time."""
        loop = asyncio.get_running_loop()
        while True:
            with self._sink._changed:
                if self._over or self._fresh:
                    return self._take()
                future = loop.create_future()
                self._pending = (loop, future)
            await future

    def close(self) -> None:
        """Watch no more; may be called twice, from any thread."""
        with self._sink._changed:
            self._sink._viewers.discard(self)
            self._sink._changed.notify_all()
            self._wake()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _over(self) -> bool:
        return self._sink._closed or self not in self._sink._viewers

    @property
    def _fresh(self) -> bool:
        jpeg = self._sink._jpeg
        return jpeg is not None and jpeg.number > self._seen

    def _take(self) -> Jpeg | None:
        jpeg = self._sink._jpeg
        if self._over or jpeg is None or jpeg.number <= self._seen:
            return None
        self._seen = jpeg.number
        return jpeg

    def _wake(self) -> None:
        """Let a waiting ``next`` look again; called with the sink's condition held."""
        if self._pending is not None:
            loop, future = self._pending
            self._pending = None
            with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits any more
                loop.call_soon_threadsafe(_resolve, future)


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _narrowed(image: NDArray[np.uint8], width: int | None) -> NDArray[np.uint8]:
    """The (H, W, 3) picture, at most ``width`` pixels wide."""
    tall, wide = image.shape[:2]
    if width is None or wide <= width:
        return image
    small: NDArray[np.uint8] = cv2.resize(  # type: ignore[assignment]
        image, (width, max(1, round(tall * width / wide))), interpolation=cv2.INTER_AREA
    )
    return small

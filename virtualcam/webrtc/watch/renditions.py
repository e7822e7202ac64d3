"""Every View encoded once per codec and size, however many watch; nothing is encoded for nobody."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from virtualcam.webrtc.messages import Codec, RawPicture, StreamConfig
from virtualcam.webrtc.watch.encoder import EncodedPicture, Encoder, EncoderError, kbps_for
from virtualcam.webrtc.watch.tally import Tally

log = logging.getLogger(__name__)

KEY_FRAME_APART_S = 0.3
"""Key frames are large: however many viewers ask, they come at most this often."""

RELEASE_AFTER_S = 5.0
"""An encoder without viewers is kept for the one who reloads the page."""

LEAST_HEIGHT_PX = 90

Listener = Callable[["Rendition", EncodedPicture], None]


@dataclass(frozen=True, slots=True)
class RenditionKey:
    """Attributes: level: 0 is the full size, 1 a half of its width and height, 2 a quarter."""

    view: str
    codec: Codec
    level: int


def size_at(level: int, width: int, height: int) -> tuple[int, int]:
    """Width and height of a level, both even."""
    return max(2, (width >> level) // 2 * 2), max(2, (height >> level) // 2 * 2)


def levels_of(height: int, most: int) -> int:
    """How many renditions a View of this height has: none lower than LEAST_HEIGHT_PX but the full one."""
    return max(1, sum(1 for level in range(most) if height >> level >= LEAST_HEIGHT_PX))


def scaled(i420: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """A planar 4:2:0 picture in another size, every plane for itself.

    Args:
        i420: (H * 3 / 2, W) uint8, contiguous; H and W even.

    Returns:
        (height * 3 / 2, width) uint8.
    """
    from_width, from_height = i420.shape[1], i420.shape[0] * 2 // 3
    if (from_width, from_height) == (width, height):
        return i420
    result = np.empty((height * 3 // 2, width), np.uint8)
    planes = zip(_planes(i420, from_width, from_height), _planes(result, width, height), strict=True)
    for plane, into in planes:
        cv2.resize(plane, (into.shape[1], into.shape[0]), dst=into, interpolation=cv2.INTER_AREA)
    return result


def _planes(i420: NDArray[np.uint8], width: int, height: int) -> tuple[NDArray[np.uint8], ...]:
    flat = i420.reshape(-1)
    luma, chroma = width * height, width * height // 4
    return (
        flat[:luma].reshape(height, width),
        flat[luma : luma + chroma].reshape(height // 2, width // 2),
        flat[luma + chroma :].reshape(height // 2, width // 2),
    )


class Rendition:
    """One encoder and its thread, which sleeps unless there is a listener and a new picture.

    Listeners are called in the event loop, in the order of the pictures. A View's pictures may change
    their size at any time: the next one comes out as a key frame of the new size.
    """

    def __init__(
        self, key: RenditionKey, fps: float, config: StreamConfig, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.key = key
        self.tally = Tally()
        self._fps = fps
        self._kbps_720p = config.kbps_720p
        self._loop = loop
        self._changed = threading.Condition()
        self._listeners: list[Listener] = []
        self._picture: RawPicture | None = None
        self._encoded: RawPicture | None = None
        self._encoder: Encoder | None = None
        self._unfit: tuple[int, int] | None = None
        self._key_wanted = True
        self._key_at_s = float("-inf")
        self._closed = False
        self.idle_since_s = time.monotonic()
        name = f"webrtc {key.view} {key.codec} {key.level}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    def offer(self, picture: RawPicture) -> None:
        """Make this the newest picture; from any thread, never waits for the encoder."""
        with self._changed:
            if self._listeners:  # else it would be old when one comes
                self._picture = picture
                self._changed.notify()

    def add(self, listener: Listener) -> None:
        """Somebody more who gets pictures; begins with a key frame."""
        with self._changed:
            self._listeners.append(listener)
            self._key_wanted = True
            self._changed.notify()

    def remove(self, listener: Listener) -> None:
        with self._changed:
            if listener in self._listeners:
                self._listeners.remove(listener)
            if not self._listeners:
                self._picture = self._encoded = None
                self.idle_since_s = time.monotonic()

    def request_key_frame(self) -> None:
        """The next picture that may be one becomes a key frame."""
        self._key_wanted = True

    def close(self) -> None:
        """End the thread once its present picture is done; doesn't wait for it."""
        with self._changed:
            self._closed = True
            self._listeners.clear()
            self._changed.notify()

    def join(self) -> None:
        """After ``close``: wait until the thread is gone."""
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._due())
                picture = self._picture
                if self._closed or picture is None:
                    break
                self._encoded = picture
            begun_s = time.perf_counter()
            encoded = self._encode(picture)
            if encoded is not None:
                self.tally.add(encoded, time.monotonic(), time.perf_counter() - begun_s)
                with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
                    self._loop.call_soon_threadsafe(self._deliver, encoded)
        self._encoder = None

    def _due(self) -> bool:
        return bool(self._listeners) and self._picture is not None and self._picture is not self._encoded

    def _encode(self, picture: RawPicture) -> EncodedPicture | None:
        size = size_at(self.key.level, picture.width, picture.height)
        encoder = self._encoder_for(size)
        if encoder is None:
            return None
        now_s = time.monotonic()
        key = self._key_wanted and now_s - self._key_at_s >= KEY_FRAME_APART_S
        if key:
            self._key_wanted = False
        try:
            encoded = encoder.encode(scaled(picture.i420, *size), picture.time_s, key)
        except (EncoderError, cv2.error, ValueError) as error:
            # One picture that is none must not end the stream: the next gets a new encoder.
            log.warning("%s: picture %d: %s", self.key.view, picture.index, error)
            self._encoder, self._key_wanted = None, True
            return None
        if encoded is not None and encoded.key:
            self._key_at_s = now_s
        elif key:
            self._key_wanted = True
        return encoded

    def _encoder_for(self, size: tuple[int, int]) -> Encoder | None:
        if self._encoder is not None and self._encoder.size == size:
            return self._encoder
        if self._unfit == size:
            return None
        kbps = kbps_for(self._kbps_720p, *size, self._fps)
        try:
            self._encoder = Encoder(self.key.codec, *size, self._fps, kbps)
        except EncoderError as error:
            log.warning("%s: %s", self.key.view, error)
            self._encoder, self._unfit = None, size
        return self._encoder

    def _deliver(self, encoded: EncodedPicture) -> None:
        for listener in tuple(self._listeners):
            listener(self, encoded)


class Renditions:
    """All encoders at work, by View, codec and level. For the event loop, but ``give`` from any thread."""

    def __init__(self, config: StreamConfig, loop: asyncio.AbstractEventLoop) -> None:
        self._config = config
        self._loop = loop
        self._fps: dict[str, float] = {}
        self._heights: dict[str, int] = {}
        # Replaced as a whole, never changed: ``give`` reads it in another thread without a lock.
        self._of_view: dict[str, tuple[Rendition, ...]] = {}

    def __contains__(self, view: str) -> bool:
        return view in self._fps

    def add_view(self, view: str, fps: float) -> None:
        self._fps[view] = fps

    def remove_view(self, view: str) -> None:
        self._fps.pop(view, None)
        self._heights.pop(view, None)
        for rendition in self._of_view.pop(view, ()):
            rendition.close()

    def give(self, view: str, picture: RawPicture) -> None:
        self._heights[view] = picture.height
        for rendition in self._of_view.get(view, ()):
            rendition.offer(picture)

    def levels(self, view: str) -> int:
        """How many sizes the View has now; before its first picture, as many as allowed."""
        height = self._heights.get(view)
        most = max(1, self._config.renditions)
        return most if height is None else levels_of(height, most)

    def level_for(self, view: str, height: int | None) -> int:
        """The smallest level that is at least that high; 0 for None."""
        whole = self._heights.get(view)
        if height is None or whole is None:
            return 0
        fitting = [level for level in range(self.levels(view)) if whole >> level >= height]
        return max(fitting, default=0)

    def of(self, key: RenditionKey) -> Rendition:
        """The rendition with its thread, made where there is none.

        Raises:
            KeyError: there is no such View.
        """
        for rendition in self._of_view.get(key.view, ()):
            if rendition.key == key:
                return rendition
        rendition = Rendition(key, self._fps[key.view], self._config, self._loop)
        self._of_view = {**self._of_view, key.view: (*self._of_view.get(key.view, ()), rendition)}
        return rendition

    def all(self) -> list[Rendition]:
        return [rendition for several in self._of_view.values() for rendition in several]

    def release(self, now_s: float) -> None:
        """End the encoders that have had no viewer for RELEASE_AFTER_S."""
        for rendition in self.all():
            if not rendition.listeners and now_s - rendition.idle_since_s > RELEASE_AFTER_S:
                rest = tuple(other for other in self._of_view[rendition.key.view] if other is not rendition)
                self._of_view = {**self._of_view, rendition.key.view: rest}
                rendition.close()

    def close(self) -> None:
        """End all; waits for the pictures that are being encoded."""
        ending = self.all()
        for view in tuple(self._fps):
            self.remove_view(view)
        for rendition in ending:
            rendition.join()

"""A camera that is pushed to us over WebRTC: a phone's page, or any WHIP client."""

from __future__ import annotations

import time
from typing import Protocol

from engine.geometry import Size
from engine.sources.frame import Frame, Image
from engine.sources.rising import rising

#: Without a picture for so long the status says so.
STALL_S = 1.0


class PushedPicture(Protocol):
    """(H, W, 3) BGR of the feed's size, which nobody else writes into; monotonic seconds of its arrival."""

    @property
    def image(self) -> Image: ...
    @property
    def time_s(self) -> float: ...


class Feed(Protocol):
    """The newest picture of whoever pushes: ``virtualcam.webrtc.camera.feed.CameraFeed``."""

    @property
    def live(self) -> bool: ...
    @property
    def seen(self) -> bool: ...
    @property
    def trouble(self) -> str: ...
    def read(self, timeout_s: float) -> PushedPicture | None: ...
    def close(self) -> None: ...


class PushedSource:
    """A Source whose pictures come from outside; there may be none for a while, or at the start.

    Args:
        feed: of pictures of that size; closed with the source.
        name: of the camera, as in ``/camera/NAME``.
        fps: its usual rate.
    """

    def __init__(self, feed: Feed, name: str, size: Size, fps: float = 30.0) -> None:
        self._feed = feed
        self._camera = name
        self._size = size
        self._fps = fps
        self._index = 0
        self._last_s: float | None = None
        self._closed = False

    @property
    def name(self) -> str:
        return f"webrtc:{self._camera}"

    @property
    def size(self) -> Size:
        return self._size

    @property
    def fps(self) -> float:
        return self._fps

    @property
    def status(self) -> str:
        if self._closed:
            return ""
        if self._feed.trouble:
            return self._feed.trouble
        if not self._feed.seen:
            return f"no camera yet: open /camera/{self._camera} on the phone"
        stalled = self._last_s is not None and time.monotonic() - self._last_s > STALL_S
        return (
            "" if self._feed.live and not stalled else f"the camera {self._camera} has gone; waiting for it"
        )

    @property
    def ended(self) -> bool:
        return self._closed

    def read(self, timeout_s: float) -> Frame | None:
        picture = None if self._closed else self._feed.read(timeout_s)
        if picture is None:
            return None
        self._last_s = rising(picture.time_s, self._last_s)
        frame = Frame(picture.image, self._last_s, self._index)
        self._index += 1
        return frame

    def close(self) -> None:
        self._closed = True
        self._feed.close()

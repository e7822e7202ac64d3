"""One opened video file or stream, decoded picture by picture with PyAV."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame

from engine.errors import JikcamError
from engine.geometry import Size
from engine.sources.address import shown_source
from engine.sources.fit import size_of
from engine.sources.frame import Image

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

#: For opening and for each read of a network stream.
NETWORK_TIMEOUT_S = 5.0
USUAL_FPS = 25.0
#: FFmpeg takes any text file for old terminal art; nobody means that.
NOT_VIDEO_FORMATS = frozenset({"tty", "bin", "xbin", "adf", "idf"})
_CHECK = "play it in another player to check"
_LIVE_SCHEMES = ("rtsp", "rtsps", "rtmp", "rtmps", "srt", "udp", "rtp", "rist")
_TURNS = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}


def scheme_of(url: str) -> str:
    """The scheme of a network address in lower case; "" for a file."""
    scheme, separator, _ = url.partition("://")
    return scheme.lower() if separator and scheme.lower() != "file" else ""


class Video:
    """An opened video. The first picture is decoded at once, so that it is known to be one.

    Args:
        url: file name or network address.

    Raises:
        JikcamError: it does not exist, can't be read as a video, has no pictures, or no one answers.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.damaged = 0
        #: Why it broke off before its end; empty otherwise.
        self.broken = ""
        scheme = scheme_of(url)
        self._container, self._stream = _opened(url, scheme)
        #: Pictures come at their own pace and never end: nothing to pace, much to reconnect.
        self.endless = scheme in _LIVE_SCHEMES or (bool(scheme) and not self._container.duration)
        # Threads that each decode a picture of their own add a delay of as many pictures.
        self._stream.thread_type = "SLICE" if self.endless else "AUTO"
        self._pictures = self._decoded()
        self._first = next(self._pictures, None)
        if self._first is None:
            self.close()
            raise JikcamError(f"{shown_source(url)} has no picture that can be decoded", _CHECK)
        self.size: Size = size_of(self._first[0])
        rate = self._stream.average_rate or self._stream.guessed_rate
        fps = float(rate) if rate else USUAL_FPS
        self.fps: float = fps if math.isfinite(fps) and 0 < fps <= 1000 else USUAL_FPS

    @property
    def frame_count(self) -> int | None:
        """How many pictures there are, about; None when the video does not say."""
        if self.endless:
            return None
        if self._stream.frames:
            return int(self._stream.frames)
        if self._stream.duration and self._stream.time_base:
            return max(round(float(self._stream.duration * self._stream.time_base) * self.fps), 1)
        if self._container.duration:
            return max(round(self._container.duration / av.time_base * self.fps), 1)
        return None

    def next(self) -> tuple[Image, float | None] | None:
        """The next picture and its presentation time in seconds (None: missing); None at the end."""
        if self._first is not None:
            first, self._first = self._first, None
            return first
        return next(self._pictures, None)

    def close(self) -> None:
        """Close the file or the connection. May be called twice."""
        self._pictures.close()  # type: ignore[attr-defined]
        self._container.close()

    def _decoded(self) -> Iterator[tuple[Image, float | None]]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError as error:  # cut off, or the connection is gone
                self.broken = _reason(error)
                return
            if packet is None:
                return
            try:
                frames = packet.decode()
            except av.FFmpegError:  # one damaged packet; the next key frame repairs it
                self.damaged += 1
                continue
            for frame in frames:
                if isinstance(frame, VideoFrame):
                    yield _upright(frame), frame.time


def _upright(frame: VideoFrame) -> Image:
    image: Image = np.asarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8)
    turn = _TURNS.get(round(frame.rotation) % 360)
    return image if turn is None else np.asarray(cv2.rotate(image, turn), dtype=np.uint8)


def _opened(url: str, scheme: str) -> tuple[InputContainer, VideoStream]:
    options = {"rtsp_transport": "tcp", "fflags": "nobuffer"} if scheme in ("rtsp", "rtsps") else {}
    if not scheme:
        path = Path(url.removeprefix("file://"))
        if not path.exists():
            raise JikcamError(f"{shown_source(url)} does not exist", "check the name and the folder")
        if not path.is_file() and not path.is_fifo():
            raise JikcamError(f"{shown_source(url)} is not a file", "name a video file")
    try:
        container = av.open(url, options=options, timeout=NETWORK_TIMEOUT_S if scheme else None)
    except (av.FFmpegError, OSError, ValueError) as error:
        if scheme:
            raise JikcamError(
                f"{shown_source(url)} can't be opened ({_reason(error)})",
                "check the address and that the sender is running",
            ) from None
        raise JikcamError(
            f"{shown_source(url)} cannot be read as a video ({_reason(error)})", _CHECK
        ) from None
    streams = [s for s in container.streams.video if not _is_cover(s)]
    if not streams or container.format.name in NOT_VIDEO_FORMATS:
        what = "has sound but no video" if container.streams.audio else "cannot be read as a video"
        container.close()
        raise JikcamError(f"{shown_source(url)} {what}", "name a file with pictures in it")
    best = container.streams.best("video")
    return container, next((s for s in streams if s is best), streams[0])


def _is_cover(stream: VideoStream) -> bool:
    """The picture of an album, not a film."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _reason(error: BaseException) -> str:
    return str(getattr(error, "strerror", None) or error).lower()

"""A video file, or a stream from the network, as a Source."""

from __future__ import annotations

import threading
import time
from typing import Literal

from engine.errors import JikcamError
from engine.geometry import Size
from engine.sources.address import shown_source
from engine.sources.fit import fitted
from engine.sources.frame import Frame
from engine.sources.latest import Latest
from engine.sources.pace import Handover, InOrder, OnTime
from engine.sources.rising import MediaTime, rising
from engine.sources.video import Video
from virtualcam.backoff import BackOff

Pace = Literal["live", "fast"]


class MediaSource:
    """A Source on anything FFmpeg reads: a file, RTSP, HTTP, SRT.

    * Live pace, a file: each picture when it is due by its time stamps, on ``time.monotonic``.
    * Live pace, an endless stream: each picture as it arrives, the latest wins; a lost connection is
      opened again until ``close``.
    * Fast pace: every picture in order, ``time_s`` counts from 0 by the video's own time stamps.

    Args:
        url: file name or network address.
        pace: as above.
        loop: begin again at the end; times and indices go on rising.

    Raises:
        JikcamError: it does not exist, can't be read as a video, or nobody answers.
    """

    def __init__(self, url: str, pace: Pace = "live", loop: bool = False) -> None:
        self._url = url
        self._loop = loop
        self._closed = threading.Event()
        self._status = ""
        self._index = 0
        video = Video(url)
        self._size = video.size
        self._fps = video.fps
        self._frame_count = None if loop else video.frame_count
        self._out: Latest[Frame] | InOrder | OnTime
        if pace == "live" and video.endless:
            latest: Latest[Frame] = Latest()
            self._out = latest
            self._thread = threading.Thread(target=self._receive, args=(video, latest), daemon=True)
        else:
            handover = OnTime() if pace == "live" else InOrder()
            self._out = handover
            self._thread = threading.Thread(target=self._play, args=(video, handover), daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        return shown_source(self._url)

    @property
    def size(self) -> Size:
        return self._size

    @property
    def fps(self) -> float:
        return self._fps

    @property
    def frame_count(self) -> int | None:
        """How many pictures will come, about, for showing progress; None when nobody knows."""
        return self._frame_count

    @property
    def status(self) -> str:
        return self._status

    @property
    def ended(self) -> bool:
        return self._closed.is_set() or self._out.drained

    def read(self, timeout_s: float) -> Frame | None:
        return None if self._closed.is_set() else self._out.get(timeout_s)

    def close(self) -> None:
        self._closed.set()
        self._out.close()
        self._thread.join(1.0)

    def _play(self, video: Video, out: Handover) -> None:
        """Thread: decode ahead until the end, or round and round."""
        clock = MediaTime(1 / self._fps)
        try:
            while True:
                while (item := video.next()) is not None:
                    image, stamp_s = item
                    if not out.put(fitted(image, self._size), clock.at(stamp_s), self._index):
                        return
                    self._index += 1
                if video.broken:
                    self._status = f"{self.name} breaks off after {self._index} pictures ({video.broken})"
                if not self._loop:
                    return
                video.close()
                video = Video(self._url)
                clock.new_line()
        except JikcamError as error:  # it was there for the first round
            self._status = str(error)
        finally:
            video.close()
            out.finish()

    def _receive(self, video: Video, out: Latest[Frame]) -> None:
        """Thread: hand over what arrives; connect again when it stops."""
        backoff = BackOff()
        last_s: float | None = None
        while True:
            while not self._closed.is_set() and (item := video.next()) is not None:
                last_s = rising(time.monotonic(), last_s)
                out.put(Frame(fitted(item[0], self._size), last_s, self._index))
                self._index += 1
                self._status = ""
                backoff.reset()
            reason = video.broken or "the sender stopped"
            video.close()
            again = self._connect(reason, backoff)
            if again is None:
                return
            video = again

    def _connect(self, reason: str, backoff: BackOff) -> Video | None:
        while True:
            wait_s = backoff.next_s()
            self._status = f"{self.name} sends no pictures ({reason}); trying again every {wait_s:.1f} s"
            if self._closed.wait(wait_s):
                return None
            try:
                return Video(self._url)
            except JikcamError as error:
                reason = error.problem

"""Hand-overs between a thread that makes pictures ahead and the one that reads them.

``InOrder`` loses nothing, ``OnTime`` shows each picture when it is due. Both are bounded.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from engine.sources.frame import Frame, Image
from engine.sources.rising import rising

#: Pictures made ahead. Three hide the cost of a key frame; more would only cost memory.
DEPTH = 3
#: A maker that falls further behind than this gets a new time line instead of a growing delay.
LATE_S = 0.5


class Handover(Protocol):
    """What the making thread sees."""

    def put(self, image: Image, media_s: float, index: int) -> bool:
        """Hand over the next picture, waiting for room; False once nobody wants more."""
        ...

    def finish(self) -> None:
        """The last picture was put."""
        ...


class InOrder:
    """Every picture, in order, as fast as it is read; its time is its media time."""

    def __init__(self, depth: int = DEPTH) -> None:
        self._depth = depth
        self._changed = threading.Condition()
        self._ready: deque[Frame] = deque()
        self._finished = False
        self._closed = False

    @property
    def drained(self) -> bool:
        """Nothing will come any more."""
        with self._changed:
            return self._closed or (self._finished and not self._ready)

    def put(self, image: Image, media_s: float, index: int) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._ready) < self._depth)
            if self._closed:
                return False
            self._ready.append(Frame(image, media_s, index))
            self._changed.notify_all()
            return True

    def get(self, timeout_s: float) -> Frame | None:
        """The next picture, or None when none came within ``timeout_s`` or nothing will come."""
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._finished or self._closed, timeout_s)
            if self._closed or not self._ready:
                return None
            frame = self._ready.popleft()
            self._changed.notify_all()
            return frame

    def finish(self) -> None:
        with self._changed:
            self._finished = True
            self._changed.notify_all()

    def close(self) -> None:
        """Wake and stop both sides. May be called twice."""
        with self._changed:
            self._closed = True
            self._ready.clear()
            self._changed.notify_all()


class OnTime:
    """Pictures at the pace of their media time; a reader that was slow gets the newest one due.

    The clock starts with the first ``get``, so that loading models does not eat the start of a video.
    A picture's time is the moment it was due on ``clock``.
    """

    def __init__(self, depth: int = DEPTH, clock: Callable[[], float] = time.monotonic) -> None:
        self._depth = depth
        self._clock = clock
        self._changed = threading.Condition()
        self._ready: deque[tuple[float, Image, int]] = deque()  # media time, picture, index
        self._start_s: float | None = None  # clock time of media time 0
        self._last_s: float | None = None
        self._finished = False
        self._closed = False

    @property
    def drained(self) -> bool:
        """Nothing will come any more."""
        with self._changed:
            return self._closed or (self._finished and not self._ready)

    def behind_s(self, media_s: float) -> float:
        """How long ago the picture of that media time was due; negative while it still has time."""
        with self._changed:
            return 0.0 if self._start_s is None else self._clock() - self._start_s - media_s

    def put(self, image: Image, media_s: float, index: int) -> bool:
        with self._changed:
            while len(self._ready) >= self._depth and not self._closed:
                if self._overtaken():
                    self._ready.popleft()
                else:
                    self._changed.wait(self._until(self._ready[1][0]))
            if self._closed:
                return False
            if self._start_s is not None:
                late_s = self._clock() - self._start_s - media_s
                if late_s > LATE_S and not self._ready:
                    self._start_s += late_s
            self._ready.append((media_s, image, index))
            self._changed.notify_all()
            return True

    def get(self, timeout_s: float) -> Frame | None:
        """The newest picture due, waiting up to ``timeout_s`` for one; None when there is none."""
        with self._changed:
            deadline_s = self._clock() + timeout_s
            if self._start_s is None:
                self._changed.wait_for(lambda: self._ready or self._finished or self._closed, timeout_s)
                if not self._ready:
                    return None
                self._start_s = self._clock() - self._ready[0][0]
                self._changed.notify_all()
            while not self._closed:
                while self._overtaken():
                    self._ready.popleft()
                if self._ready and self._until(self._ready[0][0]) <= 0:
                    media_s, image, index = self._ready.popleft()
                    self._changed.notify_all()
                    self._last_s = rising(self._start_s + media_s, self._last_s)
                    return Frame(image, self._last_s, index)
                left_s = deadline_s - self._clock()
                if left_s <= 0 or (self._finished and not self._ready):
                    return None
                self._changed.wait(min(left_s, self._until(self._ready[0][0])) if self._ready else left_s)
            return None

    def finish(self) -> None:
        with self._changed:
            self._finished = True
            self._changed.notify_all()

    def close(self) -> None:
        """Wake and stop both sides. May be called twice."""
        with self._changed:
            self._closed = True
            self._ready.clear()
            self._changed.notify_all()

    def _until(self, media_s: float) -> float:
        """Seconds until that media time; for ever while the clock has not started."""
        return threading.TIMEOUT_MAX if self._start_s is None else self._start_s + media_s - self._clock()

    def _overtaken(self) -> bool:
        """Whether the picture after the oldest one is due as well."""
        return len(self._ready) > 1 and self._until(self._ready[1][0]) <= 0

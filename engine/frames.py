"""The last pictures of the source, for Views that show them late."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque

from engine.sources.frame import Frame


class FrameHistory:
    """The pictures that some View may still show. Used by one thread.

    Keeps references and copies nothing: every source gives each Frame an array of its own. A second of
    1080p at 30 pictures a second is 190 MB, of 4K 750 MB.
    """

    def __init__(self) -> None:
        self._frames: deque[Frame] = deque()

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def newest(self) -> Frame | None:
        return self._frames[-1] if self._frames else None

    def push(self, frame: Frame) -> None:
        """The next picture; one that is not newer than the newest begins anew (a source that restarted)."""
        if self._frames and frame.index <= self._frames[-1].index:
            self._frames.clear()
        self._frames.append(frame)

    def at(self, index: int) -> Frame | None:
        """The picture of that index; when it is no longer there, the oldest after it, else the newest.

        None before the first picture.
        """
        if not self._frames:
            return None
        place = bisect_left(self._frames, index, key=lambda frame: frame.index)
        return self._frames[min(place, len(self._frames) - 1)]

    def keep_from(self, index: int) -> None:
        """Forget what is older than ``index``; the newest stays."""
        while len(self._frames) > 1 and self._frames[0].index < index:
            self._frames.popleft()

    def keep_last_s(self, seconds: float) -> None:
        """Forget what is older than the newest by more than that; the newest stays."""
        while len(self._frames) > 1 and self._frames[0].time_s < self._frames[-1].time_s - seconds:
            self._frames.popleft()

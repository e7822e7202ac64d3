"""The whole picture of the source for the control room, and who was where in each of the last ones."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from engine.enrolment import people_states
from engine.people import Tracks
from engine.roll import Roll
from engine.sources.frame import Frame
from engine.state import Moment, ViewState
from virtualcam.mjpeg import MjpegSink
from virtualcam.sink import Picture

#: As wide, as fine and as often as somebody needs it who looks for people in it; the page may ask for less.
MAX_WIDTH, QUALITY, MAX_FPS = 960, 70, 15.0
#: A click on a picture comes later than the picture by two ways through the network and by a person's time
#: to react.
REMEMBERED_S = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class _Then:
    time_s: float
    tracks: Tracks
    roll: Roll
    views: tuple[ViewState, ...]


class Wide:
    """The small stream of the source's pictures, and their moments.

    The picture thread calls ``show`` and ``repeat``, which keep references and compute nothing; ``moment``
    may be asked by any thread.
    """

    def __init__(self) -> None:
        self.sink = MjpegSink("wide", QUALITY, max_width=MAX_WIDTH, max_fps=MAX_FPS)
        self._kept: OrderedDict[int, _Then] = OrderedDict()
        self._newest: Picture | None = None
        self._given = False

    def show(self, frame: Frame, tracks: Tracks, roll: Roll, views: tuple[ViewState, ...]) -> None:
        """The newest picture, and who is where in it."""
        if self._kept and frame.index <= next(reversed(self._kept)):
            self._kept.clear()  # the source began again
        self._kept[frame.index] = _Then(frame.time_s, tracks, roll, views)
        while next(iter(self._kept.values())).time_s < frame.time_s - REMEMBERED_S:
            self._kept.popitem(last=False)
        self.show_unknown(frame)

    def show_unknown(self, frame: Frame) -> None:
        """The newest picture, of which nobody knows who is where."""
        self._newest = Picture(frame.image, frame.time_s, frame.index)
        self._give()

    def repeat(self) -> None:
        """The source has no picture just now: whoever has just come sees the last one."""
        if not self._given:
            self._give()

    def moment(self, frame_index: int) -> Moment | None:
        """Who was where in that picture; None when it is too old, or nobody knew."""
        then = self._kept.get(frame_index)
        return None if then is None else Moment(people_states(then.tracks, then.roll), then.views)

    def close(self) -> None:
        """End the stream."""
        self.sink.close()

    def _give(self) -> None:
        if self.sink.watched and self._newest is not None:
            self.sink.send(self._newest)
            self._given = True
        elif self._given:
            self.sink.rest()
            self._given = False

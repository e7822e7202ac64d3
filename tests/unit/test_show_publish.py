"""Pictures of several Views leave side by side: no View waits for the sinks of another."""

from __future__ import annotations

import threading

import numpy as np

from engine.direction.framing import FramingConfig
from engine.direction.view import ViewConfig
from engine.geometry import Size
from engine.show import Show
from engine.sources.frame import Frame
from engine.tile import Overlay
from engine.timing import StageTimes
from engine.view import View
from virtualcam.sink import Picture

SIZE = Size(320, 180)


class Meets:
    """A sink that goes on when the sinks of all Views have the picture."""

    status = ""
    watched = resizable = True

    def __init__(self, name: str, meeting: threading.Barrier) -> None:
        self.name = name
        self.indices: list[int] = []
        self._meeting = meeting

    def send(self, picture: Picture) -> None:
        self._meeting.wait()
        self.indices.append(picture.index)

    def rest(self) -> None: ...

    def close(self) -> None: ...


def test_a_slow_sink_keeps_no_other_view_waiting() -> None:
    meeting = threading.Barrier(2, timeout=10)
    sinks = [Meets("one", meeting), Meets("two", meeting)]
    times = StageTimes()
    configs = [ViewConfig(s.name, SIZE, FramingConfig(aspect=SIZE.aspect)) for s in sinks]
    views = [View(c, SIZE, [s], Overlay(), times) for c, s in zip(configs, sinks, strict=True)]
    show = Show(SIZE, views, times, threads=2)
    for index in range(5):
        show.follow(Frame(np.zeros((180, 320, 3), np.uint8), index / 30, index))
        assert len(show.show()) == 2
    assert [sink.indices for sink in sinks] == [[0, 1, 2, 3, 4]] * 2
    assert all(state.sinks == {state.name: "ok"} for state in (view.state() for view in views))
    counts = {stage.name: stage.count for stage in times.summary()}
    assert counts["render"] == counts["sinks"] == 10
    show.close()

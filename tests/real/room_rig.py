"""A control room to try: an engine whose wide picture shows marks at known places, and what was clicked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.control import ControlServer
from engine.control.library import PresetLibrary
from engine.geometry import Size
from engine.state import EngineState, Moment
from tests.integration.control_rig import SOURCE, FakeEngine, serving
from tests.real.browser import wait_until
from tests.real.browsers import ChromiumTab
from virtualcam.mjpeg import MjpegSink
from virtualcam.sink import Picture

#: Centres of the marks, as shares of the source picture.
MARKS = ((0.1, 0.1), (0.5, 0.5), (0.9, 0.85))
GREEN = (0, 255, 0)
#: Somebody clicks as soon as they see; the page draws within this.
FPS = 30.0


class RoomEngine(FakeEngine):
    """A FakeEngine whose wide picture is grey with green squares.

    Args:
        source: size of the source picture; the wide one has the same shape.
    """

    def __init__(self, *views: str, source: Size = SOURCE) -> None:
        super().__init__(*views)
        self.source = source
        self._wide_sink = MjpegSink("wide", quality=90)
        width = 640 if source.width >= source.height else 360
        image = np.full((round(width / source.aspect), width, 3), 60, np.uint8)
        half = width // 40
        for x, y in MARKS:
            cx, cy = round(x * width), round(y * image.shape[0])
            image[cy - half : cy + half, cx - half : cx + half] = GREEN
        self._marked = image
        self.paused = threading.Event()

    def tick(self) -> None:
        super().tick()
        if not self.paused.is_set():
            self._wide_sink.send(Picture(self._marked, self.frame / FPS, self.frame))

    def state(self) -> EngineState:
        return replace(super().state(), source_size=self.source)

    def wide(self) -> MjpegSink:
        return self._wide_sink

    def moment(self, frame_index: int) -> Moment | None:
        return Moment(self.people, self.views)

    def close(self) -> None:
        super().close()
        self._wide_sink.close()

    def requests(self, kind: str) -> list[Any]:
        """What was asked of that kind, e.g. "target"."""
        return [call[2] for call in self.calls if call[0] == kind]


@dataclass(frozen=True)
class Room:
    """The page on a running engine."""

    engine: RoomEngine
    server: ControlServer
    tab: ChromiumTab

    def open(self) -> None:
        """Go there and wait for the wide picture."""
        self.tab.open(f"{self.server.url}/")
        self.tab.wait(
            """(() => { const c = document.querySelector('#wide canvas'); return c.width > 300 &&
            c.getContext('2d').getImageData(c.width / 2, c.height / 2, 1, 1).data[1] > 200 })()"""
        )

    def asked(self, kind: str, count: int = 1) -> Any:
        """The last request of that kind, as soon as there are so many."""
        wait_until(
            lambda: len(self.engine.requests(kind)) >= count, f"{count} of {kind}: {self.engine.calls}"
        )
        return self.engine.requests(kind)[-1]

    def marks(self) -> list[tuple[float, float]]:
        """Where the marks are on the screen, from the top, in pixels of the page."""
        ratio, box = self.tab.evaluate(
            """(() => { const b = document.querySelector('#wide canvas').getBoundingClientRect();
            return [window.devicePixelRatio, [b.left, b.top, b.right, b.bottom]] })()"""
        )
        shot = cv2.imdecode(np.frombuffer(self.tab.screenshot(), np.uint8), cv2.IMREAD_COLOR)
        assert shot is not None
        found = [(x, y) for x, y in _green(shot, ratio) if box[0] < x < box[2] and box[1] < y < box[3]]
        return sorted(found, key=lambda place: place[1])

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where that place of the source picture is on the screen, going by the marks."""
        size, (ax, ay), (bx, by) = self.engine.source, *self.marks()[::2]
        share = (x / size.width - MARKS[0][0], y / size.height - MARKS[0][1])
        across, down = MARKS[2][0] - MARKS[0][0], MARKS[2][1] - MARKS[0][1]
        return ax + (bx - ax) * share[0] / across, ay + (by - ay) * share[1] / down


def _green(shot: NDArray[Any], ratio: float) -> list[tuple[float, float]]:
    """Centres of pure green patches."""
    blue, green, red = (shot[..., channel].astype(int) for channel in range(3))
    mask = ((green > 200) & (blue < 90) & (red < 90)).astype(np.uint8)
    count, _, stats, centres = cv2.connectedComponentsWithStats(mask)
    large = [i for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] > 30 * ratio**2]
    return [((centres[i][0] + 0.5) / ratio, (centres[i][1] + 0.5) / ratio) for i in large]


@contextmanager
def room(tab: ChromiumTab, engine: RoomEngine, presets: Path | None = None) -> Iterator[Room]:
    """The page, with the wide picture on it."""
    with serving(engine, library=PresetLibrary(presets)) as server:
        engine.run(FPS)
        there = Room(engine, server, tab)
        there.open()
        yield there
        tab.open("about:blank")

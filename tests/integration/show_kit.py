"""Shows on the scripted stage whose pictures say by themselves which moment they are of."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from engine.assemble import Assembled, assemble
from engine.geometry import Size
from engine.live import LiveEngine
from engine.perception.scheduler import Perception
from engine.presets import Preset, check_preset
from engine.sources.frame import Source
from engine.sources.stage import GroundTruthDetector, Scene, StageSource
from engine.sources.stage.barcode import read_index
from engine.take import run_take
from virtualcam.sink import Picture

SIZE = Size(640, 360)
FPS = 30.0
#: A View that shows all there is pixel by pixel, so that the number in the corner can be read.
WIDE = {"width": SIZE.width, "height": SIZE.height, "shot": "wide"}
LOOKAHEAD = {"camera": {"operator": "lookahead", "delay_s": 0.5}}
DELAY_PICTURES = round(0.5 * FPS)
TALL = {"width": 180, "height": 320}


class Film:
    """A sink that keeps of each picture its number by time stamp and by its pixels, and the last picture."""

    status = ""
    watched = resizable = True

    def __init__(self, name: str = "film") -> None:
        self.name = name
        self.indices: list[int] = []
        self.seen: list[int | None] = []
        self.sums: list[int] = []
        self.last: np.ndarray | None = None

    def send(self, picture: Picture) -> None:
        if self.indices and self.indices[-1] == picture.index:
            return  # the last one once more
        self.indices.append(picture.index)
        self.seen.append(read_index(picture.image))
        self.sums.append(int(picture.image.astype(np.int64).sum()))
        self.last = picture.image

    def rest(self) -> None: ...

    def close(self) -> None: ...


def preset_of(*views: Mapping[str, Any], **tables: Any) -> Preset:
    return check_preset({"schema": 1, "name": "test", "view": list(views), **tables}, "the test")


def oracle(stage: Scene) -> Perception:
    truth = GroundTruthDetector(stage)
    return Perception(truth, truth)


def assembled(preset: Preset, source: Source, films: Sequence[Film], *, live: bool) -> Assembled:
    """The show of the preset, each View with its own film as far as there are films."""
    parts = assemble(preset, source, wait_for_sinks=not live)
    for view, film in zip(parts.show.views, films, strict=False):
        view._sinks = (*view._sinks, film)
    return parts


def taken(preset: Preset, stage: Scene, length_s: float, films: Sequence[Film], **options: Any) -> int:
    """Run it as fast as possible; gives the number of pictures."""
    source = StageSource(stage, "fast", length_s)
    parts = assembled(preset, source, films, live=False)
    try:
        return run_take(source, parts.show, oracle(stage), **options)
    finally:
        parts.show.close()


@contextmanager
def on_stage(
    preset: Preset, stage: Scene, films: Sequence[Film] = (), seconds: float | None = None, **options: Any
) -> Iterator[LiveEngine]:
    """The same live."""
    source = StageSource(stage, "live", seconds)
    parts = assembled(preset, source, films, live=True)
    engine = LiveEngine(
        preset, source, lambda: oracle(stage), parts.show, parts.streams, parts.times, **options
    )
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


def until(condition: Callable[[], bool], what: str) -> None:
    for _ in range(1500):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError(f"never: {what}")

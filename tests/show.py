"""A live show on the scripted stage, as `jikcam run` would run it, with the truth or a model for perception.

    python -m tests.show --preset FILE --act leave --people 3 [--pack standard] [--ticks FILE]

Prints the address of the control page. With --ticks it writes at the end when each picture had left.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from engine.assemble import perception_of
from engine.assets import load_pack
from engine.bench.crowd import crowd_scene
from engine.bench.source import LoopedSource
from engine.commands.options import parse_size
from engine.on_air import on_air
from engine.perception.scheduler import Perception
from engine.presets import load_preset
from engine.sources.frame import Source
from engine.sources.stage import GroundTruthDetector, StageSource, scene
from engine.take import Perceives
from virtualcam.sink import Picture

#: Length of the pre-drawn pictures of --pack.
DRAWN_S = 2.0


@dataclass
class Ticks:
    """A sink that notes when each picture came: index, time stamp of the source, time of arrival.

    In plain numbers one after another: half an hour of tuples would look like a leak of the engine.
    """

    name: str = "ticks"
    status: str = ""
    watched: bool = True
    resizable: bool = True
    numbers: array[float] = field(default_factory=lambda: array("d"))

    def send(self, picture: Picture) -> None:
        self.numbers.extend((picture.index, picture.time_s, time.monotonic()))

    def came(self) -> list[tuple[int, float, float]]:
        """(index, capture time, time of arrival) of each picture."""
        numbers = iter(self.numbers)
        return [(int(index), a, b) for index, a, b in zip(numbers, numbers, numbers, strict=True)]

    def rest(self) -> None: ...

    def close(self) -> None: ...


def prepared(options: argparse.Namespace) -> tuple[Source, Callable[[], Perceives]]:
    """The source and what builds its perception."""
    size = parse_size(options.size)
    if options.pack:
        source = LoopedSource(crowd_scene(options.people, size, options.fps), DRAWN_S, options.seconds)
        return source, perception_of(load_preset(options.preset), load_pack(options.pack))
    stage = scene(options.act, options.people, size, options.fps)
    truth = GroundTruthDetector(stage)
    return StageSource(stage, "live", options.seconds), lambda: Perception(truth, truth)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", required=True)
    parser.add_argument("--act", default="leave")
    parser.add_argument("--people", type=int, default=3)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--fps", type=float, default=30.0)
    parser.add_argument("--seconds", type=float, default=36000.0)
    parser.add_argument("--pack", default="")
    parser.add_argument("--ticks", type=Path)
    options = parser.parse_args()
    source, build = prepared(options)
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    ticks = Ticks()
    sinks = [ticks] if options.ticks else []
    with on_air(load_preset(Path(options.preset)), source, build, extra_sinks=sinks) as air:
        print(f"control page: {air.url}", flush=True)
        memory = [psutil.Process().memory_info().rss / 2**20]
        while not (stopping.wait(0.5) or air.engine.wait(0.0)):
            memory.append(psutil.Process().memory_info().rss / 2**20)
    if options.ticks:
        figures = {"fps": options.fps, "came": ticks.came(), "memory_mb": memory}
        options.ticks.write_text(json.dumps(figures))


if __name__ == "__main__":
    sys.exit(main())

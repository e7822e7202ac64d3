"""One case of `bench live`, run in a process of its own so that cores and memory are its own.

A picture counts as on its tick when a sink had it before the next picture was due. The latency runs from
the picture being read (after the driver's copy) to the sink having it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
import psutil

from engine.assemble import Assembled, assemble, identity_of, perception_of, usable_cores
from engine.assets import load_pack
from engine.bench.crowd import crowd_scene
from engine.bench.source import LoopedSource
from engine.geometry import Shot, Size
from engine.identity.roster import Roster
from engine.live import LiveEngine
from engine.painters import Painters
from engine.people import Observation, Tracks
from engine.presets import Preset, check_preset
from engine.render import Renderer
from engine.show import Show
from engine.sources.frame import Frame
from engine.take import Perceives
from engine.tracking import TrackerConfig
from engine.views import build_views
from virtualcam.sink import Picture

SOURCE_SIZE = Size(1920, 1080)
OUTPUT_SIZE = Size(1280, 720)
#: Length of the pre-drawn pictures; played forwards and backwards.
DRAWN_S = 2.0
#: Start-up (models warm, caches filled) that is not counted.
WARM_UP_S = 3.0
#: Of the look-ahead.
DELAY_S = 0.5


@dataclass(frozen=True, slots=True)
class Case:
    """What to run.

    Attributes:
        kind: "engine", "slow" (each look takes 2 s more) or "floor" (copy + a warp for each View).
        views: how many; with more than one each follows somebody, by their order from the left.
        operator: "live" or "lookahead", whose pictures are meant to be DELAY_S late.
    """

    kind: str
    people: int
    fps: float
    seconds: float
    cores: int
    pack: str
    views: int = 1
    operator: str = "live"

    @property
    def delay_s(self) -> float:
        """How late the pictures are meant to be."""
        return DELAY_S if self.operator == "lookahead" and self.kind != "floor" else 0.0


class Ticks:
    """A sink that notes when each picture came."""

    status = ""
    watched = resizable = True

    def __init__(self, name: str = "ticks") -> None:
        self.name = name
        self.came: list[tuple[int, float, float]] = []

    def send(self, picture: Picture) -> None:
        self.came.append((picture.index, picture.time_s, time.monotonic()))

    def rest(self) -> None: ...

    def close(self) -> None: ...


class Slow:
    """Fault injection: a perception whose every look takes two seconds more."""

    def __init__(self, inner: Perceives) -> None:
        self._inner = inner

    def look(self, frame: Frame, tracks: Tracks, targets: frozenset[int], search: bool) -> Observation:
        time.sleep(2.0)
        return self._inner.look(frame, tracks, targets, search)


def run_case(case: Case) -> dict[str, Any]:
    """Run one case here and return its figures."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: case.cores])
    source = LoopedSource(crowd_scene(case.people, SOURCE_SIZE, case.fps), DRAWN_S, case.seconds + WARM_UP_S)
    ticks = [Ticks(f"ticks {k + 1}") for k in range(case.views)]
    return _floor(case, source, ticks) if case.kind == "floor" else _engine(case, source, ticks)


def _floor(case: Case, source: LoopedSource, ticks: list[Ticks]) -> dict[str, Any]:
    renderer = Renderer(OUTPUT_SIZE)
    shot = Shot(960.3, 540.7, 620.0, OUTPUT_SIZE.aspect)
    painters = Painters(max(1, usable_cores() - 1))
    begin_mb = end_mb = 0.0

    def warp(frame: Frame, sink: Ticks) -> None:
        sink.send(Picture(renderer.render(frame.image, shot), frame.time_s, frame.index))

    while not source.ended:
        frame = source.read(1.0)
        if frame is not None:
            painters.run([partial(warp, frame, sink) for sink in ticks])
            end_mb = _memory_mb()
            begin_mb = begin_mb or end_mb
    painters.close()
    return _figures(case, source, ticks, begin_mb, end_mb)


def _engine(case: Case, source: LoopedSource, ticks: list[Ticks]) -> dict[str, Any]:
    views = [
        {
            "name": f"view-{k + 1}" if case.views > 1 else "main",
            "width": OUTPUT_SIZE.width,
            "height": OUTPUT_SIZE.height,
            "target": "center" if case.views == 1 else f"index:{k + 1}",
            "shot": "full",
            "camera": {"operator": case.operator, "delay_s": DELAY_S},
        }
        for k in range(case.views)
    ]
    preset = check_preset({"schema": 1, "name": "bench", "view": views}, "the benchmark")
    pack = load_pack(case.pack)
    identity = identity_of(preset, pack)
    parts = _assembled(preset, source, identity.roster, ticks)
    build = perception_of(preset, pack)
    engine = LiveEngine(
        preset,
        source,
        (lambda: Slow(build())) if case.kind == "slow" else build,
        parts.show,
        parts.streams,
        parts.times,
    )
    engine.start()
    engine.wait(WARM_UP_S)
    begin_mb = _memory_mb()
    engine.wait()
    end_mb = _memory_mb()
    metrics = engine.metrics()
    engine.stop()
    figures = _figures(case, source, ticks, begin_mb, end_mb)
    figures["looks_hz"] = metrics.observations / (case.seconds + WARM_UP_S)
    figures["people_seen"] = len(engine.state().people)
    figures["people_shown"] = len({v.person for v in parts.show.views if v.person is not None})
    figures["stages"] = [asdict(stage) for stage in metrics.stages]
    return figures


def _assembled(preset: Preset, source: LoopedSource, roster: Roster, ticks: list[Ticks]) -> Assembled:
    """The show with a counting sink for each View."""
    parts = assemble(preset, source, wait_for_sinks=False, roster=roster, extra_sinks=ticks[:1])
    if len(ticks) == 1:
        return parts
    parts.show.close()
    sinks = {view.name: [sink] for view, sink in zip(preset.view, ticks, strict=True)}
    views = build_views(preset.view, source.size, sinks, parts.times)
    cost = TrackerConfig(cost=preset.perception.scene)
    threads = max(1, usable_cores() - 1)
    return Assembled(
        Show(source.size, views, parts.times, roster, cost, threads=threads), parts.streams, parts.times
    )


def _memory_mb() -> float:
    return float(psutil.Process().memory_info().rss) / 2**20


def _figures(
    case: Case, source: LoopedSource, ticks: list[Ticks], begin_mb: float, end_mb: float
) -> dict[str, Any]:
    """Latency and age leave the wanted delay out; with several Views they are of all their pictures."""
    assert source.due_s is not None
    first = round(WARM_UP_S * case.fps)
    due = round((case.seconds + WARM_UP_S - case.delay_s) * case.fps) - first
    shares, latency_s, age_s = [], [], []
    for sink in ticks:
        counted = [(i, read_s, sent_s - case.delay_s) for i, read_s, sent_s in sink.came if i >= first]
        on_tick = sum(sent_s <= source.due_s + (i + 1) / case.fps for i, _, sent_s in counted)
        shares.append(min(on_tick / due, 1.0))
        latency_s += [sent_s - read_s for _, read_s, sent_s in counted]
        age_s += [sent_s - (source.due_s + i / case.fps) for i, _, sent_s in counted]
    latency_ms, age_ms = np.array(latency_s) * 1e3, np.array(age_s) * 1e3
    return {
        **asdict(case),
        "due": due,
        "delivered": len(latency_s),
        "on_tick": min(shares),
        "on_tick_views": shares,
        "latency_p50_ms": float(np.percentile(latency_ms, 50)),
        "latency_p99_ms": float(np.percentile(latency_ms, 99)),
        "age_p99_ms": float(np.percentile(age_ms, 99)),
        "memory_begin_mb": begin_mb,
        "memory_end_mb": end_mb,
        "looks_hz": 0.0,
        "people_seen": 0,
        "people_shown": 0,
    }


if __name__ == "__main__":
    print(json.dumps(run_case(Case(**json.loads(sys.argv[1])))))

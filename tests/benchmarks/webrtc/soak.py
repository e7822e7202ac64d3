"""Viewers come and go for minutes: does a virtual camera notice, and does memory grow?

    python -m tests.benchmarks.webrtc.soak [--minutes 10] [--viewers 8] [--people 4]

A whole show (real models, four people, 1920x1080 in, 1280x720 out) with the control server and the streaming
process. In turns: half a minute with nobody, a minute with viewers who connect over WHEP, stay for 2 to 12 s
and leave (every third without a word). A sink beside the WebRTC sink notes whether each picture came before
the next was due, as a virtual camera would. Viewers receive and acknowledge and do not decode: in a show they
are on other machines; where there are four cores or more they have one of their own.

On a machine that is shared others take the processor away (*stolen*), which no program can help: the table
has a row for the turns where that was rare, too.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass

import numpy as np
import psutil

from engine.assemble import identity_of, perception_of
from engine.assets import load_pack
from engine.bench.crowd import crowd_scene
from engine.bench.live import DRAWN_S, OUTPUT_SIZE, SOURCE_SIZE, WARM_UP_S, Ticks
from engine.bench.source import LoopedSource
from engine.on_air import on_air
from engine.presets import check_preset

FPS = 30.0
QUIET_S, WATCHED_S = 30.0, 60.0
#: Stolen by others: below this a turn tells of jikcam and little else.
LITTLE = 0.02
CORES_TO_SHARE = 4


@dataclass(frozen=True, slots=True)
class Sample:
    """The memory, at one moment."""

    engine_mb: float
    streaming_mb: float
    watched: int


def measures(url: str) -> Sample:
    """What the engine tells of itself."""
    with urllib.request.urlopen(f"{url}/api/stats", timeout=20) as answer:
        stats = json.load(answer)
    engine_mb = psutil.Process().memory_info().rss / 2**20
    viewers = sum(len(view["viewers"]) for view in stats["views"])
    return Sample(engine_mb, float(stats["streaming"]["memory_mb"]), viewers)


def on_ticks(ticks: Ticks, source: LoopedSource, begin_s: float, end_s: float) -> tuple[float, float, float]:
    """Share of pictures on their tick, latency p50 and p99 in ms, of those due between the two times."""
    assert source.due_s is not None
    first = max(0, int((begin_s - source.due_s) * FPS) + 1)
    last = int((end_s - source.due_s) * FPS) - 1
    came = [one for one in list(ticks.came) if first <= one[0] < last]
    due_s = source.due_s
    good = sum(sent_s <= due_s + (index + 1) / FPS for index, _, sent_s in came)
    latency_ms = np.array([sent_s - read_s for _, read_s, sent_s in came]) * 1e3
    return good / (last - first), *(float(np.percentile(latency_ms, p)) for p in (50, 99))


@dataclass(frozen=True, slots=True)
class Window:
    """What happened in one turn.

    Attributes:
        stolen: share of all cores that others on the same hardware had.
    """

    watched: bool
    on_tick: float
    p50_ms: float
    p99_ms: float
    stolen: float
    memory: Sample


def turn(url: str, seconds: float, ticks: Ticks, source: LoopedSource, viewers: int) -> Window:
    """Let the show run for so long with so many viewers."""
    process = None
    if viewers:
        command = [sys.executable, "-m", "tests.benchmarks.webrtc.visitors", url, "--viewers", str(viewers)]
        process = subprocess.Popen(
            [*command, "--seconds", str(seconds)], preexec_fn=_aside, stdout=subprocess.DEVNULL
        )
    begin_s, before = time.perf_counter(), psutil.cpu_times()
    time.sleep(seconds)
    after = psutil.cpu_times()
    figures = on_ticks(ticks, source, begin_s, time.perf_counter())
    if process:
        process.wait(60)
    stolen = (getattr(after, "steal", 0.0) - getattr(before, "steal", 0.0)) / (sum(after) - sum(before))
    return Window(bool(viewers), *figures, stolen, measures(url))


def line(name: str, windows: list[Window]) -> str:
    """One row of the table."""
    if not windows:
        return f"| {name} | 0 | | | | | | |"
    shares = np.array([window.on_tick for window in windows])
    p50_ms, p99_ms, stolen = np.median([(w.p50_ms, w.p99_ms, w.stolen) for w in windows], axis=0)
    first, last = windows[0].memory, windows[-1].memory
    told = [name, str(len(windows)), f"{shares.mean():.2%}", f"{shares.min():.2%}"]
    told += [f"{p50_ms:.1f} ms", f"{p99_ms:.1f} ms", f"{stolen:.1%}"]
    told += [
        f"{first.engine_mb:.0f}, {last.engine_mb:.0f}; {first.streaming_mb:.0f}, {last.streaming_mb:.0f}"
    ]
    return "| " + " | ".join(told) + " |"


def _aside() -> None:
    """The viewers' machine: a core of their own where there are enough, and never before the show."""
    os.nice(19)
    if (cores := os.cpu_count() or 1) >= CORES_TO_SHARE:
        os.sched_setaffinity(0, {cores - 1})


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10.0, help="with viewers, all together")
    parser.add_argument("--viewers", type=int, default=8)
    parser.add_argument("--people", type=int, default=4)
    wanted = parser.parse_args()
    view = {"name": "main", "width": OUTPUT_SIZE.width, "height": OUTPUT_SIZE.height, "target": "center"}
    preset = check_preset(
        {"schema": 1, "name": "soak", "view": [view], "control": {"port": 0}}, "the benchmark"
    )
    turns = max(1, round(wanted.minutes * 60 / WATCHED_S))
    seconds = (turns + 1) * (WATCHED_S + QUIET_S) * 1.2 + 60
    source = LoopedSource(crowd_scene(wanted.people, SOURCE_SIZE, FPS), DRAWN_S, seconds)
    ticks = Ticks()
    pack = load_pack(preset.perception.pack)
    if (cores := os.cpu_count() or 1) >= CORES_TO_SHARE:
        os.sched_setaffinity(0, set(range(cores - 1)))
    windows: list[Window] = []
    with on_air(
        preset, source, perception_of(preset, pack), identity=identity_of(preset, pack), extra_sinks=[ticks]
    ) as air:
        time.sleep(WARM_UP_S + 10)
        for _ in range(turns):
            windows.append(turn(air.url, QUIET_S, ticks, source, 0))
            windows.append(turn(air.url, WATCHED_S, ticks, source, wanted.viewers))
            print(line("", windows[-2:-1]), line("", windows[-1:]), file=sys.stderr, sep="\n", flush=True)
    heads = ("phase", "turns", "on tick", "worst turn", "latency p50", "p99", "stolen")
    print("| " + " | ".join(heads) + " | MB, first and last: engine; streaming |")
    print("|---|--:|--:|--:|--:|--:|--:|---|")
    for name, watched in (("nobody watches", False), (f"{wanted.viewers} viewers come and go", True)):
        these = [window for window in windows if window.watched is watched]
        print(line(name, these))
        print(line(f"{name}, less than {LITTLE:.0%} stolen", [w for w in these if w.stolen < LITTLE]))


if __name__ == "__main__":
    main()

"""What one picture costs in 1 to 9 Views, without perception: deciding and rendering, beside bare warps.

People are known from a scripted stage's truth, with a little noise; pictures, directors, operators, renderers
and threads are those of a show. The floor is one warp of the same shot per View. Floor and Views take turns
picture by picture, so that both meet the same load of the machine.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.bench.crowd import crowd_scene
from engine.bench.source import paint_pictures
from engine.direction.camera import OperatorKind
from engine.direction.framing import Framer, FramingConfig
from engine.direction.operators.lookahead import Lookahead
from engine.direction.operators.path import PathConfig
from engine.direction.target import TargetKind, TargetRequest
from engine.direction.view import ViewConfig
from engine.direction.want import Want
from engine.frames import FrameHistory
from engine.geometry import Box, Size
from engine.painters import Painters
from engine.people import Track, Tracks
from engine.render import Renderer
from engine.roll import Roll, Standing
from engine.sources.frame import Frame
from engine.sources.stage import PerformerTruth, Scene
from engine.tile import Overlay
from engine.timing import StageTimes
from engine.view import View
from virtualcam.sink import Picture

SOURCE_SIZE = Size(1920, 1080)
OUTPUTS = (Size(1280, 720), Size(720, 1280))
OPERATORS: tuple[OperatorKind, ...] = ("live", "lookahead")
RATE_HZ = 30.0
MOST_VIEWS = 9
LOOKAHEAD_S = 0.5
#: Length of the pre-drawn pictures; played forwards and backwards.
DRAWN_S = 1.0
#: Pictures that are not counted: caches fill, the look-ahead gets its first second.
WARM_UP = 40
#: Standard deviation of box edges and joints, source pixels.
NOISE_PX = 1.5
#: Somebody of whom less is to be seen was not seen.
LEAST_VISIBLE = 0.35
#: Two threads for one warp where there are cores for it, as in the show.
WARP_THREADS = 2


@dataclass(frozen=True, slots=True)
class ViewsCase:
    """What to measure.

    Attributes:
        views: how many, one person each.
        operator: live, or lookahead by half a second.
        output: index into OUTPUTS.
        threads: how many make pictures at once; 1 = all on one core.
        pictures: how many are counted.
    """

    views: int
    operator: OperatorKind
    output: int
    threads: int
    pictures: int


class Counter:
    """A sink that counts."""

    status = ""
    watched = resizable = True

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = 0

    def send(self, picture: Picture) -> None:
        self.count += 1

    def rest(self) -> None: ...

    def close(self) -> None: ...


class ScriptedPeople:
    """Who is where at each picture, as a good tracker would say."""

    def __init__(self, scene: Scene, pictures: int) -> None:
        rng = np.random.default_rng(0)
        seen_s: dict[int, float] = {}
        self.tracks = []
        for index in range(pictures):
            time_s = index / scene.fps
            items = []
            for person in scene.truth(time_s):
                if person.visible_share >= LEAST_VISIBLE:
                    seen_s[person.id] = time_s
                if person.id in seen_s:
                    items.append(_track(person, time_s, seen_s[person.id], rng))
            self.tracks.append(Tracks(time_s, index, tuple(items)))
        self.roll = Roll(
            0.0, tuple(Standing(p.id, "", p.id, sure=1.0, rival=0.0, absent=0.0) for p in scene.performers)
        )


def _track(person: PerformerTruth, time_s: float, seen_s: float, rng: np.random.Generator) -> Track:
    edges = np.array(person.box.xyxy) + rng.normal(0.0, NOISE_PX, 4)
    xy = person.skeleton.xy + rng.normal(0.0, NOISE_PX, (17, 2)).astype(np.float32)
    return Track(
        id=person.id,
        box=Box(*map(float, edges)).clipped(SOURCE_SIZE),
        velocity_x=0.0,
        velocity_y=0.0,
        score=0.9,
        seen_s=seen_s,
        born_s=0.0,
        covered=1.0 - person.visible_share,
        skeleton=replace(person.skeleton, xy=xy),
    )


class Stage:
    """Pictures and people, made once for all cases."""

    def __init__(self, pictures: int) -> None:
        scene = crowd_scene(MOST_VIEWS, SOURCE_SIZE, RATE_HZ)
        self._images = paint_pictures(scene, DRAWN_S)
        self.people = ScriptedPeople(scene, WARM_UP + pictures)

    def frame(self, index: int) -> Frame:
        """Picture ``index``, not copied."""
        return Frame(self._images[index % len(self._images)], index / RATE_HZ, index)


def measure(case: ViewsCase, stage: Stage) -> dict[str, Any]:
    """Milliseconds per picture, all Views together: p50 and p95 of each part, and the ratio to the floor."""
    cv2.setNumThreads(WARP_THREADS if case.threads > 1 else 1)
    output = OUTPUTS[case.output]
    people, frames, painters = stage.people, FrameHistory(), Painters(case.threads)
    views = [_view(case, output, k + 1) for k in range(case.views)]
    floor = Renderer(output)
    took: dict[str, list[float]] = {name: [] for name in ("direct", "render", "floor")}
    for index in range(WARM_UP + case.pictures):
        frame, tracks = stage.frame(index), people.tracks[index]
        frames.push(frame)
        begin_s = time.perf_counter()
        for view in views:
            for feed in view.content.own:
                feed.step(tracks, people.roll, 1 / RATE_HZ if index else 0.0)
            view.gather()
            view.advance(frames, newest=True)
        directed_s = time.perf_counter()
        # Whoever comes second finds the picture in the cache, so they take turns at that too.
        both: dict[str, list[Callable[[], None]]] = {
            "render": [view.paint for view in views],
            "floor": [partial(_warp, floor, frames, view) for view in views],
        }
        for name in sorted(both, reverse=bool(index % 2)):
            job_s = _timed(painters, both[name])
            if index >= WARM_UP:
                took[name].append(job_s * 1e3)
        for view in views:
            view.send()
        if index >= WARM_UP:
            took["direct"].append((directed_s - begin_s) * 1e3)
        frames.keep_last_s(LOOKAHEAD_S + 0.2)
    painters.close()
    both_ms = np.add(took["direct"], took["render"])
    parts = {**took, "all": both_ms.tolist()}
    percentiles = {
        f"{name}_p{p}_ms": float(np.percentile(ms, p)) for name, ms in parts.items() for p in (50, 95)
    }
    return {
        **asdict(case),
        "size": f"{output.width}x{output.height}",
        **percentiles,
        "ratio": float(np.median(both_ms) / np.median(took["floor"])),
    }


def solves_ms(stage: Stage, output: Size) -> NDArray[np.float64]:
    """(pictures * people,) milliseconds of the look-ahead operator alone, per picture of one View."""
    config, people, known = FramingConfig(aspect=output.aspect), stage.people, round(LOOKAHEAD_S * RATE_HZ)
    took = []
    for person in people.roll.people:
        framer, wants = Framer(SOURCE_SIZE, output, config), []
        for tracks in people.tracks:
            track = tracks.find(person.track)
            if track is not None:
                framed = framer.step(track, 1 / RATE_HZ, tracks)
                seen = track.seen_s == tracks.time_s
                wants.append(Want(tracks.time_s, framed.shot, framed.keep if seen else None, seen))
        if not wants:
            continue
        operator = Lookahead(SOURCE_SIZE, PathConfig(), wants[0].shot)
        for at in range(len(wants) - known):
            begin_s = time.perf_counter()
            operator.step(wants[at : at + known + 1], 1 / RATE_HZ if at else 0.0)
            if at >= WARM_UP:
                took.append((time.perf_counter() - begin_s) * 1e3)
    return np.array(took)


def _view(case: ViewsCase, output: Size, person: int) -> View:
    config = ViewConfig(
        name=f"view {person}",
        output=output,
        framing=FramingConfig(aspect=output.aspect),
        operator=case.operator,
        delay_s=LOOKAHEAD_S,
        target=TargetRequest(TargetKind.PERSON, number=person),
    )
    view = View(config, SOURCE_SIZE, [Counter(config.name)], Overlay(), StageTimes())
    nobody_yet = Tracks(0.0, -1)
    roll = Roll(0.0, (Standing(person, "", person, sure=1.0, rival=0.0, absent=0.0),))
    view.director.request(config.target, nobody_yet, roll)
    return view


def _warp(renderer: Renderer, frames: FrameHistory, view: View) -> None:
    """The floor: the shot that the View shows now, and nothing else."""
    shown = view.direction
    frame = frames.at(shown.tracks.index)
    if frame is not None:
        renderer.render(frame.image, shown.shot)


def _timed(painters: Painters, jobs: list[Callable[[], None]]) -> float:
    begin_s = time.perf_counter()
    painters.run(jobs)
    return time.perf_counter() - begin_s


def main(wanted: dict[str, Any]) -> None:
    """Measure in this process, one JSON line per case; the look-ahead's solving last."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: wanted["cores"]])
    stage = Stage(wanted["pictures"])
    for views in wanted["views"]:
        for output in range(len(OUTPUTS)):
            for operator in OPERATORS:
                for threads in sorted({1, wanted["threads"]}):
                    case = ViewsCase(views, operator, output, threads, wanted["pictures"])
                    print(json.dumps(measure(case, stage)), flush=True)
    took = np.concatenate([solves_ms(stage, output) for output in OUTPUTS])
    p50, p95, most = (float(v) for v in np.percentile(took, (50, 95, 100)))
    print(json.dumps({"solve_p50_ms": p50, "solve_p95_ms": p95, "solve_max_ms": most, "solves": len(took)}))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

"""jikcam's own operators, asked for the same crops as the laws of other programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.direction.operators import Operator
from engine.direction.operators.feel import FOLLOWERS, Feel
from engine.direction.operators.follower import Follower, FollowerConfig
from engine.direction.operators.lookahead import Lookahead
from engine.direction.operators.path import PathConfig
from engine.direction.operators.path_feel import PATHS
from engine.direction.operators.take import plan_take
from engine.direction.want import Want
from engine.geometry import Box, Shot
from tests.benchmarks.operator.families import Family, Mover, Setting, grid, label
from tests.benchmarks.operator.laws.law import Kind
from tests.benchmarks.operator.paths import ASPECT, CropPath
from tests.benchmarks.operator.task import Task

#: Head and trunk of an upright body: half as wide as 0.13 of the box's height, down to 0.55 of it.
KEEP_HALF_WIDTH, KEEP_HEIGHT = 0.13, 0.55
DELAYS_S = (0.25, 0.5, 1.0, 1.5)
#: The default first.
FEELS = (Feel.NORMAL, Feel.CALM, Feel.DANCE, Feel.SPORT)


def wants(task: Task) -> list[Want]:
    """The task as framing would put it; while nobody is seen the last shot goes on, unseen."""
    found: list[Want] = []
    size = task.subject.truth.size
    shot, keep = Shot.widest(size, ASPECT), None
    rows = zip(task.subject.truth.times, task.subject.truth.boxes, task.centres, task.heights, strict=True)
    for time_s, box, centre, height in rows:
        seen = bool(np.isfinite(centre).all())
        if seen:
            shot = Shot(float(centre[0]), float(centre[1]), float(height), ASPECT).inside(size)
            x, high = float(centre[0]), float(box[3] - box[1])
            half = KEEP_HALF_WIDTH * high
            keep = Box(x - half, float(box[1]), x + half, float(box[1]) + KEEP_HEIGHT * high).clipped(size)
        found.append(Want(float(time_s), shot, keep if seen else None, seen))
    return found


def path_of(task: Task, shots: Sequence[Shot]) -> CropPath:
    """Shots as arrays."""
    rows = np.array([(s.cx, s.cy, s.height) for s in shots], dtype=np.float64)
    return CropPath(task.subject.truth.times, rows[:, 0], rows[:, 1], rows[:, 2], ASPECT)


def played(operator: Operator, asked: Sequence[Want], known: int) -> list[Shot]:
    """What an operator shows that knows ``known`` pictures after each."""
    return [
        operator.step(asked[t : t + 1 + known], want.time_s - asked[max(t - 1, 0)].time_s)
        for t, want in enumerate(asked)
    ]


@dataclass(frozen=True)
class Live:
    """The live operator. With a fixed zoom it is not let widen, unless ``widen``."""

    config: FollowerConfig
    widen: bool = False

    def paths(self, tasks: Sequence[Task]) -> list[CropPath]:
        found = []
        for task in tasks:
            asked = wants(task)
            free = self.widen or task.zoom == "follow"
            config = self.config if free else replace(self.config, max_widen=1.0)
            operator = Follower(task.subject.truth.size, config, asked[0].shot)
            found.append(path_of(task, played(operator, asked, 0)))
        return found


@dataclass(frozen=True)
class Ahead:
    """The look-ahead operator with a delay."""

    config: PathConfig
    delay_s: float

    def paths(self, tasks: Sequence[Task]) -> list[CropPath]:
        found = []
        for task in tasks:
            asked = wants(task)
            operator = Lookahead(task.subject.truth.size, self.config, asked[0].shot)
            known = round(self.delay_s / task.subject.dt_s)
            found.append(path_of(task, played(operator, asked, known)))
        return found


@dataclass(frozen=True)
class Take:
    """The plan of a whole take."""

    config: PathConfig

    def paths(self, tasks: Sequence[Task]) -> list[CropPath]:
        return [path_of(t, plan_take(wants(t), t.subject.truth.size, self.config)) for t in tasks]


def live_configs() -> dict[str, FollowerConfig]:
    """Every feel, then the grid."""
    found = {f"feel {feel}": FOLLOWERS[feel] for feel in FEELS}
    for numbers in grid(settle_s=(0.5, 0.7, 0.8, 0.9, 0.95, 1.0, 1.1), deadzone_norm=(0.0,), lead=(0.8, 1.0)):
        found[label(numbers)] = replace(FOLLOWERS[Feel.NORMAL], **numbers)
    return found


def path_configs(stillness_s: Sequence[float]) -> dict[str, PathConfig]:
    """Every feel, then the grid."""
    found = {f"feel {feel}": PATHS[feel] for feel in FEELS}
    for numbers in grid(tolerance_norm=(0.18, 0.25), smooth_s=(0.25, 0.4, 0.6), stillness_s=stillness_s):
        found[label(numbers)] = replace(PATHS[Feel.NORMAL], **numbers)
    return found


def ours() -> tuple[Family, ...]:
    """jikcam's operators as families; the feels come first. The look-ahead takes the most time by far."""
    live, path, take = live_configs(), path_configs((1.0,)), path_configs((0.5, 1.0, 2.0, 4.0))
    shipped = {f"feel {feel}": FOLLOWERS[feel] for feel in FEELS}
    found = [
        _family("jikcam live", "live", {k: Live(c) for k, c in live.items()}, 0),
        _family("jikcam live, widening", "live", {k: Live(c, True) for k, c in shipped.items()}, 0),
    ]
    for delay_s in DELAYS_S:
        movers = {k: Ahead(c, delay_s) for k, c in path.items()}
        found.append(_family(f"jikcam look-ahead {delay_s:g} s", "lookahead", movers, 1, 1))
    return (*found, _family("jikcam take", "offline", {k: Take(c) for k, c in take.items()}, 8))


def _family(
    name: str, kind: Kind, movers: Mapping[str, Mover], promising: int, documented: int = len(FEELS)
) -> Family:
    settings = tuple(Setting(text, mover) for text, mover in movers.items())
    return Family(name, kind, True, settings, documented, promising)

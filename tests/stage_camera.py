"""A scripted scene filmed by several Views at once, through the real Show: what their cameras did.

Perception knows the answer, with noise; everything behind it is what runs live. Pixels of the requirements,
which speak of full HD, are halved: the pictures are half as large.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.direction.framing import FramingConfig
from engine.direction.target import LockState, TargetKind, TargetRequest
from engine.direction.view import Direction, ViewConfig
from engine.geometry import Box, Point, Shot, Size
from engine.identity.roster import Roster
from engine.people import Joint, Observation
from engine.perception.scheduler import Budget, Perception
from engine.show import Show
from engine.sources.stage import GroundTruthDetector, GroundTruthLooks, PerformerTruth, Scene
from engine.sources.stage.source import StageSource
from engine.take import run_take
from engine.timing import StageTimes
from engine.view import Overlay, View

SIZE = Size(960, 540)
TALL = Size(360, 640)
F64 = NDArray[np.float64]
FIRST = TargetRequest(TargetKind.INDEX, number=1)


def camera(name: str, output: Size = TALL, target: TargetRequest = FIRST, **values: object) -> ViewConfig:
    """A View that follows the first from the left; ``values`` are fields of its framing, or its own."""
    framing = FramingConfig(aspect=output.aspect, max_upscale=8.0)
    own = ViewConfig.__dataclass_fields__
    framing = replace(framing, **{k: v for k, v in values.items() if k not in own})  # type: ignore[arg-type]
    config = ViewConfig(name, output, framing, target=target)
    return replace(config, **{k: v for k, v in values.items() if k in own})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, eq=False)
class Footage:
    """What one View showed, picture by picture, and what was really there.

    Attributes:
        truth: everybody, at the shown picture.
    """

    fps: float
    directions: Sequence[Direction]
    truth: Sequence[tuple[PerformerTruth, ...]]

    @property
    def time_s(self) -> F64:
        return np.array([d.tracks.time_s for d in self.directions])

    @property
    def shots(self) -> list[Shot]:
        return [d.shot for d in self.directions]

    @property
    def states(self) -> list[LockState]:
        return [d.lock.state for d in self.directions]

    def of(self, read: Callable[[Shot], float]) -> F64:
        """A number of every shot."""
        return np.array([read(shot) for shot in self.shots])

    @property
    def x(self) -> F64:
        return self.of(lambda s: s.cx)

    @property
    def height(self) -> F64:
        return self.of(lambda s: s.height)

    def person(self, index: int, who: int = 1) -> PerformerTruth:
        """The truth about one performer at one shown picture."""
        return next(p for p in self.truth[index] if p.id == who)

    def after(self, begin_s: float, end_s: float = 1e9) -> Footage:
        """The part of that time."""
        keep = [k for k, t in enumerate(self.time_s) if begin_s <= t < end_s]
        return Footage(self.fps, [self.directions[k] for k in keep], [self.truth[k] for k in keep])

    def share(self, holds: Callable[[Shot, PerformerTruth], bool], who: int = 1) -> float:
        """In what share of the pictures that holds of the shot and the performer."""
        return float(np.mean([holds(s, self.person(k, who)) for k, s in enumerate(self.shots)]))

    def largest_step(self) -> float:
        """How far any edge moved between two pictures, as a share of the source's width."""
        boxes = np.array([s.box.xyxy for s in self.shots])
        return float(np.abs(np.diff(boxes, axis=0)).max() / SIZE.width)


def film(
    scene: Scene,
    seconds: float,
    *configs: ViewConfig,
    noise_px: float = 1.5,
    miss_p: float = 0.02,
    at: Mapping[float, Callable[[Show], None]] | None = None,
    change: Callable[[Observation], Observation] | None = None,
) -> dict[str, Footage]:
    """Play the scene; every View films it.

    Args:
        noise_px, miss_p: of detector and pose.
        at: what the user does, by the time when they do it.
        change: spoils what perception saw.
    """
    times = StageTimes()
    views = [View(config, scene.size, [], Overlay(), times) for config in configs]
    show = Show(scene.size, views, times, Roster())
    oracle = GroundTruthDetector(scene, noise_px=noise_px, miss_p=miss_p)
    perception = Perception(
        oracle,
        oracle,
        budget=Budget(detect_every=2, others_per_look=4),
        reader=GroundTruthLooks(scene),
        objects=oracle,
    )
    pending = dict(at or {})
    shown: dict[str, list[Direction]] = {config.name: [] for config in configs}

    def act(frame: object, show: Show) -> None:
        for time_s in sorted(t for t in pending if t <= show.tracks.time_s):
            pending.pop(time_s)(show)

    run_take(
        StageSource(scene, "fast", seconds),
        show,
        _Spoiled(perception, change) if change else perception,
        again=lambda: StageSource(scene, "fast", seconds),
        on_picture=act,
        on_shown=lambda view: shown[view.name].append(view.direction),
    )
    show.close()
    return {
        name: Footage(scene.fps, ds, [scene.truth(d.tracks.time_s) for d in ds]) for name, ds in shown.items()
    }


class _Spoiled:
    def __init__(self, inner: Perception, change: Callable[[Observation], Observation]) -> None:
        self._inner, self._change = inner, change

    def look(self, *asked: object) -> Observation:
        return self._change(self._inner.look(*asked))  # type: ignore[arg-type]


def joint(person: PerformerTruth, which: Joint) -> Point:
    """Where a joint really is."""
    x, y = person.skeleton.xy[which]
    return Point(float(x), float(y))


def holds_hands(shot: Shot, person: PerformerTruth) -> bool:
    """Both wrists and a tenth of the body's height round them are in the picture (R5)."""
    room = 0.1 * person.box.height
    hands = [joint(person, j) for j in (Joint.LEFT_WRIST, Joint.RIGHT_WRIST)]
    return all(_inside(Box.from_center(p.x, p.y, 2 * room, 2 * room), shot) for p in hands)


def holds_body(shot: Shot, person: PerformerTruth) -> bool:
    """Head and trunk are in the picture, arms and shins aside."""
    core = (Joint.NOSE, Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER, Joint.LEFT_HIP, Joint.RIGHT_HIP)
    points = [joint(person, j) for j in core]
    return all(shot.box.contains(p) for p in points)


def _inside(box: Box, shot: Shot) -> bool:
    """What the source shows of the box is in the picture, rounding aside."""
    seen, room = box.clipped(SIZE), shot.box.scaled(1 + 1e-9)
    return room.union(seen) == room

"""The director of one View: who is followed, what is shown, how the camera moves."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from engine.direction.choice import RULES, choose
from engine.direction.ease import Ease
from engine.direction.framing import Framer, FramingConfig
from engine.direction.lock import Lock, LockConfig, LockReport
from engine.direction.lost import Lost, LostConfig, Phase, away_shot
from engine.direction.operators.spring import Spring, SpringConfig
from engine.direction.target import CameraMode, LockState, TargetKind, TargetRequest
from engine.errors import JikcamError
from engine.geometry import Shot, Size
from engine.people import Tracks

#: How long the camera takes to stand still when it is told to.
BRAKE_S = 0.4
#: Start-up wishes that can be met later, when somebody has come.
WAITING = RULES | {TargetKind.POINT, TargetKind.BOX}


@dataclass(frozen=True, slots=True)
class ViewConfig:
    """One View.

    Attributes:
        output: size of its picture in pixels.
        target: whom to follow at the start; a rule, a point or a box waits until somebody
            fits.
        switch: how a newly chosen person comes into the picture: one eased move, or a cut.
        switch_s: how long such a move takes; longer when it is far.
    """

    name: str
    output: Size
    framing: FramingConfig
    lock: LockConfig = field(default_factory=LockConfig)
    lost: LostConfig = field(default_factory=LostConfig)
    spring: SpringConfig = field(default_factory=SpringConfig)
    target: TargetRequest = field(default_factory=lambda: TargetRequest(TargetKind.LARGEST))
    switch: Literal["move", "cut"] = "move"
    switch_s: float = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Direction:
    """What a View shows of one picture, and how its lock stands."""

    shot: Shot
    lock: LockReport


class ViewDirector:
    """Turns tracks into shots for one View. Pure: no clock, no pixels. Used by one thread.

    Every shot lies inside the source, has the exact aspect, and no edge of it moves by more than 4 % of the
    source's width between two pictures at 30 fps, cuts excepted.
    """

    def __init__(self, config: ViewConfig, source_size: Size) -> None:
        self.config = config
        self.source_size = source_size
        wide = Shot.widest(source_size, config.framing.aspect)
        self._lock = Lock(config.lock)
        self._lost = Lost(config.lost)
        self._framer = Framer(source_size, config.output, config.framing)
        self._spring = Spring(source_size, config.spring, wide)
        self._ease = Ease(source_size.width)
        self._phase = Phase.AWAY
        self._goal = wide
        self._away = wide
        self._target = config.target
        self._waiting = config.target.kind in WAITING
        self._arriving = False
        self._mode = CameraMode.FOLLOW
        self._fixed = wide

    @property
    def mode(self) -> CameraMode:
        """Who moves the camera."""
        return self._mode

    def set_mode(self, mode: CameraMode) -> None:
        """Follow, stand still where the camera is, or show all there is, from the next step on.

        Following people goes on meanwhile, so that the way back leads to where the person is then.
        """
        if mode is self._mode:
            return
        if mode is CameraMode.HOLD:
            self._fixed = self._ease.resting(BRAKE_S, self._fit) or self._fixed
            self._ease.start(BRAKE_S)
        elif mode is CameraMode.WIDE:
            self._fixed = Shot.widest(self.source_size, self.config.framing.aspect)
            self._ease.start(self.config.lost.ease_s)
        else:
            self._ease.start(self.config.lost.return_s)
        self._mode = mode

    @property
    def person(self) -> int | None:
        """Id of the chosen person."""
        return self._lock.person

    def request(self, request: TargetRequest, tracks_then: Tracks) -> None:
        """Follow somebody else from the next step on; the camera follows again if it stood still.

        Args:
            request: the wish.
            tracks_then: the people at the picture the user was looking at.

        Raises:
            JikcamError: nobody fits; then nothing has changed.
        """
        if request.kind is TargetKind.NONE:
            self._lock.choose(None)
            self.set_mode(CameraMode.FOLLOW)
        else:
            person = choose(request, tracks_then, self.source_size, self._lock.person)
            self.set_mode(CameraMode.FOLLOW)
            self._follow(person)
        self._target, self._waiting = request, False

    def reconfigure(self, config: ViewConfig) -> None:
        """Take over changed values. The picture eases from what it shows to what it now should show.

        ``target`` is the start-up wish and has no effect here.
        """
        moved = (config.framing, config.output) != (self.config.framing, self.config.output)
        self.config = config
        self._lock.config = config.lock
        self._lost.config = config.lost
        self._spring.config = config.spring
        if not moved:
            return
        self._framer.reconfigure(config.output, config.framing)
        aspect = config.framing.aspect
        self._goal = Shot(self._goal.cx, self._goal.cy, self._goal.height, aspect).inside(self.source_size)
        self._away = Shot.widest(self.source_size, aspect, self._away.center)
        fixed = self._fixed
        self._fixed = Shot(fixed.cx, fixed.cy, fixed.height, aspect).inside(self.source_size)
        self._spring.cut(self._goal)
        self._arriving = self._phase is Phase.FOLLOW
        self._ease.start(config.switch_s)

    def step(self, tracks: Tracks, dt_s: float) -> Direction:
        """The shot for the picture of ``tracks``, ``dt_s`` seconds after the last one."""
        dt_s = dt_s if math.isfinite(dt_s) and dt_s > 0 else 0.0
        report = self._lock.step(tracks)
        if self._choose_by_rule(tracks, report):
            report = self._lock.step(tracks)
        phase = self._lost.step(report)
        if phase is Phase.FOLLOW and report.track is not None:
            if self._phase is Phase.AWAY:
                self._framer.forget()
            self._goal = self._framer.step(report.track, dt_s)
        source = self._source(phase, dt_s)
        if self._mode is not CameraMode.FOLLOW:
            source = self._fixed
        return Direction(self._ease.step(source, dt_s, self._fit), report)

    def _source(self, phase: Phase, dt_s: float) -> Shot:
        """The shot before easing; starts an ease where the source changes."""
        lost = self.config.lost
        if phase is Phase.AWAY:
            if self._phase is not Phase.AWAY:
                nobody = self._lock.person is None
                place = None if nobody else self._goal.center
                self._away = away_shot(lost, self.source_size, self.config.framing.aspect, place)
                self._ease.start(lost.ease_s)
            self._phase = phase
            return self._away
        if self._phase is Phase.AWAY or self._arriving:
            self._spring.cut(self._goal)
            if not self._arriving:
                self._ease.start(lost.return_s)
        self._arriving = False
        self._phase = phase
        return self._spring.step(self._goal, dt_s)

    def _choose_by_rule(self, tracks: Tracks, report: LockReport) -> bool:
        """Apply the start-up wish while it waits, or a rule once more when its person is lost."""
        again = self.config.lock.reselect and self._target.kind in RULES and report.state is LockState.LOST
        if not self._waiting and not again:
            return False
        others = tuple(t for t in tracks.items if t.id != report.person)
        try:
            person = choose(self._target, Tracks(tracks.time_s, tracks.index, others), self.source_size, None)
        except JikcamError:
            return False  # nobody fits yet: the next picture is asked again
        self._follow(person)
        self._waiting = False
        return True

    def _follow(self, person: int) -> None:
        if person == self._lock.person:
            return
        self._lock.choose(person)
        self._lost.follow()
        self._arriving = True
        if self.config.switch == "cut":
            self._ease.cut()
        else:
            self._ease.start(self.config.switch_s)

    def _fit(self, shot: Shot) -> Shot:
        return shot.inside(self.source_size)

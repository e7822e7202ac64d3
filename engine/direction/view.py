"""The director of one View: who is followed, what is shown, how the camera moves."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from engine.direction.choice import RULES
from engine.direction.ease import Ease
from engine.direction.framing import Framer, FramingConfig
from engine.direction.lock import Lock, LockConfig, LockReport
from engine.direction.lost import Lost, LostConfig, Phase, amid, away_shot, escapes
from engine.direction.operators.spring import Spring, SpringConfig
from engine.direction.target import CameraMode, Claim, LockState, TargetKind, TargetRequest
from engine.direction.wish import Wish, claimed, rule_of, wish_of
from engine.errors import JikcamError
from engine.geometry import Shot, Size
from engine.people import Roll, Tracks

#: How long the camera takes to stand still when it is told to.
BRAKE_S = 0.4
#: Start-up wishes that can be met later, when somebody has come.
WAITING = RULES | {TargetKind.POINT, TargetKind.BOX, TargetKind.MEMBER, TargetKind.NAME}


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
    """What a View shows of one picture, and how its lock stands.

    Attributes:
        claim: what a rule that has just chosen somebody says of them, to be told to the roster.
    """

    shot: Shot
    lock: LockReport
    claim: Claim | None = None


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

    def request(self, request: TargetRequest, tracks_then: Tracks, roll: Roll) -> Claim | None:
        """Follow somebody from the next step on; the camera follows again if it stood still.

        Args:
            request: the wish; see ``wish_of`` for what showing somebody means.
            tracks_then: the people at the picture the user was looking at.
            roll: who is who now.

        Returns:
            What the roster must be told before the next step; None when the wish says nothing new to it.

        Raises:
            JikcamError: nobody fits; then nothing has changed.
        """
        if request.kind is TargetKind.NONE:
            self._lock.choose(None)
            self.set_mode(CameraMode.FOLLOW)
            self._target, self._waiting = request, False
            return None
        wish = wish_of(request, tracks_then, roll, self.source_size, self._lock)
        self._grant(wish)
        self._target, self._waiting = request, False
        return wish.claim

    def claim(self, request: TargetRequest, tracks_then: Tracks, roll: Roll) -> Claim | None:
        """Whoever is shown (POINT, BOX) is this View's own person, whatever the roster says.

        Arguments and result as of ``request``.

        Raises:
            JikcamError: nobody is chosen in this View, or nobody fits; then nothing has changed.
        """
        wish = claimed(request, tracks_then, roll, self.source_size, self._lock)
        self._grant(wish)
        return wish.claim

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

    def step(self, tracks: Tracks, roll: Roll, dt_s: float) -> Direction:
        """The shot for the picture of ``tracks``, ``dt_s`` seconds after the last one.

        ``roll`` is what the roster says of who is who.
        """
        dt_s = dt_s if math.isfinite(dt_s) and dt_s > 0 else 0.0
        report = self._lock.step(tracks, roll)
        wish = self._wish_by_rule(tracks, roll, report)
        if wish is not None:
            self._follow(wish)
            self._waiting = False
            report = self._lock.step(tracks, roll)
        phase = self._lost.step(report)
        if phase is Phase.FOLLOW and report.track is not None:
            if self._phase is Phase.AWAY:
                self._framer.forget()
            self._goal = self._framer.step(report.track, dt_s)
        source = self._source(phase, report, dt_s)
        if self._mode is not CameraMode.FOLLOW:
            source = self._fixed
        return Direction(self._ease.step(source, dt_s, self._fit), report, wish.claim if wish else None)

    def _source(self, phase: Phase, report: LockReport, dt_s: float) -> Shot:
        """The shot before easing; starts an ease where the source changes."""
        lost = self.config.lost
        if phase is Phase.AWAY:
            wide = self._wide(report)
            if wide != self._away:
                self._away = wide
                self._ease.start(lost.ease_s)
            self._phase, self._arriving = phase, False
            return self._away
        if self._phase is Phase.AWAY or self._arriving:
            self._spring.cut(self._goal)
            if not self._arriving:
                self._ease.start(lost.return_s)
        self._arriving = False
        self._phase = phase
        return self._spring.step(self._goal, dt_s)

    def _wide(self, report: LockReport) -> Shot:
        """The shot while the person is away: where they were, or amid those who may be they.

        It stays as it is, unless the likeliest of these is about to leave it.
        """
        aspect, lost = self.config.framing.aspect, self.config.lost
        if self._phase is Phase.AWAY:
            if not report.candidates:
                return self._away
            likeliest = report.candidates[0].box.center
            wide = away_shot(lost, self.source_size, aspect, likeliest)
            return wide if escapes(likeliest, self._away, wide) else self._away
        known = self._lost.held and report.person is not None
        widest = Shot.widest(self.source_size, aspect)
        place = amid(report.candidates, self._goal.center if known else None, widest)
        return away_shot(lost, self.source_size, aspect, place)

    def _wish_by_rule(self, tracks: Tracks, roll: Roll, report: LockReport) -> Wish | None:
        """The start-up wish while it waits, or a rule once more without its person; None = nobody fits."""
        again = self.config.lock.reselect and self._target.kind in RULES and self._gone(roll, report)
        if not self._waiting and not again:
            return None
        others = tuple(t for t in tracks.items if t is not report.track)
        rest = Tracks(tracks.time_s, tracks.index, others)
        try:
            return rule_of(self._target, rest, roll, self.source_size, self._lock)
        except JikcamError:
            return None  # nobody fits yet: the next picture is asked again

    def _gone(self, roll: Roll, report: LockReport) -> bool:
        """Lost; or without a name and so long in doubt that a rule need not wait for just that person."""
        if report.state is LockState.LOST:
            return True
        standing = roll.find(report.person)
        nameless = standing is not None and not standing.name
        return nameless and report.state is LockState.UNSURE and report.for_s > self.config.lock.lost_after_s

    def _grant(self, wish: Wish) -> None:
        self.set_mode(CameraMode.FOLLOW)
        self._follow(wish)

    def _follow(self, wish: Wish) -> None:
        if wish.person == self._lock.person:
            held = self._lock.state is LockState.HELD and wish.shown_on == self._lock.track
            if wish.shown_on is None or held:
                return
        self._lock.choose(wish.person, by_hand=wish.shown_on is not None)
        self._lost.follow()
        self._arriving = True
        if self.config.switch == "cut":
            self._ease.cut()
        else:
            self._ease.start(self.config.switch_s)

    def _fit(self, shot: Shot) -> Shot:
        return shot.inside(self.source_size)

"""One View: from tracks and a chosen person to the shot that is shown."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from engine.direction.auto import AutoDirector
from engine.direction.camera import Camera
from engine.direction.choice import RULES
from engine.direction.delay import DelayLine
from engine.direction.lock import Lock, LockReport
from engine.direction.plan import CUT, Plan
from engine.direction.planner import Planner
from engine.direction.target import CameraMode, Claim, LockState, TargetKind, TargetRequest
from engine.direction.view_config import Switch, ViewConfig
from engine.direction.want import Want
from engine.direction.wish import Wish, claimed, previewed, rule_of, wish_of
from engine.errors import JikcamError
from engine.geometry import Shot, Size
from engine.people import Tracks
from engine.roll import Roll

__all__ = ["Decision", "Direction", "Switch", "ViewConfig", "ViewDirector"]

#: Start-up wishes that can be met later, when somebody has come.
WAITING = RULES | {TargetKind.POINT, TargetKind.BOX, TargetKind.MEMBER, TargetKind.NAME}


@dataclass(frozen=True, slots=True, eq=False)
class Direction:
    """What a View shows of the picture ``tracks.index``, and how its lock stood there."""

    shot: Shot
    lock: LockReport
    tracks: Tracks


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """What came of one more picture.

    Attributes:
        lock: how the lock stands at that picture.
        claim: what a rule that has just chosen somebody says of them, to be told to the roster.
        due: the pictures whose shots are settled now, oldest first.
    """

    lock: LockReport
    claim: Claim | None
    due: tuple[Direction, ...]


class ViewDirector:
    """Turns tracks into shots for one View. Pure: no clock, no pixels. Used by one thread.

    Every shot has the exact aspect, lies inside the source unless the whole picture is wanted, and no edge
    of it moves by more than 4 % of the source's width between two pictures, cuts excepted.
    """

    def __init__(self, config: ViewConfig, source_size: Size) -> None:
        self.config = config
        self.source_size = source_size
        self.guarded = False
        self.lock = LockReport(LockState.NOBODY, None, None, for_s=0.0, sure=0.0, unseen_s=0.0)
        self._lock = Lock(config.lock)
        self._planner = Planner(source_size, config.output, config.framing, config.lost)
        self._line = DelayLine()
        self._camera = Camera(source_size, config.operator, config.follower, config.path, self._wide)
        self._auto = AutoDirector(config.auto, source_size) if config.auto else None
        self._target = config.target
        self._waiting = config.target.kind in WAITING
        self._previewed: Wish | None = None

    @property
    def _wide(self) -> Shot:
        """All there is."""
        aspect = self.config.framing.aspect
        if self.config.lost.then == "full":
            return Shot.whole(self.source_size, aspect)
        return Shot.widest(self.source_size, aspect)

    @property
    def mode(self) -> CameraMode:
        """Who moves the camera."""
        return self._camera.mode

    @property
    def person(self) -> int | None:
        """Id of the chosen person."""
        return self._lock.person

    @property
    def previewed(self) -> int | None:
        """Id of the person who is to be taken next."""
        return self._previewed.person if self._previewed else None

    @property
    def delay_s(self) -> float:
        """How much older than the newest picture the shown one is; infinite for a whole take."""
        return {"live": 0.0, "lookahead": self.config.delay_s, "take": math.inf}[self.config.operator]

    def set_guard(self, on: bool) -> None:
        """Forbid every change by hand on air, but the way to the wide picture; or allow them again."""
        self.guarded = on

    def set_mode(self, mode: CameraMode) -> None:
        """Follow, stand still where the camera is, or show all there is, from the next picture shown on.

        Following people goes on meanwhile, so that the way back leads to where the person is then.

        Raises:
            JikcamError: the View is guarded, and it is not the wide picture that is asked for.
        """
        if mode is self.mode:
            return
        if mode is CameraMode.WIDE:
            self._camera.widen(self._wide, self.config.lost.ease_s)
            return
        self._refuse_when_guarded()
        if mode is CameraMode.HOLD:
            self._camera.brake()
        else:
            self._camera.follow(self.config.lost.return_s)

    def request(
        self, request: TargetRequest, tracks_then: Tracks, roll: Roll, how: Switch | None = None
    ) -> Claim | None:
        """Follow somebody from the next step on; the camera follows again if it stood still.

        Args:
            request: the wish; see ``wish_of`` for what showing somebody means.
            tracks_then: the people at the picture the user was looking at.
            roll: who is who now.
            how: the way there; None = as configured.

        Returns:
            What the roster must be told before the next step; None when the wish says nothing new to it.

        Raises:
            JikcamError: nobody fits, or the View is guarded; then nothing has changed.
        """
        self._refuse_when_guarded()
        if request.kind is TargetKind.NONE:
            self._lock.choose(None)
            self._camera.follow(self.config.lost.return_s)
            self._target, self._waiting = request, False
            return None
        wish = wish_of(request, tracks_then, roll, self.source_size, self._lock)
        self._grant(wish, how)
        self._target, self._waiting = request, False
        return wish.claim

    def claim(self, request: TargetRequest, tracks_then: Tracks, roll: Roll) -> Claim | None:
        """Whoever is shown (POINT, BOX) is this View's own person, whatever the roster says.

        Arguments and result as of ``request``.

        Raises:
            JikcamError: nobody is chosen in this View, nobody fits, or it is guarded; nothing has changed.
        """
        self._refuse_when_guarded()
        wish = claimed(request, tracks_then, roll, self.source_size, self._lock)
        self._grant(wish, None)
        return wish.claim

    def preview(self, request: TargetRequest, tracks_then: Tracks, roll: Roll) -> Claim | None:
        """Choose who is next; the picture stays as it is. NONE takes the choice back.

        Arguments and result as of ``request``. A guarded View may be prepared.

        Raises:
            JikcamError: nobody fits; then nothing has changed.
        """
        if request.kind is TargetKind.NONE:
            self._previewed = None
            return None
        self._previewed = previewed(request, tracks_then, roll, self.source_size, self._lock)
        return self._previewed.claim

    def take(self, how: Switch | None = None) -> None:
        """Show who was previewed from the next step on.

        Args:
            how: the way there; None = as configured.

        Raises:
            JikcamError: nobody is previewed, or the View is guarded; then nothing has changed.
        """
        self._refuse_when_guarded()
        wish = self._previewed
        if wish is None:
            raise JikcamError(f"view {self.config.name!r} has nobody in preview", "preview somebody first")
        self._previewed = None
        self._grant(Wish(wish.person), how)
        self._target, self._waiting = TargetRequest(TargetKind.PERSON, number=wish.person), False

    def reconfigure(self, config: ViewConfig) -> None:
        """Take over changed values. The picture eases from what it shows to what it now should show; with
        another aspect from as high a shot of the same middle.

        ``target`` is the start-up wish and has no effect here. Another delay makes the picture stand still,
        or leaves some out, until it is reached.

        Raises:
            JikcamError: the View is guarded; then nothing has changed.
        """
        if config == self.config:
            return
        self._refuse_when_guarded()
        if config.auto != self.config.auto:
            self._auto = AutoDirector(config.auto, self.source_size) if config.auto else None
        reshaped = config.framing.aspect != self.config.framing.aspect
        self.config = config
        if reshaped:
            self._line.reshape(self.source_size, config.framing.aspect)
        if reshaped and self.mode is CameraMode.WIDE:
            self._camera.widen(self._wide, config.lost.ease_s)
        self._lock.config = config.lock
        self._planner.reconfigure(config.output, config.framing, config.lost, config.switch_s)
        self._camera.reconfigure(config.operator, config.follower, config.path, config.switch_s)

    def step(self, tracks: Tracks, roll: Roll, dt_s: float) -> Decision:
        """Take in the picture of ``tracks``, ``dt_s`` seconds after the last one.

        ``roll`` is what the roster says of who is who.
        """
        dt_s = dt_s if math.isfinite(dt_s) and dt_s > 0 else 0.0
        self._lock.rename(roll.now_known_as(self._lock.person))
        if self._previewed:
            known = roll.now_known_as(self._previewed.person)
            self._previewed = replace(self._previewed, person=known or self._previewed.person)
        report = self._lock.step(tracks, roll)
        wish = None if self.guarded else self._wish_by_rule(tracks, roll, report, dt_s)
        if wish is not None:
            self._follow(wish, self.config.switch)
            self._waiting = False
            report = self._lock.step(tracks, roll)
        self.lock = report
        self._line.push(self._planner.step(report, tracks, dt_s))
        due = tuple(self._shown(plan, wants) for plan, wants in self._line.due(self.delay_s))
        return Decision(report, wish.claim if wish else None, due)

    def finish(self) -> tuple[Direction, ...]:
        """The source has ended: what is left of it, oldest first."""
        take = self.config.operator == "take"
        rest = self._line.rest() if take else self._line.due(0.0)
        return tuple(self._shown(plan, wants) for plan, wants in rest)

    def _shown(self, plan: Plan, wants: list[Want]) -> Direction:
        return Direction(self._camera.step(plan, wants), plan.lock, plan.tracks)

    def _wish_by_rule(self, tracks: Tracks, roll: Roll, report: LockReport, dt_s: float) -> Wish | None:
        """What the auto-director, or the start-up wish while it waits or is asked again, wants now."""
        if self._auto:
            person = self._auto.step(tracks, roll, report.person, self._lock.config.sure_norm, dt_s)
            return Wish(person) if person is not None else None
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

    def _grant(self, wish: Wish, how: Switch | None) -> None:
        self._camera.follow(self.config.lost.return_s)
        if self._auto:
            self._auto.restart()
        self._follow(wish, how or self.config.switch)

    def _follow(self, wish: Wish, how: Switch) -> None:
        if wish.person == self._lock.person:
            held = self._lock.state is LockState.HELD and wish.shown_on == self._lock.track
            if wish.shown_on is None or held:
                return
        self._lock.choose(wish.person, by_hand=wish.shown_on is not None)
        self._planner.follow(CUT if how == "cut" else self.config.switch_s)

    def _refuse_when_guarded(self) -> None:
        if self.guarded:
            raise JikcamError(f"view {self.config.name!r} is locked against changes", "unlock it first")

"""The camera of one View: the operator's path, changes of plan eased, and the brake in the user's hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from engine.direction.ease import Ease
from engine.direction.operators import Operator
from engine.direction.operators.follower import Follower, FollowerConfig
from engine.direction.operators.lookahead import Lookahead
from engine.direction.operators.path import PathConfig
from engine.direction.operators.whole_take import WholeTake
from engine.direction.plan import CUT, Plan
from engine.direction.target import CameraMode
from engine.direction.want import Want
from engine.geometry import Shot, Size

OperatorKind = Literal["live", "lookahead", "take"]

#: How long the camera takes to stand still when it is told to.
BRAKE_S = 0.4


class Camera:
    """Turns plans into shots of the exact aspect; only one of the whole picture sticks out of it."""

    def __init__(
        self, size: Size, kind: OperatorKind, follower: FollowerConfig, path: PathConfig, wide: Shot
    ) -> None:
        self.size = size
        self.mode = CameraMode.FOLLOW
        self._ease = Ease(size.width)
        self._fixed = wide
        self._shown = wide
        self._tallest = 0.0
        self._kind = kind
        self._operator = _operator(size, kind, follower, path, wide)
        self._fresh = False

    def reconfigure(
        self, kind: OperatorKind, follower: FollowerConfig, path: PathConfig, ease_s: float
    ) -> None:
        """Move otherwise from the next plan on; another kind of operator takes over within ``ease_s``."""
        if kind != self._kind:
            self._kind = kind
            self._operator = _operator(self.size, kind, follower, path, self._shown)
            self._fresh = True
            self._ease.start(ease_s)
        elif isinstance(self._operator, Follower):
            self._operator.config = follower
        elif isinstance(self._operator, Lookahead | WholeTake):
            self._operator.config = path

    def brake(self) -> None:
        """Come to rest where the camera is."""
        self._fixed = self._ease.resting(BRAKE_S, self._fit) or self._fixed
        self._ease.start(BRAKE_S)
        self.mode = CameraMode.HOLD

    def widen(self, wide: Shot, ease_s: float) -> None:
        """Go to ``wide`` and stay there."""
        self._fixed = wide
        self._ease.start(ease_s)
        self.mode = CameraMode.WIDE

    def follow(self, ease_s: float) -> None:
        """Show again what is planned."""
        if self.mode is not CameraMode.FOLLOW:
            self._ease.start(ease_s)
        self.mode = CameraMode.FOLLOW

    def step(self, plan: Plan, wants: Sequence[Want]) -> Shot:
        """The shot of the plan's picture; ``wants`` from it on, as far as they are known."""
        if plan.change_s == CUT:
            self._ease.cut()
        elif plan.change_s is not None:
            self._ease.start(plan.change_s)
        if plan.away is not None:
            source = plan.away
        else:
            if plan.begins or self._fresh:
                self._operator.cut(plan.want.shot)
                self._fresh = False
            source = self._operator.step(wants, plan.dt_s)
        # The whole picture may be higher than the source, and so may what lies between it and another shot.
        self._tallest = max(self._shown.height, source.height)
        if self.mode is not CameraMode.FOLLOW:
            fixed = self._fixed
            self._tallest = max(self._tallest, fixed.height)
            source = self._fit(Shot(fixed.cx, fixed.cy, fixed.height, source.aspect))
        self._shown = self._ease.step(source, plan.dt_s, self._fit)
        return self._shown

    def _fit(self, shot: Shot) -> Shot:
        return shot.inside(self.size, self._tallest)


def _operator(
    size: Size, kind: OperatorKind, follower: FollowerConfig, path: PathConfig, shot: Shot
) -> Operator:
    match kind:
        case "live":
            return Follower(size, follower, shot)
        case "lookahead":
            return Lookahead(size, path, shot)
        case "take":
            return WholeTake(size, path)

"""What may be said about one View."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from engine.direction.auto import AutoConfig
from engine.direction.camera import OperatorKind
from engine.direction.framing import FramingConfig
from engine.direction.lock import LockConfig
from engine.direction.lost import LostConfig
from engine.direction.operators.follower import FollowerConfig
from engine.direction.operators.path import PathConfig
from engine.direction.target import TargetKind, TargetRequest
from engine.geometry import Size

Switch = Literal["move", "cut"]


@dataclass(frozen=True, slots=True)
class ViewConfig:
    """One View.

    Attributes:
        output: size of its picture in pixels.
        operator: live = the picture of now; lookahead = pictures leave delay_s late, by a camera that has
            seen what comes; take = planned over all of a recorded video.
        follower: of the live operator.
        path: of the two others.
        delay_s: of the look-ahead.
        target: whom to follow at the start; a rule, a point or a box waits until somebody
            fits.
        switch: how a newly chosen person comes into the picture: one eased move, or a cut.
        switch_s: how long such a move takes; longer when it is far.
        auto: chooses while the show runs; None = only people choose.
    """

    name: str
    output: Size
    framing: FramingConfig
    lock: LockConfig = field(default_factory=LockConfig)
    lost: LostConfig = field(default_factory=LostConfig)
    operator: OperatorKind = "live"
    follower: FollowerConfig = field(default_factory=FollowerConfig)
    path: PathConfig = field(default_factory=PathConfig)
    delay_s: float = 0.5
    target: TargetRequest = field(default_factory=lambda: TargetRequest(TargetKind.LARGEST))
    switch: Switch = "move"
    switch_s: float = 0.8
    auto: AutoConfig | None = None

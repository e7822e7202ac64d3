"""What a View does while its person is out of sight: coast, hold, go wide, come back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from engine.direction.lock import LockReport
from engine.direction.target import LockState
from engine.geometry import Point, Shot, Size

#: A person must be held for so long before the view comes back, or every flicker would pump the picture.
RETURN_AFTER_S = 0.2


@dataclass(frozen=True, slots=True)
class LostConfig:
    """How a View behaves without its person.

    Attributes:
        coast_s: unseen for no longer than this, the track's own forecast is followed.
        hold_s: for so long after that the picture rests.
        then: after that, wide = the widest shot round the place of the loss; center = the widest shot round
            the middle of the picture; hold = rest on.
        ease_s: how long going wide takes.
        return_s: how long coming back takes.
    """

    coast_s: float = 0.3
    hold_s: float = 1.0
    then: Literal["wide", "hold", "center"] = "wide"
    ease_s: float = 1.2
    return_s: float = 0.8


class Phase(StrEnum):
    """What the View shows now."""

    FOLLOW = "follow"
    HOLD = "hold"  # rest on the last wish
    AWAY = "away"  # wide, until the person is back


class Lost:
    """Decides the phase from the lock. A person hidden for less than coast_s + hold_s changes nothing."""

    def __init__(self, config: LostConfig) -> None:
        self.config = config
        self._phase = Phase.AWAY

    def follow(self) -> None:
        """A person was chosen just now: follow without waiting."""
        self._phase = Phase.FOLLOW

    def step(self, report: LockReport) -> Phase:
        """The phase at the picture of ``report``."""
        self._phase = self._next(report)
        return self._phase

    def _next(self, report: LockReport) -> Phase:
        config = self.config
        if report.state is LockState.NOBODY:
            return Phase.AWAY
        if self._phase is Phase.AWAY:
            back = report.state is LockState.HELD and report.for_s >= RETURN_AFTER_S
            return Phase.FOLLOW if back else Phase.AWAY
        if report.track is not None and report.unseen_s <= config.coast_s:
            return Phase.FOLLOW
        if config.then == "hold" or report.unseen_s <= config.coast_s + config.hold_s:
            return Phase.HOLD
        return Phase.AWAY


def away_shot(config: LostConfig, size: Size, aspect: float, place: Point | None) -> Shot:
    """The shot without a person; ``place`` is where the last one was, None when there was none."""
    return Shot.widest(size, aspect, place if config.then == "wide" else None)

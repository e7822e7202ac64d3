"""What a View does while its person is out of sight or in doubt: coast, hold, go wide, come back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from engine.direction.lock import LockReport
from engine.direction.target import LockState
from engine.geometry import Box, Point, Shot, Size
from engine.people import Track

#: A person must be held for so long before the view comes back, or every flicker would pump the picture.
RETURN_AFTER_S = 0.2
#: Who may be the person is kept in this much of a wide shot that does not show all of the source.
CORE_SHARE = 0.75


@dataclass(frozen=True, slots=True)
class LostConfig:
    """How a View behaves without its person.

    Attributes:
        coast_s: unseen for no longer than this, the track's own forecast is followed; in doubt for no longer
            than this, the picture rests.
        hold_s: for so long after that the picture rests.
        then: after that, full = the whole picture, with bars where it is not as wide or as high as the View;
            wide = the widest shot round the place of the loss; group = everybody who is seen; center = the
            widest shot round the middle of the picture; hold = rest on.
        ease_s: how long going wide takes.
        back: how the picture comes back: one eased move, or a cut.
        return_s: how long such a move takes.
    """

    coast_s: float = 0.3
    hold_s: float = 1.0
    then: Literal["full", "wide", "group", "center", "hold"] = "wide"
    ease_s: float = 1.2
    back: Literal["move", "cut"] = "move"
    return_s: float = 0.8


class Phase(StrEnum):
    """What the View shows now."""

    FOLLOW = "follow"
    HOLD = "hold"  # rest on the last wish
    AWAY = "away"  # wide, until the person is back


class Lost:
    """Decides the phase from the lock. A person hidden for less than coast_s + hold_s changes nothing.

    Only a held person, or one hidden since, is followed. Doubt lets the picture rest for a moment, longer
    while a crossing hides somebody, and then widens it, so that everybody who may be the person is in it.
    """

    def __init__(self, config: LostConfig) -> None:
        self.config = config
        self._phase = Phase.AWAY
        self._before = LockState.NOBODY
        self._held = False

    def follow(self) -> None:
        """A person was chosen just now: follow without waiting."""
        self._phase = Phase.FOLLOW
        self._held = False

    @property
    def held(self) -> bool:
        """The person has been held since they were chosen, so that their place is known."""
        return self._held

    def step(self, report: LockReport, *, usurped: bool = False) -> Phase:
        """The phase at the picture of ``report``.

        Args:
            usurped: somebody else stands where the person would be; a picture that rests shows them.
        """
        self._phase = self._next(report, usurped)
        self._before = report.state
        return self._phase

    def _next(self, report: LockReport, usurped: bool) -> Phase:
        config, state = self.config, report.state
        if state is LockState.NOBODY:
            return Phase.AWAY
        on_them = state in (LockState.HELD, LockState.OCCLUDED)
        self._held = self._held or on_them
        if self._phase is Phase.AWAY:
            # Found means that it has been made sure of already.
            sure = self._before is LockState.FOUND or report.for_s >= RETURN_AFTER_S
            return Phase.FOLLOW if state is LockState.HELD and sure else Phase.AWAY
        if not self._held:
            return Phase.AWAY  # what rests in the picture is somebody else
        if on_them and report.track is not None and report.unseen_s <= config.coast_s:
            return Phase.FOLLOW
        if config.then == "hold":
            return Phase.HOLD
        if state is LockState.UNSURE and not report.crossing and report.for_s > config.coast_s:
            return Phase.AWAY
        if usurped and state is LockState.LOST:
            return Phase.AWAY
        return Phase.HOLD if report.unseen_s <= config.coast_s + config.hold_s else Phase.AWAY


def away_shot(config: LostConfig, size: Size, aspect: float, place: Point | None) -> Shot:
    """The shot without a person; ``place`` is where the last one was, None when there was none."""
    if config.then == "full":
        return Shot.whole(size, aspect)
    return Shot.widest(size, aspect, place if config.then == "wide" else None)


def amid(candidates: tuple[Track, ...], place: Point | None, widest: Shot) -> Point | None:
    """Where the middle of a wide shot shows as many of ``candidates`` as fit, the likeliest first.

    Args:
        place: where the person was last; shown as well where there is room, and the answer when there are
            no candidates.
        widest: a shot of the size that there will be.
    """
    if not candidates:
        return place
    shown = candidates[0].box
    spots = [t.box for t in candidates[1:]]
    if place is not None:
        spots.insert(0, Box(place.x, place.y, place.x, place.y))
    for spot in spots:
        both = shown.union(spot)
        if both.width <= CORE_SHARE * widest.width:
            shown = both
    return shown.center


def escapes(person: Point, shown: Shot, better: Shot) -> bool:
    """Whether ``person`` is about to leave ``shown`` on a side on which ``better`` has more room."""
    off_x, off_y = abs(person.x - shown.cx) / shown.width, abs(person.y - shown.cy) / shown.height
    moves_x, moves_y = abs(better.cx - shown.cx) > 1, abs(better.cy - shown.cy) > 1
    return (moves_x and off_x > CORE_SHARE / 2) or (moves_y and off_y > CORE_SHARE / 2)

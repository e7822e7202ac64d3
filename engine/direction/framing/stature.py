"""How tall somebody is in the picture, believed steadily through every pose."""

from __future__ import annotations

import math

from engine.direction.body import Body, Statures
from engine.direction.framing.smooth import eased

#: Believed height grows fast (the person comes nearer: stay inside) and shrinks slowly (bent or partly
#: hidden people look smaller; zooming in can wait), unless torso and legs agree that it is smaller.
GROW_S = 0.2
SHRINK_S = 2.0
AGREED_S = 0.35
#: GROW_S is split between the parts of the body and what they say together.
PART_S = 0.06
WHOLE_S = GROW_S - PART_S
#: Somebody who comes or goes steadily is as tall as the trend says: all of this lags by about LAG_S. The
#: trend is averaged over TREND_S; what is slower than STEADY_HZ, in logarithm per second, is none.
LAG_S, TREND_S, STEADY_HZ = 0.3, 0.3, 0.05
#: A part of the body that is believed too long by mistake is forgotten so slowly.
FORGET_S = 8.0
#: A part that says less than this share of what the other says is bent, not short, however long it is so:
#: somebody on a chair.
LEAST_SHARE = 0.85
#: What a box is worth is learned and forgotten so slowly.
WORTH_S = 1.0
UNLEARN_S = 5.0


class Stature:
    """Standing height in source pixels, from picture to picture.

    A part of the body that is bent or turned looks shorter; a person who goes away looks shorter in all
    parts. So the height shrinks as much as the part that shrinks least, and each part may grow on its own.
    Without key points the box stands in, by what it was worth when there were some.
    """

    def __init__(self, body: Body) -> None:
        self._torso: float | None = None
        self._leg: float | None = None
        self.height = body.box.height
        seen = body.statures
        if seen is not None:
            least = LEAST_SHARE * max(seen.torso or 0.0, seen.leg or 0.0)
            self._torso, self._leg = _longer(None, seen.torso, least), _longer(None, seen.leg, least)
            self.height = Statures(seen.head, self._torso, self._leg).whole or self.height
        self._box_worth = self.height / body.box.height
        self._trend_hz = 0.0

    def step(self, body: Body, dt_s: float) -> float:
        """The believed height ``dt_s`` later, in source pixels."""
        before = self.height
        height = self._believed(body, dt_s)
        if dt_s > 0:
            growth_hz = math.log(height / before) / dt_s
            self._trend_hz = eased(self._trend_hz, growth_hz, dt_s, grow_s=TREND_S, shrink_s=TREND_S)
        steady_hz = math.copysign(max(abs(self._trend_hz) - STEADY_HZ, 0.0), self._trend_hz)
        return height * math.exp(steady_hz * LAG_S)

    def _believed(self, body: Body, dt_s: float) -> float:
        """Without the trend."""
        before = self.height
        if body.statures is None:
            # Arms up and bent knees change the box as well: only part of it is the person.
            now = self._box_worth * body.box.height
            self._box_worth = eased(self._box_worth, 1.0, dt_s, grow_s=UNLEARN_S, shrink_s=UNLEARN_S)
            self.height = eased(before, now, dt_s, grow_s=GROW_S, shrink_s=SHRINK_S)
            self._scale(self.height / before)
            return self.height
        self._take_in(body.statures, dt_s)
        known = Statures(body.statures.head, self._torso, self._leg)
        alone = self._torso is None and self._leg is None  # only the head is seen, which is rough
        whole = known.whole or before
        self.height = eased(before, whole, dt_s, grow_s=WHOLE_S, shrink_s=SHRINK_S if alone else WHOLE_S)
        worth = self.height / body.box.height
        self._box_worth = eased(self._box_worth, worth, dt_s, grow_s=WORTH_S, shrink_s=WORTH_S)
        return self.height

    def _scale(self, factor: float) -> None:
        self._torso = self._torso and self._torso * factor
        self._leg = self._leg and self._leg * factor

    def _take_in(self, seen: Statures, dt_s: float) -> None:
        ratios = [
            now / before
            for before, now in ((self._torso, seen.torso), (self._leg, seen.leg))
            if before is not None and now is not None and before > 0
        ]
        if ratios and max(ratios) < 1:
            shrink_s = AGREED_S if len(ratios) > 1 else SHRINK_S
            self._scale(eased(1.0, max(ratios), dt_s, grow_s=PART_S, shrink_s=shrink_s))
        elif ratios and min(ratios) > 1:
            self._scale(eased(1.0, min(ratios), dt_s, grow_s=PART_S, shrink_s=PART_S))
        least = LEAST_SHARE * max(self._torso or seen.torso or 0.0, self._leg or seen.leg or 0.0)
        self._torso = _longer(self._torso, seen.torso, least, dt_s)
        self._leg = _longer(self._leg, seen.leg, least, dt_s)


def _longer(before: float | None, now: float | None, least: float, dt_s: float = 0.0) -> float | None:
    """What is believed of a part of which ``now`` is seen; no less than ``least``."""
    if now is None:
        return before
    if before is None:
        return max(now, least)
    return max(eased(before, now, dt_s, grow_s=PART_S, shrink_s=FORGET_S), least)

"""The director's delay: plans wait until what comes after them is known."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from statistics import median

from engine.direction.plan import Plan
from engine.direction.want import Want
from engine.geometry import Shot, Size

#: Cameras are not punctual; a picture that is almost old enough is due, or now and then none would be and
#: then two at a time.
SLACK_PICTURES = 0.5
#: The camera's period is the median of so many pictures' distances; a whole take may be waiting.
PERIOD_PICTURES = 5


class DelayLine:
    """Plans in the order of their pictures; each comes out with the wants that its operator may know."""

    def __init__(self) -> None:
        self._plans: deque[Plan] = deque()

    def push(self, plan: Plan) -> None:
        """The newest picture."""
        self._plans.append(plan)

    def reshape(self, size: Size, aspect: float) -> None:
        """Pictures have another aspect from now on, also those that are planned already."""
        self._plans = deque(_reshaped(plan, size, aspect) for plan in self._plans)

    def due(self, delay_s: float) -> Iterator[tuple[Plan, list[Want]]]:
        """Take out, oldest first, every plan that is ``delay_s`` old by the newest picture's clock.

        Yields:
            The plan, and the wants from it on up to where the operator begins anew.
        """
        if not self._plans:
            return
        newest = self._plans[-1]
        # The newest may come long after the one before it, where the camera dropped some between.
        period_s = median(plan.dt_s for plan in itertools.islice(reversed(self._plans), PERIOD_PICTURES))
        limit_s = newest.time_s - delay_s + SLACK_PICTURES * min(period_s, delay_s)
        while self._plans:
            time_s = self._plans[0].time_s
            # Later than the newest: from before the source began again and turned the clock back.
            if limit_s < time_s <= newest.time_s:
                return
            yield self._take()

    def rest(self) -> Iterator[tuple[Plan, list[Want]]]:
        """Take out everything, oldest first, for an operator that plans a whole stretch at once.

        Yields:
            As ``due``, but only the first plan of a stretch has all its wants; the others have their own.
        """
        known = 0
        while self._plans:
            if known:
                plan = self._plans.popleft()
                wants = [plan.want]
            else:
                plan, wants = self._take()
                known = len(wants)
            known -= 1
            yield plan, wants

    def _take(self) -> tuple[Plan, list[Want]]:
        plan = self._plans.popleft()
        wants = [plan.want]
        if plan.away is None:
            goes_on = itertools.takewhile(lambda p: p.away is None and not p.begins, self._plans)
            wants.extend(p.want for p in goes_on)
        return plan, wants


def _reshaped(plan: Plan, size: Size, aspect: float) -> Plan:
    def of(shot: Shot) -> Shot:
        if shot.height > size.height:  # all there is, with bars
            return Shot.whole(size, aspect)
        return Shot(shot.cx, shot.cy, shot.height, aspect).inside(size)

    away = None if plan.away is None else of(plan.away)
    return replace(plan, want=replace(plan.want, shot=of(plan.want.shot)), away=away)

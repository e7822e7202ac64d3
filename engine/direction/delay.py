"""The director's delay: plans wait until what comes after them is known."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator

from engine.direction.plan import Plan
from engine.direction.want import Want

#: Cameras are not punctual; a picture that is almost old enough is due, or now and then none would be and
#: then two at a time.
SLACK_PICTURES = 0.5


class DelayLine:
    """Plans in the order of their pictures; each comes out with the wants that its operator may know."""

    def __init__(self) -> None:
        self._plans: deque[Plan] = deque()

    def push(self, plan: Plan) -> None:
        """The newest picture."""
        self._plans.append(plan)

    def due(self, delay_s: float) -> Iterator[tuple[Plan, list[Want]]]:
        """Take out, oldest first, every plan that is ``delay_s`` old by the newest picture's clock.

        Yields:
            The plan, and the wants from it on up to where the operator begins anew.
        """
        if not self._plans:
            return
        newest = self._plans[-1]
        limit_s = newest.time_s - delay_s + SLACK_PICTURES * min(newest.dt_s, delay_s)
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

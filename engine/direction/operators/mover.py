"""The part of a camera that moves some axes along the best path, planned anew many times a second."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.direction.operators.path import Corridor, knot_s, programme, worth
from engine.direction.operators.solver import solve
from engine.direction.operators.spline import beginning, positions, shifted, state_at

F64 = NDArray[np.float64]

#: A resting camera rests on while its plan begins with less than this, in tolerances ...
STIR = 1e-3
#: ... and a moving one has arrived when speed and acceleration (tolerances per second, per second squared)
#: are below these, and the next knots of the plan not farther than that.
SLOW, EVEN, HERE = 0.01, 0.05, 5e-3
ARRIVED_KNOTS = 6
#: The price of speed follows the plan with this time constant: a plan once made is not given up lightly.
HABIT_S = 0.2
#: After a cut the path begins where it is best, but is held to the place of the cut with this trust.
CUT_TRUST = 20.0


class Mover:
    """m axes with one clock: where they are, how fast, and what they are about to do.

    Everything shown is past: a new plan goes on from its position, speed and acceleration.
    """

    def __init__(self, place: F64) -> None:
        self.cut(place)

    def cut(self, place: F64) -> None:
        """Stand still at ``place``, shape (m,)."""
        self._state = np.zeros((len(place), 3))
        self._state[:, 0] = place
        self._plan, self._knot_s = np.repeat(self._state[:, :1], 4, axis=1), 1.0
        self._shares = np.zeros((len(place), 3 * 4 - 5))
        self._price = np.ones((len(place), 1))
        self._tolerance = np.ones(len(place))
        self._stays = np.ones(len(place), bool)
        self._since_s, self._new = 0.0, True

    @property
    def resting(self) -> bool:
        """No axis moved when the running plan was made."""
        return not self._state[:, 1:].any()

    def at(self, since_s: float) -> list[float]:
        """Where the axes are ``since_s`` after the running plan was made."""
        if self._stays.all():
            place: list[float] = self._state[:, 0].tolist()
            return place
        now = state_at(self._plan, self._knot_s, since_s)[:, 0]
        place = np.where(self._stays, self._state[:, 0], now).tolist()
        return place

    def planned(self, time_s: F64) -> F64:
        """Where they will be ``time_s`` (T,) after the running plan was made; shape (m, T)."""
        if self._stays.all():
            return np.repeat(self._state[:, :1], len(time_s), axis=1)
        return positions(self._plan, self._knot_s, time_s)

    def rests_in(self, corridor: Corridor) -> bool:
        """All axes are at rest and nothing in the corridor asks them to move."""
        place = self._state[:, :1]
        return self.resting and bool(((corridor.low <= place) & (place <= corridor.high)).all())

    def rest(self) -> None:
        """The new plan: stay."""
        self._plan, self._new = np.repeat(self._state[:, :1], 4, axis=1), False
        self._price = worth(np.zeros((len(self._state), 1)))
        self._stays = np.ones(len(self._state), bool)
        self._since_s = 0.0

    def plan(self, corridor: Corridor, known: int, smooth_s: float, stillness_s: float) -> None:
        """Plan anew from where the last ``go`` has led.

        Args:
            corridor: K knots from now on, ``knot_s(smooth_s)`` apart.
            known: so many of them are no forecast.
            smooth_s, stillness_s: see PathConfig.
        """
        place = self._state[:, :1]
        at_rest = ~self._state[:, 1:].any(axis=1)
        fits = ((corridor.low <= place) & (place <= corridor.high))[:, :known].all(axis=1)
        plan = np.repeat(place, corridor.aim.shape[1] + 2, axis=1)
        moving = np.flatnonzero(~(at_rest & fits))
        price = self._prices(knot_s(smooth_s), plan.shape[1])
        if len(moving):
            plan[moving] = self._solve(corridor.rows(moving), moving, price[moving], smooth_s, stillness_s)
        begins = np.abs(plan[:, 3] - self._state[:, 0])
        self._tolerance = corridor.tolerance[:, 0]
        self._stays = at_rest & (begins <= STIR * self._tolerance)
        self._plan, self._knot_s, self._price = plan, knot_s(smooth_s), price
        self._since_s, self._new = 0.0, False

    def _solve(
        self, corridor: Corridor, axes: NDArray[np.intp], price: F64, smooth_s: float, stillness_s: float
    ) -> F64:
        h, unit = knot_s(smooth_s), corridor.tolerance[:, :1]
        place = self._state[axes, :1]
        count = corridor.aim.shape[1] + 2
        free = self._new and bool(((corridor.low <= place) & (place <= corridor.high))[:, 0].all())
        if free:
            corridor.aim[:, 0] = place[:, 0]
        now = programme(corridor, smooth_s, stillness_s, price)
        if free:
            now.pull[:, 0] *= CUT_TRUST
        start = self._start(axes, h, count) / unit
        self._shares = self._shares[:, _same_terms(self._shares.shape[1], count, round(self._since_s / h))]
        found = solve(now, start, 0 if free else 3, self._shares[axes])
        self._shares[axes] = found.shares
        return np.asarray(found.c * unit)

    def _start(self, axes: NDArray[np.intp], h: float, count: int) -> F64:
        """Control points by what was planned before, the first three by what has been shown."""
        first = beginning(self._state[axes], h)
        start = shifted(self._plan[axes], (np.arange(count) * h + self._since_s) / self._knot_s)
        start += (first[:, 2] - start[:, 2])[:, None]
        start[:, :3] = first
        return start

    def _prices(self, h: float, count: int) -> F64:
        """The price of speed as it has become, between ``count`` control points from now on."""
        # A difference of two control points is about the speed half way between their knots.
        then = (np.arange(self._price.shape[1]) - 0.5) * self._knot_s - self._since_s
        now = (np.arange(count - 1) - 0.5) * h
        return np.stack([np.interp(now, then, row) for row in self._price])

    def go(self, dt_s: float) -> None:
        """Follow the plan until ``dt_s`` after it was made, from where the next one starts."""
        if self._plan.shape[1] > 4:
            self._learn(dt_s)
        self._since_s = dt_s
        if self._stays.all():
            self._state[:, 1:] = 0.0
            return
        after = state_at(self._plan, self._knot_s, dt_s)
        soon = min(int(dt_s / self._knot_s), self._plan.shape[1] - 4)
        for i, tolerance in enumerate(self._tolerance.tolist()):
            ahead = np.abs(self._plan[i, soon + 1 : soon + ARRIVED_KNOTS] - after[i, 0]).max()
            speed, accel = np.abs(after[i, 1:]).tolist()
            if self._stays[i]:
                after[i] = self._state[i, 0], 0.0, 0.0
            elif speed <= SLOW * tolerance and accel <= EVEN * tolerance and ahead <= HERE * tolerance:
                after[i, 1:] = 0.0
        self._state = after

    def _learn(self, dt_s: float) -> None:
        """Let the prices go over to those of the plan, in a time that is the same however often one plans."""
        planned = worth(np.diff(self._plan, axis=1) / (self._tolerance[:, None] * self._knot_s))
        self._price = self._price + (planned - self._price) * (1.0 - math.exp(-dt_s / HABIT_S))


@lru_cache(maxsize=64)
def _same_terms(terms: int, count: int, late: int) -> NDArray[np.intp]:
    """Which of ``terms`` each term of a programme of ``count`` control points was ``late`` knots ago."""
    before = (terms + 5) // 3
    steps = np.minimum(np.arange(count - 1) + late, before - 2)
    knots = np.minimum(np.arange(count - 2) + late, before - 3)
    return np.concatenate([steps, before - 1 + knots, 2 * before - 3 + knots])

"""The part of a camera that moves some axes along the best path, planned anew for every picture."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.direction.operators.path import Corridor, knot_s, programme, worth
from engine.direction.operators.solver import solve
from engine.direction.operators.spline import beginning, positions, state_at

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
        self._shares = np.zeros((len(place), 0))
        self._price = np.ones((len(place), 1))
        self._since_s, self._new = 0.0, True

    @property
    def place(self) -> F64:
        """Where the axes are, shape (m,)."""
        return np.asarray(self._state[:, 0])

    def planned(self, time_s: F64) -> F64:
        """Where they will be ``time_s`` (T,) after the last step but one; shape (m, T)."""
        return positions(self._plan, self._knot_s, time_s)

    def rests_in(self, corridor: Corridor) -> bool:
        """All axes are at rest and nothing in the corridor asks them to move."""
        if (self._state[:, 1:] != 0.0).any():
            return False
        place = self._state[:, :1]
        return bool(((corridor.low <= place) & (place <= corridor.high)).all())

    def rest(self) -> None:
        """Stay for a picture."""
        self._plan, self._new = np.repeat(self._state[:, :1], 4, axis=1), False
        self._price = worth(np.zeros((len(self._state), 1)))
        self._since_s = 0.0

    def step(self, corridor: Corridor, known: int, smooth_s: float, stillness_s: float, dt_s: float) -> None:
        """Go on by ``dt_s``.

        Args:
            corridor: K knots from the last picture on, ``knot_s(smooth_s)`` apart.
            known: so many of them are no forecast.
            smooth_s, stillness_s: see PathConfig.
            dt_s: 0 or more.
        """
        place = self._state[:, :1]
        at_rest = (self._state[:, 1:] == 0.0).all(axis=1)
        fits = ((corridor.low <= place) & (place <= corridor.high))[:, :known].all(axis=1)
        plan = np.repeat(place, corridor.aim.shape[1] + 2, axis=1)
        moving = np.flatnonzero(~(at_rest & fits))
        price = self._prices(knot_s(smooth_s), plan.shape[1])
        if len(moving):
            plan[moving] = self._solve(corridor.rows(moving), moving, price[moving], smooth_s, stillness_s)
        self._plan, self._knot_s, self._new = plan, knot_s(smooth_s), False
        self._learn(price, corridor.tolerance[:, 0], dt_s)
        self._follow(corridor.tolerance[:, 0], at_rest, dt_s)

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
        terms = now.rest.shape[1] + 2 * now.aim.shape[1]
        if self._shares.shape[1] != terms:
            self._shares = np.zeros((len(self._state), terms))
        found = solve(now, start, 0 if free else 3, self._shares[axes])
        self._shares[axes] = found.shares
        return np.asarray(found.c * unit)

    def _start(self, axes: NDArray[np.intp], h: float, count: int) -> F64:
        """Control points by what was planned before, the first three by what has been shown."""
        first = beginning(self._state[axes], h)
        before = positions(
            self._plan[axes], self._knot_s, (np.arange(count, dtype=np.float64) - 1) * h + self._since_s
        )
        start = before + (first[:, 2] - before[:, 2])[:, None]
        start[:, :3] = first
        return start

    def _prices(self, h: float, count: int) -> F64:
        """The price of speed as it has become, between ``count`` control points from the last picture on."""
        # A difference of two control points is about the speed half way between their knots.
        then = (np.arange(self._price.shape[1]) - 0.5) * self._knot_s - self._since_s
        now = (np.arange(count - 1) - 0.5) * h
        return np.stack([np.interp(now, then, row) for row in self._price])

    def _learn(self, price: F64, unit: F64, dt_s: float) -> None:
        """Let the prices go over to those of the new plan, in a time that is the same at any frame rate."""
        planned = worth(np.diff(self._plan, axis=1) / (unit[:, None] * self._knot_s))
        self._price = price + (planned - price) * (1.0 - math.exp(-dt_s / HABIT_S))

    def _follow(self, unit: F64, at_rest: NDArray[np.bool_], dt_s: float) -> None:
        self._since_s = dt_s
        after = state_at(self._plan, self._knot_s, dt_s)
        soon = min(int(dt_s / self._knot_s), self._plan.shape[1] - 4)
        for i, tolerance in enumerate(unit.tolist()):
            ahead = np.abs(self._plan[i, soon + 1 : soon + ARRIVED_KNOTS] - after[i, 0]).max()
            speed, accel = np.abs(after[i, 1:]).tolist()
            begins = abs(self._plan[i, 3] - self._state[i, 0])
            if at_rest[i] and begins <= STIR * tolerance:
                after[i] = self._state[i, 0], 0.0, 0.0
            elif speed <= SLOW * tolerance and accel <= EVEN * tolerance and ahead <= HERE * tolerance:
                after[i, 1:] = 0.0
        self._state = after

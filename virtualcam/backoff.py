"""How long to wait before the next try: longer each time, and never for all at the same moment."""

from __future__ import annotations

import random
from collections.abc import Callable

_MOST_DOUBLINGS = 20


class BackOff:
    """Exponential back-off with jitter.

    Args:
        first_s: the shortest wait.
        most_s: the longest one.
        chance: gives numbers in [0, 1).
    """

    def __init__(
        self, first_s: float = 0.5, most_s: float = 5.0, chance: Callable[[], float] = random.random
    ) -> None:
        self._first_s = first_s
        self._most_s = most_s
        self._chance = chance
        self._tries = 0

    def next_s(self) -> float:
        """The wait after one more failure: between half of the step and all of it."""
        self._tries = min(self._tries + 1, _MOST_DOUBLINGS)
        step_s = min(self._most_s, self._first_s * 2.0**self._tries)
        return step_s * (1.0 + self._chance()) / 2.0

    def reset(self) -> None:
        """After things went well for a while."""
        self._tries = 0

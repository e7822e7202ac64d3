"""How long to wait before trying again: doubling, with an upper bound."""

from __future__ import annotations


class Backoff:
    """Waits of ``first_s``, twice that, ... up to ``most_s`` seconds; from the start again after success."""

    def __init__(self, first_s: float = 0.5, most_s: float = 5.0) -> None:
        self._first_s = first_s
        self._most_s = most_s
        self._next_s = first_s

    def next_s(self) -> float:
        """The wait before the next attempt, in seconds."""
        wait_s = self._next_s
        self._next_s = min(self._next_s * 2, self._most_s)
        return wait_s

    def reset(self) -> None:
        """It worked."""
        self._next_s = self._first_s

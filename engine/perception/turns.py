"""Fair turns: whoever has waited longest comes next."""

from __future__ import annotations

from collections.abc import Collection, Iterable


class Turns:
    """Remembers when each id last had its turn."""

    def __init__(self) -> None:
        self._round = 0
        self._served: dict[int, int] = {}

    def take(self, waiting: Iterable[int], number: int) -> list[int]:
        """At most ``number`` of those waiting, longest first (never served before all), then by id."""
        self._round += 1
        chosen = sorted(waiting, key=lambda i: (self._served.get(i, 0), i))[:number]
        self._served.update((i, self._round) for i in chosen)
        return chosen

    def keep_only(self, ids: Collection[int]) -> None:
        """Forget everybody else."""
        self._served = {i: n for i, n in self._served.items() if i in ids}

"""The last seconds, picture by picture, so that a late observation can be applied at its own time."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from engine.people import MotionField
from engine.tracking.state import State


@dataclass(slots=True)
class Moment:
    """One picture.

    Attributes:
        index, time_s: of the picture.
        field: motion from the moment before to this one, when known.
        state: belief at this picture, after its observation if there was one.
    """

    index: int
    time_s: float
    field: MotionField | None
    state: State


class History:
    """A ring of moments, rising in index and time, not older than ``memory_s``."""

    def __init__(self, memory_s: float) -> None:
        self._memory_s = memory_s
        self._moments: list[Moment] = []

    def __len__(self) -> int:
        return len(self._moments)

    @property
    def newest(self) -> Moment | None:
        return self._moments[-1] if self._moments else None

    def push(self, moment: Moment) -> None:
        """Append the newest picture and forget what is too old."""
        self._moments.append(moment)
        first = bisect_left(self._moments, moment.time_s - self._memory_s, key=lambda m: m.time_s)
        if first:
            del self._moments[:first]

    def since(self, index: int) -> list[Moment]:
        """The moment of that very picture and all later ones; empty when it is not remembered."""
        first = bisect_left(self._moments, index, key=lambda m: m.index)
        if first == len(self._moments) or self._moments[first].index != index:
            return []
        return self._moments[first:]

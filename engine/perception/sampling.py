"""Which moment of a person is worth reading: alone, in front, not too often, and everybody in time (R127)."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

#: Somebody not read for this long goes before everybody else.
OVERDUE_S = 1.0
#: Times of pictures are multiples of the frame time only nearly.
ROUNDING_S = 1e-6


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who might be read in this look.

    Attributes:
        track: who.
        quality: how good the sample would be, 0 to 1.
        urgency: the lower, the earlier.
        patience: the time between two samples is so many times the least.
    """

    track: int
    quality: float
    urgency: int = 0
    patience: float = 1.0


class BestSamples:
    """Picks who is read now, by the time of the pictures.

    Somebody whose turn has come waits for a clean moment. When none comes for ``fallback_s``, the next
    one that is not hopeless will do: a doubtful sample a second is better than none, and says itself that
    it is doubtful.

    Args:
        every_s: nobody is read more often.
        clean: quality of a good moment.
        least: quality of a hopeless one is below this; such a moment is never taken.
        fallback_s: how long a clean moment is waited for.
    """

    def __init__(self, every_s: float, clean: float, least: float, fallback_s: float) -> None:
        self._every_s, self._fallback_s = every_s, fallback_s
        self._clean, self._least = clean, least
        self._read_s: dict[int, float] = {}
        self._due_s: dict[int, float] = {}
        # Times are equal for all who were read together; turns are not.
        self._turn: dict[int, int] = {}
        self._turns = 0

    def take(self, time_s: float, candidates: Sequence[Candidate], number: int) -> list[int]:
        """Tracks to read now, at most ``number``: overdue first, then by urgency, then who waited longest."""
        ready = [(self._rank(c, time_s), c.track) for c in candidates if self._is_ready(c, time_s)]
        chosen = [track for _, track in sorted(ready)[:number]]
        for track in chosen:
            self._read_s[track] = time_s
            self._turns += 1
            self._turn[track] = self._turns
            self._due_s.pop(track, None)
        return chosen

    def was_read(self, track: int) -> bool:
        """Whether somebody was ever read."""
        return track in self._read_s

    def keep_only(self, tracks: Collection[int]) -> None:
        """Forget everybody else."""
        self._read_s = {i: s for i, s in self._read_s.items() if i in tracks}
        self._due_s = {i: s for i, s in self._due_s.items() if i in tracks}
        self._turn = {i: n for i, n in self._turn.items() if i in tracks}

    def _is_ready(self, one: Candidate, time_s: float) -> bool:
        last_s = self._read_s.get(one.track, -math.inf)
        if last_s <= time_s < last_s + one.patience * self._every_s - ROUNDING_S:
            return False
        due_s = self._due_s.setdefault(one.track, time_s)
        if due_s > time_s:
            # The film has begun again.
            due_s = self._due_s[one.track] = time_s
        waited = time_s - due_s >= self._fallback_s
        return one.quality >= (self._least if waited else self._clean)

    def _rank(self, one: Candidate, time_s: float) -> tuple[bool, int, int, int]:
        last_s = self._read_s.get(one.track, math.inf)
        in_time = time_s - (last_s if last_s <= time_s else self._due_s[one.track]) < OVERDUE_S
        return in_time, one.urgency, self._turn.get(one.track, 0), one.track

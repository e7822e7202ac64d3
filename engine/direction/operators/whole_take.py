"""The operator of a whole take: a stretch is planned when it begins, and then played picture by picture."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from engine.direction.operators.path import PathConfig
from engine.direction.operators.take import plan_take
from engine.direction.want import Want
from engine.geometry import Shot, Size


class WholeTake:
    """See Operator. The first window after a cut is the whole stretch; later ones need not repeat it."""

    def __init__(self, size: Size, config: PathConfig) -> None:
        self.size = size
        self.config = config
        self._planned: deque[Shot] = deque()

    def cut(self, shot: Shot) -> None:
        """Another stretch begins; where its path starts is for the plan to say."""
        self._planned.clear()

    def step(self, window: Sequence[Want], dt_s: float) -> Shot:
        """The planned shot of ``window[0]``."""
        if not self._planned:
            self._planned.extend(plan_take(window, self.size, self.config))
        return self._planned.popleft()

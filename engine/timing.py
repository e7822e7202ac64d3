"""How long each stage took of late, without growing and without a lock on the picture's path."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from engine.state import StageTiming

#: About half a minute at 30 pictures a second: enough for a p99, small enough to sort on request.
KEPT_SAMPLES = 1024


class StageTimes:
    """Collects durations by stage name. One writer per stage; anybody may read."""

    def __init__(self, kept: int = KEPT_SAMPLES) -> None:
        self._kept = kept
        self._samples_ms: dict[str, deque[float]] = {}
        self._counts: dict[str, int] = {}

    def add(self, stage: str, duration_s: float) -> None:
        """Record one duration in seconds."""
        ring = self._samples_ms.get(stage)
        if ring is None:
            ring = self._samples_ms[stage] = deque(maxlen=self._kept)
        ring.append(duration_s * 1e3)
        self._counts[stage] = self._counts.get(stage, 0) + 1

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Record how long the block took."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.add(stage, time.perf_counter() - begin)

    def summary(self) -> tuple[StageTiming, ...]:
        """Percentiles of every stage over its newest samples, in the order the stages first ran."""
        return tuple(self._one(name) for name in list(self._samples_ms))

    def _one(self, name: str) -> StageTiming:
        values = np.array(list(self._samples_ms[name]))
        p50, p95, p99 = (float(v) for v in np.percentile(values, (50, 95, 99)))
        return StageTiming(name, self._counts[name], p50, p95, p99, float(values.max()))

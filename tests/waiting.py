"""How tests wait for what other threads and programs do: by looking again and again, never by hoping."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE_S = 30.0


def until(condition: Callable[[], T], patience_s: float = PATIENCE_S, every_s: float = 0.01) -> T:
    """The first true value of ``condition``; fails the test when there is none in time."""
    end_s = time.monotonic() + patience_s
    while not (value := condition()):
        assert time.monotonic() < end_s, f"it did not happen within {patience_s} s"
        time.sleep(every_s)
    return value

"""What can go wrong between a client and OBS, on demand."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What happens to a request instead of its answer."""

    SILENT = "silent"  # never answered, not carried out; the next one is answered again
    LATE = "late"  # carried out, but the next request is answered first
    WRONG_ID = "wrong id"  # carried out, answered under the id of another request
    NOT_READY = "not ready"  # 207, as newer OBS does while it loads
    TEXT = "text"  # carried out, answered with text that is no JSON
    BINARY = "binary"  # carried out, answered with a binary message
    WRONG_OP = "wrong op"  # carried out, answered with an op the protocol doesn't have
    HUGE = "huge"  # carried out, answered with 4 MB of nothing before the real answer
    KICK = "kick"  # not carried out; session ended with 4011, as the Kick button does
    RESET = "reset"  # not carried out; TCP connection reset
    RESTART = "restart"  # not carried out; all of OBS dies and comes back on the same port


@dataclass(slots=True)
class _Plan:
    fault: Fault
    kind: str
    left: int


class Faults:
    """Which requests will suffer what; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._plans: list[_Plan] = []
        self._delays_s: dict[str, float] = {}

    def plan(self, fault: Fault, kind: str, times: int) -> None:
        """The next `times` requests of this type, "" = any, suffer; plans are used up in their order."""
        with self._lock:
            self._plans.append(_Plan(fault, kind, times))

    def slow(self, kind: str, delay_s: float) -> None:
        """Requests of this type, "" = all others, are answered that much later."""
        with self._lock:
            self._delays_s[kind] = delay_s

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._plans.clear()
            self._delays_s.clear()

    def take(self, kind: str) -> Fault | None:
        """What this request suffers; counts it."""
        with self._lock:
            for plan in self._plans:
                if plan.left and plan.kind in ("", kind):
                    plan.left -= 1
                    return plan.fault
        return None

    def delay_s(self, kind: str) -> float:
        """How long this request's answer takes."""
        with self._lock:
            return self._delays_s.get(kind, self._delays_s.get("", 0.0))

"""Which lost packets are sent again: what still helps, and never so many that they fill the link."""

from __future__ import annotations

SHARE = 0.5
"""Of the bit rate; enough for bursts of loss. Without a limit a full queue is fed with its own repairs."""

LEAST_KBPS = 200.0
BURST_S = 0.5
AGAIN_AFTER_S = 0.02
_REMEMBERED = 512


class Repair:
    """Decides about every packet a receiver misses (generic NACK, RFC 4585, 6.2.1).

    A pure state machine: every call brings its own time. Sequence numbers are of 16 bits.
    """

    def __init__(self) -> None:
        self._sent_s: dict[int, float] = {}
        self._key: int | None = None
        self._credit_bytes: float | None = None
        self._counted_s = 0.0

    def began(self, sequence: int) -> None:
        """A key frame begins with this packet: nothing before it is needed any more."""
        self._key = sequence

    def due(self, sequence: int, size: int, now_s: float, *, rtt_s: float | None, kbps: float) -> bool:
        """Send it again now? Once per round trip, as the receiver asks on until it is there.

        Args:
            size: in bytes, about.
            kbps: what is sent otherwise.
        """
        if self._key is not None and (self._key - sequence) & 0xFFFF in range(1, 0x8000):
            return False
        before_s = self._sent_s.get(sequence)
        if before_s is not None and now_s - before_s < max(rtt_s or 0.0, AGAIN_AFTER_S):
            return False
        if not self._afford(size, now_s, max(kbps * SHARE, LEAST_KBPS)):
            return False
        self._sent_s.pop(sequence, None)
        self._sent_s[sequence] = now_s
        if len(self._sent_s) > _REMEMBERED:
            del self._sent_s[next(iter(self._sent_s))]
        return True

    def _afford(self, size: int, now_s: float, kbps: float) -> bool:
        most = kbps * 1000 / 8 * BURST_S
        if self._credit_bytes is None:
            self._credit_bytes = most
        else:
            self._credit_bytes = min(most, self._credit_bytes + (now_s - self._counted_s) * kbps * 1000 / 8)
        self._counted_s = now_s
        if self._credit_bytes < size:
            return False
        self._credit_bytes -= size
        return True

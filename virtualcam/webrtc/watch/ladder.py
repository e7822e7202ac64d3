"""Which rendition one viewer can take: quickly down, slowly up, and never to and fro."""

from __future__ import annotations

from collections import deque

SIGN_WINDOW_S = 2.5
SIGNS_TO_LEAVE = 2
SETTLE_S = 2.0
"""After a move down the receiver's figures still tell of the rendition before."""

ROOM_S = 10.0
ROOM_MAX_S = 160.0
ROOM_SHARE = 1.2
LOSS_BAD = 0.10
"""Up to here repair by retransmission is enough (as in draft-ietf-rmcat-gcc, 6: above it the rate falls)."""

LOSS_SEVERE = 0.35
RTT_GROWN_S = 0.25
_SAME_SIGN_S = 0.2


class Ladder:
    """Judges one viewer by what its receiver reports. Level 0 is the largest rendition.

    A pure state machine: every call brings its own time. Two signs of strain within SIGN_WINDOW_S move one
    level down, a severe one does so alone. ROOM_S without any sign move one level up; when that proves to
    be too much, the next try waits twice as long, up to ROOM_MAX_S.

    Args:
        levels: how many there are.
        first: where the viewer begins; it is never given a larger one.
    """

    def __init__(self, levels: int, first: int = 0) -> None:
        self._levels = levels
        self._top = min(first, levels - 1)
        self._level = self._top
        self._signs: deque[float] = deque()
        self._calm_since_s: float | None = None
        self._moved_s: float | None = None
        self._rose_s: float | None = None
        self._room_s = ROOM_S
        self._estimate_kbps: float | None = None
        self._least_rtt_s: float | None = None
        self.moved = 0

    @property
    def level(self) -> int:
        return self._level

    def resize(self, levels: int, first: int) -> None:
        """The View now has another size, and so perhaps other renditions; as for the constructor."""
        at_top = self._level == self._top
        self._levels = levels
        self._top = min(first, levels - 1)
        self._level = self._top if at_top else min(max(self._level, self._top), levels - 1)

    def loss(self, share: float, now_s: float) -> None:
        """Share of the packets lost in the last second or so; over less it is chance."""
        if share > LOSS_BAD:
            self._sign(now_s, severe=share > LOSS_SEVERE)

    def round_trip(self, rtt_s: float, now_s: float) -> None:
        """A round trip that has grown means a queue on the way."""
        self._least_rtt_s = rtt_s if self._least_rtt_s is None else min(rtt_s, self._least_rtt_s)
        if rtt_s > self._least_rtt_s * 2 + RTT_GROWN_S:
            self._sign(now_s)

    def estimate(self, kbps: float, sent_kbps: float, now_s: float) -> None:
        """The receiver's estimate of what it can get (REMB).

        Receivers estimate at most half more than what arrives, so that the figure is low whenever the
        picture stands still. Only one that *falls* below what is sent tells of a queue.
        """
        before, self._estimate_kbps = self._estimate_kbps, kbps
        if before is not None and kbps < before * 0.97 and kbps < sent_kbps * 0.9:
            self._sign(now_s, severe=kbps < sent_kbps * 0.4)

    def forgive(self) -> None:
        """We stood still ourselves: what the receiver reported tells nothing of the way to it."""
        self._signs.clear()

    def advise(self, sent_kbps: float, now_s: float) -> int:
        """The level to send from now on."""
        if self._calm_since_s is None:
            self._calm_since_s = now_s
        while self._signs and now_s - self._signs[0] > SIGN_WINDOW_S:
            self._signs.popleft()
        if len(self._signs) >= SIGNS_TO_LEAVE:
            self._down(now_s)
        elif self._level > self._top and now_s - self._calm_since_s >= self._room_s:
            # An estimate near what is sent is no room, even when it doesn't fall any more.
            if self._estimate_kbps is None or self._estimate_kbps >= sent_kbps * ROOM_SHARE:
                self._up(now_s)
        elif self._rose_s is not None and now_s - self._rose_s > 2 * self._room_s:
            self._rose_s, self._room_s = None, ROOM_S
        return self._level

    def _sign(self, now_s: float, *, severe: bool = False) -> None:
        self._calm_since_s = now_s
        if self._moved_s is not None and now_s - self._moved_s < SETTLE_S:
            return
        if severe:
            self._signs.append(now_s)
        elif self._signs and now_s - self._signs[-1] < _SAME_SIGN_S:
            return
        self._signs.append(now_s)

    def _down(self, now_s: float) -> None:
        self._signs.clear()
        if self._level + 1 >= self._levels:
            return
        if self._rose_s is not None:
            self._room_s = min(self._room_s * 2, ROOM_MAX_S)
            self._rose_s = None
        self._move(self._level + 1, now_s)

    def _up(self, now_s: float) -> None:
        self._rose_s = now_s
        self._move(self._level - 1, now_s)

    def _move(self, level: int, now_s: float) -> None:
        self._level = level
        self._moved_s = self._calm_since_s = now_s
        self._estimate_kbps = self._least_rtt_s = None
        self.moved += 1

"""Patience with wrong tokens: whoever guesses waits, longer each time; nobody else notices.

A token has 192 bits, so that guessing is hopeless anyway; this keeps guesses cheap for us and quiet in the
log. An address that never sent a wrong token is always listened to, and so is a token that was right before.
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

#: Different wrong tokens of one address before it has to wait: a mistyped or an old link is no attack.
FREE = 5
#: Of all addresses together; beyond it one wrong token is one too many.
FREE_OVERALL = 100
FIRST_WAIT_S = 1.0
MOST_WAIT_S = 60.0
#: After so much quiet all is forgotten.
FORGET_S = 600.0
MOST_PEERS = 1024
#: Right tokens remembered per address.
_KNOWN = 8


@dataclass(slots=True)
class _Peer:
    wrong: int = 0
    last: int = 0
    until_s: float = float("-inf")
    seen_s: float = float("-inf")
    known: deque[int] = field(default_factory=lambda: deque(maxlen=_KNOWN))


class Attempts:
    """Wrong tokens, by address. Belongs to the server's event loop.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._peers: OrderedDict[str, _Peer] = OrderedDict()
        self._overall = 0
        self._wrong_s = float("-inf")

    def wait_s(self, address: str, token: str) -> float:
        """How long the address has to wait until ``token`` is looked at; 0 = not at all."""
        peer = self._peers.get(_whose(address))
        if peer is None or hash(token) in peer.known:
            return 0.0
        return max(0.0, peer.until_s - self._clock())

    def right(self, address: str, token: str) -> None:
        """``token`` was right."""
        known = self._peer(address).known
        if hash(token) not in known:
            known.append(hash(token))

    def wrong(self, address: str, token: str) -> bool:
        """``token`` was wrong; the answer tells whether that is the first one after a long quiet."""
        now_s = self._clock()
        first = now_s - self._wrong_s > FORGET_S
        if first:
            self._overall = 0
        peer = self._peer(address)
        if now_s - peer.seen_s > FORGET_S:
            peer.wrong = 0
        self._wrong_s = peer.seen_s = now_s
        # A page with an old cookie asks again and again with the same: that is no guessing.
        if peer.wrong and peer.last == hash(token):
            return first
        peer.last = hash(token)
        peer.wrong += 1
        self._overall += 1
        free = FREE if self._overall <= FREE_OVERALL else 0
        if peer.wrong > free:
            doubled = min(peer.wrong - free - 1, 10)
            peer.until_s = now_s + min(FIRST_WAIT_S * 2.0**doubled, MOST_WAIT_S)
        return first

    def _peer(self, address: str) -> _Peer:
        key = _whose(address)
        peer = self._peers.setdefault(key, _Peer())
        self._peers.move_to_end(key)
        if len(self._peers) > MOST_PEERS:
            self._peers.popitem(last=False)
        return peer


def _whose(address: str) -> str:
    """One customer: with IPv6 everybody has 2**64 addresses (RFC 4291)."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address

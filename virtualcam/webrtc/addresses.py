"""Which of this machine's addresses viewers and cameras are offered, and whose packets are taken there."""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

import aioice.ice

LOOPBACK = "127.0.0.1"

#: As aioice has it, whatever is put in its place below.
in_networks = aioice.ice.get_host_addresses
_received = aioice.ice.StunProtocol.datagram_received
_outward: WeakSet[aioice.ice.Connection] = WeakSet()


def offer_addresses(lan: bool) -> None:
    """From now on offer loopback and the addresses in the networks; without ``lan`` to this machine alone.

    aioice has no setting for it and leaves loopback out. Firefox takes up no loopback address (it has none
    in its own list of candidates), so that even a viewer on this machine needs one of a network; there,
    packets from anywhere else are dropped before they are looked at.
    """
    own = {LOOPBACK}

    def everywhere(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        found = [*in_networks(use_ipv4, use_ipv6), LOOPBACK]
        # Anew for every peer: networks come and go.
        own.update(found)
        return found

    def received(self: Any, data: bytes | str, addr: tuple[Any, ...]) -> None:
        if lan or addr[0].partition("%")[0] in own or self.receiver in _outward:
            _received(self, data, addr)

    aioice.ice.get_host_addresses = everywhere
    aioice.ice.StunProtocol.datagram_received = received  # type: ignore[method-assign]


def reach_out(connection: aioice.ice.Connection) -> None:
    """Take packets from anywhere for this connection: it is one of ours to a server elsewhere (WHIP)."""
    _outward.add(connection)

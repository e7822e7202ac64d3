"""Free loopback ports that stay free while a server is down for a moment."""

from __future__ import annotations

import random
import socket

#: Below the range the system takes for outgoing connections: a client that retries a closed local port in
#: that range can meet itself and so take the port away from a server about to come back.
_PORTS = range(20_000, 32_000)


def free_port() -> int:
    """A loopback port that nothing listens on and that no outgoing connection will be given."""
    for port in random.sample(_PORTS, 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("200 ports tried, none is free")

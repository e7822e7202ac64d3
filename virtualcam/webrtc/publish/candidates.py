"""Addresses that a publisher offers and hears from: those of its networks, whoever may watch here."""

from __future__ import annotations

from aiortc import RTCPeerConnection

from virtualcam.webrtc.addresses import LOOPBACK, in_networks, reach_out


async def gather(peer: RTCPeerConnection, *, loopback: bool) -> None:
    """Gather a peer's candidates, before its local description is set; packets are taken from anywhere.

    There is no public way to choose addresses, so a test holds aioice to these names.

    Args:
        peer: with all its transceivers.
        loopback: the other side is on this machine: offer the loopback address too.
    """
    networks = in_networks(True, True)
    addresses = [LOOPBACK, *networks] if loopback else networks
    for transceiver in peer.getTransceivers():
        connection = transceiver.sender.transport.transport.iceGatherer._connection
        reach_out(connection)
        connection._local_candidates_start = True
        connection._local_candidates += await connection.get_component_candidates(1, addresses)
        connection._local_candidates_end = True

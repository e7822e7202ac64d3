"""A slow network between the streaming process and one viewer: a queue that drains at a bit rate."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

_CANDIDATE = re.compile(r"(a=candidate:\S+ 1 udp \d+ )(\S+) (\d+)")


class ThinLink:
    """A UDP relay. To the viewer it sends ``kbps()`` at most; what would wait over ``queue_s`` is lost.

    The way back is free. ``kbps`` is asked at every packet, and may be changed at any time.
    """

    def __init__(self, kbps: Callable[[], float], queue_s: float = 0.4) -> None:
        self.kbps = kbps
        self.lost = 0
        self._queue_s = queue_s
        self._free_s = 0.0
        self._viewer: tuple[str, int] | None = None
        self._near: asyncio.DatagramTransport
        self._far: asyncio.DatagramTransport

    async def through(self, answer: str) -> str:
        """The answering SDP with this link's address in place of the sender's."""
        found = _CANDIDATE.search(answer)
        assert found is not None
        loop = asyncio.get_running_loop()
        self._near, _ = await loop.create_datagram_endpoint(
            lambda: _Ear(self._to_sender), local_addr=("127.0.0.1", 0)
        )
        self._far, _ = await loop.create_datagram_endpoint(
            lambda: _Ear(self._to_viewer), remote_addr=(found[2], int(found[3]))
        )
        host, port = self._near.get_extra_info("sockname")
        return _CANDIDATE.sub(rf"\g<1>{host} {port}", answer)

    def close(self) -> None:
        self._near.close()
        self._far.close()

    def _to_sender(self, data: bytes, address: tuple[str, int]) -> None:
        self._viewer = address
        self._far.sendto(data)

    def _to_viewer(self, data: bytes, address: tuple[str, int]) -> None:
        loop = asyncio.get_running_loop()
        begin_s = max(loop.time(), self._free_s)
        if begin_s - loop.time() > self._queue_s:
            self.lost += 1
            return
        self._free_s = begin_s + len(data) * 8 / 1000 / self.kbps()
        loop.call_at(self._free_s, self._deliver, data)

    def _deliver(self, data: bytes) -> None:
        if self._viewer is not None and not self._near.is_closing():
            with suppress(OSError):
                self._near.sendto(data, self._viewer)


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, heard: Any) -> None:
        self._heard = heard

    def datagram_received(self, data: bytes, address: Any) -> None:
        self._heard(data, (address[0], address[1]))

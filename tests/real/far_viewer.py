"""A viewer far away: on the UDP way between a page and the streaming process every packet takes longer."""

from __future__ import annotations

import asyncio
import random
import re
import statistics
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from engine.control.access.addresses import own_addresses

Address = tuple[str, int]
Result = TypeVar("Result")
_CANDIDATES = re.compile(r"a=(?:candidate:.*|end-of-candidates)\r\n", re.IGNORECASE)
#: Second byte of a sender's report, which the round trip is measured by (RFC 3550, 6.4.1).
_SENDER_REPORT = 200
_PORT = r"a=candidate:\S+ 1 udp \d+ {} (\d+) typ host"


class Road:
    """The way of the WHEP sessions of one page, one at a time.

    Attributes:
        delay_s: of each packet, each way; may be changed at any time.
        jitter_s: each packet to the viewer takes up to so much longer, but none overtakes another; only the
            few reports always take half of it, so that the round trip is known.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.delay_s = 0.0
        self.jitter_s = 0.0
        self._late_s: list[float] = []
        self._lot = random.Random(4)
        self._loop = loop
        self._process: Address = ("", 0)
        self._front: asyncio.DatagramTransport | None = None
        self._sockets: list[asyncio.DatagramTransport] = []
        self._backs: dict[Address, asyncio.Task[asyncio.DatagramTransport]] = {}
        self._arrives_s = 0.0

    def lead(self, page: Any) -> None:
        """From now on the sessions that this page opens go along here."""
        page.route("**/whep/*", self._relay)

    def _relay(self, route: Any) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        ip = next((a for a in own_addresses() if ":" not in a), "127.0.0.1")
        front, nobody = self.run(self._begin(ip))
        answer = route.fetch(post_data=_with_candidate(route.request.post_data, ip, nobody))
        found = re.search(_PORT.format(re.escape(ip)), answer.text())
        if found is None:
            raise AssertionError(f"no candidate at {ip} in the answer: {answer.text()}")
        self._process = ip, int(found[1])
        route.fulfill(response=answer, body=_with_candidate(answer.text(), ip, front))

    def late_ms(self) -> float:
        """By how much every tenth packet since this was asked last came later than told, or more.

        A computer that others use keeps all the programs on it waiting, and a browser's statistics tell of
        that as well.
        """
        late_s, self._late_s = self._late_s, []
        return 1000 * statistics.quantiles(late_s, n=10)[-1] if len(late_s) > 1 else 0.0

    async def _begin(self, ip: str) -> tuple[int, int]:
        """Sockets for a new session.

        Returns:
            The port that stands for the process, and one where nobody answers: the process wants a candidate,
            but must answer to whichever sockets of the viewer knock.
        """
        await self.close()
        self._front = await self._open(ip, self._to_process)
        nobody = await self._open(ip, lambda data, sender: None)
        return _port(self._front), _port(nobody)

    async def _open(self, ip: str, receive: Callable[[bytes, Address], None]) -> asyncio.DatagramTransport:
        transport, _ = await self._loop.create_datagram_endpoint(lambda: _Receiver(receive), (ip, 0))
        self._sockets.append(transport)
        return transport

    def _to_process(self, data: bytes, viewer: Address) -> None:
        if viewer not in self._backs:
            task = self._open(viewer[0], lambda data, _: self._to_viewer(data, viewer))
            self._backs[viewer] = self._loop.create_task(task)
        back = self._backs[viewer]
        if back.done():  # else it is asked again
            self._send_at(self._loop.time() + self.delay_s, back.result(), data, self._process)

    def _to_viewer(self, data: bytes, viewer: Address) -> None:
        assert self._front is not None
        due_s = self._loop.time() + self.delay_s
        if data[1] == _SENDER_REPORT:
            self._send_at(due_s + self.jitter_s / 2, self._front, data, viewer)
            return
        self._arrives_s = max(due_s + self._lot.uniform(0.0, self.jitter_s), self._arrives_s)
        self._send_at(self._arrives_s, self._front, data, viewer)

    def _send_at(self, due_s: float, way: asyncio.DatagramTransport, data: bytes, to: Address) -> None:
        def send() -> None:
            way.sendto(data, to)
            self._late_s.append(self._loop.time() - due_s)

        self._loop.call_at(due_s, send)

    async def close(self) -> None:
        """The session's packets come to nothing from now on."""
        for transport in self._sockets:
            transport.close()
        self._sockets.clear()
        self._backs.clear()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


class _Receiver(asyncio.DatagramProtocol):
    def __init__(self, receive: Callable[[bytes, Address], None]) -> None:
        self._receive = receive

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._receive(data, addr)


def _with_candidate(sdp: str, ip: str, port: int) -> str:
    """The description with that candidate instead of its own ones; all media go where the first one does."""
    session, first, *others = _CANDIDATES.sub("", sdp).split("\r\nm=")
    candidate = f"\r\na=candidate:1 1 udp 2130706431 {ip} {port} typ host\r\na=end-of-candidates"
    return "\r\nm=".join((session, first.rstrip() + candidate, *others)).rstrip() + "\r\n"


def _port(transport: asyncio.DatagramTransport) -> int:
    return int(transport.get_extra_info("sockname")[1])


@contextmanager
def road() -> Iterator[Road]:
    """A way with no delay yet."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    way = Road(loop)
    try:
        yield way
    finally:
        way.run(way.close())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

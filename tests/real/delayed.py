"""A slow network in front of a control server: DevTools slows down no WebSockets, a proxy does."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

CHUNK_BYTES = 65536


@contextmanager
def delayed(url: str, delay_s: float) -> Iterator[str]:
    """The same server at another address, where every byte takes ``delay_s`` longer, each way.

    The server answers only to its own address, so that Host and Origin are put right on the way.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    proxy = _Proxy(urlsplit(url).port or 80, delay_s)
    try:
        asyncio.run_coroutine_threadsafe(proxy.open(), loop).result()
        yield f"http://127.0.0.1:{proxy.port}"
    finally:
        asyncio.run_coroutine_threadsafe(proxy.close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Proxy:
    def __init__(self, behind: int, delay_s: float) -> None:
        self._behind = behind
        self._delay_s = delay_s
        self._pumps: set[asyncio.Task[None]] = set()
        self.port = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self._server.close()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self._behind)
        except OSError:
            writer.close()
            return
        ours, theirs = (f"127.0.0.1:{port}".encode() for port in (self.port, self._behind))
        for source, target, swap in (
            (reader, behind_writer, (ours, theirs)),
            (behind_reader, writer, (b"", b"")),
        ):
            pump = asyncio.create_task(self._pump(source, target, *swap))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, old: bytes, new: bytes
    ) -> None:
        """Chunks leave in order, each ``delay_s`` after it came, however many are on their way."""
        clock = asyncio.get_running_loop()
        road: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                due_s, chunk = await road.get()
                await asyncio.sleep(due_s - clock.time())
                if not chunk:
                    target.close()
                    return
                target.write(chunk)
                await target.drain()

        delivery = asyncio.create_task(deliver())
        try:
            while not delivery.done():
                chunk = await source.read(CHUNK_BYTES)
                road.put_nowait((clock.time() + self._delay_s, chunk.replace(old, new) if old else chunk))
                if not chunk:
                    break
            await delivery
        except ConnectionError:
            pass  # either side went away; the other one is told below
        finally:
            delivery.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await delivery
            target.close()

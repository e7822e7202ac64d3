"""One server under test, in a process of its own: WHEP at /whep, its processor time at /cost.

    python -m tests.benchmarks.webrtc.server ours|per-viewer --size 1280x720 --codec h264|vp8 [--drop 0.02]

``per-viewer`` is what aiortc's own examples do: every viewer has an encoder, fed through a MediaRelay.
It prints its port.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import psutil
from aiohttp import web

from engine.geometry import Size
from tests.benchmarks.webrtc.feed import Feed
from virtualcam.sink import Picture
from virtualcam.webrtc.messages import End, Measure, RefusedError, StreamConfig, Watch

PAGE = Path(__file__).parent
#: How long the streaming process may take to be there.
START_S = 20.0


class Ours:
    """The product: pictures to a process of its own, encoded once for everybody."""

    def __init__(self, size: Size, codec: Any, drop: float) -> None:
        from virtualcam.webrtc.host import StreamHost

        self._host = StreamHost(StreamConfig(codec=codec, drop=drop, most_viewers=64))
        self._codec = codec
        self._sink = self._host.sink("main", 30.0)
        self._feed = Feed(size, lambda image, time_s, index: self._sink.send(Picture(image, time_s, index)))

    async def start(self) -> None:
        self._host.start()
        async with asyncio.timeout(START_S):
            while not self._host.ready:
                await asyncio.sleep(0.1)
        self._feed.start()

    async def watch(self, sdp: str) -> tuple[str, str]:
        answer = await self._host.call(Watch("main", sdp, self._codec))
        return answer.id, answer.sdp

    async def end(self, session: str) -> None:
        await self._host.call(End(session))

    async def cost(self) -> dict[str, float]:
        """Processor seconds so far: of the streaming process, and of this one, which makes the pictures."""
        measures = await self._host.call(Measure())
        mine = psutil.Process().cpu_times()
        return {"send_s": measures.cpu_s, "make_s": mine.user + mine.system, "memory_mb": measures.memory_mb}

    async def stop(self) -> None:
        self._feed.stop()
        self._host.stop()


class PerViewer:
    """aiortc's default: the track gives raw pictures, and every viewer's sender encodes them."""

    def __init__(self, size: Size, codec: str, drop: float) -> None:
        import av
        from aiortc import MediaStreamTrack, RTCPeerConnection
        from aiortc.contrib.media import MediaRelay

        if drop:
            raise SystemExit("per-viewer drops nothing")
        self._codec = codec
        self._peers: dict[str, RTCPeerConnection] = {}
        loop_queue: asyncio.Queue[Any] = asyncio.Queue(maxsize=1)
        self._loop = asyncio.get_running_loop()

        class Newest(MediaStreamTrack):
            kind = "video"

            async def recv(self) -> av.VideoFrame:
                image, time_s = await loop_queue.get()
                i420 = cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420)
                frame = av.VideoFrame.from_ndarray(i420, format="yuv420p")
                frame.pts, frame.time_base = int(time_s * 90000), Fraction(1, 90000)
                return frame

        def put(image: Any, time_s: float) -> None:
            if loop_queue.full():
                loop_queue.get_nowait()
            loop_queue.put_nowait((image, time_s))

        self._track, self._relay = Newest(), MediaRelay()
        self._feed = Feed(
            size, lambda image, time_s, _: self._loop.call_soon_threadsafe(put, image, time_s) and None
        )

    async def start(self) -> None:
        self._feed.start()

    async def watch(self, sdp: str) -> tuple[str, str]:
        from aiortc import RTCPeerConnection, RTCRtpSender, RTCSessionDescription

        peer = RTCPeerConnection()
        sender = peer.addTrack(self._relay.subscribe(self._track, buffered=False))
        wanted = (f"video/{self._codec}", "video/rtx")
        codecs = [c for c in RTCRtpSender.getCapabilities("video").codecs if c.mimeType.lower() in wanted]
        next(t for t in peer.getTransceivers() if t.sender is sender).setCodecPreferences(codecs)
        await peer.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        session = str(len(self._peers))
        self._peers[session] = peer
        return session, peer.localDescription.sdp

    async def end(self, session: str) -> None:
        await self._peers.pop(session).close()

    async def cost(self) -> dict[str, float]:
        mine = psutil.Process().cpu_times()
        memory_mb = psutil.Process().memory_info().rss / 2**20
        return {"send_s": 0.0, "make_s": mine.user + mine.system, "memory_mb": memory_mb}

    async def stop(self) -> None:
        await asyncio.gather(*(peer.close() for peer in self._peers.values()))
        self._feed.stop()


async def serve(wanted: argparse.Namespace) -> None:
    width, height = map(int, wanted.size.split("x"))
    kind = {"ours": Ours, "per-viewer": PerViewer}[wanted.server]
    server: Ours | PerViewer = kind(Size(width, height), wanted.codec, wanted.drop)
    await server.start()

    async def whep(request: web.Request) -> web.Response:
        try:
            session, sdp = await server.watch(await request.text())
        except RefusedError as error:
            return web.Response(status=error.status, text=error.reason)
        headers = {"Location": f"/whep/{session}"}
        return web.Response(status=201, text=sdp, content_type="application/sdp", headers=headers)

    async def leave(request: web.Request) -> web.Response:
        await server.end(request.match_info["session"])
        return web.Response()

    async def cost(_request: web.Request) -> web.Response:
        return web.json_response(await server.cost() | {"now_s": time.monotonic()})

    app = web.Application()
    app.router.add_post("/whep", whep)
    app.router.add_delete("/whep/{session}", leave)
    app.router.add_get("/cost", cost)
    app.router.add_get("/", lambda _: _file("page.html"))
    app.router.add_get("/page.js", lambda _: _file("page.js"))
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    print(site._server.sockets[0].getsockname()[1], flush=True)  # type: ignore[attr-defined]
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    try:
        await ended.wait()
    finally:
        await runner.cleanup()
        await server.stop()


async def _file(name: str) -> web.FileResponse:
    return web.FileResponse(PAGE / name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server", choices=("ours", "per-viewer"))
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--codec", choices=("h264", "vp8"), default="h264")
    parser.add_argument("--drop", type=float, default=0.0)
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()

"""A Studio in the test's event loop, a show that feeds it, and real aiortc viewers."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame

from tests.unit.webrtc_kit import moving
from virtualcam.webrtc.addresses import offer_addresses
from virtualcam.webrtc.messages import Answer, RawPicture, StreamConfig, Watch
from virtualcam.webrtc.watch.studio import Studio
from virtualcam.webrtc.watch.wire import Wire

MARKS = 8
"""Pictures carry their number modulo this, as the grey of their upper left corner."""


class Show:
    """Gives pictures to a View, 30 per second, from a thread as the transport does."""

    def __init__(self, studio: Studio, view: str, size: tuple[int, int]) -> None:
        self.size = size
        self.numbers: dict[int, int] = {}  # capture time in 1/90000 s -> number
        self.paused = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(studio, view), name=f"show {view}")
        self._thread.start()

    def _run(self, studio: Studio, view: str) -> None:
        number = 0
        while not self._stop.wait(1 / 30):
            if not self.paused:
                width, height = self.size
                picture = moving(width, height, number)
                picture[: height // 4, : width // 4] = 32 * (number % MARKS) + 16
                time_s = time.monotonic()
                self.numbers[round(time_s * 90_000)] = number
                studio.give(view, RawPicture(picture, time_s, number))
                number += 1

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


def mark(frame: VideoFrame) -> int:
    """The number modulo MARKS that a picture shows."""
    # As it was sent: grey would be stretched to the full range, which puts mark 6 beside mark 7.
    luma = frame.to_ndarray(format="yuv420p")[: frame.height]
    corner = luma[4 : frame.height // 4 - 4, 4 : frame.width // 4 - 4]
    return round((float(np.median(corner)) - 16) / 32) % MARKS


class Viewer:
    """Somebody who watches.

    Attributes:
        frames: all that came.
        heights: the heights of them, each once per change.
    """

    def __init__(self, *kinds: str) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.frames: list[VideoFrame] = []
        self.heights: list[int] = []
        self.sounds = 0
        self.answer: Answer
        self.first_rtp: int | None = None
        self._tasks: list[asyncio.Task[None]] = []
        for kind in kinds or ("video",):
            self.connection.addTransceiver(kind, direction="recvonly")
        self.connection.on("track", self._on_track)

    async def offer(self) -> str:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return str(self.connection.localDescription.sdp)

    async def join(self, studio: Studio, view: str = "main", **wish: Any) -> None:
        self.answer = await studio.watch(Watch(view, await self.offer(), **wish))
        await self.connection.setRemoteDescription(RTCSessionDescription(self.answer.sdp, "answer"))

    async def see(self, count: int = 1) -> None:
        """Wait for so many pictures more."""
        wanted = len(self.frames) + count
        await until(lambda: len(self.frames) >= wanted)

    async def close(self) -> None:
        await self.connection.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def rtp(self, frame: VideoFrame) -> int:
        """The RTP time stamp that a picture came with; aiortc counts from the first one's."""
        assert self.first_rtp is not None and frame.pts is not None
        return (self.first_rtp + frame.pts) % 2**32

    def _on_track(self, track: MediaStreamTrack) -> None:
        if track.kind == "video":
            receiver: Any = next(r for r in self.connection.getReceivers() if r.track is track)
            handle = receiver._handle_rtp_packet

            async def note(packet: Any, arrival_time_ms: int) -> None:
                if self.first_rtp is None:
                    self.first_rtp = packet.timestamp
                await handle(packet, arrival_time_ms)

            receiver._handle_rtp_packet = note
        self._tasks.append(asyncio.create_task(self._take(track)))

    async def _take(self, track: MediaStreamTrack) -> None:
        with suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, AudioFrame):
                    self.sounds += 1
                    continue
                assert isinstance(frame, VideoFrame)
                if self.heights[-1:] != [frame.height]:
                    self.heights.append(frame.height)
                self.frames.append(frame)


class Unmoved:
    """A Judge who never moves anybody, whatever the receiver reports.

    Of viewers whom another's trouble must not move. On a busy machine their own receivers, in this very
    event loop, may report trouble too, and those who heard it would move them for it.
    """

    def loss(self, share: float, now_s: float) -> None: ...

    def round_trip(self, rtt_s: float, now_s: float) -> None: ...

    def estimate(self, kbps: float, sent_kbps: float, now_s: float) -> None: ...


def wire_of(studio: Studio, watching: Viewer) -> Wire:
    """What sends to that viewer."""
    wire = studio._peers[watching.answer.id].wire
    assert wire is not None
    return wire


async def until(true: Callable[[], Any], within_s: float = 30.0) -> None:
    end_s = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end_s, "it did not happen"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def studio_with_show(
    size: tuple[int, int] = (320, 180), **config: Any
) -> AsyncIterator[tuple[Studio, Show, list[tuple[str, int]]]]:
    """A studio with the View "main", its show, and what ``wanted`` was told."""
    offer_addresses(lan=False)
    wanted: list[tuple[str, int]] = []
    studio = Studio(StreamConfig(**config), lambda view, count: wanted.append((view, count)))
    studio.add_view("main", 30)
    show = Show(studio, "main", size)
    try:
        yield studio, show, wanted
    finally:
        await asyncio.to_thread(show.stop)
        await studio.close()


@asynccontextmanager
async def viewer(studio: Studio, view: str = "main", *kinds: str, **wish: Any) -> AsyncIterator[Viewer]:
    """Somebody who has joined and leaves without a word at the end."""
    watching = Viewer(*kinds)
    try:
        await watching.join(studio, view, **wish)
        yield watching
    finally:
        await watching.close()

"""A running show's pictures, and WebRTC peers for both ends: a viewer and a camera, in the test's process."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator

import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
    VideoStreamTrack,
)
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError
from aiortc.rtp import RtpPacket
from av import VideoFrame

from tests.waiting import until
from virtualcam.sink import Picture
from virtualcam.webrtc.host import StreamHost
from virtualcam.webrtc.messages import Answer, Codec, Push, RefusedError, StreamConfig, Watch
from virtualcam.webrtc.sink import WebrtcSink

PATIENCE_S = 30.0


@contextlib.contextmanager
def streams(config: StreamConfig | None = None, *, ready: bool = True) -> Iterator[StreamHost]:
    """A StreamHost, up unless ``ready`` is false, that is stopped at last."""
    host = StreamHost(config or StreamConfig())
    host.start()
    try:
        until(lambda: host.ready or not ready)
        yield host
    finally:
        host.stop()


@contextlib.contextmanager
def show(sink: WebrtcSink, level: int = 128, size: tuple[int, int] = (320, 180)) -> Iterator[list[float]]:
    """Pictures of one grey level, 30 a second, from a thread as in a show; gives how long each send took."""
    stop, took_s = threading.Event(), []

    def run() -> None:
        index = 0
        while not stop.wait(1 / 30):
            image = np.full((size[1], size[0], 3), level, np.uint8)
            image[:, : 20 + index % 40] = 255 - level  # it moves
            begin_s = time.monotonic()
            sink.send(Picture(image, begin_s, index))
            took_s.append(time.monotonic() - begin_s)
            index += 1

    thread = threading.Thread(target=run, name="show")
    thread.start()
    try:
        yield took_s
    finally:
        stop.set()
        thread.join()


async def eventually(condition, patience_s: float = PATIENCE_S):
    """The first true value of ``condition``; other tasks go on meanwhile."""
    end_s = time.monotonic() + patience_s
    while not (value := condition()):
        assert time.monotonic() < end_s, f"it did not happen within {patience_s} s"
        await asyncio.sleep(0.01)
    return value


async def answered(host: StreamHost, request: Watch | Push, again: tuple[int, ...] = (503,)) -> Answer:
    """Its answer, asking again while the process is away, as the pages do."""
    end_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            return await host.call(request)
        except RefusedError as error:
            if error.status not in again or time.monotonic() > end_s:
                raise
        await asyncio.sleep(0.05)


class Peer:
    """A WebRTC peer of the test.

    Attributes:
        frames: the decoded pictures that came, the newest last; some only.
        count: how many came.
    """

    def __init__(self) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.connection.on("track", self._on_track)
        self.frames: list[VideoFrame] = []
        self.count = 0
        self.sounds = 0
        self.answer: Answer
        self._tasks: list[asyncio.Task[None]] = []

    async def offer(self) -> str:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def connect(self, host: StreamHost, request: Watch | Push, again: tuple[int, ...] = (503,)) -> None:
        self.answer = await answered(host, request, again)
        await self.connection.setRemoteDescription(RTCSessionDescription(self.answer.sdp, "answer"))

    async def close(self) -> None:
        await self.connection.close()
        for task in self._tasks:  # the track of a connection that never came about does not end
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def grey(self) -> int:
        """The level of the newest picture, right of what moves."""
        return int(np.median(self.frames[-1].to_ndarray(format="gray")[:, -100:]))

    def _on_track(self, track: MediaStreamTrack) -> None:
        self._tasks.append(asyncio.create_task(self._take(track)))

    async def _take(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if track.kind == "video":
                    self.frames = [*self.frames[-2:], frame]
                    self.count += 1
                else:
                    self.sounds += 1


@contextlib.asynccontextmanager
async def viewer(
    host: StreamHost, view: str = "main", codec: Codec | None = None, *, audio: bool = False
) -> AsyncIterator[Peer]:
    """Somebody who watches a View; waits for no picture."""
    peer = Peer()
    peer.connection.addTransceiver("video", direction="recvonly")
    if audio:
        peer.connection.addTransceiver("audio", direction="recvonly")
    try:
        await peer.connect(host, Watch(view, await peer.offer(), codec))
        yield peer
    finally:
        await peer.close()


class Lens(VideoStreamTrack):
    """What a phone sees: left half green, right half red; held upright after ``turn_at`` pictures."""

    def __init__(self, size: tuple[int, int] = (320, 180), turn_at: int | None = None) -> None:
        super().__init__()
        self.size = size
        self.turn_at = turn_at
        self.given = 0

    async def recv(self) -> VideoFrame:
        pts, time_base = await self.next_timestamp()
        width, height = self.size
        if self.turn_at is not None and self.given >= self.turn_at:
            width, height = height, width
        image = np.full((height, width, 3), (0, 0, 255), np.uint8)
        image[:, : width // 2] = (0, 255, 0)
        frame = VideoFrame.from_ndarray(image, format="bgr24")
        frame.pts, frame.time_base = pts, time_base
        self.given += 1
        return frame


@contextlib.asynccontextmanager
async def camera(
    host: StreamHost,
    name: str = "phone",
    lens: Lens | None = None,
    *,
    audio: bool = False,
    patient: bool = False,
    begun: Callable[[Peer], object] = lambda peer: None,
) -> AsyncIterator[Peer]:
    """A device that pushes; ``begun`` is called before its first packet.

    ``patient``: it asks again while another one is the camera.
    """
    peer = Peer()
    peer.connection.addTrack(lens or Lens())
    begun(peer)
    if audio:
        peer.connection.addTrack(AudioStreamTrack())
    try:
        again = (503, 409) if patient else (503,)
        await peer.connect(host, Push(name, await peer.offer()), again)
        yield peer
    finally:
        await peer.close()


class Hole:
    """Loses a peer's video packets for good while ``open``: sent again they are lost too (RFC 4588).

    RTCP passes (RFC 5761), but a request for a key frame takes its time, as over a mobile network.

    Attributes:
        lost, passed: packets; those sent again left out; ``passed`` since something was lost.
    """

    def __init__(self, peer: Peer) -> None:
        self.open = False
        self.lost: set[int] = set()
        self.passed = 0
        self._peer = peer
        (sender, *_) = peer.connection.getSenders()
        ask, loop = sender._send_keyframe, asyncio.get_running_loop()
        sender._send_keyframe = lambda: loop.call_later(0.2, ask)
        self._transport = sender.transport
        self._send = self._transport._send_rtp
        self._transport._send_rtp = self.send

    async def send(self, data: bytes) -> None:
        if not 192 <= data[1] <= 223:
            packet = RtpPacket.parse(data)
            again = f"a=rtpmap:{packet.payload_type} rtx/" in self._peer.answer.sdp
            number = int.from_bytes(packet.payload[:2], "big") if again else packet.sequence_number
            if self.open and not again:
                self.lost.add(number)
            if number in self.lost:
                return
            self.passed += bool(self.lost)
        await self._send(data)


class Blocks(Lens):
    """Coloured blocks that move by one a picture: each picture can be told from a smeared one."""

    STEPS, BLOCK_PX = 20, 16

    def __init__(self) -> None:
        super().__init__((self.STEPS * self.BLOCK_PX, 192))
        small = np.random.default_rng(1).integers(0, 256, (12, self.STEPS, 3), np.uint8)
        self._blocks = small.repeat(self.BLOCK_PX, 0).repeat(self.BLOCK_PX, 1)

    def seen(self, step: int) -> np.ndarray:
        return np.roll(self._blocks, step % self.STEPS * self.BLOCK_PX, 1)

    async def recv(self) -> VideoFrame:
        frame = await super().recv()
        moved = VideoFrame.from_ndarray(self.seen(self.given), format="bgr24")
        moved.pts, moved.time_base = frame.pts, frame.time_base
        return moved

    def damage(self, image: np.ndarray) -> float:
        """Mean distance to the nearest of the pictures that it gave, grey levels."""
        return min(float(np.abs(image.astype(int) - self.seen(k)).mean()) for k in range(self.STEPS))

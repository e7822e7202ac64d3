"""One device that pushes its camera: the WebRTC peer on our side, down to BGR pictures of one size."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import secrets
import time
from collections.abc import Callable, Coroutine
from typing import Any

import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCSessionDescription,
)
from aiortc.contrib.media import MediaRelay
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

from virtualcam.webrtc.messages import RefusedError

log = logging.getLogger(__name__)

#: While packets come and no picture can be made of them one of them is missing for good: sent again, it
#: would have been here by now.
STUCK_S = 0.4
#: Between two requests for a key frame.
KEY_FRAME_S = 0.5
#: Smeared pictures are kept back so long; after that they are better than a picture that stands still.
SMEARED_S = 2.0
CLOSE_S = 2.0
#: Picture, sound, data: each may take a port of ours.
MOST_MEDIA = 3
_OVER = ("failed", "closed")

Deliver = Callable[["Pusher", NDArray[np.uint8], float], None]


class Pusher:
    """Made, used and closed in one event loop.

    Args:
        size: width and height of the pictures to deliver.
        deliver: takes this, (height, width, 3) BGR and the arrival time (monotonic seconds), in another
            thread; one picture at a time, and the newest when it is slow.
        over: called once the connection has ended by itself.
    """

    def __init__(self, size: tuple[int, int], deliver: Deliver, over: Callable[[], None]) -> None:
        self.id = secrets.token_urlsafe(24)
        self._size = size
        self._deliver = deliver
        self._over = over
        self._began_s = time.monotonic()
        self._packet_s = self._began_s
        self._packets = 0
        self._frame_s = self._began_s
        #: Since when a key frame is needed; None: pictures are whole.
        self._smeared_s: float | None = math.inf
        self._asked_s = 0.0
        self._times: list[float] = []
        self._frame_size = (0, 0)
        self._newest: tuple[VideoFrame, float] | None = None
        self._fresh = asyncio.Event()
        self._sees = self._hears = False
        self._sound: MediaStreamTrack | None = None
        self._relay = MediaRelay()
        self._tasks: list[asyncio.Task[None]] = []
        # No STUN server: nothing of ours is to be known outside.
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._peer.on("track", self._on_track)
        self._peer.on("connectionstatechange", self._on_state)

    @property
    def silent_s(self) -> float:
        """How long no packet has come."""
        return time.monotonic() - self._packet_s

    @property
    def connected(self) -> bool:
        return self._peer.connectionState == "connected"

    @property
    def over(self) -> bool:
        return self._peer.connectionState in _OVER

    @property
    def age_s(self) -> float:
        return time.monotonic() - self._began_s

    def audio(self) -> MediaStreamTrack | None:
        """Its microphone for one more listener, None when it sends none."""
        return self._relay.subscribe(self._sound) if self._sound and self.connected else None

    async def answer(self, sdp: str) -> str:
        """The answer to its offer.

        Raises:
            RefusedError: 400 it is no offer of a camera, 406 neither H.264 nor VP8.
        """
        if sdp.count("\nm=") > MOST_MEDIA:
            raise RefusedError(400, f"an offer of more than {MOST_MEDIA} streams")
        video = self._peer.addTransceiver("video", direction="recvonly")
        # Phones encode H.264 in hardware, which keeps them cool; and it costs us less to decode.
        capable = RTCRtpReceiver.getCapabilities("video")
        assert capable is not None  # None for kinds that aiortc does not know
        video.setCodecPreferences(sorted(capable.codecs, key=lambda c: c.mimeType.lower() != "video/h264"))
        try:
            await self._peer.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        except Exception as error:
            # aiortc's parser raises whatever comes along; it has read no more than this text.
            if "description send parameters" in str(error):
                raise RefusedError(406, "the device offers neither H.264 nor VP8") from None
            log.debug("an offer that can't be used: %s: %s", type(error).__name__, error)
            raise RefusedError(400, "that is no WebRTC offer") from None
        if video.receiver.track is None:
            raise RefusedError(400, "the offer sends no video")
        await self._peer.setLocalDescription(await self._peer.createAnswer())
        return str(self._peer.localDescription.sdp)

    async def look(self) -> None:
        """Call every quarter of a second: sees whether packets come, and helps when they make no picture."""
        packets = 0
        for receiver in self._peer.getReceivers():
            if receiver.track is not None:
                report = await receiver.getStats()
                packets += sum(getattr(s, "packetsReceived", 0) for s in report.values())
        now_s = time.monotonic()
        if packets != self._packets:
            self._packets, self._packet_s = packets, now_s
            if self.connected and now_s - self._frame_s > STUCK_S:
                await self._ask_key_frame(skip=True)

    def report(self) -> dict[str, Any]:
        """state, width, height, fps."""
        now_s = time.monotonic()
        self._times = [t for t in self._times if now_s - t < 2.0]
        state = self._peer.connectionState
        return {
            "state": "silent" if state == "connected" and self.silent_s > 1.0 else state,
            "width": self._frame_size[0],
            "height": self._frame_size[1],
            "fps": round(len(self._times) / 2.0, 1),
        }

    async def close(self) -> None:
        """End it; may be called twice."""
        for task in self._tasks:
            task.cancel()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._peer.close(), CLOSE_S)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _on_track(self, track: MediaStreamTrack) -> None:
        if track.kind == "audio" and self._sound is None:
            self._sound = track
        elif track.kind == "video" and not self._sees:
            self._sees = True
            self._start(self._receive(track))
            self._start(self._convert())

    def _on_state(self) -> None:
        if self.over:
            self._over()
        elif self.connected and self._sound is not None and not self._hears:
            self._hears = True
            # A microphone that nobody listens to must not pile up. Not earlier: until then no end would come.
            self._start(_swallow(self._relay.subscribe(self._sound, buffered=False)))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work))

    async def _receive(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                assert isinstance(frame, VideoFrame)  # a received track gives decoded frames
                now_s = self._frame_s = time.monotonic()
                self._times = [*self._times[-120:], now_s]
                if frame.is_corrupt and self._smeared_s is None:
                    self._smeared_s = now_s
                if frame.key_frame and not frame.is_corrupt:
                    self._smeared_s = None
                if self._smeared_s is not None:
                    self._smeared_s = min(self._smeared_s, now_s)
                    await self._ask_key_frame()
                    if now_s - self._smeared_s < SMEARED_S:
                        continue
                self._newest = (frame, now_s)
                self._fresh.set()

    async def _convert(self) -> None:
        while True:
            await self._fresh.wait()
            self._fresh.clear()
            assert self._newest is not None  # set before the event
            frame, time_s = self._newest
            self._frame_size = (frame.width, frame.height)
            try:
                await asyncio.to_thread(self._hand_over, frame, time_s)
            except Exception:
                log.exception("a picture of %dx%d (%s) is lost", *self._frame_size, frame.format.name)

    def _hand_over(self, frame: VideoFrame, time_s: float) -> None:
        self._deliver(self, letterboxed(frame, self._size), time_s)

    async def _ask_key_frame(self, *, skip: bool = False) -> None:
        """Ask for one, not too often; ``skip``: what came so far can't be used and is not waited for."""
        now_s = time.monotonic()
        if now_s - self._asked_s < KEY_FRAME_S:
            return
        self._asked_s = now_s
        for receiver in self._peer.getReceivers():
            if receiver.track is not None and receiver.track.kind == "video":
                if skip:
                    # Decoders make a picture of what refers to missing ones, and say nothing.
                    self._smeared_s = math.inf
                    _forget_packets(receiver)
                for source in receiver.getSynchronizationSources():
                    await receiver._send_rtcp_pli(source.source)


def _forget_packets(receiver: RTCRtpReceiver) -> None:
    """Begin with the next packet; aiortc would wait for the missing one until 512 more have come.

    There is no public way, so a test holds aiortc to these names.
    """
    buffer = receiver._RTCRtpReceiver__jitter_buffer  # type: ignore[attr-defined]
    buffer.remove(buffer.capacity)
    buffer._origin = None


def letterboxed(frame: VideoFrame, size: tuple[int, int]) -> NDArray[np.uint8]:
    """``frame`` as (height, width, 3) BGR of ``size`` (width, height): whole, with black bars."""
    width, height = size
    if (frame.width, frame.height) == size:
        return np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
    scale = min(width / frame.width, height / frame.height)
    inner_w = min(max(round(frame.width * scale), 1), width)
    inner_h = min(max(round(frame.height * scale), 1), height)
    how = Interpolation.AREA if scale < 1 else Interpolation.BILINEAR
    inner = frame.reformat(inner_w, inner_h, "bgr24", interpolation=how).to_ndarray()
    out = np.zeros((height, width, 3), np.uint8)
    x, y = (width - inner_w) // 2, (height - inner_h) // 2
    out[y : y + inner_h, x : x + inner_w] = inner
    return out


async def _swallow(track: MediaStreamTrack) -> None:
    with contextlib.suppress(MediaStreamError):
        while True:
            await track.recv()

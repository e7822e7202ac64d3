"""One connection to a WHIP server: what it offers, whether it stands, what it carries."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import av
from aiortc import (
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.rtcrtpparameters import RTCRtpCodecCapability
from aiortc.stats import RTCOutboundRtpStreamStats, RTCRemoteInboundRtpStreamStats

from virtualcam.webrtc.messages import Codec
from virtualcam.webrtc.publish.candidates import gather
from virtualcam.webrtc.publish.refusal import WhipError

_POLL_S = 1.0
_CLOSE_S = 1.0
_MIME = {"h264": "video/h264", "vp8": "video/vp8"}
_BROKEN = ("closed", "failed")


class PacketTrack(Protocol):
    """A track of packets that an encoder makes once for all."""

    @property
    def readyState(self) -> str: ...  # noqa: N802  (the name that WebRTC gives it)

    async def recv(self) -> av.Packet[av.VideoStream]: ...

    def request_key_frame(self) -> None: ...

    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Carried:
    """What a connection carries now.

    Attributes:
        packets_lost: on the way to the server since the connection began, as it says; None = it says nothing.
        rtt_ms: there and back; None = not known.
    """

    kbps: float = 0.0
    packets_lost: int | None = None
    rtt_ms: float | None = None


class WhipPeer:
    """One session's peer connection, with one video track that is only sent.

    Args:
        codec: the only one offered.
        ice_servers: STUN and TURN servers; none = only addresses of this machine.
        loopback: the server is on this machine.
        silent_s: a server that reported and then is silent for so long is gone.
    """

    def __init__(
        self, codec: Codec, ice_servers: Sequence[RTCIceServer], *, loopback: bool, silent_s: float
    ) -> None:
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=list(ice_servers)))
        self._transceiver = self._peer.addTransceiver("video", direction="sendonly")
        self._transceiver.setCodecPreferences(_preferences(codec))
        self._changed = asyncio.Event()
        self._peer.on("connectionstatechange", self._changed.set)
        self._loopback = loopback
        self._silent_s = silent_s
        self._track: PacketTrack | None = None
        self._codec = codec
        self._bytes = 0
        self._reported = ""
        self._polled_s = self._heard_s = time.monotonic()
        self.carried = Carried()

    async def offer(self) -> str:
        """The SDP with all candidates, so that nothing has to be added later."""
        await gather(self._peer, loopback=self._loopback)
        await self._peer.setLocalDescription(await self._peer.createOffer())
        return str(self._peer.localDescription.sdp)

    async def connect(self, answer: str, patience_s: float) -> None:
        """Take the server's answer and wait until the connection stands.

        Raises:
            WhipError: the answer is of no use, or there is no way to the server.
        """
        if re.search(r"^m=video 0 ", answer, re.MULTILINE):
            raise self._useless(f"it takes no {self._codec.upper()}")
        try:
            async with asyncio.timeout(patience_s):
                await self._take(answer)
                while self._peer.connectionState not in ("connected", *_BROKEN):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            pass  # the state tells it
        if self._peer.connectionState != "connected":
            raise WhipError(
                "no way to the server for pictures; open its UDP ports, or let it name a TURN server"
            )

    async def _take(self, answer: str) -> None:
        try:
            await self._peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        except Exception:  # of any kind: the text comes from a stranger
            raise self._useless("its SDP can't be read") from None
        if self._transceiver.currentDirection != "sendonly":
            raise self._useless("it takes no video")

    def send(self, track: PacketTrack) -> None:
        """Send its packets from now on; key frames that the server asks for are asked of it."""
        self._track = track
        sender: RTCRtpSender = self._transceiver.sender
        # Packets are sent as they are, so that aiortc's own encoder, which it would ask, isn't there.
        sender._send_keyframe = track.request_key_frame  # type: ignore[method-assign]
        sender.replaceTrack(track)  # type: ignore[arg-type]
        self._polled_s = self._heard_s = time.monotonic()

    async def lost(self) -> WhipError:
        """Returns when the connection is gone, with why; `carried` is kept up to date until then."""
        while True:
            self._changed.clear()
            if self._peer.connectionState in _BROKEN:
                return WhipError("the server ended the connection, or the network is gone")
            if self._track is None or self._track.readyState == "ended":
                return WhipError("there are no pictures to publish; see the View's own status")
            if await self._measure() > self._silent_s:
                return WhipError(
                    f"the server has been silent for {self._silent_s:.0f} s; check it and the network"
                )
            try:
                async with asyncio.timeout(_POLL_S):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def close(self) -> None:
        """End the connection; may be called twice."""
        if self._track is not None:
            self._track.stop()
        # Never cancelled: aiortc's close can't stand that. One that hangs is left to the garbage collector.
        closing = asyncio.ensure_future(self._peer.close())
        closing.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.wait([closing], timeout=_CLOSE_S)

    async def _measure(self) -> float:
        """Since when, in seconds, the server should have reported and didn't."""
        now_s = time.monotonic()
        sent, lost, rtt_ms = self._bytes, self.carried.packets_lost, self.carried.rtt_ms
        for stats in (await self._transceiver.sender.getStats()).values():
            if isinstance(stats, RTCOutboundRtpStreamStats):
                sent = stats.bytesSent
            elif isinstance(stats, RTCRemoteInboundRtpStreamStats):
                lost = stats.packetsLost
                rtt_ms = None if stats.roundTripTime is None else round(stats.roundTripTime * 1000.0, 1)
                if str(stats.timestamp) != self._reported:
                    self._reported = str(stats.timestamp)
                    self._heard_s = now_s
        # Nobody reports on nothing, and some servers never report at all.
        if sent == self._bytes or not self._reported:
            self._heard_s = now_s
        if now_s - self._polled_s > _POLL_S / 2:
            kbps = (sent - self._bytes) * 8e-3 / (now_s - self._polled_s)
            self.carried = Carried(round(kbps, 1), lost, rtt_ms)
            self._bytes, self._polled_s = sent, now_s
        return now_s - self._heard_s

    def _useless(self, why: str) -> WhipError:
        other = "vp8" if self._codec == "h264" else "h264"
        return WhipError(f'the server\'s answer is of no use ({why}); try codec = "{other}"', refused=True)


def _preferences(codec: Codec) -> list[RTCRtpCodecCapability]:
    wanted = (_MIME[codec], "video/rtx")
    return [one for one in RTCRtpSender.getCapabilities("video").codecs if one.mimeType.lower() in wanted]

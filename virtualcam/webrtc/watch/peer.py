"""One viewer: a connection that is answered, watched and ended, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from virtualcam.webrtc.messages import Codec, RefusedError, RtpClock, StreamConfig
from virtualcam.webrtc.watch.ladder import Ladder
from virtualcam.webrtc.watch.offer import Offer, capabilities
from virtualcam.webrtc.watch.renditions import Rendition, RenditionKey, Renditions
from virtualcam.webrtc.watch.track import ViewTrack
from virtualcam.webrtc.watch.wire import Wire

log = logging.getLogger(__name__)

CONNECT_WITHIN_S = 10.0
SILENT_AFTER_S = 15.0
"""Receivers report about once per second, hidden pages too (RFC 3550, 6.2)."""


class Peer:
    """One who watches a View, at most in the size that shows ``height``.

    For the event loop: ``open`` it once, ``tick`` it now and then, ``close`` it at the end.
    """

    def __init__(
        self,
        id: str,
        view: str,
        codec: Codec,
        height: int | None,
        renditions: Renditions,
        config: StreamConfig,
    ) -> None:
        self.id = id
        self.view = view
        self._codec: Codec = codec
        self._height = height
        self._renditions = renditions
        self._config = config
        self._begun_s = time.monotonic()
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._ladder = Ladder(*self._range())
        self._track = ViewTrack(self._rendition(self._ladder.level))
        self._audio: MediaStreamTrack | None = None
        self._wire: Wire | None = None

    async def open(self, offer: Offer, audio: MediaStreamTrack | None) -> str:
        """Answer the offer; the answer has all candidates of this side.

        Raises:
            RefusedError: 400, aiortc can't make sense of the offer.
        """
        self._audio = audio
        connection = self._connection
        video = connection.addTransceiver(self._track, direction="sendonly")
        video.setCodecPreferences(capabilities(self._codec))
        wanted = [video]
        if audio is not None:
            wanted.append(connection.addTransceiver(audio, direction="sendonly"))
        try:
            await connection.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
            for transceiver in connection.getTransceivers():
                if transceiver not in wanted:
                    transceiver.direction = "inactive"  # nobody pushes pictures or sound in through here
            self._wire = Wire(video.sender, self._track, self._ladder, drop=self._config.drop)
            await connection.setLocalDescription(await connection.createAnswer())
        except Exception as error:  # whatever aiortc raises on an offer that parses and yet makes no sense
            log.debug("%s: no answer", self.id, exc_info=True)
            what = " ".join(str(error).split()) or type(error).__name__
            raise RefusedError(400, f"the offer can't be answered: {what}") from error
        return connection.localDescription.sdp

    @property
    def state(self) -> str:
        """As RTCPeerConnection.connectionState."""
        return self._connection.connectionState

    @property
    def wire(self) -> Wire | None:
        return self._wire

    def clock(self) -> RtpClock | None:
        return self._wire.clock if self._wire is not None else None

    def over(self, now_s: float) -> str:
        """Why this viewer is to be ended; empty while all is well."""
        if self.state in ("failed", "closed"):
            return f"connection {self.state}"
        since_s = now_s - self._begun_s
        if self.state != "connected":
            return "never connected" if since_s > CONNECT_WITHIN_S else ""
        heard_s = self._wire.heard_s if self._wire is not None else None
        silent = now_s - (self._begun_s if heard_s is None else heard_s) > SILENT_AFTER_S
        return "no reports any more" if silent else ""

    def tick(self, now_s: float, *, stalled: bool = False) -> None:
        """Give the viewer the rendition that suits; ``stalled``: this process stood still just now."""
        if self._wire is None or self.state != "connected":
            return
        if stalled:
            self._ladder.forgive()
        self._ladder.resize(*self._range())
        self._track.move(self._rendition(self._ladder.advise(self._wire.kbps(now_s), now_s)))

    def measure(self, now_s: float) -> dict[str, Any]:
        """One entry of Measures.viewers."""
        wire = self._wire
        width, height = (wire and wire.size) or (0, 0)
        rtt_s = wire.rtt_s if wire else None
        return {
            "view": self.view,
            "codec": self._codec,
            "width": width,
            "height": height,
            "state": self.state,
            "since_s": round(now_s - self._begun_s, 1),
            "packets_sent": wire.packets_sent if wire else 0,
            "bytes_sent": wire.bytes_sent if wire else 0,
            "packets_lost": wire.packets_lost if wire else 0,
            "rtt_ms": round(rtt_s * 1000, 1) if rtt_s is not None else None,
            "nack": wire.nack if wire else 0,
            "pli": wire.pli if wire else 0,
            "kbps": round(wire.kbps(now_s)) if wire else 0,
            "moved": self._ladder.moved,
        }

    async def close(self) -> None:
        """End the connection; the encoders hear of it at once."""
        self._track.stop()
        if self._audio is not None:  # aiortc stops only what it has begun to send
            self._audio.stop()
        await self._connection.close()

    def _range(self) -> tuple[int, int]:
        """How many levels there are, and the one that shows what was asked for."""
        return self._renditions.levels(self.view), self._renditions.level_for(self.view, self._height)

    def _rendition(self, level: int) -> Rendition:
        return self._renditions.of(RenditionKey(self.view, self._codec, level))


async def closed(peer: Peer, within_s: float = 5.0) -> None:
    """Close a peer, whatever its state; a connection that hangs is left to the garbage collector."""
    try:
        await asyncio.wait_for(peer.close(), within_s)
    except Exception:  # one viewer's trouble at the end is nobody else's
        log.warning("%s: didn't close cleanly", peer.id, exc_info=True)

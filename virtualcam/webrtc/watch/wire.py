"""Between one viewer's track and the network: aiortc's sender, hooked where it has no public way.

The hooks are ``sender._next_encoded_frame``, ``_send_keyframe``, ``_handle_rtcp_packet`` and ``_retransmit``,
and ``transport._send_rtp``, of aiortc 1.16; tests/unit/test_webrtc_aiortc_contract.py holds it to them.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable
from struct import unpack_from
from typing import Any, Protocol

import aiortc.rtcrtpsender
from aiortc import RTCRtpSender
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_RTPFB_NACK,
    RTCP_SR,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    is_rtcp,
    unpack_remb_fci,
)

from virtualcam.webrtc.messages import RtpClock
from virtualcam.webrtc.watch.payloads import PAYLOAD_MAX_BYTES
from virtualcam.webrtc.watch.repair import Repair
from virtualcam.webrtc.watch.track import ViewTrack

HISTORY_PACKETS = 1024
"""Packets kept for retransmission; aiortc's 128 are a fifth of a second of 1080p. Divides 2**16."""

# Read by aiortc's sender whenever it keeps or looks for a packet.
aiortc.rtcrtpsender.RTP_HISTORY_SIZE = HISTORY_PACKETS  # type: ignore[attr-defined]

_RATE_WINDOW_S = 1.0
_LOSS_WINDOW_S = 0.9
_LOSS_PACKETS = 20
_NTP_FRACTION = 65536


class Judge(Protocol):
    """Hears what the receiver reports (see Ladder)."""

    def loss(self, share: float, now_s: float) -> None: ...

    def round_trip(self, rtt_s: float, now_s: float) -> None: ...

    def estimate(self, kbps: float, sent_kbps: float, now_s: float) -> None: ...


class Wire:
    """Sends a ViewTrack's ready-made payloads through one sender and hears the receiver's reports.

    Args:
        sender: with its final transport, before it starts to send.
        drop: share of the RTP packets that is thrown away instead of sent; may be changed at any time.
        moment: monotonic clock in seconds.
    """

    def __init__(
        self,
        sender: RTCRtpSender,
        track: ViewTrack,
        judge: Judge,
        *,
        drop: float = 0.0,
        moment: Callable[[], float] = time.monotonic,
    ) -> None:
        self.drop = drop
        self.packets_sent = 0
        self.bytes_sent = 0
        self.packets_lost = 0
        self.rtt_s: float | None = None
        self.nack = 0
        self.pli = 0
        self.heard_s: float | None = None
        self._sender = sender
        self._track = track
        self._judge = judge
        self._moment = moment
        self._size: tuple[int, int] | None = None
        self._last: tuple[int, float] | None = None
        self._origin: int | None = None
        self._repair = Repair()
        self._key_begins = False
        self._recent: deque[tuple[float, int]] = deque()
        self._recent_bytes = 0
        self._reports_s: dict[int, float] = {}
        self._loss_since: tuple[int, int, float] | None = None
        hooked: Any = sender
        transport: Any = sender.transport
        self._handle_rtcp = hooked._handle_rtcp_packet
        self._send_rtp = transport._send_rtp
        self._send_again = hooked._retransmit
        hooked._next_encoded_frame = self._next_encoded_frame
        hooked._send_keyframe = self._send_keyframe
        hooked._handle_rtcp_packet = self._handle_rtcp_packet
        hooked._retransmit = self._retransmit
        transport._send_rtp = self._send

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height of the last picture sent."""
        return self._size

    @property
    def clock(self) -> RtpClock | None:
        """How this viewer's RTP time stamps belong to capture times; None before the first packet."""
        if self._last is None or self._origin is None:
            return None
        pts, time_s = self._last
        return RtpClock((self._origin + pts) & 0xFFFFFFFF, time_s)

    def kbps(self, now_s: float) -> float:
        """What was sent in the last second, in kbit/s."""
        while self._recent and now_s - self._recent[0][0] > _RATE_WINDOW_S:
            self._recent_bytes -= self._recent.popleft()[1]
        return self._recent_bytes * 8 / 1000 / _RATE_WINDOW_S

    async def _next_encoded_frame(self, codec: object) -> aiortc.rtcrtpsender.RTCEncodedFrame:
        """In place of aiortc's: no packing per viewer, and no encoder of its own."""
        picture, pts = await self._track.next()
        self._size = picture.width, picture.height
        self._last = pts, picture.time_s
        self._key_begins = picture.key
        now_s = self._moment()
        size = sum(map(len, picture.payloads))
        self._recent.append((now_s, size))
        self._recent_bytes += size
        # aiortc asks for None where a picture has no audio level, but its annotation doesn't say so.
        level: Any = None
        return aiortc.rtcrtpsender.RTCEncodedFrame(list(picture.payloads), pts & 0xFFFFFFFF, level)

    async def _send(self, data: bytes) -> None:
        if is_rtcp(data):
            self._note_report(data)
        elif unpack_from("!L", data, 8)[0] == self._sender._ssrc:
            self.packets_sent += 1
            self.bytes_sent += len(data)
            if self._key_begins:
                self._key_begins = False
                self._repair.began(unpack_from("!H", data, 2)[0])
            if self._origin is None and self._last is not None:
                self._origin = (unpack_from("!L", data, 4)[0] - self._last[0]) & 0xFFFFFFFF
            if self.drop and random.random() < self.drop:
                return
        elif self.drop and random.random() < self.drop:
            return
        await self._send_rtp(data)

    def _note_report(self, data: bytes) -> None:
        """When a sender report leaves, so that its echo tells the round trip (RFC 3550, 6.4.1)."""
        if data[1] == RTCP_SR and unpack_from("!L", data, 4)[0] == self._sender._ssrc:
            seconds, fraction = unpack_from("!LL", data, 8)
            self._reports_s[(seconds & 0xFFFF) << 16 | fraction >> 16] = self._moment()
            while len(self._reports_s) > 8:
                del self._reports_s[next(iter(self._reports_s))]

    async def _retransmit(self, sequence_number: int) -> None:
        now_s = self._moment()
        kbps = self.kbps(now_s)
        if self._repair.due(sequence_number, PAYLOAD_MAX_BYTES, now_s, rtt_s=self.rtt_s, kbps=kbps):
            await self._send_again(sequence_number)

    def _send_keyframe(self) -> None:
        self.pli += 1
        self._track.request_key_frame()

    async def _handle_rtcp_packet(self, packet: Any) -> None:
        now_s = self._moment()
        self.heard_s = now_s
        if isinstance(packet, RtcpRrPacket | RtcpSrPacket):
            for report in packet.reports:
                if report.ssrc == self._sender._ssrc:
                    self._hear_report(report, now_s)
        elif isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
            self.nack += 1
        elif isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_APP:
            self._hear_estimate(packet.fci, now_s)
        await self._handle_rtcp(packet)

    def _hear_report(self, report: Any, now_s: float) -> None:
        self.packets_lost = report.packets_lost
        self._hear_loss(report.highest_sequence, report.packets_lost, now_s)
        sent_s = self._reports_s.get(report.lsr)
        if sent_s is not None and report.dlsr:
            self.rtt_s = max(0.0, now_s - sent_s - report.dlsr / _NTP_FRACTION)
            self._judge.round_trip(self.rtt_s, now_s)

    def _hear_loss(self, highest: int, lost: int, now_s: float) -> None:
        """The share lost over a second or more.

        Browsers report with every NACK, so that the report's own fraction is often one of three packets.
        """
        if self._loss_since is None:
            self._loss_since = highest, lost, now_s
        before_highest, before_lost, before_s = self._loss_since
        expected = (highest - before_highest) & 0xFFFFFFFF
        if now_s - before_s >= _LOSS_WINDOW_S and expected >= _LOSS_PACKETS:
            self._judge.loss(max(0, lost - before_lost) / expected, now_s)
            self._loss_since = highest, lost, now_s

    def _hear_estimate(self, fci: bytes, now_s: float) -> None:
        try:
            bits_per_s, ssrcs = unpack_remb_fci(fci)
        except (ValueError, IndexError):
            return  # another application layer message, which is not for us
        if self._sender._ssrc in ssrcs:
            self._judge.estimate(bits_per_s / 1000, self.kbps(now_s), now_s)

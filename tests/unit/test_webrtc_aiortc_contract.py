"""What virtualcam/webrtc takes of aiortc beyond its public surface.

When a new aiortc fails here, look at virtualcam/webrtc/watch/wire.py before pyproject.toml raises the pin.
"""

from __future__ import annotations

import inspect
import os
from fractions import Fraction
from typing import Any

import aioice.ice
import aiortc.rtcrtpsender
import av
import pytest
from aiortc import RTCDtlsTransport, RTCIceGatherer, RTCIceTransport, RTCRtpSender
from aiortc.rtcdtlstransport import RTCCertificate
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpSendParameters
from aiortc.rtp import RtcpPacket, RtcpPsfbPacket, RtcpRtpfbPacket, RtpPacket, pack_remb_fci, unpack_remb_fci

from tests.unit.webrtc_kit import Rendition, encoded, in_loop
from virtualcam.webrtc.watch.track import ViewTrack
from virtualcam.webrtc.watch.wire import HISTORY_PACKETS, Wire

CODEC = RTCRtpCodecParameters(mimeType="video/H264", clockRate=90000, payloadType=102)
RTX = RTCRtpCodecParameters(mimeType="video/rtx", clockRate=90000, payloadType=103, parameters={"apt": 102})


class Judge:
    def __init__(self) -> None:
        self.heard: list[tuple[str, float]] = []

    def loss(self, share: float, now_s: float) -> None:
        self.heard.append(("loss", share))

    def round_trip(self, rtt_s: float, now_s: float) -> None:
        self.heard.append(("round trip", rtt_s))

    def estimate(self, kbps: float, sent_kbps: float, now_s: float) -> None:
        self.heard.append(("estimate", kbps))


class Bench:
    """A real sender with a Wire; what would be encrypted and sent is kept instead."""

    def __init__(self) -> None:
        transport: Any = RTCDtlsTransport(
            RTCIceTransport(RTCIceGatherer([])), [RTCCertificate.generateCertificate()]
        )
        self.sent: list[bytes] = []
        transport._send_rtp = self._keep
        self.rendition: Any = Rendition()
        self.track = ViewTrack(self.rendition)
        self.sender: Any = RTCRtpSender(self.track, transport)
        self.judge = Judge()
        self.now_s = 1000.0
        self.wire = Wire(self.sender, self.track, self.judge, moment=lambda: self.now_s)

    async def _keep(self, data: bytes) -> None:
        self.sent.append(data)

    async def start(self) -> None:
        parameters = RTCRtpSendParameters(codecs=[CODEC, RTX], muxId="0")
        parameters.rtcp.cname = "test"
        await self.sender.send(parameters)

    async def show(self, count: int) -> list[RtpPacket]:
        """Pictures 0 to count - 1, each sent; the RTP packets."""
        for number in range(count):
            self.rendition.give(encoded(number, key=number == 0))
            while self.wire.packets_sent <= number:
                await aiortc.rtcrtpsender.asyncio.sleep(0)
        return self.media

    @property
    def media(self) -> list[RtpPacket]:
        packets = [RtpPacket.parse(data) for data in self.sent if not aiortc.rtp.is_rtcp(data)]
        return [packet for packet in packets if packet.ssrc == self.sender._ssrc]


@pytest.mark.parametrize(
    ("of", "name", "parameters"),
    [
        (RTCRtpSender, "_next_encoded_frame", ["self", "codec"]),
        (RTCRtpSender, "_send_keyframe", ["self"]),
        (RTCRtpSender, "_handle_rtcp_packet", ["self", "packet"]),
        (RTCRtpSender, "_retransmit", ["self", "sequence_number"]),
        (RTCDtlsTransport, "_send_rtp", ["self", "data"]),
        (aiortc.rtcrtpsender.RTCEncodedFrame, "__init__", ["self", "payloads", "timestamp", "audio_level"]),
    ],
)
def test_the_hooks_are_there(of: type, name: str, parameters: list[str]) -> None:
    found = getattr(of, name, None)
    assert found is not None, f"aiortc has no {of.__name__}.{name} any more, which wire.py hooks"
    assert list(inspect.signature(found).parameters) == parameters, f"{of.__name__}.{name} takes other things"


@in_loop
async def test_ready_made_payloads_are_sent_under_the_hooks() -> None:
    bench = Bench()
    await bench.start()
    packets = await bench.show(3)
    assert [packet.payload for packet in packets] == [encoded(n).data for n in range(3)]
    assert [packet.marker for packet in packets] == [1, 1, 1]
    assert [packet.timestamp - packets[0].timestamp for packet in packets] == [0, 3000, 6000]
    assert bench.wire.packets_sent == 3 and bench.wire.bytes_sent == sum(map(len, bench.sent))
    await bench.sender.stop()


@in_loop
async def test_aiortc_itself_still_takes_packets_of_an_encoder() -> None:
    """Publishers send a ViewTrack without a Wire."""
    bench = Bench()
    plain: Any = RTCRtpSender(bench.track, bench.sender.transport)
    packet = av.Packet(b"\0\0\0\1\x65abc")
    packet.pts, packet.time_base = 90, Fraction(1, 90_000)

    async def recv() -> av.Packet[Any]:
        return packet

    bench.track.recv = recv  # type: ignore[method-assign]
    frame = await plain._next_encoded_frame(CODEC)
    assert (frame.payloads, frame.timestamp) == ([b"\x65abc"], 90)


@in_loop
async def test_the_clock_tells_the_time_of_every_rtp_time_stamp() -> None:
    bench = Bench()
    assert bench.wire.clock is None
    await bench.start()
    packets = await bench.show(4)
    clock = bench.wire.clock
    assert clock is not None and (clock.rtp, clock.time_s) == (packets[3].timestamp, encoded(3).time_s)
    await bench.sender.stop()


@in_loop
async def test_lost_packets_are_sent_again_from_a_long_history() -> None:
    bench = Bench()
    await bench.start()
    packets = await bench.show(HISTORY_PACKETS)
    bench.sent.clear()
    oldest, ssrc = packets[0], bench.sender._ssrc
    lost = [oldest.sequence_number]
    await bench.sender._handle_rtcp_packet(
        RtcpRtpfbPacket(fmt=aiortc.rtp.RTCP_RTPFB_NACK, ssrc=1, media_ssrc=ssrc, lost=lost)
    )
    again = RtpPacket.parse(bench.sent[0])
    assert again.ssrc == bench.sender._rtx_ssrc and again.payload[2:] == oldest.payload
    assert bench.wire.nack == 1 and bench.wire.packets_sent == HISTORY_PACKETS, "repairs are not counted"
    await bench.sender.stop()


@pytest.mark.parametrize("request_", [aiortc.rtp.RTCP_PSFB_PLI, aiortc.rtp.RTCP_PSFB_FIR])
@in_loop
async def test_a_request_for_a_key_frame_reaches_the_shared_encoder(request_: int) -> None:
    bench = Bench()
    bench.rendition.give(encoded(0, key=True))
    await bench.sender._handle_rtcp_packet(
        RtcpPsfbPacket(fmt=request_, ssrc=1, media_ssrc=bench.sender._ssrc)
    )
    assert (bench.rendition.asked, bench.wire.pli) == (1, 1)


@in_loop
async def test_reports_reach_the_judge() -> None:
    bench = Bench()
    await bench.start()
    await bench.show(1)
    while not any(aiortc.rtp.is_rtcp(data) for data in bench.sent):
        await aiortc.rtcrtpsender.asyncio.sleep(0.02)
    data = next(data for data in bench.sent if aiortc.rtp.is_rtcp(data))
    report: Any = RtcpPacket.parse(data)[0]
    ssrc = bench.sender._ssrc

    async def hear(sequence: int, lost: int, fraction: int) -> None:
        lsr = (report.sender_info.ntp_timestamp >> 16) & 0xFFFFFFFF
        info = aiortc.rtp.RtcpReceiverInfo(ssrc, fraction, lost, sequence, jitter=0, lsr=lsr, dlsr=1)
        await bench.sender._handle_rtcp_packet(aiortc.rtp.RtcpRrPacket(ssrc=1, reports=[info]))

    estimate = pack_remb_fci(2_000_000, [ssrc])
    await hear(65_500, 3, 0)
    await hear(65_503, 4, 85)
    assert "loss" not in dict(bench.judge.heard), "one of three packets tells nothing"
    bench.now_s += 1.0
    await hear(65_600, 28, 0)
    for fci in (estimate, b"else", pack_remb_fci(1, [ssrc ^ 1])):
        packet = RtcpPsfbPacket(fmt=aiortc.rtp.RTCP_PSFB_APP, ssrc=1, media_ssrc=0, fci=fci)
        await bench.sender._handle_rtcp_packet(packet)
    kinds = dict(bench.judge.heard)
    assert set(kinds) == {"loss", "round trip", "estimate"}
    assert kinds["loss"] == 0.25 and kinds["estimate"] == pytest.approx(2000, rel=0.01)
    assert kinds["round trip"] == pytest.approx(1 - 1 / 65536)
    assert bench.wire.packets_lost == 28 and bench.wire.rtt_s == kinds["round trip"]
    assert unpack_remb_fci(estimate)[1] == [ssrc]
    await bench.sender.stop()


@in_loop
async def test_injected_loss_loses_that_share_and_no_reports() -> None:
    bench = Bench()
    bench.wire.drop = 0.5
    header = RtpPacket(ssrc=bench.sender._ssrc, payload=os.urandom(20)).serialize()
    for _ in range(2000):
        await bench.sender.transport._send_rtp(header)
    assert 800 < len(bench.sent) < 1200
    bench.wire.drop = 1.0
    bench.sent.clear()
    await bench.sender._send_rtcp([aiortc.rtp.RtcpByePacket(sources=[1])])
    assert len(bench.sent) == 1


def test_aioice_still_asks_for_addresses_where_they_are_chosen() -> None:
    assert "get_host_addresses(" in inspect.getsource(aioice.ice.Connection.gather_candidates)

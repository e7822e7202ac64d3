"""Stands in for the Studio: ready-made H.264 packets at 30 Hz, for what is only sent on."""

from __future__ import annotations

import asyncio
from fractions import Fraction

import av
import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

SIZE = (320, 180)
_FPS = 30


def make_packets(count: int = _FPS) -> list[bytes]:
    """A second of moving bars; the first packet is a key frame."""
    context = av.CodecContext.create("libx264", "w")
    context.width, context.height = SIZE
    context.pix_fmt, context.time_base, context.framerate = "yuv420p", Fraction(1, _FPS), Fraction(_FPS)
    context.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "x264-params": "repeat-headers=1:keyint=300",
    }
    packets = []
    for number in range(count):
        image = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
        image[:, number * 10 : number * 10 + 10] = 255
        frame = av.VideoFrame.from_ndarray(image, format="bgr24")
        frame.pts = number
        packets += [bytes(packet) for packet in context.encode(frame)]
    return packets


class PacketLoop(MediaStreamTrack):
    """The same second again and again; from its start when a key frame is asked for."""

    kind = "video"

    def __init__(self, packets: list[bytes]) -> None:
        super().__init__()
        self._packets = packets
        self._next = 0
        self._sent = 0
        self.key_frames_asked = 0

    def request_key_frame(self) -> None:
        self.key_frames_asked += 1
        self._next = 0

    async def recv(self) -> av.Packet:
        if self.readyState != "live":
            raise MediaStreamError
        await asyncio.sleep(1 / _FPS)
        packet = av.Packet(self._packets[self._next])
        packet.pts, packet.time_base = self._sent * 90_000 // _FPS, Fraction(1, 90_000)
        self._next = (self._next + 1) % len(self._packets)
        self._sent += 1
        return packet


class PacketStudio:
    """Gives each subscriber a PacketLoop."""

    def __init__(self) -> None:
        self._packets = make_packets()
        self.tracks: list[PacketLoop] = []

    def subscribe(self, view: str, codec: str) -> PacketLoop:
        self.tracks.append(PacketLoop(self._packets))
        return self.tracks[-1]

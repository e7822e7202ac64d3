"""One video encoder for real time: H.264 or VP8, no look-ahead, key frames when they are asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from numpy.typing import NDArray

from virtualcam.webrtc.messages import Codec
from virtualcam.webrtc.watch.payloads import payloads

CLOCK_HZ = 90_000
"""RTP clock of video (RFC 6184, RFC 7741)."""

KEY_FRAME_EVERY_S = 10.0
"""Viewers who miss something ask for a key frame; this is for recorders and SFUs that don't."""

_BURST_S = 0.25
"""Bits that may leave at once, as time at the bit rate: how much a key frame may delay what follows."""

# Annex A of ITU-T H.264, table A-1: level, largest frame and rate in macroblocks.
_LEVELS = (
    (30, 1620, 40_500),
    (31, 3600, 108_000),
    (32, 5120, 216_000),
    (40, 8192, 245_760),
    (42, 8704, 522_240),
    (50, 22_080, 589_824),
    (51, 36_864, 983_040),
)


class EncoderError(Exception):
    """The codec is not in this build, or it can't take pictures of this kind; one line."""


@dataclass(frozen=True, slots=True, eq=False)
class EncodedPicture:
    """One picture, encoded once for everybody who watches.

    Attributes:
        data: H.264 byte stream (annex B) or one VP8 frame.
        payloads: the same cut into RTP payloads.
        pts: capture time in units of 1 / CLOCK_HZ.
        time_s: capture time on the monotonic clock.
        key: decodable without another picture.
    """

    data: bytes = field(repr=False)
    payloads: tuple[bytes, ...] = field(repr=False)
    pts: int
    time_s: float
    key: bool
    width: int
    height: int


def kbps_for(kbps_720p: int, width: int, height: int, fps: float) -> int:
    """Bit rate for a size: detail grows more slowly than the number of pixels, and so with the rate."""
    scale: float = (width * height / (1280 * 720) * fps / 30) ** 0.75
    return max(100, round(kbps_720p * scale))


def level_for(width: int, height: int, fps: float) -> int:
    """The lowest level (times ten) of H.264 that allows this size at this rate; at least 3.0."""
    macroblocks = -(-width // 16) * -(-height // 16)
    for level, frame, rate in _LEVELS:
        if macroblocks <= frame and macroblocks * fps <= rate:
            return level
    return _LEVELS[-1][0]


class Encoder:
    """Encodes pictures of one size; for one thread.

    Args:
        width, height: even, in pixels.
        fps: the rate that pictures come at; the bit rate is held for it.

    Raises:
        EncoderError: there is no such encoder in this build of FFmpeg.
    """

    def __init__(self, codec: Codec, width: int, height: int, fps: float, kbps: int) -> None:
        self._codec: Codec = codec
        self._last_pts = -1
        rate = Fraction(fps).limit_denominator(1001)
        try:
            context = av.CodecContext.create("libx264" if codec == "h264" else "libvpx", "w")
        except (av.error.FFmpegError, ValueError) as error:
            raise EncoderError(f"no encoder for {codec}: {error}") from error
        assert isinstance(context, VideoCodecContext)
        context.width, context.height, context.pix_fmt = width, height, "yuv420p"
        context.bit_rate = kbps * 1000
        context.framerate = rate
        context.time_base = Fraction(1, CLOCK_HZ)
        context.gop_size = max(1, round(fps * KEY_FRAME_EVERY_S))
        # One thread each: with more, x264 cuts pictures into slices, which costs bits, and libvpx waits in
        # a busy loop, which on a loaded machine takes a third of a second per picture.
        context.thread_count = 1
        context.options = _h264(width, height, fps, kbps) if codec == "h264" else _vp8(context, kbps)
        if codec == "h264":
            context.profile = "Baseline"
        try:
            context.open()
        except av.error.FFmpegError as error:
            raise EncoderError(f"{codec} can't encode {width}x{height}: {error}") from error
        self._context = context

    @property
    def codec(self) -> Codec:
        return self._codec

    @property
    def size(self) -> tuple[int, int]:
        return self._context.width, self._context.height

    def encode(self, i420: NDArray[np.uint8], time_s: float, key: bool = False) -> EncodedPicture | None:
        """One picture in, one out; None when the encoder dropped it to hold the bit rate.

        Args:
            i420: (height * 3 / 2, width) uint8, planar.
            time_s: capture time, later than the last one's; else it is moved behind it by one tick.
            key: make a key frame.

        Raises:
            EncoderError: the encoder is broken; make a new one.
        """
        frame = _frame(i420)
        pts = max(round(time_s * CLOCK_HZ), self._last_pts + 1)
        self._last_pts = pts
        frame.pts, frame.time_base = pts, Fraction(1, CLOCK_HZ)
        if key:
            frame.pict_type = PictureType.I
        try:
            packets = self._context.encode(frame)
        except av.error.FFmpegError as error:
            raise EncoderError(f"{self._codec} failed: {error}") from error
        if not packets:
            return None
        data = bytes(packets[0]) if len(packets) == 1 else b"".join(map(bytes, packets))
        width, height = self.size
        return EncodedPicture(
            data, payloads(self._codec, data), pts, time_s, packets[0].is_keyframe, width, height
        )


def _frame(i420: NDArray[np.uint8]) -> av.VideoFrame:
    # Without a copy where the chroma planes fill whole rows, which is all that PyAV can wrap.
    wrap = av.VideoFrame.from_numpy_buffer if i420.shape[0] % 6 == 0 else av.VideoFrame.from_ndarray
    return wrap(np.ascontiguousarray(i420), format="yuv420p")


def _h264(width: int, height: int, fps: float, kbps: int) -> dict[str, str]:
    # Measured at 720p30, 3 Mbit/s, on moving cameras: without adaptive quantisation a tenth less time and
    # 0.4 dB more; motion found to half a pixel only, a quarter less time and 0.7 to 1 dB less. No key frames
    # at cuts: they come when a viewer asks. Headers stand before each, as whoever joins needs them.
    return {
        "preset": "superfast",
        "tune": "zerolatency",
        "level": str(level_for(width, height, fps)),
        "maxrate": str(kbps * 1000),
        "bufsize": str(round(kbps * 1000 * _BURST_S)),
        "x264-params": "aq-mode=0:subme=0:scenecut=0:repeat-headers=1:sliced-threads=0",
    }


def _vp8(context: VideoCodecContext, kbps: int) -> dict[str, str]:
    context.qmin, context.qmax = 4, 56
    return {
        "deadline": "realtime",
        # Measured as above: a quarter less time than -6 for 0.4 dB; -12 saves little more and costs another.
        "cpu-used": "-10",
        "lag-in-frames": "0",
        "error-resilient": "default",
        # minrate = maxrate makes libvpx hold a constant bit rate.
        "minrate": str(kbps * 1000),
        "maxrate": str(kbps * 1000),
        "bufsize": str(round(kbps * 1000 * 2 * _BURST_S)),
        "undershoot-pct": "100",
        "overshoot-pct": "15",
        "static-thresh": "1",
    }

"""Encoded pictures cut into RTP payloads: once per picture, for all viewers."""

from __future__ import annotations

from collections.abc import Iterator

from virtualcam.webrtc.messages import Codec

#: With RTP header, extensions, RTX and SRTP tag still under the 1,400 bytes that VPNs leave of a packet.
PAYLOAD_MAX_BYTES = 1300

_START_CODE = b"\x00\x00\x01"
_STAP_A = 24
_FU_A = 28
_IMPORTANCE = 0x60  # the two NRI bits of a NAL unit's header
_TYPE = 0x1F
#: Only small NAL units (parameter sets, SEI) are put together; a slice goes alone and is not copied.
_AGGREGATED_MAX_BYTES = 256


def payloads(codec: Codec, data: bytes) -> tuple[bytes, ...]:
    """One encoded picture as RTP payloads of at most PAYLOAD_MAX_BYTES.

    Args:
        data: H.264 byte stream (ITU-T H.264 annex B) or one VP8 frame.
    """
    return tuple(_h264(data) if codec == "h264" else _vp8(data))


def nal_units(data: bytes) -> Iterator[bytes]:
    """The NAL units of a byte stream, without start codes (ITU-T H.264 annex B)."""
    begin = data.find(_START_CODE)
    while begin != -1:
        begin += len(_START_CODE)
        following = data.find(_START_CODE, begin)
        end = len(data) if following == -1 else following
        # A start code may have a zero byte more in front; a NAL unit never ends with one.
        yield data[begin:end].rstrip(b"\x00") if following != -1 else data[begin:end]
        begin = following


def _h264(data: bytes) -> Iterator[bytes]:
    """RFC 6184, packetization-mode 1: STAP-A for small NAL units, FU-A for long ones."""
    small: list[bytes] = []
    for unit in nal_units(data):
        if len(unit) <= _AGGREGATED_MAX_BYTES and sum(map(len, small)) + len(unit) <= PAYLOAD_MAX_BYTES // 2:
            small.append(unit)
            continue
        yield from _together(small)
        small = []
        if len(unit) <= PAYLOAD_MAX_BYTES:
            yield unit
        else:
            yield from _fragments(unit)
    yield from _together(small)


def _together(units: list[bytes]) -> Iterator[bytes]:
    if len(units) == 1:
        yield units[0]
    elif units:
        header = _STAP_A | max(unit[0] & _IMPORTANCE for unit in units)
        yield bytes([header]) + b"".join(len(unit).to_bytes(2, "big") + unit for unit in units)


def _fragments(unit: bytes) -> Iterator[bytes]:
    """FU-A (RFC 6184, 5.8); of about equal size, so that the last one is not a packet for a few bytes."""
    indicator = _FU_A | (unit[0] & _IMPORTANCE)
    kind = unit[0] & _TYPE
    body = len(unit) - 1
    count = -(-body // (PAYLOAD_MAX_BYTES - 2))
    for number in range(count):
        begin, end = 1 + body * number // count, 1 + body * (number + 1) // count
        start_end = (0x80 if number == 0 else 0) | (0x40 if number == count - 1 else 0)
        yield bytes((indicator, start_end | kind)) + unit[begin:end]


def _vp8(data: bytes) -> Iterator[bytes]:
    """RFC 7741 with the shortest descriptor: S bit on the first payload, partition 0, no picture id.

    A picture id must grow by one from picture to picture. Viewers who change between renditions would see
    it jump; without one they go by sequence numbers, which the sender keeps without gaps.
    """
    count = -(-len(data) // (PAYLOAD_MAX_BYTES - 1))
    for number in range(count):
        begin, end = len(data) * number // count, len(data) * (number + 1) // count
        yield (b"\x10" if number == 0 else b"\x00") + data[begin:end]

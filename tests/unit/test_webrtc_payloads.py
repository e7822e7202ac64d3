from __future__ import annotations

import numpy as np
import pytest
from aiortc.codecs import depayload
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from hypothesis import given
from hypothesis import strategies as st

from virtualcam.webrtc.watch.payloads import PAYLOAD_MAX_BYTES, nal_units, payloads

# Sizes around every limit: together in one packet, alone, cut in two, cut in many.
LENGTHS = st.lists(
    st.sampled_from([2, 20, 255, 256, 257, 1299, 1300, 1301, 1302, 2600, 40_000]), min_size=1, max_size=8
)


def unit(length: int, kind: int, number: int) -> bytes:
    """A NAL unit without start codes in it."""
    body = np.random.default_rng(number).integers(1, 255, length - 1, dtype=np.uint8)
    return bytes([0x60 | kind]) + body.tobytes()


def codec(name: str) -> RTCRtpCodecParameters:
    return RTCRtpCodecParameters(mimeType=f"video/{name}", clockRate=90000, payloadType=96)


@given(LENGTHS, st.sampled_from([b"\0\0\1", b"\0\0\0\1"]))
def test_h264_comes_together_again(lengths: list[int], start: bytes) -> None:
    units = [unit(length, 7 if length < 300 else 1, n) for n, length in enumerate(lengths)]
    cut = payloads("h264", b"".join(start + each for each in units))
    assert all(0 < len(payload) <= PAYLOAD_MAX_BYTES for payload in cut)
    together = b"".join(depayload(codec("H264"), payload) for payload in cut)
    assert list(nal_units(together)) == units


def test_h264_parameter_sets_share_a_packet_and_slices_are_not_copied_into_one() -> None:
    cut = payloads("h264", b"".join(b"\0\0\0\1" + unit(n, k, n) for n, k in ((25, 7), (5, 8), (900, 5))))
    assert [payload[0] & 0x1F for payload in cut] == [24, 5]


def test_h264_fragments_are_of_about_one_size() -> None:
    cut = payloads("h264", b"\0\0\1" + unit(PAYLOAD_MAX_BYTES + 3, 5, 1))
    assert len(cut) == 2
    assert abs(len(cut[0]) - len(cut[1])) <= 1


@given(st.integers(1, 10_000))
def test_vp8_comes_together_again(length: int) -> None:
    data = np.random.default_rng(length).integers(0, 255, length, dtype=np.uint8).tobytes()
    cut = payloads("vp8", data)
    assert all(len(payload) <= PAYLOAD_MAX_BYTES for payload in cut)
    assert [payload[0] for payload in cut] == [0x10] + [0] * (len(cut) - 1), "S on the first, no extensions"
    assert b"".join(depayload(codec("VP8"), payload) for payload in cut) == data


@pytest.mark.parametrize("data", [b"", b"\1\2\3"])
def test_bytes_without_a_nal_unit_are_no_packets(data: bytes) -> None:
    assert payloads("h264", data) == ()

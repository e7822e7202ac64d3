from __future__ import annotations

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.webrtc_kit import in_loop
from virtualcam.webrtc.messages import Codec, RefusedError
from virtualcam.webrtc.watch.offer import Offer, capabilities

HEAD = """v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
"""
ICE = """a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=fingerprint:sha-256 AA:BB
a=setup:actpass
a=rtcp-mux
"""
FORMATS = {
    "vp8": "a=rtpmap:96 VP8/90000\n",
    "baseline": "a=rtpmap:97 H264/90000\na=fmtp:97 packetization-mode=1;profile-level-id=42001f\n",
    "constrained": "a=rtpmap:98 H264/90000\na=fmtp:98 packetization-mode=1;profile-level-id=42e034\n",
    "mode 0": "a=rtpmap:99 H264/90000\na=fmtp:99 packetization-mode=0;profile-level-id=42e01f\n",
    "high": "a=rtpmap:100 H264/90000\na=fmtp:100 packetization-mode=1;profile-level-id=640c1f\n",
    "av1": "a=rtpmap:101 AV1/90000\n",
}
NUMBERS = dict(zip(FORMATS, range(96, 102), strict=True))


def sdp(*formats: str, direction: str = "recvonly", more: str = "") -> str:
    numbers = " ".join(str(NUMBERS[name]) for name in formats)
    video = f"m=video 9 UDP/TLS/RTP/SAVPF {numbers}\nc=IN IP4 0.0.0.0\na=mid:0\na={direction}\n"
    text = HEAD + video + ICE + "".join(FORMATS[name] for name in formats) + more
    return text.replace("\n", "\r\n")


def audio(direction: str) -> str:
    return (
        f"m=audio 9 UDP/TLS/RTP/SAVPF 111\nc=IN IP4 0.0.0.0\na=mid:1\na={direction}\n{ICE}"
        "a=rtpmap:111 opus/48000/2\n"
    )


@pytest.mark.parametrize(
    ("formats", "codecs"),
    [
        (("vp8",), ("vp8",)),
        (("av1", "vp8", "high", "constrained"), ("h264", "vp8")),
        (("baseline",), ("h264",)),
        (("high", "mode 0", "vp8"), ("vp8",)),
    ],
)
def test_what_the_viewer_takes(formats: tuple[str, ...], codecs: tuple[Codec, ...]) -> None:
    assert Offer.read(sdp(*formats)).codecs == codecs


@pytest.mark.parametrize("formats", [("high", "mode 0"), ("av1",)])
def test_no_codec_in_common_is_not_acceptable(formats: tuple[str, ...]) -> None:
    with pytest.raises(RefusedError, match="takes neither") as refused:
        Offer.read(sdp(*formats))
    assert refused.value.status == 406


@pytest.mark.parametrize(
    ("takes", "wanted", "configured", "chosen"),
    [
        (("vp8", "constrained"), None, "auto", "h264"),
        (("vp8",), None, "auto", "vp8"),
        (("vp8", "constrained"), None, "vp8", "vp8"),
        (("vp8",), None, "h264", "vp8"),
        (("vp8", "constrained"), "vp8", "h264", "vp8"),
    ],
)
def test_the_codec_chosen(takes: tuple[str, ...], wanted: Codec, configured: Codec, chosen: Codec) -> None:
    assert Offer.read(sdp(*takes)).choose(wanted, configured) == chosen


def test_a_codec_asked_for_that_the_viewer_does_not_take_is_refused() -> None:
    with pytest.raises(RefusedError, match="doesn't take h264") as refused:
        Offer.read(sdp("vp8")).choose("h264", "auto")
    assert refused.value.status == 406


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "v=0\r\n",
        "\0" * 500,
        sdp("vp8").replace("\r\n", ""),
        sdp("vp8", direction="sendonly"),
        sdp("vp8", direction="inactive"),
        sdp("vp8").replace("m=video", "m=application"),
        sdp("vp8", more=audio("recvonly") * 9),
    ],
    ids=lambda text: repr(text[:20]),
)
def test_what_is_no_offer_to_receive_video_is_a_bad_request(text: str) -> None:
    with pytest.raises(RefusedError) as refused:
        Offer.read(text)
    assert refused.value.status == 400 and "\n" not in refused.value.reason


ODD_LINES = ("m=video", "a=fmtp:98 =;=", "a=rtpmap:x y", "a=fmtp:98 profile-level-id=zz", "a=ssrc:q")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_garbage_is_refused_and_never_more(data: st.DataObject) -> None:
    lines = sdp("vp8", "constrained", more=audio("recvonly")).split("\r\n")
    kept = data.draw(st.lists(st.sampled_from([*lines, *ODD_LINES]), max_size=40))
    text = "\r\n".join(kept) + data.draw(st.text(max_size=30))
    try:
        offer = Offer.read(text)
    except RefusedError as error:
        assert error.status in (400, 406)
    else:
        assert offer.codecs


@pytest.mark.parametrize(
    ("direction", "heard"), [("recvonly", True), ("sendrecv", True), ("sendonly", False)]
)
def test_sound_is_for_who_wants_to_hear(direction: str, heard: bool) -> None:
    assert Offer.read(sdp("vp8", more=audio(direction))).audio is heard
    assert not Offer.read(sdp("vp8")).audio


def test_no_address_that_an_offer_names_is_ever_sent_to() -> None:
    named = "".join(f"a=candidate:1 1 udp 1 {name} 9 typ host\n" for name in ("192.0.2.7", "x.local"))
    offer = Offer.read(sdp("vp8", more=named + "a=end-of-candidates\n"))
    assert "candidate" not in offer.sdp and "VP8" in offer.sdp and offer.sdp.endswith("\r\n")


@in_loop
async def test_aiortc_agrees_about_its_own_offers() -> None:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    peer.addTransceiver("video", direction="recvonly")
    offer = await peer.createOffer()
    assert Offer.read(offer.sdp).codecs == ("h264", "vp8")
    await peer.close()


@pytest.mark.parametrize("codec", ["h264", "vp8"])
def test_retransmission_is_always_agreed_upon(codec: Codec) -> None:
    kinds = [capability.mimeType.lower() for capability in capabilities(codec)]
    assert set(kinds) == {f"video/{codec}", "video/rtx"} and kinds[-1] == "video/rtx"

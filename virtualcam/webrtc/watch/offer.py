"""What a viewer's or camera's offer asks for, read before anything is made for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Self

from aiortc import RTCRtpCodecCapability, RTCRtpSender
from aiortc.rtcpeerconnection import is_codec_compatible
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.sdp import MediaDescription, SessionDescription

from virtualcam.webrtc.messages import Codec, RefusedError

SECTIONS_MAX = 4
_RECEIVES = ("recvonly", "sendrecv")
_CODECS: tuple[Codec, ...] = ("h264", "vp8")


@dataclass(frozen=True, slots=True)
class Offer:
    """A viewer's offer.

    Attributes:
        sdp: without ICE candidates: the viewer looks for us, and we answer where its packets come from. So
            nobody can make this process send to an address of their choice, and names that a browser
            hides its addresses behind (mDNS) need no look-up.
        codecs: of ours that it takes, the first is the better one.
        audio: it wants to hear something.
    """

    sdp: str = field(repr=False)
    codecs: tuple[Codec, ...]
    audio: bool

    @classmethod
    def read(cls, sdp: str) -> Self:
        """Read an offer to receive.

        Raises:
            RefusedError: 400, it is no such offer; 406, it takes neither H.264 nor VP8.
        """
        try:
            media = SessionDescription.parse(sdp).media
        except Exception as error:  # the parser has no list of what it raises on garbage
            raise RefusedError(400, "that is no SDP offer") from error
        video = next((section for section in media if _receives(section, "video")), None)
        if video is None or len(media) > SECTIONS_MAX:
            raise RefusedError(400, "the offer has no place for a picture; offer to receive video")
        if any(section.dtls is None or not section.dtls.fingerprints for section in media):
            raise RefusedError(400, "the offer has no fingerprint of a certificate")
        codecs = tuple(codec for codec in _CODECS if _takes(video, codec))
        if not codecs:
            raise RefusedError(406, "the viewer takes neither H.264 (constrained baseline) nor VP8")
        lines = [line for line in sdp.splitlines() if not line.startswith(("a=candidate:", "a=end-of-cand"))]
        audio = any(_receives(section, "audio") for section in media)
        return cls("\r\n".join(lines) + "\r\n", codecs, audio)

    def choose(self, wanted: Codec | None, configured: Literal["auto", "h264", "vp8"]) -> Codec:
        """The codec to send.

        Raises:
            RefusedError: 406, the viewer doesn't take the one that was asked for.
        """
        if wanted is not None:
            if wanted not in self.codecs:
                raise RefusedError(406, f"the viewer doesn't take {wanted}")
            return wanted
        for codec in self.codecs:
            if codec == configured:
                return codec
        return self.codecs[0]


def capabilities(codec: Codec) -> list[RTCRtpCodecCapability]:
    """What aiortc is to agree upon: one codec, in the better profile first, and retransmission (RFC 4588)."""
    able = RTCRtpSender.getCapabilities("video").codecs
    ours = [capability for capability in able if capability.mimeType.lower() == f"video/{codec}"]
    # Constrained baseline (42e0..) is what x264's baseline is, and what every receiver has.
    ours.sort(key=lambda capability: "42e0" not in str(capability.parameters.get("profile-level-id", "")))
    return ours + [capability for capability in able if capability.mimeType.lower() == "video/rtx"]


def _receives(section: MediaDescription, kind: str) -> bool:
    return section.kind == kind and section.direction in _RECEIVES and section.port != 0


def _takes(section: MediaDescription, codec: Codec) -> bool:
    able = [
        RTCRtpCodecParameters(
            mimeType=capability.mimeType,
            clockRate=capability.clockRate,
            payloadType=0,
            parameters=capability.parameters,
        )
        for capability in capabilities(codec)
        if capability.mimeType.lower() != "video/rtx"
    ]
    return any(is_codec_compatible(ours, theirs) for ours in able for theirs in section.rtp.codecs)

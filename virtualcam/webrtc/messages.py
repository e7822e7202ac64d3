"""What the engine's process and the streaming process say to one another, as values to pickle."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Codec = Literal["h264", "vp8"]


class RefusedError(Exception):
    """A wish that can't be fulfilled.

    Attributes:
        status: as in HTTP (RFC 9110): 404 no such View or session, 406 no codec in common, 503 full or away.
        reason: one line for the user.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class StreamConfig:
    """How streams are made.

    Attributes:
        lan: offer this machine's addresses in its networks; else only loopback.
        codec: made for viewers who take it; "auto" = H.264 where they do, else VP8.
        kbps_720p: bit rate of 1280x720 at 30 Hz; other sizes in proportion to their pixels ** 0.75.
        renditions: of one View and codec at most: the full size, a half, a quarter.
        most_viewers: of all Views together.
        drop: share of the packets to viewers that is thrown away; tests inject loss with it.
    """

    lan: bool = False
    codec: Literal["auto", "h264", "vp8"] = "auto"
    kbps_720p: int = 3000
    renditions: int = 3
    most_viewers: int = 12
    drop: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class RawPicture:
    """One picture of a View on its way to the encoders.

    Attributes:
        i420: (height * 3 / 2, width) uint8, BT.601 limited range; nobody else writes into it.
        time_s: capture time on the monotonic clock.
    """

    i420: NDArray[np.uint8] = field(repr=False)
    time_s: float
    index: int

    @property
    def width(self) -> int:
        return int(self.i420.shape[1])

    @property
    def height(self) -> int:
        return int(self.i420.shape[0]) * 2 // 3


@dataclass(frozen=True, slots=True)
class Watch:
    """A viewer's WHEP offer (draft-ietf-wish-whep); answered with Answer or RefusedError.

    Attributes:
        codec: the only one wanted; None = as configured.
        height: of the largest rendition that is wanted (thumbnails); None = the full one.
    """

    view: str
    sdp: str
    codec: Codec | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Push:
    """A camera's WHIP offer (RFC 9725); answered with Answer or RefusedError."""

    camera: str
    sdp: str


@dataclass(frozen=True, slots=True)
class End:
    """A viewer or a camera leaves; answered with True, False where nobody has that id."""

    id: str


@dataclass(frozen=True, slots=True)
class AskClock:
    """How one viewer's RTP time stamps belong to capture times; answered with RtpClock or RefusedError."""

    id: str


@dataclass(frozen=True, slots=True)
class Measure:
    """Asks for Measures."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answering SDP and the session's id, which nobody can guess."""

    id: str
    sdp: str


@dataclass(frozen=True, slots=True)
class RtpClock:
    """The picture with RTP time stamp ``rtp`` (90 kHz, modulo 2**32) was captured at ``time_s``."""

    rtp: int
    time_s: float


@dataclass(frozen=True, slots=True)
class WhipTarget:
    """An SFU that a View is published to, for as long as the show lasts (RFC 9725).

    Attributes:
        url: may hold a key in its query, so that neither is shown.
        token: bearer token; empty = none.
    """

    view: str
    url: str = field(repr=False)
    token: str = field(default="", repr=False)
    codec: Codec = "h264"


@dataclass(frozen=True, slots=True)
class Measures:
    """The streaming process in numbers; every value is JSON.

    Attributes:
        viewers: by session id: view, codec, width, height, state, since_s, packets_sent, bytes_sent,
            packets_lost, rtt_ms, nack, pli, kbps, moved (how often between renditions).
        renditions: of each encoder at work: view, codec, width, height, viewers, fps, kbps, key_frames,
            key_frame_interval_s, encode_ms p50 and p95.
        publishers: of each WHIP target: view, url, state, text, restarts.
        cameras: of each camera in: camera, state, width, height, fps.
        cpu_s: processor time used so far.
    """

    viewers: dict[str, dict[str, Any]]
    renditions: list[dict[str, Any]]
    publishers: list[dict[str, Any]]
    cameras: list[dict[str, Any]]
    cpu_s: float
    memory_mb: float

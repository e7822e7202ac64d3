"""What a preset says about streams in browsers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from engine.presets.table import Table
from virtualcam.webrtc.messages import StreamConfig

# Defaults come from the room that uses them, so that both can't disagree.
_STREAM = StreamConfig()


class WebrtcPreset(Table):
    """The Views as WebRTC streams: in the pages, for WHEP players, and to SFUs."""

    enabled: bool = Field(
        default=True,
        title="Enabled",
        description="run the streaming process; it sleeps while nobody watches. Also needed for sinks of "
        "kind whip and for a camera that comes over WebRTC",
    )
    codec: Literal["auto", "h264", "vp8"] = Field(
        default=_STREAM.codec,
        title="Codec",
        description="auto = H.264 for viewers who take it, else VP8",
    )
    kbps_720p: int = Field(
        default=_STREAM.kbps_720p,
        ge=200,
        le=50_000,
        title="Bit rate",
        description="kilobits per second of a picture of 1280x720; others in proportion to their size, "
        "roughly",
    )
    renditions: int = Field(
        default=_STREAM.renditions,
        ge=1,
        le=3,
        title="Renditions",
        description="how many sizes of one View may be encoded at once: whole, half, a quarter; a viewer "
        "with a slow network gets a smaller one",
    )
    most_viewers: int = Field(
        default=_STREAM.most_viewers,
        ge=1,
        le=100,
        title="Most viewers",
        description="of all Views together; for more publish to an SFU",
    )

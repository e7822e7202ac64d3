"""What a preset says about where a View's picture goes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from engine.presets.table import Table


class DeviceSinkPreset(Table):
    """A virtual camera of the operating system."""

    kind: Literal["device"] = Field(title="Kind", description="a virtual camera")
    device: str = Field(
        default="",
        title="Device",
        description='path (/dev/video10) or label of the camera; "" = the first free one',
    )
    matrix: Literal["bt601", "bt709"] = Field(
        default="bt601",
        title="Colours",
        description="bt601 suits browsers, Zoom and ffmpeg; bt709 suits OBS on Linux, at some 2 ms a picture",
    )


class MovieSinkPreset(Table):
    """A recording; an older one is never overwritten."""

    kind: Literal["movie"] = Field(title="Kind", description="a recording")
    path: str = Field(
        pattern=r"(?i).\.mp4$", title="File", description="the .mp4 file to write; its folder exists"
    )
    crf: int = Field(
        default=20,
        ge=0,
        le=51,
        title="Quality",
        description="x264 quality; less is better and larger, 0 = lossless",
    )


SinkPreset = Annotated[DeviceSinkPreset | MovieSinkPreset, Field(discriminator="kind")]

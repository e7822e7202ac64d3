"""What a preset says about where a View's picture goes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from engine.presets.table import Table
from virtualcam.webrtc.publish.address import problem


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

    @property
    def place(self) -> str:
        """Where it goes: each View's its own; empty: it is found at the start."""
        return self.device


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

    @property
    def place(self) -> str:
        """Where it goes: each View's its own."""
        return self.path


class WhipSinkPreset(Table):
    """A server (SFU) that many can watch from, over WHIP: Janus, MediaMTX, LiveKit and others."""

    kind: Literal["whip"] = Field(title="Kind", description="publish to an SFU")
    url: str = Field(
        max_length=2000,
        title="Address",
        description="where to publish, https://...; as the server's manual says",
    )
    token_env: str | None = Field(
        default=None,
        pattern="^[A-Za-z_][A-Za-z0-9_]*$",
        title="Token's variable",
        description="name of the environment variable with the bearer token; the token itself never stands "
        "in a preset",
    )
    token_file: str | None = Field(
        default=None,
        min_length=1,
        title="Token's file",
        description="a file with nothing but the bearer token; with neither of the two none is sent",
    )
    codec: Literal["h264", "vp8"] = Field(
        default="h264", title="Codec", description="what the server passes on to its viewers"
    )

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        if wrong := problem(value):
            raise ValueError(wrong)
        return value

    @model_validator(mode="after")
    def _one_token(self) -> WhipSinkPreset:
        if self.token_env is not None and self.token_file is not None:
            raise ValueError("token_env and token_file both say where the token is; leave one of them out")
        return self

    @property
    def place(self) -> str:
        """Where it goes: each View's its own."""
        return self.url


SinkPreset = Annotated[DeviceSinkPreset | MovieSinkPreset | WhipSinkPreset, Field(discriminator="kind")]

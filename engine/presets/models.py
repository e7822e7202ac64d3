"""What a preset file may say: one stage set-up as pydantic models. The reference page is made from these."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from engine.presets.area import AreaPreset, LensPreset
from engine.presets.identity import IdentityPreset
from engine.presets.obs import ObsPreset
from engine.presets.table import Table
from engine.presets.together import check_together
from engine.presets.view import MOST_VIEWS, ViewPreset
from engine.presets.webrtc import WebrtcPreset


class SourcePreset(Table):
    """Where the wide picture comes from."""

    uri: str = Field(
        default="0",
        min_length=1,
        title="Source",
        description="camera number, camera:NAME or /dev/videoN; video file; rtsp, http or srt address; "
        "webrtc:NAME for a phone or browser that opens /camera/NAME of the control page; stage:NAME for the "
        "built-in scripted stage",
    )
    width: int | None = Field(
        default=None,
        ge=16,
        le=16384,
        title="Width",
        description="pixels to ask the camera for; left out: its best",
    )
    height: int | None = Field(
        default=None,
        ge=16,
        le=16384,
        title="Height",
        description="pixels to ask the camera for; left out: its best",
    )
    fps: float | None = Field(
        default=None, ge=1, le=240, title="Rate", description="pictures per second to ask the camera for"
    )
    pixel_format: str | None = Field(
        default=None,
        pattern="^[A-Z0-9]{4}$",
        title="Pixel format",
        description="four letters to ask the camera for, such as MJPG or YUYV; left out: the fastest",
    )
    loop: bool = Field(default=False, title="Loop", description="play a video file again and again")
    lens: LensPreset = Field(
        default=LensPreset(), title="Lens", description="straightens the picture of a wide angle"
    )

    @model_validator(mode="after")
    def _both_sides(self) -> SourcePreset:
        if (self.width is None) != (self.height is None):
            raise ValueError("give both width and height, or neither")
        return self


class PerceptionPreset(Table):
    """How people are found."""

    pack: Literal["auto", "embedded", "standard", "accurate"] = Field(
        default="auto",
        title="Model pack",
        description="embedded needs the least computer, accurate the most; auto chooses for this one",
    )
    scene: Literal["stage", "general"] = Field(
        default="stage",
        title="Scene",
        description="stage = people who dance, cross and hide one another; general = a street or a hall seen "
        "from afar, with many who only walk past",
    )
    threads: int = Field(
        default=0, ge=0, le=64, title="Threads", description="processor threads for the models; 0 = choose"
    )
    detect_every: int = Field(
        default=3,
        ge=1,
        le=100,
        title="Detector share",
        description="search the whole picture in every N-th look; in between, look at known people only",
    )
    others_per_look: int = Field(
        default=2,
        ge=0,
        le=20,
        title="Others per look",
        description="how many people besides the chosen ones are looked at each time",
    )


class ControlPreset(Table):
    """The control page and API."""

    enabled: bool = Field(
        default=True, title="Enabled", description="serve the page, the API and the live streams"
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        title="Address",
        description="an address of this computer: 127.0.0.1, localhost or ::1; with lan one in the network, "
        "or left as it is for all of them",
    )
    port: int = Field(default=8787, ge=0, le=65535, title="Port", description="TCP port; 0 = any free one")
    lan: bool = Field(
        default=False,
        title="Network",
        description="let other machines in, with a token each; without it only this computer",
    )
    https: bool = Field(
        default=False,
        title="HTTPS",
        description="with a certificate of its own making; a phone gives its camera to secure pages only",
    )


class Preset(Table):
    """One stage set-up."""

    name: str = Field(default="", max_length=80, title="Name", description="for people")
    description: str = Field(default="", max_length=500, title="Description", description="what it is for")
    source: SourcePreset = Field(default=SourcePreset(), title="Source", description="the wide picture")
    area: AreaPreset = Field(default=AreaPreset(), title="Area", description="where people count")
    perception: PerceptionPreset = Field(
        default=PerceptionPreset(), title="Perception", description="how people are found"
    )
    identity: IdentityPreset = Field(default=IdentityPreset(), title="Identity", description="who takes part")
    control: ControlPreset = Field(default=ControlPreset(), title="Control", description="the control page")
    webrtc: WebrtcPreset = Field(
        default=WebrtcPreset(), title="WebRTC", description="streams in browsers and to SFUs"
    )
    obs: ObsPreset | None = Field(
        default=None, title="OBS", description="scenes and label in OBS; left out: OBS is left alone"
    )
    view: tuple[ViewPreset, ...] = Field(
        default=(ViewPreset(),),
        strict=False,
        max_length=MOST_VIEWS,
        json_schema_extra={"minItems": 1},
        title="Views",
        description="the pictures that leave; one [[view]] table each",
    )

    @model_validator(mode="after")
    def _views_fit(self) -> Preset:
        # No min_length: pydantic would count a view with an error in it as absent, and report that too.
        if not self.view:
            raise ValueError("there is no view; write at least one [[view]] table")
        check_together(self.view, self.obs.views() if self.obs else [])
        return self

    @model_validator(mode="after")
    def _obs_needs_control(self) -> Preset:
        if self.obs and not self.control.enabled:
            raise ValueError("[obs] works through the control API; set enabled = true in [control]")
        return self

    @model_validator(mode="after")
    def _streams_need(self) -> Preset:
        """What goes and comes over WebRTC needs the streaming process, and that the control server."""
        if self.control.enabled and self.webrtc.enabled:
            return self
        table = "webrtc" if self.control.enabled else "control"
        fix = f"set enabled = true in [{table}]"
        if self.source.uri.strip().startswith("webrtc:"):
            raise ValueError(f"source {self.source.uri} comes over WebRTC, which is off; {fix}")
        for view in self.view:
            if any(sink.kind == "whip" for sink in view.sink):
                raise ValueError(f"view {view.name!r} is published over WHIP, but WebRTC is off; {fix}")
        return self

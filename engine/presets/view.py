"""What a preset says about one View: size, target, shot, camera, loss, sinks."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from engine.direction.framing import FramingConfig
from engine.direction.lock import LockConfig
from engine.direction.lost import LostConfig
from engine.direction.operators.spring import SpringConfig
from engine.errors import JikcamError
from engine.geometry import parse_aspect
from engine.presets.table import Table
from engine.presets.target import LIVE_ONLY, TARGETS, parse_target

# Defaults come from the room that uses them, so that both can't disagree.
_FRAMING = FramingConfig(aspect=16 / 9)
_SPRING = SpringConfig()
_LOCK = LockConfig()
_LOST = LostConfig()

Share = Annotated[float, Field(ge=0.0, le=0.4)]


class CameraPreset(Table):
    """How calmly the virtual camera moves."""

    settle_s: float = Field(
        default=_SPRING.settle_s,
        ge=0.05,
        le=5,
        title="Pan time",
        description="seconds until a pan has all but arrived; more is calmer",
    )
    deadzone_norm: float = Field(
        default=_SPRING.deadzone_norm,
        ge=0,
        le=0.4,
        title="Dead zone",
        description="share of the picture the person may move either way before the camera follows; 0 = none",
    )
    zoom_settle_s: float = Field(
        default=_SPRING.zoom_settle_s,
        ge=0.05,
        le=10,
        title="Zoom time",
        description="seconds until a zoom has all but arrived",
    )
    zoom_deadzone_norm: float = Field(
        default=_SPRING.zoom_deadzone_norm,
        ge=0,
        le=0.5,
        title="Zoom dead zone",
        description="the zoom rests while the wanted size differs by less than this share; 0 = none",
    )
    max_speed_norm: float = Field(
        default=_SPRING.max_speed_norm,
        gt=0,
        le=20,
        title="Top speed",
        description="fastest pan, in picture widths per second",
    )


class LostPreset(Table):
    """What to show when the person can't be seen."""

    occluded_after_s: float = Field(
        default=_LOCK.occluded_after_s,
        ge=0.05,
        le=10,
        title="Hidden after",
        description="unseen for so many seconds counts as hidden",
    )
    lost_after_s: float = Field(
        default=_LOCK.lost_after_s,
        ge=0.1,
        le=60,
        title="Lost after",
        description="unseen for so many seconds counts as lost; more than occluded_after_s",
    )
    coast_s: float = Field(
        default=_LOST.coast_s,
        ge=0,
        le=5,
        title="Coast",
        description="seconds the camera follows where the person is believed to be",
    )
    hold_s: float = Field(
        default=_LOST.hold_s, ge=0, le=60, title="Hold", description="seconds the camera then stands still"
    )
    then: Literal["wide", "hold", "center"] = Field(
        default=_LOST.then,
        title="Then",
        description="wide = all there is round the place of the loss; center = round the middle; hold = stay",
    )
    ease_s: float = Field(
        default=_LOST.ease_s,
        ge=0.05,
        le=20,
        title="Ease",
        description="seconds the move to the wide picture takes",
    )
    return_s: float = Field(
        default=_LOST.return_s,
        ge=0.05,
        le=20,
        title="Return",
        description="seconds of the move back when the person is found",
    )

    @model_validator(mode="after")
    def _in_order(self) -> LostPreset:
        if self.lost_after_s <= self.occluded_after_s:
            raise ValueError("lost_after_s must be more than occluded_after_s")
        return self


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


class ViewPreset(Table):
    """One picture of one person. Every View is also served as a live stream by the control API."""

    name: str = Field(
        default="main",
        pattern="^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$",
        title="Name",
        description="letters, digits, - and _; no two Views share one",
    )
    width: int = Field(default=1280, ge=16, le=7680, multiple_of=2, title="Width", description="pixels; even")
    height: int = Field(
        default=720, ge=16, le=7680, multiple_of=2, title="Height", description="pixels; even"
    )
    aspect: str | None = Field(
        default=None,
        title="Aspect",
        description='such as "9:16"; gives the side that is left out, and must agree when both are there',
    )
    target: str = Field(
        default="largest",
        title="Target",
        description=f"whom to follow at the start: {TARGETS} (source pixels)",
    )
    reselect: bool = Field(
        default=_LOCK.reselect,
        title="Choose again",
        description="apply the rule of target anew when its person is lost; a person chosen by hand is never "
        "replaced",
    )
    sure: float = Field(
        default=_LOCK.sure_norm,
        ge=0.5,
        le=0.99,
        title="Sure",
        description="how sure it must be that somebody is the chosen person before they are on air; more = "
        "fewer wrong people, more wide pictures",
    )
    shot: Literal["full", "upper", "face", "wide"] = Field(
        default=_FRAMING.shot,
        title="Shot size",
        description="full = head to feet; upper = head to knees; face; wide = all there is",
    )
    switch: Literal["move", "cut"] = Field(
        default="move",
        title="Switch",
        description="how to get to a newly chosen person: travel there, or jump",
    )
    label: bool = Field(default=False, title="Label", description="write the person's name on the picture")
    skeleton: bool = Field(default=False, title="Skeleton", description="draw the person's joints")
    mirror: bool = Field(default=False, title="Mirror", description="turn the picture left to right")
    headroom_norm: Share = Field(
        default=_FRAMING.headroom_norm, title="Headroom", description="share of the picture above the head"
    )
    margin_norm: Share = Field(
        default=_FRAMING.margin_norm, title="Margin", description="share of the picture below the feet"
    )
    hands: Literal["required", "preferred", "off"] = Field(
        default=_FRAMING.hands,
        title="Hands",
        description="required = always room for stretched arms; preferred = widen for hands that are seen",
    )
    max_upscale: float = Field(
        default=_FRAMING.max_upscale,
        ge=1,
        le=8,
        title="Enlargement",
        description="at most so many output pixels per source pixel; more is closer and softer",
    )
    camera: CameraPreset = Field(
        default=CameraPreset(), title="Camera", description="how calmly the camera moves"
    )
    lost: LostPreset = Field(
        default=LostPreset(), title="Lost", description="what to show without the person"
    )
    sink: tuple[SinkPreset, ...] = Field(
        default=(), strict=False, max_length=8, title="Sinks", description="where the picture goes"
    )

    @field_validator("target")
    @classmethod
    def _target(cls, value: str) -> str:
        try:
            request = parse_target(value)
        except JikcamError as error:
            raise ValueError(str(error)) from None
        if request.kind in LIVE_ONLY:
            raise ValueError(f"{value!r} has no meaning before the start; choose one of {TARGETS}")
        return value

    @field_validator("aspect")
    @classmethod
    def _aspect(cls, value: str | None) -> str | None:
        if value is not None:
            _ratio(value)
        return value

    @model_validator(mode="before")
    @classmethod
    def _derive_side(cls, data: Any) -> Any:
        """Fill in the side that the aspect gives. Wrong types are left for the fields to report."""
        if not isinstance(data, dict) or not isinstance(data.get("aspect"), str):
            return data
        try:
            ratio = parse_aspect(data["aspect"])
        except JikcamError:
            return data
        width, height = data.get("width"), data.get("height")
        if width is None:
            tall = 720 if height is None else height
            return {**data, "width": _even(tall * ratio)} if isinstance(tall, int) else data
        if height is None and isinstance(width, int):
            return {**data, "height": _even(width / ratio)}
        return data

    @model_validator(mode="after")
    def _agree(self) -> ViewPreset:
        if self.aspect is not None:
            ratio = _ratio(self.aspect)
            if abs(self.width - self.height * ratio) > 1 and abs(self.height - self.width / ratio) > 1:
                raise ValueError(
                    f"width {self.width} and height {self.height} do not have aspect {self.aspect}; "
                    "leave one of the three out"
                )
        return self


def _ratio(text: str) -> float:
    try:
        return parse_aspect(text)
    except JikcamError as error:
        raise ValueError(str(error)) from None


def _even(pixels: float) -> int:
    """The nearest even number: chroma has half the resolution in 4:2:0."""
    return 2 * round(pixels / 2)

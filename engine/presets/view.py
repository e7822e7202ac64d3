"""What a preset says about one View: size, target, shot, camera, loss, sinks; or which Views it shows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from engine.direction.framing import FramingConfig
from engine.direction.lock import LockConfig
from engine.errors import JikcamError
from engine.geometry import parse_aspect
from engine.perception.coco import COCO_80, thing_class
from engine.presets.camera import CameraPreset
from engine.presets.lost import AutoPreset, LostPreset
from engine.presets.sink import SinkPreset
from engine.presets.table import Table
from engine.presets.target import LIVE_ONLY, TARGETS, parse_target

# Defaults come from the room that uses them, so that both can't disagree.
_FRAMING = FramingConfig(aspect=16 / 9)
_LOCK = LockConfig()

#: As many as anybody has asked for: a stage full of members, each with their own picture.
MOST_VIEWS = 24

Share = Annotated[float, Field(ge=0.0, le=0.4)]


class ViewPreset(Table):
    """One picture: of one person, or of other Views. Each is also a live stream of the control API."""

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
    each: Literal["member"] | None = Field(
        default=None,
        title="Each",
        description="member = a View like this for each enrolled person, named NAME-PERSON, or for each of "
        "the `people` of [identity] from the left when nobody is enrolled; {name} and {n} in its sinks are "
        "filled in; left out: one View",
    )
    grid: tuple[str, ...] = Field(
        default=(),
        strict=False,
        max_length=MOST_VIEWS,
        title="Grid",
        description="shows these Views side by side in rows instead of a person",
    )
    split: tuple[str, ...] = Field(
        default=(),
        strict=False,
        max_length=MOST_VIEWS,
        title="Split",
        description="shows the people of these two Views in one half of the picture each",
    )
    preview_of: str | None = Field(
        default=None,
        title="Preview of",
        description="shows whom that View would take next, for the eyes of the one who directs",
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
    shot: Literal["full", "upper", "chest", "face", "group", "wide"] = Field(
        default=_FRAMING.shot,
        title="Shot size",
        description="full = head to feet; upper = head to knees; chest = head to hips; face; group = the "
        "person and whoever fits in beside them; wide = all there is",
    )
    switch: Literal["move", "cut"] = Field(
        default="move",
        title="Switch",
        description="how to get to a newly chosen person: travel there, or jump",
    )
    switch_s: float = Field(
        default=0.8,
        ge=0.1,
        le=10,
        title="Switch time",
        description="seconds such a move takes; longer when it is far",
    )
    label: bool = Field(default=False, title="Label", description="write the person's name on the picture")
    skeleton: bool = Field(default=False, title="Skeleton", description="draw the person's joints")
    mirror: bool = Field(default=False, title="Mirror", description="turn the picture left to right")
    choice: bool = Field(
        default=False,
        title="Choice",
        description="viewers of this View's page may go over to the other Views: their own member, their own "
        "aspect",
    )
    headroom_norm: Share = Field(
        default=_FRAMING.headroom_norm, title="Headroom", description="share of the picture above the head"
    )
    margin_norm: Share = Field(
        default=_FRAMING.margin_norm, title="Margin", description="share of the picture below the feet"
    )
    lead_norm: Share = Field(
        default=_FRAMING.lead_norm,
        title="Lead room",
        description="room in front of somebody who travels, as a share of the picture's width; 0 = none",
    )
    object: str = Field(
        default=_FRAMING.object_label,
        max_length=40,
        title="Object",
        description="a thing to keep in the picture beside the person: a class of COCO such as "
        '"sports ball"; "" = none',
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
    auto: AutoPreset | None = Field(
        default=None, title="Auto-director", description="who chooses; left out: people do"
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

    @field_validator("object")
    @classmethod
    def _object(cls, value: str) -> str:
        try:
            return COCO_80[thing_class(value)] if value else value
        except JikcamError as error:
            raise ValueError(str(error)) from None

    @field_validator("grid", "split", mode="before")
    @classmethod
    def _a_list_of_views(cls, value: Any) -> Any:
        if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
            raise ValueError('a list of Views is wanted; write it as ["left", "right"]')
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

    @model_validator(mode="after")
    def _one_thing(self) -> ViewPreset:
        """A View shows a person, or other Views, or a preview; and one file is written by one View."""
        if len(self.split) not in (0, 2) or len(set(self.split)) != len(self.split):
            raise ValueError(f"split has {len(set(self.split))} Views; give it two")
        shows = [key for key in ("each", "grid", "split", "preview_of") if getattr(self, key)]
        if len(shows) > 1:
            raise ValueError(f"{shows[0]} and {shows[1]} don't go together; make two Views of them")
        for sink in self.sink if self.each else ():
            where = sink.place
            if where and "{n}" not in where and "{name}" not in where:
                raise ValueError(f"all Views would write to {where!r}; put {{name}} or {{n}} into it")
        return self

    @property
    def others(self) -> tuple[str, ...]:
        """Names of the Views that it shows; none when it follows somebody itself."""
        return (*self.grid, *self.split, *([self.preview_of] if self.preview_of else ()))


def _ratio(text: str) -> float:
    try:
        return parse_aspect(text)
    except JikcamError as error:
        raise ValueError(str(error)) from None


def _even(pixels: float) -> int:
    """The nearest even number: chroma has half the resolution in 4:2:0."""
    return 2 * round(pixels / 2)

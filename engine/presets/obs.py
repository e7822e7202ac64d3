"""What a preset says about OBS: the link, the scenes, the rules that switch them, the label."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from engine.presets.table import Table

#: Scenes that jikcam may make and remove bear this; it never touches others.
SCENE_PREFIX = "jikcam"

When = Literal["held", "occluded", "unsure", "lost", "nobody", "unseen", "chosen", "trouble", "always"]
SourceName = Annotated[str, Field(min_length=1, max_length=100)]
SceneName = Annotated[str, Field(min_length=1, max_length=100)]


class ObsLabelPreset(Table):
    """The text source with the target's name. `{name}` is the name, `{state}` how the lock stands."""

    enabled: bool = Field(
        default=True, title="Label", description="keep a text source with the name up to date"
    )
    source: str = Field(
        default="jikcam label",
        min_length=1,
        max_length=100,
        title="Source",
        description="name of the text source in OBS; one of the user's own is only given its text",
    )
    view: str | None = Field(
        default=None, title="View", description="the View whose person is named; left out: the first"
    )
    held: str = Field(
        default="{name}", max_length=200, title="Held", description="text while the person is held"
    )
    occluded: str = Field(
        default="{name}",
        max_length=200,
        title="Hidden",
        description="text while they are hidden for a moment",
    )
    unsure: str = Field(
        default="{name}",
        max_length=200,
        title="Unsure",
        description="text while it is not sure who they are; `{name}` then ends in a question mark",
    )
    lost: str = Field(default="", max_length=200, title="Lost", description="text while they are lost")
    nobody: str = Field(default="", max_length=200, title="Nobody", description="text while nobody is chosen")
    place: Literal["top-left", "top", "top-right", "bottom-left", "bottom", "bottom-right"] = Field(
        default="bottom-left", title="Place", description="where in the picture"
    )
    height_norm: float = Field(
        default=0.07,
        ge=0.01,
        le=0.5,
        title="Height",
        description="height of the text as a share of the picture's height",
    )
    margin_norm: float = Field(
        default=0.04, ge=0, le=0.4, title="Margin", description="share of the picture's height to its edges"
    )
    font: str = Field(
        default="",
        max_length=100,
        title="Font",
        description='a font of this computer; "" = OBS\'s own choice',
    )
    color: str = Field(
        default="#ffffff", pattern="^#[0-9a-fA-F]{6}$", title="Colour", description="of the letters, #RRGGBB"
    )
    outline: bool = Field(
        default=True, title="Outline", description="a dark edge, so that it reads on anything"
    )


class ObsScenePreset(Table):
    """A scene that `jikcam obs setup` makes."""

    name: SceneName = Field(
        pattern=f"^{SCENE_PREFIX}( .*)?$", title="Name", description=f"begins with {SCENE_PREFIX}"
    )
    view: str | None = Field(
        default=None, title="View", description="whose picture fills it; left out: the first View"
    )
    label: bool = Field(default=True, title="Label", description="show the label in it")


class ObsRulePreset(Table):
    """Shows a scene while something holds. The first rule that holds wins; while none does, all stays."""

    scene: SceneName = Field(title="Scene", description="one of jikcam's or of the user's own")
    when: When = Field(
        title="When",
        description="held, occluded, unsure, lost, nobody = how the View's lock stands; "
        "unseen = unsure, lost or nobody, when the View is wide; "
        "chosen = at least `people` different people are chosen in all Views together; "
        "trouble = the engine or its source is away; always = whatever happens",
    )
    view: str | None = Field(
        default=None, title="View", description="the View that is asked; left out: the first"
    )
    for_s: float = Field(
        default=0.0,
        ge=0,
        le=600,
        title="For",
        description="it must have held for so many seconds without a break",
    )
    people: int = Field(default=2, ge=1, le=20, title="People", description='for when = "chosen"')


class ObsPreset(Table):
    """OBS Studio on this or another computer; `jikcam run` then starts the OBS controller."""

    host: str = Field(default="127.0.0.1", min_length=1, title="Address", description="where OBS runs")
    port: int = Field(default=4455, ge=1, le=65535, title="Port", description="of OBS's WebSocket server")
    password_file: str = Field(
        default="",
        title="Password file",
        description="a file with the password alone in it, readable only by you; left out: the variable "
        "JIKCAM_OBS_PASSWORD, the system's keyring, or what OBS on this computer has saved itself",
    )
    feed: Literal["stream", "camera"] = Field(
        default="stream",
        title="Feed",
        description="how the picture gets into OBS: stream needs no driver; camera = the virtual camera",
    )
    camera: str = Field(
        default="",
        title="Camera",
        description='for feed = "camera": its path or label; "" = the first View\'s device',
    )
    dwell_s: float = Field(
        default=2.0,
        ge=0.2,
        le=600,
        title="Dwell",
        description="a scene stays for at least so many seconds before a rule may switch again",
    )
    delay_audio: tuple[SourceName, ...] = Field(
        default=(),
        strict=False,
        max_length=50,
        title="Delayed sound",
        description="audio sources of OBS, such as the microphone, that are to be as late as the picture "
        "of a View with operator = lookahead; it is their sync offset, and set back at the end",
    )
    delay_sources: tuple[SourceName, ...] = Field(
        default=(),
        strict=False,
        max_length=50,
        title="Delayed pictures",
        description="other pictures of OBS, such as a webcam, that are to be as late; it is a filter named "
        "jikcam delay, and removed at the end",
    )
    label: ObsLabelPreset = Field(default=ObsLabelPreset(), title="Label", description="the person's name")
    scene: tuple[ObsScenePreset, ...] = Field(
        default=(ObsScenePreset(name=SCENE_PREFIX),),
        strict=False,
        max_length=20,
        title="Scenes",
        description="made by `jikcam obs setup`",
    )
    rule: tuple[ObsRulePreset, ...] = Field(
        default=(), strict=False, max_length=50, title="Rules", description="which scene when"
    )

    @field_validator("delay_audio", "delay_sources", mode="before")
    @classmethod
    def _a_list_of_names(cls, value: object) -> object:
        if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
            raise ValueError('a list of sources is wanted; write it as ["Mic/Aux"]')
        ours = [name for name in value if name.startswith(f"{SCENE_PREFIX} feed ")]
        if ours:
            raise ValueError(f"{ours[0]!r} is jikcam's own picture, which is late already; leave it out")
        return value

    @model_validator(mode="after")
    def _names_differ(self) -> ObsPreset:
        names = [scene.name for scene in self.scene]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two scenes are named {twice[0]!r}; give each its own name")
        return self

    def views(self) -> list[str]:
        """Names of Views that are spoken of."""
        named = [self.label.view, *(s.view for s in self.scene), *(r.view for r in self.rule)]
        return [name for name in named if name is not None]

"""What a preset says about who takes part and what they are recognised by."""

from __future__ import annotations

from pydantic import Field, field_validator

from engine.presets.table import Table


class IdentityPreset(Table):
    """Who takes part, and what they are recognised by. People are enrolled with `jikcam enroll`."""

    gallery: str = Field(
        default="", title="Gallery", description='folder of the enrolled people; "" = your own gallery'
    )
    members: tuple[str, ...] = Field(
        default=(),
        strict=False,
        max_length=200,
        title="Members",
        description="names of the enrolled people, or of their groups, who may be in this show; fewer are "
        "told apart better; [] = everybody in the gallery",
    )
    people: int = Field(
        default=0,
        ge=0,
        le=50,
        title="People",
        description="how many people there are in all, on stage or not; then nobody is taken for somebody "
        "new; 0 = unknown",
    )
    faces: bool = Field(default=True, title="Faces", description="know people by their faces")
    bodies: bool = Field(
        default=True,
        title="Bodies",
        description="know people by their clothes and build",
    )

    @field_validator("members", mode="before")
    @classmethod
    def _a_list_of_names(cls, value: object) -> object:
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) and v.strip() for v in value):
            raise ValueError('a list of names is wanted; write it as ["Mina", "Sora"]')
        return value

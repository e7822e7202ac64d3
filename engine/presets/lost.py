"""What a preset says about a View without its person, and about one that chooses for itself."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from engine.direction.auto import AutoConfig
from engine.direction.lock import LockConfig
from engine.direction.lost import LostConfig
from engine.presets.table import Table
from engine.presets.target import MAX_NAME

# Defaults come from the room that uses them, so that both can't disagree.
_LOCK = LockConfig()
_LOST = LostConfig()
_AUTO = AutoConfig()


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
    then: Literal["full", "wide", "group", "center", "hold"] = Field(
        default=_LOST.then,
        title="Then",
        description="full = the whole picture, with bars where the View has another aspect; wide = as much "
        "as fills the View round the place of the loss; group = everybody who is seen; center = as wide "
        "round the middle; hold = stay",
    )
    ease_s: float = Field(
        default=_LOST.ease_s,
        ge=0.05,
        le=20,
        title="Ease",
        description="seconds the move to the wide picture takes",
    )
    back: Literal["move", "cut"] = Field(
        default=_LOST.back, title="Back", description="how to return to the person: travel there, or jump"
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


class AutoPreset(Table):
    """The auto-director: the View chooses whom it shows. Without this table people choose."""

    enabled: bool = Field(default=True, title="Enabled", description="false = people choose after all")
    rule: Literal["moves", "center", "order"] = Field(
        default=_AUTO.rule,
        title="Rule",
        description="moves = who moves most; center = who stands nearest to the middle; order = one after "
        "the other",
    )
    dwell_s: float = Field(
        default=_AUTO.dwell_s,
        ge=1,
        le=600,
        title="Dwell",
        description="somebody is shown for at least so many seconds, unless they go out of sight",
    )
    order: tuple[str, ...] = Field(
        default=(),
        strict=False,
        max_length=200,
        title="Order",
        description='for rule = "order": names, or member numbers such as "2"; [] = everybody in sight, from '
        "the left",
    )

    @field_validator("order", mode="before")
    @classmethod
    def _a_list_of_names(cls, value: object) -> object:
        if not isinstance(value, list | tuple) or not all(_is_name(entry) for entry in value):
            raise ValueError('a list of names or numbers is wanted; write it as ["Mina", "2"]')
        return value


def _is_name(entry: object) -> bool:
    return isinstance(entry, str) and 0 < len(entry.strip()) <= MAX_NAME and entry.isprintable()

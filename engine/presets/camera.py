"""What a preset says about how the camera moves: an operator, a feel, and every number behind it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from engine.direction.operators.feel import feel_of
from engine.errors import JikcamError
from engine.presets.table import Table


def _number(title: str, low: float, high: float, description: str) -> Any:
    """A number that the feel gives where it is not written."""
    return Field(default=None, ge=low, le=high, title=title, description=description)


class PathPreset(Table):
    """The path of lookahead and take, which know what comes. What is not written follows from `feel`."""

    tolerance_norm: float | None = _number(
        "Tolerance",
        0.02,
        0.4,
        "how far off the middle the person may be, as a share of the picture's width; the camera rests "
        "while they stay within",
    )
    smooth_s: float | None = _number(
        "Smoothness", 0.05, 1.5, "moves start earlier, end later and are softer with more"
    )
    stillness_s: float | None = _number(
        "Stillness", 0, 10, "how long a new place must be better to be worth a move; more = longer rests"
    )
    zoom_tolerance_norm: float | None = _number(
        "Zoom tolerance", 0.01, 0.5, "how far off the size may be, as a share of it"
    )
    zoom_smooth_s: float | None = _number("Zoom smoothness", 0.05, 1.5, "as smooth_s, for the zoom")
    margin_norm: float | None = _number(
        "Margin", 0, 0.2, "room between head or trunk and the edge, as a share of the picture"
    )


class CameraPreset(Table):
    """How the virtual camera moves. What is not written follows from `feel`."""

    operator: Literal["live", "lookahead", "take"] = Field(
        default="live",
        title="Operator",
        description="live = at once; lookahead = everything delay_s later, and steadier; take = plans a "
        "whole video (with `jikcam run --fast` only), steadiest",
    )
    feel: Literal["calm", "normal", "dance", "sport"] = Field(
        default="normal",
        title="Feel",
        description="from the slowest to the fastest camera; balanced means normal, tight means sport",
    )
    delay_s: float = Field(
        default=0.5,
        ge=0.25,
        le=1.5,
        title="Delay",
        description="for operator = lookahead: how far it sees ahead, and how much later the picture comes",
    )
    settle_s: float | None = _number(
        "Pan time", 0.2, 5, "seconds until a pan has all but arrived; more is calmer"
    )
    deadzone_norm: float | None = _number(
        "Dead zone",
        0,
        0.4,
        "share of the picture the person may move either way before the camera follows; 0 = none",
    )
    zoom_settle_s: float | None = _number(
        "Zoom time", 0.2, 10, "seconds until zooming in has all but arrived; out is a little faster"
    )
    zoom_deadzone_norm: float | None = _number(
        "Zoom dead zone", 0, 0.5, "the zoom rests while the wanted size differs by less than this; 0 = none"
    )
    lead: float | None = _number(
        "Lead", 0, 1, "how much of the lag behind somebody who travels is made good: 0 = none, 1 = all"
    )
    max_speed_norm: float | None = _number("Top speed", 0.05, 20, "fastest pan, in picture widths per second")
    max_accel_norm: float | None = _number(
        "Top acceleration", 0.1, 100, "how fast a pan gets faster, in picture widths per second squared"
    )
    max_zoom_norm: float | None = _number(
        "Top zoom speed", 0.05, 10, "growth per second, as a share of the picture's size"
    )
    max_widen: float | None = _number(
        "Widening", 1, 3, "how much wider the picture may get so that a sudden dash stays in it; 1 = not"
    )
    path: PathPreset = Field(default=PathPreset(), title="Path", description="the path of lookahead and take")

    @field_validator("feel", mode="before")
    @classmethod
    def _by_its_other_name(cls, value: Any) -> Any:
        """``tight`` and ``balanced`` are read as what they mean; the rest is for the field to report."""
        try:
            return feel_of(value).value if isinstance(value, str) else value
        except JikcamError:
            return value

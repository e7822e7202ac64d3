"""A stage in one line of text, as the command line and presets write it."""

from __future__ import annotations

import math

from engine.errors import JikcamError
from engine.geometry import Size
from engine.sources.stage.choreography import scene
from engine.sources.stage.scene import Scene

_KEYS = "people, size, fps, seconds, seed, pan, background"
_EXAMPLE = "write for example stage:cross,people=4,size=1280x720,fps=30,seconds=20,seed=1"


def parse_stage(
    text: str, *, size: Size | None = None, fps: float | None = None
) -> tuple[Scene, float | None]:
    """The scene and its duration in seconds (None: endless) of ``"stage:cross,people=4,seconds=20"``.

    Args:
        text: the choreography, then keys: people, size, fps, seconds, seed, pan (px/s), background.
        size, fps: where the text does not say; 1920 x 1080 and 30 otherwise.

    Raises:
        JikcamError: an unknown key or choreography, or a value out of bounds.
    """
    choreography, *settings = [part.strip() for part in text.removeprefix("stage:").split(",")]
    values: dict[str, str] = {}
    for setting in settings:
        key, equals, value = (part.strip() for part in setting.partition("="))
        if not equals or key not in _KEYS.split(", ") or key in values:
            raise JikcamError(
                f"{setting!r} in {text!r} is not understood", f"the keys are {_KEYS}; {_EXAMPLE}"
            )
        values[key] = value
    made = scene(
        choreography or "crowd",
        _whole(values, "people", 4, 1, 24),
        _size(values["size"]) if "size" in values else size or Size(1920, 1080),
        _number(values, "fps", fps or 30.0, 1.0, 240.0),
        _whole(values, "seed", 0, 0, 2**31),
        background=values.get("background", "stage"),
        camera_pan_px_s=_number(values, "pan", 0.0, 0.0, 1000.0),
    )
    seconds = _number(values, "seconds", 0.0, 0.01, 1e6) if "seconds" in values else None
    return made, seconds


def _number(values: dict[str, str], key: str, default: float, least: float, most: float) -> float:
    if key not in values:
        return default
    try:
        number = float(values[key])
    except ValueError:
        number = math.nan
    if not least <= number <= most:
        raise JikcamError(f"{key}={values[key]} is not a number from {least:g} to {most:g}", _EXAMPLE)
    return number


def _whole(values: dict[str, str], key: str, default: int, least: int, most: int) -> int:
    number = _number(values, key, default, least, most)
    if number != int(number):
        raise JikcamError(f"{key}={values[key]} is not a whole number", _EXAMPLE)
    return int(number)


def _size(text: str) -> Size:
    width, _, height = text.lower().partition("x")
    if width.isdecimal() and height.isdecimal() and 160 <= int(width) <= 7680 and 90 <= int(height) <= 4320:
        return Size(int(width), int(height))
    raise JikcamError(f"size={text} is not a picture size from 160x90 to 7680x4320", _EXAMPLE)

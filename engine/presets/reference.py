"""Writes the reference page of presets from the models: ``python -m engine.presets.reference FILE``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from engine.presets.area import AreaPreset, LensPreset
from engine.presets.camera import CameraPreset, PathPreset
from engine.presets.identity import IdentityPreset
from engine.presets.lost import AutoPreset, LostPreset
from engine.presets.migrate import SCHEMA
from engine.presets.models import ControlPreset, PerceptionPreset, Preset, SourcePreset
from engine.presets.obs import ObsLabelPreset, ObsPreset, ObsRulePreset, ObsScenePreset
from engine.presets.sink import DeviceSinkPreset, MovieSinkPreset, WhipSinkPreset
from engine.presets.view import ViewPreset
from engine.presets.webrtc import WebrtcPreset

_TABLES: tuple[tuple[str, type[BaseModel]], ...] = (
    ("(top of the file)", Preset),
    ("[source]", SourcePreset),
    ("[source.lens]", LensPreset),
    ("[area]", AreaPreset),
    ("[perception]", PerceptionPreset),
    ("[identity]", IdentityPreset),
    ("[control]", ControlPreset),
    ("[webrtc]", WebrtcPreset),
    ("[obs]", ObsPreset),
    ("[obs.label]", ObsLabelPreset),
    ("[[obs.scene]]", ObsScenePreset),
    ("[[obs.rule]]", ObsRulePreset),
    ("[[view]]", ViewPreset),
    ("[view.camera]", CameraPreset),
    ("[view.camera.path]", PathPreset),
    ("[view.auto]", AutoPreset),
    ("[view.lost]", LostPreset),
    ('[[view.sink]] with kind = "device"', DeviceSinkPreset),
    ('[[view.sink]] with kind = "movie"', MovieSinkPreset),
    ('[[view.sink]] with kind = "whip"', WhipSinkPreset),
)
_HEAD = f"""# Presets

A preset is a TOML file with one stage set-up. `jikcam preset list` shows the shipped ones and those saved in
the control room, `jikcam preset new my.toml` copies one to start from, `jikcam preset check my.toml` reads
one and says what is wrong. Every key has a default; a key that is not listed here is an error.

A key's name ends in its unit: `_s` seconds, `_norm` a share of the picture (0.1 = a tenth).
`schema = {SCHEMA}` at the top is the version of this format.
`[view.camera]`, `[view.camera.path]`, `[view.auto]`, `[view.lost]` and `[[view.sink]]` belong to the
`[[view]]` above them. What the camera operator does with its numbers is in [operator.md](operator.md).

Changed while a show runs, `source`, `perception.pack`, `perception.threads`, `identity`, `control`, `webrtc`
and a View's `target`, `object`, `each`, `grid`, `split`, `preview_of` and sinks take effect at the next
start, as do the `width`, `height` and `aspect` of a View that feeds a virtual camera or a recording, and an
`operator` that was or becomes `take`; everything else at the next picture.

<!-- Written by `python -m engine.presets.reference docs/presets.md`; change the models instead. -->
"""
_BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "minLength": "not empty",
    "maxLength": "at most {} characters",
}
_TYPES = {"integer": "whole number", "number": "number", "string": "text", "boolean": "true or false"}
_LISTS = {"string": "list of texts", "array": "list of corners"}


def reference() -> str:
    """The page as Markdown."""
    sections = [_HEAD]
    for header, model in _TABLES:
        schema = model.model_json_schema()
        rows = [
            f"| `{key}` | {_allowed(_plain(field))} | {_default(model, key)} | {field['description']} |"
            for key, field in schema["properties"].items()
            if _plain(field)
        ]
        title = header if header.startswith("(") else f"`{header}`"
        intro = f"## {title}\n\n{schema['description']}\n"
        sections.append(
            "\n".join([intro, "| Key | Value | Default | Meaning |", "|---|---|---|---|", *rows, ""])
        )
    return "\n".join(sections)


def _plain(field: dict[str, Any]) -> dict[str, Any]:
    """The part of the field's schema that is not "or left out"; empty for inner tables."""
    options = [f for f in field.get("anyOf", [field]) if f.get("type") != "null"]
    field = options[0]
    is_list = field.get("type") == "array" and field["items"].get("type") in _LISTS
    return field if is_list or field.get("type") in _TYPES or "const" in field else {}


def _allowed(field: dict[str, Any]) -> str:
    if "const" in field:
        return f'`"{field["const"]}"`'
    if "enum" in field:
        return ", ".join(f'`"{value}"`' for value in field["enum"])
    if field["type"] == "array":
        depth = json.dumps(field).count('"prefixItems"') and json.dumps(field).count('"array"')
        return "list of polygons" if depth > 2 else _LISTS[field["items"]["type"]]
    bounds = [text.format(f"{field[key]:g}") for key, text in _BOUNDS.items() if key in field]
    return ", ".join([_TYPES[field["type"]], *bounds])


def _default(model: type[BaseModel], key: str) -> str:
    value = model.model_fields[key].default
    if value is PydanticUndefined:
        return "must be given"
    if value is None:
        return "by `feel`" if model in (CameraPreset, PathPreset) else "left out"
    return (
        f"`{str(value).lower()}`"
        if isinstance(value, bool)
        else f'`"{value}"`'
        if isinstance(value, str)
        else f"`{list(value) if isinstance(value, tuple) else value}`"
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m engine.presets.reference FILE")
    Path(sys.argv[1]).write_text(reference(), "utf-8", newline="\n")

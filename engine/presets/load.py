"""Reads preset files: TOML text to a checked Preset, or one line that says what is wrong and where."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from engine.errors import JikcamError
from engine.presets.lines import KeyLines
from engine.presets.migrate import SCHEMA, migrated
from engine.presets.models import Preset
from engine.presets.problems import Place, preset_error, syntax_line

#: The shipped presets lie beside the package, in a checkout as well as when installed.
FOLDER = Path(__file__).parents[2] / "presets"


def builtin_presets() -> dict[str, Path]:
    """Name -> file of every shipped preset, by name."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.toml"))}


def load_preset(name: str | Path) -> Preset:
    """The shipped preset of that name, or the preset in that file.

    What has a folder in it or ends in ``.toml`` is a file.

    Raises:
        JikcamError: no such preset, or there is something wrong in it.
    """
    shipped = builtin_presets()
    is_file = isinstance(name, Path) or name.endswith(".toml") or "/" in name or "\\" in name
    if not is_file and name not in shipped:
        raise JikcamError(
            f"there is no preset {name!r}", f"give a .toml file or one of: {', '.join(shipped)}"
        )
    path = Path(name) if is_file else shipped[str(name)]
    try:
        text = path.read_text("utf-8-sig")  # Windows editors like to put a byte order mark in front
    except UnicodeDecodeError:
        raise JikcamError(f"{path} is not UTF-8 text", "save it as UTF-8 in the editor") from None
    except OSError as error:
        raise JikcamError(
            f"can't read preset {path}: {error.strerror}", "check the name, or see: jikcam preset list"
        ) from None
    return parse_preset(text, str(path))


def parse_preset(text: str, origin: str) -> Preset:
    """The preset that the TOML ``text`` describes.

    Args:
        text: TOML 1.0.
        origin: file name for messages.

    Raises:
        JikcamError: with origin, line and key.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        raise JikcamError(
            f"{origin}:{syntax_line(message, text)}: not valid TOML: {message}",
            "look at that line and the one before",
        ) from None
    lines = KeyLines(text)
    return _checked(data, lambda path: f"{origin}:{lines.find(path)}", f"{origin}:{lines.find(['schema'])}")


def check_preset(data: Mapping[str, Any], origin: str) -> Preset:
    """The preset in ``data``, shaped like the TOML tables.

    Raises:
        JikcamError: with origin and key.
    """
    return _checked(data, lambda _path: origin, origin)


def json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of preset files, for editors that complete and check TOML."""
    schema = Preset.model_json_schema()
    number = {
        "type": "integer",
        "minimum": 0,
        "maximum": SCHEMA,
        "default": SCHEMA,
        "title": "Schema",
        "description": "version of this file format",
    }
    schema["properties"] = {"schema": number, **schema["properties"]}
    return schema


def _checked(data: Mapping[str, Any], place: Place, schema_place: str) -> Preset:
    tables = migrated(data, schema_place)
    try:
        return Preset.model_validate(tables)
    except ValidationError as error:
        raise preset_error(error, place) from None

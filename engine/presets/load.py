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
from engine.presets.where import presets_folder

#: The shipped presets lie beside the package, in a checkout as well as when installed.
FOLDER = Path(__file__).parents[2] / "presets"


def builtin_presets() -> dict[str, Path]:
    """Name -> file of every shipped preset, by name."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.toml"))}


def user_presets() -> dict[str, Path]:
    """Name -> file of every preset that the user has saved, by name; a shipped one's name means that one."""
    shipped = builtin_presets()
    try:
        found = sorted(presets_folder().glob("*.toml"))
    except OSError:  # a folder that can't be read has nothing in it
        return {}
    return {path.stem: path for path in found if path.stem not in shipped and path.is_file()}


def load_preset(name: str | Path) -> Preset:
    """The shipped preset of that name, the one that the user saved under it, or the preset in that file.

    What has a folder in it or ends in ``.toml`` is a file.

    Raises:
        JikcamError: no such preset, or there is something wrong in it.
    """
    is_file = isinstance(name, Path) or name.endswith(".toml") or "/" in name or "\\" in name
    known = {} if is_file else {**user_presets(), **builtin_presets()}
    if not is_file and name not in known:
        raise JikcamError(f"there is no preset {name!r}", f"give a .toml file or one of: {', '.join(known)}")
    path = Path(name) if is_file else known[str(name)]
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
    except RecursionError:
        raise JikcamError(f"{origin}: lists are nested too deep", "take some of the [ ] away") from None
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

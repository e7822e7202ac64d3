"""Writes a preset as TOML: only what differs from the defaults, so that a reader sees what matters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from engine.presets.migrate import SCHEMA
from engine.presets.models import Preset
from engine.presets.view import ViewPreset

#: Written even when they are the defaults: what everybody looks for first.
_ALWAYS = ("name", "width", "height", "target", "shot")
#: What TOML wants escaped in a basic string (TOML 1.0, "String").
_ESCAPED = re.compile(r'[\x00-\x1f\x7f"\\]')


def dump_preset(preset: Preset) -> str:
    """The preset as TOML text; ``parse_preset`` gives the same preset back."""
    return "\n".join((f"schema = {SCHEMA}", *_table(preset, ""))) + "\n"


def _table(model: BaseModel, path: str) -> Iterator[str]:
    """Lines of one table: its own keys, then the tables in it, as TOML demands."""
    always = _ALWAYS if isinstance(model, ViewPreset) else ()
    inner: list[tuple[str, Any]] = []
    for key, field in type(model).model_fields.items():
        value = getattr(model, key)
        if isinstance(value, BaseModel) or (isinstance(value, tuple) and not _is_plain(value)):
            inner.append((key, value))
        elif key in always or value != field.get_default():
            yield f"{key} = {_value(value)}"
    for key, value in inner:
        header = f"{path}.{key}" if path else key
        if isinstance(value, tuple):
            if value == type(model).model_fields[key].default and key != "view":
                continue
            for element in value:
                yield from ("", f"[[{header}]]", *_table(element, header))
        elif (lines := list(_table(value, header))) or type(model).model_fields[key].default is None:
            # A table that may be left out says something even when it is empty.
            yield from ("", f"[{header}]", *lines)


def _is_plain(values: tuple[Any, ...]) -> bool:
    """Whether it is a list of texts or numbers or lists, not of tables."""
    return not any(isinstance(value, BaseModel) for value in values)


def _value(value: str | bool | int | float | tuple[Any, ...]) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + _ESCAPED.sub(_escape, value) + '"'
    return repr(value)


def _escape(found: re.Match[str]) -> str:
    char = found[0]
    return f"\\{char}" if char in '"\\' else f"\\u{ord(char):04x}"

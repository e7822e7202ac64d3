"""What is wrong with a preset, in one line: file and line, the key, what is allowed."""

from __future__ import annotations

import difflib
import re
import types
import typing
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from engine.errors import JikcamError
from engine.presets.models import Preset
from engine.presets.sink import DeviceSinkPreset, MovieSinkPreset, WhipSinkPreset

Place = Callable[[tuple[str | int, ...]], str]

_KINDS: dict[str, type[BaseModel]] = {
    "device": DeviceSinkPreset,
    "movie": MovieSinkPreset,
    "whip": WhipSinkPreset,
}
_TYPES = {
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": 'text in "quotes"',
    "finite_number": "a finite number",
    "tuple_type": "a list of tables, written as [[...]]",
    "model_type": "a table, written as [...]",
    "dict_type": "a table, written as [...]",
}


def preset_error(error: ValidationError, place: Place) -> JikcamError:
    """The first problem as a JikcamError, with the number of the others.

    Args:
        error: from validating a Preset.
        place: gives "file:line" of a key path.
    """
    first, *others = error.errors(include_url=False)
    path = _file_path(first["loc"])
    problem, fix = _explain(first, path)
    more = f" (and {len(others)} more)" if others else ""
    return JikcamError(f"{place(path)}: {problem}{more}", fix)


def key_text(path: tuple[str | int, ...]) -> str:
    """``view[2].camera.settle_s`` for ("view", 1, "camera", "settle_s"): people count from 1."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _file_path(loc: tuple[int | str, ...]) -> tuple[str | int, ...]:
    """The location by pydantic without the sink kind, which it puts in though it is no key."""
    return tuple(
        part
        for i, part in enumerate(loc)
        if not (i >= 2 and loc[i - 2] == "sink" and isinstance(loc[i - 1], int) and part in _KINDS)
    )


def _explain(error: ErrorDetails, path: tuple[str | int, ...]) -> tuple[str, str]:
    """(problem, fix) of one error."""
    key, kind, context = key_text(path), error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        known = _keys_beside(error["loc"])
        near = difflib.get_close_matches(str(path[-1]), known, n=1, cutoff=0.6)
        fix = f"did you mean {near[0]!r}?" if near else f"allowed here: {', '.join(known)}"
        return f"unknown key {key!r}", fix
    if kind == "missing":
        return f"{key!r} is missing", "add it"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return (
            f"{key}.kind is {'unknown' if 'invalid' in kind else 'missing'}",
            'write "device", "movie" or "whip"',
        )
    if kind == "value_error":
        problem, _, fix = str(context["error"]).partition("; ")
        return (f"{key}: {problem}" if key else problem), fix
    return f"{key} = {_shown(error['input'])} is not allowed", _allowed(kind, context, error["msg"])


def _allowed(kind: str, context: dict[str, Any], message: str) -> str:
    if kind == "literal_error":
        return f"write {context['expected'].replace(chr(39), chr(34))}"
    if kind in _TYPES:
        return f"write {_TYPES[kind]}"
    if kind in ("greater_than_equal", "greater_than", "less_than_equal", "less_than"):
        word = {"g": "more than" if kind == "greater_than" else "at least", "l": "at most"}[kind[0]]
        limit = context.get("ge", context.get("gt", context.get("le", context.get("lt"))))
        return f"write {word} {limit:g}"
    if kind == "multiple_of":
        return "write an even number"
    return (
        f"write what matches {context['pattern']}" if kind == "string_pattern_mismatch" else message.lower()
    )


def _shown(value: object) -> str:
    text = {True: "true", False: "false"}.get(value) if isinstance(value, bool) else None
    text = text or (f'"{value}"' if isinstance(value, str) else repr(value))
    return text if len(text) <= 60 else f"{text[:57]}..."


def _keys_beside(loc: tuple[int | str, ...]) -> list[str]:
    """The keys that the table of this location knows."""
    model: type[BaseModel] = Preset
    for part in loc[:-1]:
        if part in _KINDS and model is not Preset:
            model = _KINDS[str(part)]
        elif isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The table that a field holds, if it holds one."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if typing.get_origin(annotation) in (tuple, types.UnionType, typing.Union, typing.Annotated):
        return next(filter(None, map(_model_in, typing.get_args(annotation))), None)
    return None


def syntax_line(message: str, text: str) -> int:
    """The line that a TOMLDecodeError talks about: "... (at line 3, column 5)" or "(at end of document)"."""
    found = re.search(r"at line (\d+)", message)
    return int(found[1]) if found else max(1, len(text.splitlines()))

"""Writes the reference of the control API: ``python -m engine.control.reference FOLDER``.

``openapi.json`` is the document as it is served, ``api.md`` the same for people.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from engine.control.access.grants import Access
from engine.control.application import ENDPOINTS, Wiring, application
from engine.control.endpoint import Endpoint
from engine.control.openapi import JSON, MEANINGS, as_text, document, with_document
from engine.state import EngineControl

#: These come from the guard, wherever there is a body or a role to check.
COMMON = (401, 403, 408, 413, 415, 421)

_HEAD = """# The control API

<!-- Written by `python -m engine.control.reference docs`; change the endpoints instead. -->

HTTP and WebSocket, by default at http://127.0.0.1:8787 and for this machine only. The same as an OpenAPI 3.1
document: [openapi.json](openapi.json), and at `/api/openapi.json` of every running jikcam.

* *Who*: everybody, **view**ers, a camera that **push**es its picture, or who may **control**. On this
  machine everybody may control. With `--lan` other machines need a token: open the link that jikcam prints,
  or send `Authorization: Bearer TOKEN`. A token may be for one View or camera only.
* Every error is `{"error": "one line that says what to do"}`. Beside those listed:
  COMMON.
* A body must have the content type that is named, 64 KiB at most; unknown keys are errors. NaN and infinity
  are not allowed; a number that is not known is `null`.
* Lengths are pixels of the source picture, times are seconds on the clock of `/api/time`, unless their names
  say otherwise.
* `GET` may be `HEAD`. Pages of other hosts and ports are refused, whatever they send.
"""


class _Unasked:
    """An engine whose API is described and never used."""

    def __getattr__(self, name: str) -> Any:
        def refuse(*_: Any) -> Any:
            raise AttributeError(name)

        return refuse


def the_document() -> dict[str, Any]:
    """The document that every running jikcam serves."""

    async def made() -> tuple[Endpoint, ...]:
        engine = cast(EngineControl, _Unasked())
        endpoints = application(Wiring(engine, Access.loopback(), None, None, lambda: ()))[ENDPOINTS]
        return with_document(endpoints)

    return document(asyncio.run(made()))


def page(described: Mapping[str, Any]) -> str:
    """The document for people, as Markdown."""
    schemas = described["components"]["schemas"]
    parts = [_HEAD.replace("COMMON", "; ".join(f"{status} {MEANINGS[status]}" for status in COMMON))]
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            parts.append("\n".join(_operation(f"{method.upper()} {path}", operation, schemas)))
    parts.append("# Values\n\nWhat bodies and answers are made of.\n")
    for name, schema in schemas.items():
        parts.append("\n".join(_schema(name, schema)))
    return "\n".join(parts)


def _operation(title: str, operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {title}\n"
    who = {"open": "everybody", "push": "cameras"}.get(role := operation["x-role"], role)
    yield f"{operation['summary']}. *Who: {who}.*\n"
    if told := operation.get("description"):
        yield f"{told.replace('``', '`')}\n"
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "query":
            told = f": {parameter['description']}" if "description" in parameter else ""
            yield f"* `?{parameter['name']}=` {_kind(parameter['schema'])}{told}"
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"* body: {_kind(content['schema'])}{'' if kind == JSON else f' `{kind}`'}"
    errors = []
    for status, answer in operation["responses"].items():
        if "$ref" in answer:
            if int(status) not in COMMON:
                errors.append(f"{status} {MEANINGS[int(status)]}")
            continue
        kinds = [
            _kind(content["schema"]) if "schema" in content else f"`{kind}`"
            for kind, content in answer.get("content", {}).items()
        ]
        yield f"* {status}: {', '.join(kinds) or answer['description']}"
    if errors:
        yield f"* errors: {'; '.join(errors)}"
    yield ""


def _schema(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {name}\n"
    if told := schema.get("description"):
        yield f"{told.replace('``', '`')}\n"
    needed = schema.get("required", ())
    if "properties" in schema:
        yield "| key | value | |\n|---|---|---|"
        for key, value in schema["properties"].items():
            notes = [value["description"]] if "description" in value else []
            if key not in needed:
                notes.append(f"left out: `{json.dumps(value.get('default'))}`")
            yield f"| `{key}` | {_kind(value).replace('|', ' or ')} | {'; '.join(notes)} |"
        yield ""
    else:
        yield f"{_kind(schema)}\n"


def _kind(schema: Mapping[str, Any]) -> str:
    """A JSON Schema in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(dict.fromkeys(_kind(branch) for branch in schema[several]))
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{json.dumps(value)}`" for value in schema["enum"])
    kind = schema.get("type", "any JSON")
    if kind == "array":
        count = schema.get("minItems")
        several = f"{count} of " if count is not None and count == schema.get("maxItems") else "list of "
        inner = schema.get("prefixItems", [schema.get("items", {})])[0]
        return f"{several}{_kind(inner)}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"table of {_kind(schema['additionalProperties'])}"
    return f"{kind}{_bounds(schema)}"


def _bounds(schema: Mapping[str, Any]) -> str:
    for low, high, unit in (("minimum", "maximum", ""), ("minLength", "maxLength", " letters")):
        least, most = schema.get(low), schema.get(high)
        if least is not None and most is not None:
            return f" {least} to {most}{unit}"
        if most is not None:
            return f", {most}{unit} at most"
        if least is not None and unit == "":
            return f", {least} at least"
    return ""


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m engine.control.reference FOLDER")
    told = the_document()
    for name, text in (("openapi.json", as_text(told)), ("api.md", page(told))):
        (Path(sys.argv[1]) / name).write_text(text, "utf-8", newline="\n")

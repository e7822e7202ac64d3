"""The control API as an OpenAPI 3.1 document, made of what the endpoints say of themselves."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from engine.control.answers import Problem
from engine.control.endpoint import Endpoint, Role

PATH = "/api/openapi.json"
JSON = "application/json"
#: aiohttp's ``{name}`` and ``{name:regular expression}``.
_PART = re.compile(r"\{(\w+)(?::((?:[^{}]|\{[^{}]*\})*))?\}")
_SCHEMAS, _RESPONSES = "#/components/schemas/", "#/components/responses/"

MEANINGS = {
    101: "it becomes a WebSocket",
    200: "done",
    201: "made",
    204: "done",
    302: "go on there",
    303: "go on there",
    400: "the body, the query or the wish is no good",
    401: "sign in with a token first",
    403: "not with that role, or sent by another web page",
    404: "there is nothing of that name",
    405: "not with that method",
    406: "no codec in common",
    408: "the body did not arrive in time",
    409: "somebody else has changed it meanwhile",
    413: "the body is too large",
    415: "the body has another content type",
    421: "the Host header does not name this machine and port",
    429: "too many attempts; wait",
    501: "this server does not do that",
    503: "not now; try again in a moment",
}


class _WithoutTitles(GenerateJsonSchema):
    """Names of keys say what they are; a title beside each would only repeat them."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def document(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """The document (OpenAPI Specification 3.1.1) of the endpoints that are ``shown``."""
    shown = [endpoint for endpoint in endpoints if endpoint.shown]
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in shown:
        operations = paths.setdefault(_PART.sub(r"{\1}", endpoint.path), {})
        operations[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "jikcam",
            "version": "1",
            "description": "The control API of one running jikcam. Every error is one line of JSON. Numbers "
            "that are not known are null. Lengths are pixels of the source picture unless said otherwise.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": _schemas(shown),
            "responses": {
                str(status): _problem(status) for status in sorted(set().union(*map(_errors, shown)))
            },
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Needed with --lan and from other machines. The login address puts the "
                    "same token into a cookie.",
                }
            },
        },
    }


def with_document(endpoints: Sequence[Endpoint]) -> tuple[Endpoint, ...]:
    """The endpoints and one more, which answers with the document of them all."""

    async def answer(_request: web.Request) -> web.Response:
        return web.json_response(text=text)

    own = Endpoint("GET", PATH, answer, Role.OPEN, "This document")
    described = (*endpoints, own)
    text = as_text(document(described))
    return described


def as_text(described: dict[str, Any]) -> str:
    """As it is served and kept."""
    return json.dumps(described, indent=1, ensure_ascii=False) + "\n"


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _name(endpoint),
        "summary": endpoint.summary,
        # The empty one: on this machine nobody needs a token.
        "security": [] if endpoint.role is Role.OPEN else [{"token": []}, {}],
        "x-role": endpoint.role.name.lower(),
    }
    if told := inspect.getdoc(endpoint.handler):
        operation["description"] = told
    if parameters := [*_path_parameters(endpoint), *_query_parameters(endpoint)]:
        operation["parameters"] = parameters
    if endpoint.body_type:
        schema = _reference(endpoint.body) if endpoint.body else {"type": "string", "minLength": 1}
        operation["requestBody"] = {"required": True, "content": {endpoint.body_type: {"schema": schema}}}
    operation["responses"] = {
        **{str(status): _answer(endpoint, status, kind) for status, kind in endpoint.answers},
        **{str(status): {"$ref": f"{_RESPONSES}{status}"} for status in sorted(_errors(endpoint))},
    }
    return operation


def _name(endpoint: Endpoint) -> str:
    words = re.findall(r"\w+", _PART.sub(r"\1", endpoint.path)) or ["index"]
    return "_".join((endpoint.method.lower(), *words))


def _path_parameters(endpoint: Endpoint) -> Iterable[dict[str, Any]]:
    for name, pattern in _PART.findall(endpoint.path):
        schema: dict[str, Any] = {"type": "string", "minLength": 1}
        if pattern:
            schema["pattern"] = f"^{pattern}$"
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(endpoint: Endpoint) -> Iterable[dict[str, Any]]:
    if endpoint.query is None:
        return
    told = endpoint.query.model_json_schema(schema_generator=_WithoutTitles)
    for name, schema in told["properties"].items():
        schema = dict(schema)
        parameter = {"name": name, "in": "query", "required": name in told.get("required", ())}
        if text := schema.pop("description", ""):
            parameter["description"] = text
        if schema.get("default", ...) is None:
            # Left out, it is None; there is no way to write that into an address.
            del schema["default"]
            schema = next(branch for branch in schema["anyOf"] if branch != {"type": "null"})
        yield {**parameter, "schema": schema}


def _answer(endpoint: Endpoint, status: int, kind: str) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": MEANINGS[status]}
    if kind:
        content: dict[str, Any] = {}
        if endpoint.answer and status < 300:
            content = {"schema": _reference(endpoint.answer)}
        answer["content"] = {kind.partition(";")[0]: content}
    return answer


def _errors(endpoint: Endpoint) -> set[int]:
    errors = {403, 421, *endpoint.errors}
    if endpoint.role is not Role.OPEN:
        errors.add(401)
    if endpoint.body_type:
        errors |= {400, 408, 413, 415}
    if _PART.search(endpoint.path):
        errors.add(404)
    return errors - {status for status, _ in endpoint.answers}


def _problem(status: int) -> dict[str, Any]:
    return {"description": MEANINGS[status], "content": {JSON: {"schema": _reference(Problem)}}}


def _reference(model: type[BaseModel]) -> dict[str, Any]:
    return {"$ref": f"{_SCHEMAS}{model.__name__}"}


def _schemas(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    wanted: dict[type[BaseModel], JsonSchemaMode] = {Problem: "serialization"}
    wanted |= {endpoint.body: "validation" for endpoint in endpoints if endpoint.body}
    wanted |= {endpoint.answer: "serialization" for endpoint in endpoints if endpoint.answer}
    _, told = models_json_schema(
        list(wanted.items()), ref_template=f"{_SCHEMAS}{{model}}", schema_generator=_WithoutTitles
    )
    return dict(sorted(told["$defs"].items()))

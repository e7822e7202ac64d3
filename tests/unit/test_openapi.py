"""The document of the API: complete, valid, and the pages made of it are up to date."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from engine.control.openapi import as_text
from engine.control.reference import page, the_document

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return the_document()


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, o) for path, each in document["paths"].items() for method, o in each.items()]


def test_the_pages_are_up_to_date(document: dict[str, Any]) -> None:
    run = "run: python -m engine.control.reference docs"
    assert (DOCS / "openapi.json").read_text("utf-8") == as_text(document), run
    assert (DOCS / "api.md").read_text("utf-8") == page(document), run


def test_every_endpoint_that_the_issue_names_is_there(document: dict[str, Any]) -> None:
    there = {(method, path) for path, method, _ in operations(document)}
    assert {
        *(("get", f"/api/{name}") for name in ("state", "events", "wide", "time", "stats", "presets")),
        *(
            ("post", f"/api/{name}")
            for name in ("target", "preview", "take", "camera", "view", "area", "viewer")
        ),
        *((method, "/api/presets/{name}") for method in ("get", "put", "delete")),
        ("post", "/api/presets/{name}/load"),
        ("get", "/api/presets/{name}/compare"),
        ("post", "/whep/{view}"),
        ("delete", "/whep/{view}/{id}"),
        ("get", "/whep/{view}/{id}/clock"),
        ("post", "/whip/{camera}"),
        *(("get", page) for page in ("/", "/dock", "/watch/{view}", "/overlay", "/camera/{name}")),
    } <= there


def test_references_lead_somewhere_and_nothing_is_left_over(document: dict[str, Any]) -> None:
    text = json.dumps(document["paths"]) + json.dumps(document["components"])
    wanted = set(re.findall(r'"#/components/(schemas|responses)/([^"]+)"', text))
    there = {(kind, name) for kind in ("schemas", "responses") for name in document["components"][kind]}
    assert wanted == there


def test_schemas_are_json_schemas(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        jsonschema_rs.validator_for({**schema, "components": document["components"]}), name


def test_every_operation_says_who_and_what_may_go_wrong(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    for path, method, operation in operations(document):
        assert operation["x-role"] in ("open", "view", "push", "control"), path
        assert operation["summary"] and not operation["summary"].endswith("."), path
        answers = operation["responses"]
        assert {"403", "421"} <= answers.keys(), path
        assert ("401" in answers) or operation["x-role"] == "open", path
        assert bool(operation["security"]) == (operation["x-role"] != "open"), path
        if "requestBody" in operation:
            assert {"400", "413", "415"} <= answers.keys(), path
        if method != "get" and path.startswith("/api/"):
            assert operation["x-role"] == "control" or path == "/api/viewer", path
        parts = set(re.findall(r"\{(\w+)\}", path))
        told = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
        assert told == parts, path


def test_no_answer_is_without_a_schema_but_pages_pictures_and_text(document: dict[str, Any]) -> None:
    bare = {
        path
        for path, _, operation in operations(document)
        for answer in operation["responses"].values()
        for kind, content in answer.get("content", {}).items()
        if kind == "application/json" and "schema" not in content
    }
    assert bare <= {"/api/openapi.json", "/whep/{view}/{id}", "/whip/{camera}/{id}"}

"""Whatever a client posts: one line of an answer, and the server goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.control import ControlServer
from engine.direction.target import TargetKind
from tests.integration.control_rig import FakeEngine, ask, serving

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["main", *(k.value for k in TargetKind)])
)
VALUES = st.recursive(
    SCALARS, lambda v: st.lists(v, max_size=5) | st.dictionaries(st.text(max_size=5), v), max_leaves=8
)
KEYS = st.sampled_from(
    [
        "view",
        "kind",
        "number",
        "person",
        "name",
        "x",
        "y",
        "box",
        "frame",
        "changes",
        "toml",
        "base",
        "mode",
        "scenes",
        "state",
        "how",
        "on",
        "exclude",
        "inside",
        "id",
    ]
)
BODIES = (
    st.dictionaries(KEYS, VALUES).map(lambda d: json.dumps({"view": "main", **d}).encode())
    | VALUES.map(lambda v: json.dumps(v).encode())
    | st.binary(max_size=200)
    | st.just(b"[" * 60_000)
    | st.just(b'{"view":"main","changes":{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}}")
    | st.just(b'{"view":"main","kind":"index","number":' + b"9" * 50_000 + b"}")
)


@pytest.fixture(scope="module")
def shared() -> Iterator[ControlServer]:
    with serving(FakeEngine()) as running:
        yield running


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    path=st.sampled_from(
        [
            "/api/target",
            "/api/preview",
            "/api/take",
            "/api/guard",
            "/api/claim",
            "/api/enrol",
            "/api/forget",
            "/api/view",
            "/api/preset",
            "/api/camera",
            "/api/obs",
            "/api/obs/report",
            "/api/area",
            "/api/viewer",
            "/api/presets/mine/load",
        ]
    ),
    body=BODIES,
)
def test_no_body_breaks_the_server(shared: ControlServer, path: str, body: bytes) -> None:
    answer = ask(shared, path, body)
    assert answer.status in (200, 400, 404, 409)
    assert answer.json["ok"] is True if answer.status == 200 else answer.error

"""Every route has a role, and nobody gets past it from another machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.control.endpoint import Endpoint, Role
from engine.control.faults import MAX_BODY_BYTES
from tests.integration.control_rig import FakeEngine
from tests.integration.lan_rig import ENDPOINTS_ALL, WRONG, Lan, lan, name_of, path_of

CLOSED = [endpoint for endpoint in ENDPOINTS_ALL if endpoint.role is not Role.OPEN]
WRITING = [endpoint for endpoint in ENDPOINTS_ALL if endpoint.method in ("POST", "PUT", "PATCH")]
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}
#: What anybody may have who reaches the port: no secret is in any of it.
OPEN = ("/login", "/welcome", ".css", ".js", ".svg", "/api/openapi.json")

every_closed = pytest.mark.parametrize("endpoint", CLOSED, ids=name_of)
every = pytest.mark.parametrize("endpoint", ENDPOINTS_ALL, ids=name_of)
every_writing = pytest.mark.parametrize("endpoint", WRITING, ids=name_of)


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lan]:
    with lan(tmp_path_factory.mktemp("presets")) as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_happens(there: Lan) -> Iterator[None]:
    there.engine.calls.clear()
    yield
    assert there.engine.calls == []


def test_what_is_open_is_on_the_list() -> None:
    stray = {e.path for e in ENDPOINTS_ALL if e.role is Role.OPEN and not e.path.endswith(OPEN)}
    assert stray == set()
    assert not any(e.method != "GET" for e in ENDPOINTS_ALL if e.role is Role.OPEN)


def test_whatever_changes_something_is_for_directors() -> None:
    """But for a viewer's own session and report, and a camera's own session."""
    others = {
        name_of(e) for e in ENDPOINTS_ALL if e.method not in ("GET", "OPTIONS") and e.role < Role.CONTROL
    }
    assert others == {
        "POST /whep/{view}",
        "DELETE /whep/{view}/{id}",
        "POST /whip/{camera}",
        "DELETE /whip/{camera}/{id}",
        *({"POST /api/viewer"} & others),
    }


def test_what_names_a_view_or_camera_is_scoped_by_it() -> None:
    for endpoint in CLOSED:
        if endpoint.role < Role.CONTROL and "{" in endpoint.path:
            assert f"{{{endpoint.scope}}}" in endpoint.path, name_of(endpoint)


@every_closed
def test_without_a_token_nothing_is_told(there: Lan, endpoint: Endpoint) -> None:
    answer = there.ask(endpoint.method, path_of(endpoint), headers=UPGRADE if endpoint.socket else {})
    assert answer.status == 401 and answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "token" in answer.error


@every_closed
def test_a_wrong_token_is_as_good_as_none(there: Lan, endpoint: Endpoint) -> None:
    for headers in (
        {"Authorization": f"Bearer {WRONG}"},
        {"Cookie": f"{there.server.access.cookie}={WRONG}"},
    ):
        assert there.ask(endpoint.method, path_of(endpoint), headers=headers).status == 401


@every_closed
def test_lower_roles_and_other_scopes_are_refused(there: Lan, endpoint: Endpoint) -> None:
    tokens = []
    if endpoint.role is Role.CONTROL:
        tokens += [there.token(Role.VIEW), there.token(Role.PUSH, "phone"), there.token(Role.VIEW, "main")]
    if endpoint.role is Role.PUSH:
        tokens += [there.token(Role.VIEW), there.token(Role.VIEW, "phone"), there.token(Role.PUSH, "other")]
    if endpoint.role is Role.VIEW and endpoint.scope:
        tokens += [there.token(Role.VIEW, "side"), there.token(Role.PUSH, "main"), there.token(Role.PUSH)]
    for token in tokens:
        answer = there.ask(endpoint.method, path_of(endpoint), token=token)
        assert answer.status == 403 and "link" in answer.error
    assert tokens or not endpoint.scope


@every
def test_foreign_hosts_origins_and_pages_are_refused(there: Lan, endpoint: Endpoint) -> None:
    path, token = path_of(endpoint), there.token(Role.CONTROL)
    upgrade = UPGRADE if endpoint.socket else {}
    cases: list[tuple[int, dict[str, str]]] = [
        (421, {"Host": f"evil.example:{there.port}"}),
        (421, {"Host": "stage-pc"}),
        (421, {"Host": f"192.168.250.250:{there.port}"}),
        (403, {"Origin": "http://evil.example"}),
        (403, {"Origin": "null"}),
        (403, {"Origin": f"http://{there.host}.evil.example"}),
        (403, {"Origin": f"http://stage-pc:{there.port + 1}"}),
        (403, {"Origin": f"https://{there.host}"}),
        (403, {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}),
        (403, {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}),
        (403, {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}),
        (403, {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "websocket"}),
    ]
    for status, headers in cases:
        answer = there.ask(endpoint.method, path, token=token, headers={**upgrade, **headers})
        assert answer.status == status, headers
        guarded(answer.headers)


@every_writing
def test_bodies_have_one_type(there: Lan, endpoint: Endpoint) -> None:
    token = there.token(Role.CONTROL)
    right = endpoint.body_type or "application/json"
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=a",
        f"{right}-x",
        f"text/plain; a={right}",
        "",
    ):
        answer = there.ask(
            endpoint.method, path_of(endpoint), b"{}", token=token, headers={"Content-Type": kind}
        )
        assert answer.status == 415 and right in answer.error


@every_writing
def test_bodies_have_a_limit(there: Lan, endpoint: Endpoint) -> None:
    headers = {"Content-Type": endpoint.body_type or "application/json"}
    token, body = there.token(Role.CONTROL), b" " * (MAX_BODY_BYTES + 1)
    for more in ({}, {"Transfer-Encoding": "chunked"}):
        sent = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if more else body
        answer = there.ask(endpoint.method, path_of(endpoint), sent, token=token, headers={**headers, **more})
        assert answer.status == 413 and str(MAX_BODY_BYTES) in answer.error


def test_what_is_not_there_is_not_told_to_strangers(there: Lan) -> None:
    assert there.ask("GET", "/nothing").status == there.ask("PATCH", "/api/state").status == 401
    token = there.token(Role.VIEW)
    assert there.ask("GET", "/nothing", token=token).status == 404
    assert there.ask("PATCH", "/api/state", token=token).status == 405


def test_the_right_tokens_open_their_doors(there: Lan) -> None:
    assert there.ask("GET", "/api/state", token=there.token(Role.VIEW, "main")).status == 200
    assert there.ask("GET", "/api/preset", token=there.token(Role.CONTROL)).status == 200
    cookie = {"Cookie": f"other=1; {there.server.access.cookie}={there.token(Role.VIEW)}"}
    assert there.ask("GET", "/api/state", headers=cookie).status == 200


def test_programs_of_this_machine_need_no_token(there: Lan) -> None:
    for name in ("127.0.0.1", "localhost", "[::1]"):
        assert there.ask("GET", "/api/preset", headers={"Host": f"{name}:{there.port}"}).status == 200


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_who_comes_through_a_proxy_is_not_this_machine(there: Lan, header: str) -> None:
    here = {"Host": f"127.0.0.1:{there.port}", header: "10.0.0.9"}
    assert there.ask("GET", "/api/state", headers=here).status == 401


@every
def test_every_answer_is_guarded_and_none_shares_with_other_origins(there: Lan, endpoint: Endpoint) -> None:
    guarded(
        there.ask("OPTIONS", path_of(endpoint), headers={"Access-Control-Request-Method": "POST"}).headers
    )
    guarded(there.ask(endpoint.method, path_of(endpoint)).headers)


def guarded(headers: object) -> None:
    sent = {name.lower(): value for name, value in headers.items()}  # type: ignore[attr-defined]
    assert not [name for name in sent if name.startswith("access-control")]
    policy = sent["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy
    assert "unsafe" not in policy and "*" not in policy and "evil" not in policy
    assert sent["referrer-policy"] == "no-referrer" and sent["x-content-type-options"] == "nosniff"
    assert sent["cross-origin-resource-policy"] == "same-origin"


def test_the_policy_names_the_sockets_of_this_very_server(there: Lan) -> None:
    policy = there.ask("GET", "/login").headers["Content-Security-Policy"]
    assert f"connect-src 'self' ws://{there.host};" in policy
    assert "img-src 'self' blob:;" in policy and "media-src 'self' blob:;" in policy


def test_opened_windows_lose_sight_of_whoever_opened_them(there: Lan) -> None:
    """Where browsers heed it: encrypted, or on this machine."""
    here = {"Host": f"127.0.0.1:{there.port}"}
    answer = there.ask("GET", "/login.css", headers=here)
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Cross-Origin-Opener-Policy" not in there.ask("GET", "/login.css").headers


def test_an_engine_of_another_key_is_no_way_in(tmp_path: Path, there: Lan) -> None:
    assert isinstance(there.engine, FakeEngine)
    with lan(tmp_path) as other:
        token = other.token(Role.CONTROL)
        assert other.ask("GET", "/api/state", token=token).status == 200
        assert there.ask("GET", "/api/state", token=token).status == 401

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from engine.control import ControlServer
from engine.control.faults import MAX_BODY_BYTES
from engine.errors import JikcamError
from tests.integration.control_rig import PATIENCE_S, FakeEngine, ask, serving

NEXT = {"view": "main", "kind": "next"}


@pytest.fixture(scope="module")
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture(scope="module")
def server(engine: FakeEngine) -> Iterator[ControlServer]:
    with serving(engine) as running:
        yield running


def raw(server: ControlServer, request: str) -> tuple[int, str]:
    """Status and whole text of the answer to a request that no decent client would send."""
    at = urlsplit(server.url)
    with socket.create_connection((at.hostname, at.port), timeout=PATIENCE_S) as connection:
        connection.sendall(request.replace("\n", "\r\n").encode("latin-1"))
        with http.client.HTTPResponse(connection) as answer:
            answer.begin()
            return answer.status, f"{answer.headers}{answer.read().decode()}"


@pytest.mark.parametrize("host", ["0.0.0.0", "", "192.168.1.5", "::", "example.org", "127.0.0.1.example.org"])
def test_only_loopback_is_served(engine: FakeEngine, host: str) -> None:
    with pytest.raises(JikcamError, match=r"this machine only.*token"):
        ControlServer(engine, host=host)


@pytest.mark.parametrize(
    "path", ["/", "/web/room/app.js", "/api/state", "/healthz", "/stream/main.mjpeg", "/api/events", "/no"]
)
@pytest.mark.parametrize(
    "host", ["evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.:{port}", "[::1]"]
)
def test_a_foreign_host_header_is_refused(server: ControlServer, path: str, host: str) -> None:
    port = urlsplit(server.url).port
    answer = ask(server, path, headers={"Host": host.format(port=port)})
    assert answer.status == 421 and "Host" in answer.error


def test_odd_numbers_of_host_headers_are_refused(server: ControlServer) -> None:
    port = urlsplit(server.url).port
    twice = f"GET / HTTP/1.1\nHost: 127.0.0.1:{port}\nHost: evil.example\nConnection: close\n\n"
    assert raw(server, twice)[0] in (400, 421)
    assert raw(server, "GET / HTTP/1.0\n\n")[0] == 421


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LocalHost", "[::1]"])
def test_our_own_names_are_welcome(server: ControlServer, name: str) -> None:
    host = f"{name}:{urlsplit(server.url).port}"
    assert ask(server, "/", headers={"Host": host}).status == 200
    same = {"Host": host, "Origin": f"http://{host.lower()}", "Sec-Fetch-Site": "same-origin"}
    assert ask(server, "/api/target", NEXT, headers=same).status == 200


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "http://evil.example",
        "https://127.0.0.1:{port}",
        "http://127.0.0.1:1",
        "http://localhost:{port}",
        "",
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_a_foreign_origin_may_not_command(
    server: ControlServer, engine: FakeEngine, method: str, origin: str
) -> None:
    engine.calls.clear()
    headers = {"Origin": origin.format(port=urlsplit(server.url).port)}
    answer = ask(server, "/api/target", NEXT, method=method, headers=headers)
    assert answer.status == 403 and "Origin" in answer.error
    assert engine.calls == []


def test_a_foreign_origin_gets_no_websocket(server: ControlServer) -> None:
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    lines = "\n".join(f"{k}: {v}" for k, v in upgrade.items())
    host = urlsplit(server.url).netloc
    for origin in ("http://evil.example", "null"):
        status, text = raw(server, f"GET /api/events HTTP/1.1\nHost: {host}\nOrigin: {origin}\n{lines}\n\n")
        assert status == 403 and "Origin" in text
    for origin_line in ("", f"Origin: {server.url}\n"):
        status, text = raw(server, f"GET /api/events HTTP/1.1\nHost: {host}\n{origin_line}{lines}\n\n")
        assert status == 101 and "Content-Security-Policy" in text


def test_a_plain_get_of_the_websocket_is_explained(server: ControlServer) -> None:
    answer = ask(server, "/api/events")
    assert answer.status == 400 and "WebSocket" in answer.error


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_foreign_pages_may_link_but_not_embed(server: ControlServer, site: str) -> None:
    embedded = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}
    for path in ("/stream/main.mjpeg", "/api/state", "/web/room/app.js"):
        assert ask(server, path, headers=embedded).status == 403
    assert ask(server, "/", headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}).status == 200
    assert ask(server, "/", headers={"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}).status == 200


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a", "text/json"],
)
@pytest.mark.parametrize("path", ["/api/target", "/api/view", "/api/preset"])
def test_posts_must_be_json(server: ControlServer, path: str, content_type: str) -> None:
    answer = ask(server, path, NEXT, headers={"Content-Type": content_type})
    assert answer.status == 415 and "application/json" in answer.error
    assert ask(server, path, NEXT, headers={"Content-Type": "application/json; charset=utf-8"}).status != 415


def test_large_bodies_are_refused(server: ControlServer) -> None:
    answer = ask(server, "/api/preset", b" " * (MAX_BODY_BYTES + 1))
    assert answer.status == 413 and "65536" in answer.error
    assert ask(server, "/api/preset", b" " * (MAX_BODY_BYTES - 1)).status == 400
    host = urlsplit(server.url).netloc
    chunks = "10000\n" + "a" * 0x10000 + "\n1\na\n0\n\n"
    head = f"POST /api/preset HTTP/1.1\nHost: {host}\nContent-Type: application/json\nConnection: close\n"
    assert raw(server, f"{head}Transfer-Encoding: chunked\n\n{chunks}")[0] == 413


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/", "GET"),
        ("/web/room/app.js", "GET"),
        ("/web/room/style.css", "GET"),
        ("/web/base/icon.svg", "GET"),
        ("/api/state", "GET"),
        ("/api/target", "GET"),
        ("/api/preset", "GET"),
        ("/metrics", "GET"),
        ("/healthz", "GET"),
        ("/nothing", "GET"),
        ("/api/state", "DELETE"),
        ("/stream/other.mjpeg", "GET"),
        ("/", "HEAD"),
    ],
)
def test_every_answer_carries_the_security_headers(server: ControlServer, path: str, method: str) -> None:
    headers = ask(server, path, method=method).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] in ("no-store", "no-cache")
    assert not [name for name in headers if name.lower().startswith("access-control")]


def test_wrong_paths_and_methods_are_one_line_of_json(server: ControlServer) -> None:
    assert (ask(server, "/nothing").status, ask(server, "/nothing").error) == (404, "Not Found")
    answer = ask(server, "/api/target")
    assert (answer.status, answer.error, answer.headers["Allow"]) == (405, "Method Not Allowed", "POST")


@pytest.mark.parametrize(
    "path",
    [
        "/../server.py",
        "/%2e%2e/server.py",
        "/..%2fserver.py",
        "/web/index.html",
        "/index.html/../../server.py",
        "//etc/passwd",
        "/stream/../../server.py",
        "/stream/..%2f..%2fserver.mjpeg",
        "/web/room/app.js%00.html",
    ],
)
def test_no_path_leads_out_of_the_page(server: ControlServer, path: str) -> None:
    host = urlsplit(server.url).netloc
    status, text = raw(server, f"GET {path} HTTP/1.1\nHost: {host}\nConnection: close\n\n")
    assert status in (400, 404) and "import" not in text


def test_broken_http_shows_no_insides(server: ControlServer) -> None:
    for request in (
        "GARBAGE\n\n",
        "GET / HTTP/9.9\n\n",
        "GET /\x00 HTTP/1.1\n\n",
        "GET / HTTP/1.1\nA B: c\n\n",
    ):
        status, text = raw(server, request)
        assert 400 <= status < 500
        assert "Traceback" not in text and ".py" not in text


def test_a_body_that_never_comes_is_not_waited_for(
    server: ControlServer, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.control.access.guard.BODY_S", 0.1)
    engine.calls.clear()
    host = urlsplit(server.url).netloc
    head = f"POST /api/target HTTP/1.1\nHost: {host}\nContent-Type: application/json\n"
    status, text = raw(server, f"{head}Content-Length: 100\n\n{{")
    assert status == 408 and "longer than" in text
    assert engine.calls == []


def test_bodies_where_none_belongs_have_a_limit_too(server: ControlServer) -> None:
    for method in ("GET", "DELETE"):
        answer = ask(server, "/api/state", b" " * (MAX_BODY_BYTES + 1), method=method)
        assert answer.status in (405, 413)
    assert ask(server, "/api/state", b"{}", method="GET").status == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null"])
def test_a_foreign_origin_may_not_even_read(server: ControlServer, origin: str) -> None:
    for path in ("/", "/api/state", "/web/room/app.js", "/stream/main.mjpeg"):
        assert ask(server, path, headers={"Origin": origin}).status == 403

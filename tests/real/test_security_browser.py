"""Foreign pages in a real Chromium try everything a page can: nothing is read, nothing changes."""

from __future__ import annotations

import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from engine.control import application
from engine.control.access.tls import own_certificate
from engine.control.endpoint import Role
from tests.integration.control_rig import FakeEngine, serving
from tests.integration.lan_rig import NAME, Lan, lan
from tests.real.browser import NAMES, missing

pytestmark = pytest.mark.real

#: All of them are this machine; the browser takes them for others.
RULES = ", ".join(f"MAP {name} 127.0.0.1" for name in (NAME, "evil.example", "rebound.example"))
#: Answers of a server that does nothing.
REFUSED = {400, 401, 403, 404, 405, 415, 421}
ATTACK = (Path(__file__).parent / "foreign_page.js").read_text("utf-8")


@dataclass
class Heard:
    """What reached the server, and how it was answered."""

    answers: list[tuple[str, str, int]] = field(default_factory=list)

    def statuses(self) -> set[int]:
        return {status for _, _, status in self.answers}


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """Must come before the server."""
    heard, headers = Heard(), application.add_security_headers

    async def noted(request: web.BaseRequest, response: web.StreamResponse) -> None:
        heard.answers.append((request.method, request.path, response.status))
        await headers(request, response)

    monkeypatch.setattr(application, "add_security_headers", noted)
    return heard


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    program = next((path for name in NAMES if (path := shutil.which(name))), None)
    if program is None:
        missing("no Chromium on this computer (Debian: apt install chromium)")
    flags = [f"--host-resolver-rules={RULES}", "--no-proxy-server", "--disable-background-networking"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags.append("--no-sandbox")  # Chromium refuses to sandbox root's pages
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(ignore_https_errors=True)
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture(scope="module")
def foreign() -> Iterator[int]:
    """Port of another server of this machine, with a page that is not ours."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'<!doctype html><title>foreign</title><a href="/">go</a>'
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def attack(page: Page, target: str) -> dict[str, str]:
    """Name of each try -> what the foreign page got."""
    got = page.evaluate(f"({ATTACK})({target!r})")
    assert len(got) >= 25
    return dict(got)


def nothing_was_read(got: dict[str, str]) -> None:
    assert {name: what for name, what in got.items() if what not in ("refused", "opaque")} == {}


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "evil.example"])
def test_other_origins_get_nothing_from_this_machine(
    context: BrowserContext, foreign: int, heard: Heard, name: str
) -> None:
    """No token is needed on loopback, so that all depends on the browser's own headers."""
    engine = FakeEngine()
    with serving(engine) as server:
        page = context.new_page()
        page.goto(f"http://{name}:{foreign}/")
        nothing_was_read(attack(page, server.url))
        assert engine.calls == [] and engine.preset == "[source]\n"
        assert heard.answers and heard.statuses() <= REFUSED, heard.answers


def test_a_name_that_is_bound_anew_gets_nothing(context: BrowserContext, heard: Heard) -> None:
    """DNS rebinding: the page's own host name comes to mean this machine, so that it is same-origin."""
    engine = FakeEngine()
    with serving(engine) as server:
        rebound = server.url.replace("127.0.0.1", "rebound.example")
        page = context.new_page()
        answer = page.goto(f"{rebound}/")
        assert answer is not None and answer.status == 421
        got = attack(page, rebound)
        assert set(got.values()) <= {"refused", "opaque", "421"}
        assert engine.calls == [] and heard.statuses() == {421}


@pytest.fixture
def there(heard: Heard) -> Iterator[Lan]:
    with lan() as running:
        yield running


def sign_in(context: BrowserContext, there: Lan) -> None:
    """To a page that asks for nothing more, so that all that is heard later comes from elsewhere."""
    page = context.new_page()
    page.goto(f"http://{there.host}/login?t={there.token(Role.CONTROL)}&to=/healthz")
    page.wait_for_url(f"http://{there.host}/healthz")
    page.close()


@pytest.mark.parametrize("name", [NAME, "evil.example"])
def test_other_origins_get_nothing_while_the_director_is_signed_in(
    context: BrowserContext, foreign: int, there: Lan, heard: Heard, name: str
) -> None:
    """Over plain HTTP no Fetch Metadata come, and a page at another port of the host sends the cookie."""
    sign_in(context, there)
    heard.answers.clear()
    page = context.new_page()
    page.goto(f"http://{name}:{foreign}/")
    nothing_was_read(attack(page, f"http://{there.host}"))
    assert there.engine.calls == []
    changing = {status for method, _, status in heard.answers if method not in ("GET", "HEAD")}
    assert changing and changing <= {401, 403}, heard.answers
    if name != NAME:  # the strict cookie stays at home, so that nothing at all is answered
        answered = {path for _, path, status in heard.answers if status not in REFUSED}
        assert all(path.endswith((".js", ".css", ".svg")) for path in answered), answered


@pytest.mark.parametrize("host", ["evil.example", NAME])
def test_a_link_on_a_foreign_page_signs_in_and_leaves_no_token_behind(
    context: BrowserContext, foreign: int, there: Lan, host: str
) -> None:
    token = there.token(Role.VIEW, "main")
    link = f"http://{there.host}/login?t={token}&to=/overlay"
    page = context.new_page()
    page.goto(f"http://{host}:{foreign}/")
    page.evaluate("(link) => { document.querySelector('a').href = link }", link)
    sent: list[str] = []
    context.on("request", lambda request: sent.append(str(request.all_headers().get("referer", ""))))
    page.click("a")
    page.wait_for_url(f"http://{there.host}/overlay")
    assert page.title() == "jikcam overlay"
    role = page.evaluate("fetch('/api/access').then((answer) => answer.json())")
    assert (role["role"], role["scope"], role["links"]) == ("view", "main", [])
    assert page.evaluate("document.cookie") == "" and page.evaluate("document.referrer") == ""
    assert sent and not any(token in referer for referer in sent)
    (cookie,) = context.cookies()
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict" and cookie["value"] == token
    seen = [entry["url"] for entry in _history(page)]
    assert seen[-1] == f"http://{there.host}/overlay" and not any("t=" in url for url in seen), seen


def _history(page: Page) -> list[dict[str, Any]]:
    session = page.context.new_cdp_session(page)
    return list(session.send("Page.getNavigationHistory")["entries"])


def test_a_stranger_is_asked_for_the_link_and_can_paste_it(context: BrowserContext, there: Lan) -> None:
    page = context.new_page()
    answer = page.goto(f"http://{there.host}/watch/side")
    assert answer is not None and answer.status == 401
    page.fill("#token", "c.wrong")
    page.click("button")
    assert "no longer" in page.inner_text("[role=alert]")
    page.fill("#token", f"http://{there.host}/login?t={there.token(Role.VIEW, 'side')}")
    page.click("button")
    page.wait_for_url(f"http://{there.host}/watch/side")


def test_an_encrypted_page_is_secure_and_has_its_sockets(
    context: BrowserContext, heard: Heard, tmp_path: Path
) -> None:
    """A phone gives its camera to such pages only; Chromium has no exception for a LAN's names."""
    with lan(certificate=own_certificate(tmp_path / "https.pem", [NAME])) as there:
        origin = f"https://{NAME}:{urlsplit(there.server.origins()[0]).port}"
        page = context.new_page()
        page.goto(f"{origin}/login?t={there.token(Role.CONTROL)}&to=/overlay")
        page.wait_for_url(f"{origin}/overlay")
        assert page.evaluate("isSecureContext && 'mediaDevices' in navigator") is True
        opened = page.evaluate(
            """new Promise((done) => { const socket = new WebSocket(`wss://${location.host}/api/events`);
            socket.onmessage = () => done("told"); socket.onerror = () => done("refused") })"""
        )
        assert opened == "told" and context.cookies()[0]["secure"]

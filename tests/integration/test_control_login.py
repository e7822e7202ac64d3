"""Signing in from another machine, and what a thousand wrong tokens come to."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from http.cookies import SimpleCookie
from urllib.parse import quote, urlencode

import pytest

from engine.control.access.attempts import FREE
from engine.control.endpoint import Role
from tests.integration.control_rig import Answer, FakeEngine, ask, serving
from tests.integration.lan_rig import WRONG, Lan, lan

NAVIGATES = {"Accept": "text/html,application/xhtml+xml", "Sec-Fetch-Mode": "navigate"}
GUESSER, DIRECTOR = "127.0.0.2", "127.0.0.3"
needs_addresses = pytest.mark.skipif(
    sys.platform == "darwin", reason="macOS has but one loopback address without set-up"
)


@pytest.fixture
def there() -> Iterator[Lan]:
    with lan() as running:
        yield running


def login(there: Lan, token: str, to: str = "", **headers: str) -> Answer:
    query = urlencode({"t": token, **({"to": to} if to else {})})
    return there.ask("GET", f"/login?{query}", headers={**NAVIGATES, **headers})


def cookie_of(answer: Answer) -> SimpleCookie:
    return SimpleCookie(answer.headers.get("Set-Cookie", ""))


@pytest.mark.parametrize(
    ("role", "scope", "page"),
    [
        (Role.CONTROL, "", "/"),
        (Role.VIEW, "", "/watch/main"),
        (Role.VIEW, "side", "/watch/side"),
        (Role.PUSH, "phone", "/camera/phone"),
    ],
)
def test_a_link_becomes_a_cookie_and_leaves_the_address_bar(
    there: Lan, role: Role, scope: str, page: str
) -> None:
    token = there.token(role, scope)
    answer = login(there, token)
    assert answer.status == 303 and answer.body == b""
    assert answer.headers["Location"] == f"/welcome?to={quote(page, safe='')}"
    assert (
        answer.headers["Referrer-Policy"] == "no-referrer" and answer.headers["Cache-Control"] == "no-store"
    )
    (morsel,) = cookie_of(answer).values()
    assert morsel.key == there.server.access.cookie and morsel.value == token
    assert morsel["httponly"] and morsel["samesite"] == "Strict" and morsel["path"] == "/"
    assert not morsel["secure"] and not morsel["domain"] and int(morsel["max-age"]) > 24 * 3600
    welcome = there.ask("GET", answer.headers["Location"])
    assert welcome.status == 200 and f'content="0;url={page}"' in welcome.body.decode()
    state = there.ask("GET", "/api/access", headers={"Cookie": f"{morsel.key}={morsel.value}"})
    assert state.json["role"] == role.name.lower() and state.json["scope"] == scope


def test_a_link_may_name_its_page(there: Lan) -> None:
    answer = login(there, there.token(Role.VIEW, "main"), to="/overlay?view=main&show=both")
    assert answer.headers["Location"] == "/welcome?to=%2Foverlay%3Fview%3Dmain%26show%3Dboth"


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\r\nSet-Cookie: a=b",
        "/a b",
        "/\u0000",
        "data:text/html,x",
        "/" + "a" * 1000,
    ],
)
def test_a_link_leads_to_no_other_place(there: Lan, to: str) -> None:
    answer = login(there, there.token(Role.CONTROL), to=to)
    assert answer.headers["Location"] == "/welcome?to=%2F"
    assert len(answer.headers.get_all("Set-Cookie")) == 1  # type: ignore[attr-defined]
    welcome = there.ask("GET", f"/welcome?{urlencode({'to': to})}").body.decode()
    assert 'url=/"' in welcome and "evil" not in welcome


def test_pages_ask_strangers_to_sign_in(there: Lan) -> None:
    for path in ("/", "/watch/main", "/nothing"):
        answer = there.ask("GET", path, headers=NAVIGATES)
        assert answer.status == 401 and answer.headers["Content-Type"].startswith("text/html")
        assert f'name="to" type="hidden" value="{path}"' in answer.body.decode()
        assert "form-action 'self'" in answer.headers["Content-Security-Policy"]
    assert there.ask("GET", "/login.css").headers["Content-Type"].startswith("text/css")


def test_what_was_typed_never_becomes_markup(there: Lan) -> None:
    answer = there.ask("GET", "/login?t=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&to=/%22%3E%3Cscript%3E")
    assert answer.status == 401 and b"<script" not in answer.body and b"no longer" in answer.body


def test_a_whole_link_may_be_pasted(there: Lan) -> None:
    link = there.server.links()[0].url
    assert login(there, f" {link} ").status == 303
    assert login(there, "http://[broken").status == 401


def test_a_director_who_opens_a_viewers_link_goes_on_directing(there: Lan) -> None:
    name, control = there.server.access.cookie, there.token(Role.CONTROL)
    answer = login(there, there.token(Role.VIEW, "main"), Cookie=f"{name}={control}")
    assert answer.status == 303 and "Set-Cookie" not in answer.headers
    answer = login(there, control, Cookie=f"{name}={there.token(Role.VIEW)}")
    assert cookie_of(answer)[name].value == control


def test_this_machine_needs_no_cookie_and_links_work_there(there: Lan) -> None:
    here = {"Host": f"localhost:{there.port}"}
    for token in (there.token(Role.VIEW, "side"), WRONG, ""):
        answer = there.ask("GET", f"/login?t={token}", headers=here)
        assert answer.status == 303 and "Set-Cookie" not in answer.headers
    with serving(FakeEngine()) as alone:
        assert ask(alone, f"/login?t={WRONG}").status == 200  # led on to the page


def test_links_are_for_directors_only(there: Lan) -> None:
    answer = there.ask("GET", "/api/access", token=there.token(Role.CONTROL)).json
    assert answer["role"] == "control" and answer["lan"] is True
    assert {link["kind"] for link in answer["links"]} == {"control", "dock", "view", "overlay"}
    there.engine.values["source"] = {"uri": "webrtc:phone"}
    links = there.ask("GET", "/api/access", token=there.token(Role.CONTROL)).json["links"]
    assert links[-1]["kind"] == "camera" and links[-1]["name"] == "phone"
    for token in (there.token(Role.VIEW), there.token(Role.VIEW, "main"), there.token(Role.PUSH, "phone")):
        assert there.ask("GET", "/api/access", token=token).json["links"] == []


def test_a_link_of_the_list_opens_its_door(there: Lan) -> None:
    for link in there.server.links():
        answer = there.ask("GET", "/login?" + link.url.partition("?")[2])
        assert answer.status == 303, link


@needs_addresses
def test_a_thousand_wrong_tokens(there: Lan, caplog: pytest.LogCaptureFixture) -> None:
    """All refused; the right one works from elsewhere meanwhile; one line in the log."""
    right = there.token(Role.CONTROL)
    statuses = []
    with caplog.at_level(logging.DEBUG):
        for number in range(1000):
            guess = "c." + f"{number:032d}"
            if number % 2:
                answer = there.ask("GET", f"/login?t={guess}", headers=NAVIGATES, address=GUESSER)
                assert "Set-Cookie" not in answer.headers
            else:
                answer = there.ask("GET", "/api/state", token=guess, address=GUESSER)
            statuses.append(answer.status)
            if number % 100 == 99:
                assert there.ask("GET", "/api/state", token=right, address=DIRECTOR).status == 200
    assert set(statuses) == {401, 429} and statuses[: FREE + 1] == [401] * (FREE + 1)
    # One second, then two, then four: a busy test takes a minute at the very most.
    assert statuses.count(401) <= FREE + 7
    refused = there.ask("GET", "/api/state", token=right, address=GUESSER)
    assert refused.status == 429 and 1 <= int(refused.headers["Retry-After"]) <= 60
    assert login(there, right).status == 303
    lines = [record.getMessage() for record in caplog.records if "token" in record.getMessage()]
    assert len(lines) == 1 and GUESSER in lines[0]
    assert not any("00000" in line or right in line for line in lines)


@needs_addresses
def test_who_is_signed_in_goes_on_while_the_same_address_guesses(there: Lan) -> None:
    right = there.token(Role.CONTROL)
    assert there.ask("GET", "/api/state", token=right, address=GUESSER).status == 200
    for number in range(20):
        there.ask("GET", "/api/state", token=f"c.{number:032d}", address=GUESSER)
    assert there.ask("GET", "/api/state", token=right, address=GUESSER).status == 200


def test_every_token_is_compared_in_the_same_time(monkeypatch: pytest.MonkeyPatch, there: Lan) -> None:
    """By construction: one signature is made and one comparison of fixed length is done for any text."""
    import engine.control.access.grants as access

    compared: list[tuple[int, int]] = []
    compare = access.hmac.compare_digest

    def noted(ours: bytes, theirs: bytes) -> bool:
        compared.append((len(ours), len(theirs)))
        return compare(ours, theirs)

    monkeypatch.setattr(access.hmac, "compare_digest", noted)
    for token in (WRONG, "v." + "A" * 32, there.token(Role.VIEW), "x", "a.b.c", "ü.ü"):
        there.server.access.grant(token)
    assert [ours for ours, _ in compared] == [32] * 6

"""The control page in a real browser: buttons and keys send the right requests, and show what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from engine.control import ControlServer
from engine.direction.target import CameraMode, LockState, TargetKind, TargetRequest
from engine.errors import JikcamError
from tests.integration.control_rig import FakeEngine, ask, serving
from tests.real.browser import Page, chromium, wait_until

pytestmark = pytest.mark.real

PRESSED = "[...document.querySelectorAll('[data-{0}][aria-pressed=true]')].map((b) => b.dataset.{0}).join()"


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with chromium() as page:
        yield page


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def server(engine: FakeEngine) -> Iterator[ControlServer]:
    with serving(engine) as running:
        yield running


@pytest.fixture
def page(browser: Page, server: ControlServer, engine: FakeEngine) -> Iterator[Page]:
    browser.complaints.clear()
    engine.tick()
    open_page(browser, server)
    yield browser
    browser.call("Page.navigate", url="about:blank")
    assert browser.complaints == []


def open_page(page: Page, server: ControlServer) -> None:
    page.open(f"{server.url}/")
    page.wait("document.querySelectorAll('.people .choose').length === 3")
    page.wait("document.querySelector('[data-shot][aria-pressed=true]')")


def pressed(page: Page, key: str, value: str) -> None:
    """Wait until exactly that one of the buttons is pressed."""
    page.wait(f"{PRESSED.format(key)} === '{value}'")


def report(server: ControlServer, **values: Any) -> None:
    """What the OBS controller tells."""
    known = {"state": "up", "text": "OBS 29.0.2", "scene": "jikcam", "scenes": "auto"}
    assert ask(server, "/api/obs/report", known | values).status == 200


def text(page: Page, selector: str) -> str:
    return str(page.evaluate(f"document.querySelector('{selector}').textContent"))


def test_camera_buttons(page: Page, engine: FakeEngine) -> None:
    pressed(page, "mode", "follow")
    for mode in ("hold", "wide", "follow"):
        page.click(f"[data-mode={mode}]")
        pressed(page, "mode", mode)
        assert engine.calls[-1] == ("mode", "main", CameraMode(mode))
    assert len(engine.calls) == 3


def test_what_others_do_is_shown(page: Page, engine: FakeEngine) -> None:
    engine.change_view(mode=CameraMode.HOLD)
    pressed(page, "mode", "hold")
    engine.set_view("main", {"shot": "upper"})
    pressed(page, "shot", "upper")


@pytest.mark.parametrize(
    ("key", "code", "mode"),
    [
        ("h", "KeyH", "hold"),
        ("H", "KeyH", "hold"),
        ("w", "KeyW", "wide"),
        ("ㅗ", "KeyH", "hold"),  # the Korean layout
        ("ц", "KeyW", "wide"),  # the Russian one
        ("w", "KeyZ", "wide"),  # the French one, where the key named W is elsewhere
    ],
)
def test_keys_command_the_camera(page: Page, engine: FakeEngine, key: str, code: str, mode: str) -> None:
    page.press(key, code)
    pressed(page, "mode", mode)
    page.press("f")
    pressed(page, "mode", "follow")
    assert engine.calls == [("mode", "main", CameraMode(mode)), ("mode", "main", CameraMode.FOLLOW)]


def test_the_lock_is_always_told(page: Page, engine: FakeEngine) -> None:
    words = {"nobody": "NOBODY", "held": "HELD", "occluded": "HIDDEN", "lost": "LOST"}
    words |= {"unsure": "UNSURE", "found": "FOUND"}
    shown = "[...document.querySelectorAll('.lock strong, .empty')].filter((e) => e.offsetHeight)"
    for lock in LockState:
        engine.change_view(lock=lock, person=None if lock is LockState.NOBODY else 2)
        page.wait(f"{shown}.map((e) => e.textContent).join() === '{words[lock]}'")


def test_wide_keeps_the_person_and_let_go_does_not(page: Page, engine: FakeEngine) -> None:
    page.press("2")
    wait_until(lambda: engine.calls)
    assert engine.calls[0][:2] == ("target", "main") and engine.calls[0][2].kind is TargetKind.MEMBER
    page.click(".people .choose")
    page.wait("document.querySelector('.lock.held')")
    page.press("w")
    pressed(page, "mode", "wide")
    assert engine.views[0].person == 1
    page.click("[data-kind=none]")
    page.wait("document.querySelector('.lock.nobody')")
    assert engine.calls[-1] == ("target", "main", TargetRequest(TargetKind.NONE))


def test_shot_size_buttons(page: Page, engine: FakeEngine) -> None:
    pressed(page, "shot", "full")
    for shot in ("face", "upper", "full"):
        page.click(f"[data-shot={shot}]")
        pressed(page, "shot", shot)
        assert engine.calls[-1] == ("view", "main", {"shot": shot})


def test_another_engine_on_the_same_port_is_asked_anew(browser: Page, engine: FakeEngine) -> None:
    first = ControlServer(engine, port=0)
    first.start()
    open_page(browser, first)
    first.stop()
    browser.wait("document.body.classList.contains('stale')")
    engine.values = {"view": [{"name": "main", "shot": "face"}]}  # the number of the preset stays
    second = ControlServer(engine, port=urlsplit(first.url).port or 0)
    second.start()
    pressed(browser, "shot", "face")
    browser.wait("!document.body.classList.contains('stale')")
    second.stop()
    engine.close()


def test_the_buttons_are_those_of_the_chosen_view(browser: Page) -> None:
    engine = FakeEngine("left", "right")
    with serving(engine) as server:
        browser.open(f"{server.url}/")
        browser.wait("document.querySelectorAll('#views .view').length === 2")
        chosen = "[...document.querySelectorAll('#views .view')].map((v) => v.ariaPressed).join()"
        browser.wait(f"{chosen} === 'true,false'")
        browser.click("#views .view:last-child")
        browser.wait(f"{chosen} === 'false,true'")
        browser.click("[data-mode=hold]")
        pressed(browser, "mode", "hold")
        assert [v.mode for v in engine.views] == [CameraMode.FOLLOW, CameraMode.HOLD]
        browser.press("w")
        pressed(browser, "mode", "wide")
        browser.press("v")
        pressed(browser, "mode", "follow")
        browser.press("h")
        pressed(browser, "mode", "hold")
        assert [v.mode for v in engine.views] == [CameraMode.HOLD, CameraMode.WIDE]


def test_the_addresses_of_every_view(browser: Page) -> None:
    with serving(FakeEngine("left", "right")) as server:
        browser.open(f"{server.url}/")
        browser.wait("document.querySelectorAll('#views .view').length === 2")
        browser.click("[data-dialog=addresses]")
        browser.wait("document.querySelectorAll('.links a').length >= 9")
        links = browser.evaluate("[...document.querySelectorAll('.links a')].map((a) => a.href)")
        for name in ("left", "right"):
            pages = (f"/watch/{name}", f"/overlay?view={name}", f"/stream/{name}.mjpeg", f"/whep/{name}")
            assert {server.url + page for page in pages} <= set(links)
        copied = "[...document.querySelectorAll('.links input')].map((i) => i.value)"
        assert browser.evaluate(copied) == links


def test_obs_panel(page: Page, server: ControlServer) -> None:
    release = "getComputedStyle(document.querySelector('.release')).visibility === 'visible'"
    assert page.evaluate("document.getElementById('obs').hidden")
    report(server)
    page.wait("!document.getElementById('obs').hidden")
    shown = [text(page, f"#obs .{part}") for part in ("link", "text", "scene", "who")]
    assert shown == ["CONNECTED", "OBS 29.0.2", "jikcam", "rules"]
    assert not page.evaluate(release)
    report(server, scene="<b>Pause</b>", scenes="manual")
    page.wait(release)
    assert (text(page, "#obs .scene"), text(page, "#obs .who")) == ("<b>Pause</b>", "by hand")
    page.click(".release")
    wait_until(lambda: ask(server, "/api/state").json["obs"]["release"] == 1)
    report(server)
    page.wait(f"!({release})")
    for state, word in (("connecting", "CONNECTING"), ("away", "AWAY"), ("refused", "REFUSED")):
        report(server, state=state, text="the fix", scene=None)
        page.wait(f"document.querySelector('#obs .link').textContent === '{word}'")
        assert (text(page, "#obs .text"), text(page, "#obs .scene")) == ("the fix", "–")


def test_release_works_with_the_keyboard(page: Page, server: ControlServer) -> None:
    report(server, scenes="manual")
    page.wait("!document.querySelector('.release').classList.contains('unseen')")
    for _ in range(60):
        page.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('release')"):
            break
    page.press("Enter", text="\r")
    wait_until(lambda: ask(server, "/api/state").json["obs"]["release"] == 1)


def test_nothing_jumps(page: Page, server: ControlServer, engine: FakeEngine) -> None:
    where = (
        "JSON.stringify([...document.querySelectorAll('main button')].map((b) => b.getBoundingClientRect()))"
    )
    before = page.evaluate(where)
    report(server, scenes="manual")
    page.wait("!document.querySelector('.release').classList.contains('unseen')")
    ask(server, "/api/camera", {"view": "main", "mode": "hold"})
    pressed(page, "mode", "hold")
    engine.failure = JikcamError("that person has gone", "choose another")
    page.click(".people .choose")
    page.wait("!document.getElementById('problem').hidden")
    assert text(page, "#problem") == "that person has gone; choose another"
    engine.failure = None
    page.evaluate("document.activeElement.blur()")
    assert page.evaluate(where) == before


def test_an_older_engine_is_enough(browser: Page, server: ControlServer) -> None:
    """Without mode, OBS, revision and preset values the rest of the page works."""
    browser.complaints.clear()
    old = """(() => { const parse = JSON.parse; JSON.parse = (text) => { const m = parse(text);
        if (m.state) { delete m.state.obs; delete m.state.preset_revision; delete m.state.members;
        for (const p of m.state.people) { delete p.name; delete p.track; delete p.reason; }
        for (const v of m.state.views) delete v.reason;
        for (const v of m.state.views) delete v.mode; } return m };
        Response.prototype.json = async () => ({ toml: '' }) })()"""
    script = browser.call("Page.addScriptToEvaluateOnNewDocument", source=old)
    browser.open(f"{server.url}/")
    browser.wait("document.querySelectorAll('.people .choose').length === 3")
    browser.click(".people .person:last-child .choose")
    browser.wait("document.querySelector('.lock.held')")
    assert browser.evaluate("document.getElementById('obs').hidden")
    assert not browser.evaluate("document.querySelector('[data-mode][aria-pressed=true]')")
    browser.call("Page.removeScriptToEvaluateOnNewDocument", identifier=script["identifier"])
    assert browser.complaints == []


def test_everything_has_a_name_and_a_role(page: Page, server: ControlServer) -> None:
    report(server, scenes="manual")
    page.wait("!document.querySelector('.release').classList.contains('unseen')")
    nodes = [n for n in page.call("Accessibility.getFullAXTree")["nodes"] if not n["ignored"]]
    named = [(n["role"]["value"], n.get("name", {}).get("value", "").strip()) for n in nodes]
    for role, name in named:
        assert name or role not in ("button", "link", "group", "image", "region", "main"), role
    for wanted in (
        ("button", "Follow"),
        ("button", "WIDE"),
        ("button", "Person 1 99 % sure"),
        ("button", "Name…: Person 1"),
        ("button", "Back to the rules"),
        ("group", "Camera"),
        ("listbox", "People in the wide picture"),
        ("region", "Program"),
        ("region", "OBS"),
    ):
        assert wanted in named
    assert [role for role, _ in named].count("status") == 4

"""The control page in a real browser: preview, take, lock, feel, shot size and the auto-director."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine.control import ControlServer
from engine.direction.target import TargetKind
from tests.integration.control_rig import FakeEngine, serving
from tests.real.browser import Page, chromium, wait_until

pytestmark = pytest.mark.real

PREVIEW = ".people .person:nth-child({}) .preview"


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with chromium() as page:
        yield page


@pytest.fixture
def engine() -> FakeEngine:
    engine = FakeEngine()
    engine.set_view("main", {"camera.feel": "normal", "camera.operator": "live"})
    engine.calls.clear()
    return engine


@pytest.fixture
def server(engine: FakeEngine) -> Iterator[ControlServer]:
    with serving(engine) as running:
        yield running


@pytest.fixture
def page(browser: Page, server: ControlServer, engine: FakeEngine) -> Iterator[Page]:
    browser.complaints.clear()
    engine.tick()
    browser.open(f"{server.url}/")
    browser.wait("document.querySelectorAll('.people .choose').length === 3")
    browser.wait("document.querySelector('[data-shot][aria-pressed=true]')")
    yield browser
    browser.call("Page.navigate", url="about:blank")
    assert browser.complaints == []


def pressed(page: Page, selector: str, yes: bool = True) -> None:
    page.wait(f"document.querySelector('{selector}').getAttribute('aria-pressed') === '{str(yes).lower()}'")


def says(page: Page, selector: str, words: str) -> None:
    page.wait(f"document.querySelector('{selector}').textContent === '{words}'")


def last(engine: FakeEngine, *call: Any) -> None:
    wait_until(lambda: engine.calls and engine.calls[-1] == call)


@pytest.mark.parametrize("how", ["cut", "move"])
def test_preview_then_take(page: Page, engine: FakeEngine, how: str) -> None:
    button = f"[data-take={how}]"
    says(page, ".next", "nobody is previewed")
    page.wait(f"document.querySelector('{button}').disabled")
    page.click(PREVIEW.format(2))
    pressed(page, PREVIEW.format(2))
    says(page, ".next", "next is Person 2")
    assert engine.views[0].person is None
    page.click(button)
    page.wait("document.querySelector('.lock.held')")
    last(engine, "take", "main", how)
    assert engine.views[0].person == 2
    says(page, ".next", "nobody is previewed")


def test_a_preview_is_taken_back_by_the_same_button(page: Page, engine: FakeEngine) -> None:
    page.click(PREVIEW.format(3))
    pressed(page, PREVIEW.format(3))
    page.click(PREVIEW.format(3))
    pressed(page, PREVIEW.format(3), False)
    assert engine.calls[-1][:2] == ("preview", "main") and engine.calls[-1][2].kind is TargetKind.NONE


def test_the_keys_take_and_lock(page: Page, engine: FakeEngine) -> None:
    page.click(PREVIEW.format(1))
    pressed(page, PREVIEW.format(1))
    page.press("t")
    page.wait("document.querySelector('.lock.held')")
    last(engine, "take", "main", None)
    page.press("l")
    pressed(page, ".guard")
    last(engine, "guard", "main", True)
    page.click(".people .person:nth-child(2) .choose")
    page.wait("!document.getElementById('problem').hidden")
    assert "locked" in str(page.evaluate("document.getElementById('problem').textContent"))
    assert engine.views[0].person == 1
    page.click(".guard")
    pressed(page, ".guard", False)
    last(engine, "guard", "main", False)


def test_feel_and_shot_size(page: Page, engine: FakeEngine) -> None:
    pressed(page, "[data-feel=normal]")
    for feel in ("calm", "dance", "sport"):
        page.click(f"[data-feel={feel}]")
        pressed(page, f"[data-feel={feel}]")
        last(engine, "view", "main", {"camera.feel": feel})
    for shot in ("upper", "chest", "face", "group", "wide", "full"):
        page.click(f"[data-shot={shot}]")
        pressed(page, f"[data-shot={shot}]")
        last(engine, "view", "main", {"shot": shot})


def test_the_auto_director_is_switched_on_and_off(page: Page, engine: FakeEngine) -> None:
    pressed(page, ".auto", False)
    page.click(".auto")
    last(engine, "view", "main", {"auto": {}})
    engine.set_view("main", {"auto": {"enabled": True, "rule": "order", "order": ["Mina"]}})
    pressed(page, ".auto")
    page.click(".auto")
    last(engine, "view", "main", {"auto.enabled": False})
    pressed(page, ".auto", False)
    page.click(".auto")
    last(engine, "view", "main", {"auto.enabled": True})


def test_a_view_made_of_others_has_no_commands(page: Page, engine: FakeEngine) -> None:
    seen = "[...document.querySelectorAll('#controls button, #crew button')]"
    seen += ".filter((b) => b.offsetHeight).length"
    page.wait(f"{seen} > 20")
    engine.set_view("main", {"grid": ["a", "b"]})
    page.wait(f"{seen} === 0")
    assert page.evaluate("document.getElementById('panic').offsetHeight > 0")
    engine.set_view("main", {"grid": []})
    page.wait(f"{seen} > 20")

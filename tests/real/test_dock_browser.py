"""The dock in a real browser, as narrow as OBS makes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from engine.control import ControlServer
from engine.direction.target import CameraMode, LockState, TargetKind
from tests.integration.control_rig import FakeEngine, serving
from tests.real.browser import wait_until
from tests.real.browsers import Browsers, Tab, assert_accessible, browsers, running_browsers

__all__ = ["browsers", "running_browsers"]
pytestmark = pytest.mark.real

STATE = "document.getElementById('state').textContent"


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine("main", "second")


@pytest.fixture
def server(engine: FakeEngine) -> Iterator[ControlServer]:
    with serving(engine) as running:
        yield running


@pytest.fixture
def dock(browsers: Browsers, server: ControlServer) -> Tab:
    tab = browsers.tab("chromium", 300, 420)
    tab.open(f"{server.url}/dock")
    tab.wait("document.querySelectorAll('#people button').length === 3")
    return tab


def told(engine: FakeEngine, count: int = 1) -> list[tuple[object, ...]]:
    """What the engine was told, once it is that much."""
    wait_until(lambda: len(engine.calls) >= count, f"{count} commands")
    return engine.calls


def enrol(engine: FakeEngine, *names: str) -> None:
    engine.members = names
    engine.people = tuple(replace(p, name=n) for p, n in zip(engine.people, names, strict=False))


def test_the_state_is_always_told(dock: Tab, engine: FakeEngine) -> None:
    words = {"nobody": "NOBODY", "held": "HELD", "occluded": "HIDDEN", "lost": "LOST"}
    words |= {"unsure": "UNSURE", "found": "FOUND"}
    for lock in LockState:
        engine.change_view(lock=lock, person=2, label="Minji", sure=0.87)
        dock.wait(f"{STATE} === '{words[lock]}'")
    assert dock.evaluate("document.getElementById('who').textContent") == "Minji 87 %"
    engine.failure = RuntimeError("hangs")
    dock.wait(f"{STATE} === 'NO ENGINE'")
    engine.failure = None
    dock.wait(f"{STATE} !== 'NO ENGINE'")


def test_buttons_command_the_engine(dock: Tab, engine: FakeEngine) -> None:
    dock.click("button.wide")
    assert told(engine)[-1] == ("mode", "main", CameraMode.WIDE)
    dock.wait("document.querySelector('button.wide[aria-pressed=true]')")
    dock.click("#people button:nth-child(2)")
    assert told(engine, 2)[-1][2].kind is TargetKind.PERSON and told(engine)[-1][2].number == 2
    dock.wait("document.querySelector('#people button:nth-child(2)[aria-pressed=true]')")
    dock.click("#guard")
    assert told(engine, 3)[-1] == ("guard", "main", True)
    dock.wait("document.getElementById('guard').textContent === 'Locked'")
    dock.click("#guard")
    dock.click("[data-feel=dance]")
    assert told(engine, 5)[-1] == ("view", "main", {"camera.feel": "dance"})


def test_preview_then_take(dock: Tab, engine: FakeEngine) -> None:
    assert dock.evaluate("document.querySelector('[data-take=cut]').disabled")
    dock.press("p")
    dock.click("#people button:nth-child(3)")
    assert told(engine)[-1][:2] == ("preview", "main")
    dock.wait("document.getElementById('next').textContent === 'Next: Person 3'")
    dock.press("t")
    assert told(engine, 2)[-1] == ("take", "main", None)
    dock.wait("document.querySelector('[data-take=cut]').disabled")


def test_keys(dock: Tab, engine: FakeEngine) -> None:
    enrol(engine, "Minji", "Hanni", "Away One", "Away Two")
    engine.people = engine.people[:2]
    dock.wait("document.querySelectorAll('#people .away').length === 2")
    for count, key in enumerate(("3", "w", "f", "h", "ArrowRight", "l"), 1):
        dock.press(key)
        told(engine, count)
    wish = engine.calls[0][2]
    assert (wish.kind, wish.number) == (TargetKind.MEMBER, 3)
    assert [call[2] for call in engine.calls[1:4]] == [CameraMode.WIDE, CameraMode.FOLLOW, CameraMode.HOLD]
    assert engine.calls[4][2].kind is TargetKind.NEXT
    dock.press("v")
    dock.wait("document.querySelector('#views [data-view=second][aria-pressed=true]')")
    dock.press("w")
    assert told(engine, 7)[-1] == ("mode", "second", CameraMode.WIDE)


def test_what_is_refused_is_told(dock: Tab, engine: FakeEngine) -> None:
    engine.set_guard("main", True)
    dock.press("1")
    dock.wait("document.getElementById('problem').textContent.includes('locked')")


def test_it_fits_and_everybody_can_use_it(
    browsers: Browsers, server: ControlServer, engine: FakeEngine
) -> None:
    enrol(engine, "Minji", "Hanni", "Danielle with a very long name", "Haerin", "Hyein")
    engine.change_view(
        lock=LockState.OCCLUDED, person=1, label="Minji", sure=0.97, reason="behind Hanni for 0.4 s"
    )
    engine.change_view(previewed=2)
    tab = browsers.tab("chromium", 300, 420)
    tab.open(f"{server.url}/dock")
    tab.wait("document.querySelectorAll('#people button').length === 5")
    for width in (300, 420, 700):
        tab.resize(width, 420)
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    tab.resize(300, 420)
    assert tab.evaluate("document.documentElement.scrollHeight") <= 420, "all of it is seen at once"
    assert_accessible(tab)

"""Everybody's name over their head: in the right place in every shot, and gone in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from engine.control import ControlServer
from engine.geometry import Box, Shot
from tests.integration.control_rig import FakeEngine, serving
from tests.real.browser import wait_until
from tests.real.browsers import Browsers, Tab, assert_accessible, browsers, running_browsers

__all__ = ["browsers", "running_browsers"]
pytestmark = pytest.mark.real

#: Name -> the middle of the lower edge, in pixels of the page.
PLACES = """Object.fromEntries([...document.querySelectorAll('.head.shown')].map((e) => {
  const b = e.getBoundingClientRect(); return [e.textContent, [b.x + b.width / 2, b.bottom]] }))"""


@pytest.fixture
def engine() -> FakeEngine:
    engine = FakeEngine("main", "second")
    first, second, third = engine.people
    engine.people = (
        replace(first, name="Minji", box=Box(900, 400, 1020, 900)),
        replace(second, name="Hanni", box=Box(1200, 450, 1300, 900), sure=0.5),
        replace(third, box=Box(1500, 300, 1600, 800)),
    )
    engine.change_view(shot=Shot(960, 540, 540, 16 / 9))
    return engine


@pytest.fixture
def server(engine: FakeEngine) -> Iterator[ControlServer]:
    with serving(engine) as running:
        engine.run(30.0)
        yield running


def opened(browsers: Browsers, server: ControlServer, query: str, width: int = 960, height: int = 540) -> Tab:
    tab = browsers.tab("chromium", width, height)
    tab.open(f"{server.url}/overlay?{query}")
    tab.wait("document.querySelector('.head.shown')")
    return tab


def settle(tab: Tab, name: str, x: float, y: float) -> None:
    def near() -> bool:
        place = tab.evaluate(PLACES).get(name)
        return place is not None and abs(place[0] - x) < 1.5 and abs(place[1] - y) < 1.5

    wait_until(near, f"{name} at {x}, {y}")


def test_names_are_over_the_heads_in_the_shot(
    browsers: Browsers, server: ControlServer, engine: FakeEngine
) -> None:
    tab = opened(browsers, server, "people=all")
    settle(tab, "Minji", 480, 130)
    settle(tab, "Hanni?", 770, 180)
    assert set(tab.evaluate(PLACES)) == {"Minji", "Hanni?"}, "who is outside the shot has no label"
    engine.change_view(shot=Shot(1440, 540, 540, 16 / 9))
    settle(tab, "Hanni?", 290, 180)
    settle(tab, "Person 3", 590, 30)
    assert "Minji" in tab.evaluate(PLACES), "half of her is in the shot"
    assert_accessible(tab)


def test_a_source_of_another_shape_shows_the_whole_shot_in_its_middle(
    browsers: Browsers, server: ControlServer
) -> None:
    tab = opened(browsers, server, "people=named&size=5", 960, 960)
    settle(tab, "Minji", 480, 340)
    assert "Person 3" not in tab.evaluate(PLACES)


def test_names_leave_with_the_people_and_with_the_engine(
    browsers: Browsers, server: ControlServer, engine: FakeEngine
) -> None:
    tab = opened(browsers, server, "people=all&view=second&style=plain")
    engine.people = engine.people[1:]
    tab.wait(f"!('Minji' in {PLACES})")
    tab.wait(f"'Hanni?' in {PLACES}")
    server.stop()
    tab.wait("!document.querySelector('.head.shown')")

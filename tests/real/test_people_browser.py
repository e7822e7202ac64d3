"""People on the control page: boxes, pictures, names, and the user's word on who is who."""

from __future__ import annotations

import json
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from engine.control import ControlServer
from engine.direction.target import LockState, TargetKind, TargetRequest
from engine.geometry import Box, Shot
from engine.state import PersonState
from tests.integration.control_rig import FakeEngine, serving
from tests.real.browser import Page, chromium, wait_until

pytestmark = pytest.mark.real

MINA = PersonState(1, Box(600, 200, 800, 900), 0.55, 0.0, 11, "Mina", "crossed person 3")
THREE = PersonState(3, Box(900, 220, 1100, 930), 0.52, 0.0, 13, "", "crossed Mina")
IDA = PersonState(4, Box(1400, 250, 1560, 880), 0.97, 0.0, 14, "Ida")
CARDS = "[...document.querySelectorAll('.people .person')]"
BOXES = "[...document.querySelectorAll('.boxes div')]"


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with chromium() as page:
        yield page


@pytest.fixture
def engine() -> FakeEngine:
    """Mina was chosen and has crossed somebody; Yuna is away."""
    engine = FakeEngine()
    engine.people = (IDA, THREE, MINA)
    engine.members = ("Ida", "Mina", "Yuna")
    engine.change_view(lock=LockState.UNSURE, person=1, label="Mina?", sure=0.55, reason="crossed person 3")
    engine.tick()
    return engine


@pytest.fixture
def server(engine: FakeEngine) -> Iterator[ControlServer]:
    with serving(engine) as running:
        yield running


@pytest.fixture
def page(browser: Page, server: ControlServer) -> Iterator[Page]:
    browser.complaints.clear()
    browser.resize(1280, 900)
    browser.open(f"{server.url}/")
    browser.wait(f"{CARDS}.length === 4 && {BOXES}.length === 3")
    yield browser
    browser.call("Page.navigate", url="about:blank")
    assert browser.complaints == []


def shown(page: Page, cards: str, part: str) -> list[str]:
    return list(page.evaluate(f"{cards}.map((c) => c.querySelector('{part}').textContent)"))


def middle(page: Page, selector: str) -> dict[str, float]:
    """Of the first such element, in pixels of the page."""
    box = page.evaluate(f"document.querySelector({json.dumps(selector)}).getBoundingClientRect().toJSON()")
    return {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}


def called(engine: FakeEngine) -> tuple[object, ...]:
    wait_until(lambda: engine.calls)
    return engine.calls[-1]


def test_a_guess_has_a_question_mark_and_another_outline(page: Page) -> None:
    assert shown(page, CARDS, ".name") == ["Ida", "Mina?", "Yuna", "Person 3?"]
    assert shown(page, CARDS, ".sure") == ["97 % sure", "55 % sure", "away", "52 % sure"]
    assert sorted(shown(page, BOXES, "span")) == ["Ida 97 %", "Mina? 55 %", "Person 3? 52 %"]
    for parts, styles in (
        (BOXES, ["dashed", "dashed", "solid"]),
        (f"{CARDS}.map((c) => c.querySelector('.choose'))", ["dashed", "dashed", "dotted", "solid"]),
    ):
        assert sorted(page.evaluate(f"{parts}.map((b) => getComputedStyle(b).borderTopStyle)")) == styles
    lock = page.evaluate("document.querySelector('.lock').innerText").split()
    assert lock == ["UNSURE", "Mina?", "55", "%", "sure:", "crossed", "person", "3"]


@pytest.mark.parametrize("mirror", [False, True])
def test_boxes_lie_over_the_people_in_the_picture(page: Page, engine: FakeEngine, mirror: bool) -> None:
    engine.change_view(shot=Shot(800, 500, 600, 16 / 9))
    engine.set_view("main", {"shot": "full", "mirror": mirror})
    width = 600 * 16 / 9
    left = 100 * (600 - (800 - width / 2)) / width
    left = 100 - left - 100 * 200 / width if mirror else left
    mina = f"{BOXES}.find((b) => b.textContent.startsWith('Mina'))"
    page.wait(f"Math.abs(parseFloat({mina}.style.left) - {left}) < 0.2")
    frame = "document.querySelector('.picture img').getBoundingClientRect()"
    page.wait(f"Math.abs({mina}.getBoundingClientRect().width - {frame}.width * 200 / {width}) < 2")
    # What is above the picture is cut off, and who is beside it has no box.
    page.wait(f"Math.abs({mina}.getBoundingClientRect().top - {frame}.top) < 2")
    page.wait(f"{BOXES}.find((b) => b.textContent.startsWith('Ida')).hidden")


def test_a_click_on_a_box_shows_the_engine_whom_the_user_saw(page: Page, engine: FakeEngine) -> None:
    page.evaluate(f"{BOXES}.find((b) => b.textContent.startsWith('Person')).click()")
    shown = TargetRequest(TargetKind.BOX, box=THREE.box, frame_index=1)
    assert called(engine) == ("target", "main", shown)


def test_of_a_guess_the_body_is_chosen_and_else_the_person(page: Page, engine: FakeEngine) -> None:
    page.evaluate(f"{CARDS}[3].querySelector('.choose').click()")
    shown = TargetRequest(TargetKind.BOX, box=THREE.box, frame_index=1)
    assert called(engine) == ("target", "main", shown)
    page.evaluate(f"{CARDS}[0].querySelector('.choose').click()")
    wait_until(lambda: len(engine.calls) == 2)
    assert engine.calls[1] == ("target", "main", TargetRequest(TargetKind.PERSON, number=4))


def test_thats_them_is_there_while_it_helps(page: Page, engine: FakeEngine) -> None:
    visible = f"{CARDS}.map((c) => getComputedStyle(c.querySelector('.claim')).visibility).join()"
    assert page.evaluate(visible) == "visible,visible,hidden,visible"
    where = f"JSON.stringify({CARDS}.map((c) => c.getBoundingClientRect()))"
    before = page.evaluate(where)
    page.evaluate(f"{CARDS}[3].querySelector('.claim').click()")
    shown = TargetRequest(TargetKind.BOX, box=THREE.box, frame_index=1)
    assert called(engine) == ("claim", "main", shown)
    page.wait(f"{visible} === 'hidden,hidden,hidden,hidden'")
    assert page.evaluate(where) == before, "nothing jumps"


def test_keys_are_those_of_the_named(page: Page, engine: FakeEngine) -> None:
    assert shown(page, CARDS, "kbd") == ["1", "2", "3", ""]
    assert shown(page, "[...document.querySelectorAll('.person.away')]", ".name") == ["Yuna"]
    page.click(".away .choose")
    assert called(engine) == ("target", "main", TargetRequest(TargetKind.NAME, name="Yuna"))
    page.click(".away .preview")
    wait_until(lambda: len(engine.calls) == 2)
    assert engine.calls[1] == ("preview", "main", TargetRequest(TargetKind.NAME, name="Yuna"))
    page.press("3")
    wait_until(lambda: len(engine.calls) == 3)
    assert engine.calls[2][2] == TargetRequest(TargetKind.MEMBER, number=3, frame_index=1)


def test_the_named_keep_their_place_whoever_comes_and_goes(page: Page, engine: FakeEngine) -> None:
    named = "[c.querySelector('.name').textContent.replace('?', ''), c.getBoundingClientRect()]"
    places = f"JSON.stringify({CARDS}.slice(0, 3).map((c) => {named}))"
    before = page.evaluate(places)
    engine.people = (THREE,)
    page.wait("document.querySelectorAll('.person.away').length === 3")
    assert page.evaluate(places) == before
    engine.people = (PersonState(9, Box(0, 200, 150, 900), 0.9, 0.0, 19, "Yuna"), MINA, IDA)
    page.wait("!document.querySelector('.person.away')")
    assert page.evaluate(places) == before


def test_no_tile_moves_under_the_finger(page: Page, engine: FakeEngine) -> None:
    engine.members = ()  # then tiles stand from the left, as their keys count
    page.evaluate("document.activeElement.blur()")
    page.wait(f"{CARDS}[0].querySelector('.name').textContent === 'Mina?'")
    page.call("Input.dispatchMouseEvent", type="mouseMoved", **middle(page, ".people .person"))
    engine.people = (PersonState(8, Box(10, 200, 90, 900), 0.9, 0.0, 18), THREE)
    page.wait(f"{CARDS}.length === 4 && document.querySelectorAll('.gone').length === 2")
    assert shown(page, CARDS, ".name")[0] == "Mina?"
    page.call("Input.dispatchMouseEvent", type="mouseMoved", x=2, y=2)
    page.wait(f"{CARDS}.length === 2 && {CARDS}[0].querySelector('.name').textContent === 'Person 8'")


def test_somebody_gets_a_name_and_loses_it(page: Page, engine: FakeEngine) -> None:
    engine.people = (*engine.people, PersonState(2, Box(100, 200, 300, 900), 0.9, 0.0, 12))
    page.wait(f"{CARDS}.length === 5")
    two = f"{CARDS}.find((c) => c.querySelector('.name').textContent.startsWith('{{}}'))"
    page.evaluate(f"{two.format('Person 2')}.querySelector('.rename').click()")
    page.wait("document.getElementById('naming').open")
    for letter in "f2 ":  # keys that command elsewhere
        page.press(letter, text=letter)
    page.call("Input.insertText", text="박<b>")
    page.press("Enter", text="\r")
    page.wait("!document.getElementById('naming').open")
    assert engine.calls == [("enrol", 2, "f2 박<b>")]
    page.wait(two.format("f2 박<b>"))
    page.evaluate(f"{two.format('f2')}.querySelector('.rename').click()")
    page.wait(f"document.querySelector('#naming input').value === {json.dumps('f2 박<b>')}")
    page.click("#naming .forget")
    page.wait(two.format("Person 2"))
    assert page.evaluate(f"{CARDS}.length") == 5, "who is given a name keeps the tile"
    page.click(".away .rename")
    page.wait("document.getElementById('naming').open")
    assert not page.evaluate("document.querySelector('#naming .save').offsetHeight")
    page.click("#naming .forget")
    page.wait("!document.querySelector('.person.away:not(.gone)')")
    assert engine.calls[1:] == [("forget", "f2 박<b>"), ("forget", "Yuna")]


def test_a_refused_name_keeps_the_dialog_open(page: Page, engine: FakeEngine) -> None:
    page.click(".people .person:nth-child(4) .rename")
    page.wait("document.getElementById('naming').open")
    engine.people = (IDA, MINA)  # that person has just gone
    page.call("Input.insertText", text="Momo")
    page.click("#naming .save")
    page.wait("!document.getElementById('problem').hidden")
    assert page.evaluate("document.getElementById('naming').open")
    page.click("#naming .cancel")
    page.wait("!document.getElementById('naming').open")
    assert engine.calls == []


def test_everybody_has_a_picture_once_there_is_one(
    browser: Page, server: ControlServer, engine: FakeEngine
) -> None:
    encoded = cv2.imencode(".jpg", np.full((120, 90, 3), 200, np.uint8))[1]
    engine.thumbnails[4] = encoded.tobytes()
    browser.open(f"{server.url}/")
    seen = f"{CARDS}.map((c) => getComputedStyle(c.querySelector('img')).visibility).join()"
    browser.wait(f"{seen} === 'visible,hidden,hidden,hidden'")

"""The control room in a real Chromium: areas, presets, the way to the wide picture, phones, and everybody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.direction.target import CameraMode, LockState
from engine.errors import JikcamError
from engine.presets import AreaPreset
from tests.integration.control_rig import ask, serving
from tests.real.browser import wait_until
from tests.real.browsers import Browsers, assert_accessible, browsers, running_browsers
from tests.real.room_rig import Room, RoomEngine, room

__all__ = ["browsers", "running_browsers"]
pytestmark = pytest.mark.real

PHONE = {"has_touch": True, "is_mobile": True, "device_scale_factor": 2}
TOML = '[source]\nuri = "0"\n[[view]]\nname = "main"\nshot = "face"\n'


@pytest.fixture
def there(browsers: Browsers, tmp_path: Path) -> Iterator[Room]:
    with room(browsers.chromium(1440, 900), RoomEngine(), tmp_path) as made:
        yield made


def text(there: Room, selector: str) -> str:
    return str(there.tab.evaluate(f"document.querySelector('{selector}').textContent"))


def saved_area(there: Room, count: int = 1) -> AreaPreset:
    wait_until(lambda: sum(call[0] == "area" for call in there.engine.calls) >= count)
    area = next(call[1] for call in reversed(there.engine.calls) if call[0] == "area")
    assert isinstance(area, AreaPreset)
    return area


def test_areas_are_drawn_moved_and_deleted_with_the_mouse(there: Room) -> None:
    tab, mouse = there.tab, there.tab.page.mouse
    corners = [(0.2, 0.3), (0.8, 0.3), (0.7, 0.8)]
    place = {c: there.place(c[0] * 1920, c[1] * 1080) for c in [*corners, (0.6, 0.5), (0.9, 0.4)]}
    tab.click("#area")
    for corner in [*corners, corners[0]]:  # the stage is what is drawn first
        mouse.click(*place[corner])
    tab.click("[data-area=save]")
    area = saved_area(there)
    assert area.exclude == () and area.inside is not None
    for found, wanted in zip(area.inside, corners, strict=True):
        assert found == pytest.approx(wanted, abs=0.003)
    tab.wait("document.getElementById('draw').hidden")
    assert there.engine.requests("target") == [], "nobody is chosen meanwhile"
    tab.press("e")
    tab.wait("!document.getElementById('draw').hidden")
    mouse.move(*place[corners[1]])
    mouse.down()
    mouse.move(*place[0.9, 0.4], steps=3)
    mouse.up()
    tab.click("[data-area=exclude]")
    for corner in [*corners, corners[0]]:
        mouse.click(*place[corner])
    tab.click("[data-area=save]")
    area = saved_area(there, 2)
    tab.wait("document.getElementById('draw').hidden")
    assert area.inside is not None and area.inside[1] == pytest.approx((0.9, 0.4), abs=0.003)
    assert len(area.exclude) == 1
    tab.press("e")
    mouse.click(*place[corners[2]])  # a corner of both; deleting one of three takes the polygon
    for _ in range(2):
        tab.click("[data-area=delete]")
        mouse.click(*place[0.6, 0.5])
    tab.click("[data-area=delete]")
    tab.click("[data-area=save]")
    area = saved_area(there, 3)
    assert (area.inside, area.exclude) == (None, ())


def test_an_area_that_was_just_saved_is_there_when_it_is_edited_again_at_once(there: Room) -> None:
    tab, mouse = there.tab, there.tab.page.mouse
    tab.run(
        """const send = window.fetch;
        window.fetch = async (path, how) => {
          if (String(path).endsWith("/api/preset")) await new Promise((done) => setTimeout(done, 1500));
          return send(path, how); };"""
    )
    tab.click("#area")
    for x, y in [(0.2, 0.3), (0.8, 0.3), (0.7, 0.8), (0.2, 0.3)]:
        mouse.click(*there.place(x * 1920, y * 1080))
    tab.click("[data-area=save]")
    before = saved_area(there)
    tab.wait("document.getElementById('draw').hidden")
    tab.press("e")
    tab.wait("!document.getElementById('draw').hidden")
    tab.click("[data-area=save]")
    assert before.inside is not None and saved_area(there, 2) == before


def test_areas_with_the_keyboard(there: Room) -> None:
    tab = there.tab
    tab.press("e")
    tab.wait("document.activeElement.id === 'draw'")
    for keys in (["Enter"], ["Shift+ArrowRight"] * 4, ["Shift+ArrowDown"] * 4):
        for key in keys:
            tab.press(key)
        if keys != ["Enter"]:
            tab.press("Enter")
    assert text(there, "#area-hint") == "At 70 %, 70 %"
    for key in ["Shift+ArrowUp", "Shift+ArrowLeft"] * 4:
        tab.press(key)
    tab.press("Enter")  # the first corner again: closed
    tab.press("Enter")
    tab.press("ArrowLeft")  # the corner is grabbed and moves
    tab.press("Enter")
    tab.click("[data-area=save]")
    area = saved_area(there)
    assert area.inside is not None
    found = [share for corner in area.inside for share in corner]
    assert found == pytest.approx([0.49, 0.5, 0.7, 0.5, 0.7, 0.7])
    tab.wait("document.getElementById('draw').hidden")
    tab.press("e")
    tab.wait("document.activeElement.id === 'draw'")
    tab.press("Escape")
    tab.wait("document.getElementById('draw').hidden && document.activeElement.id === 'whom'")


def test_presets_are_saved_compared_loaded_and_deleted(there: Room) -> None:
    tab = there.tab
    there.engine.preset = TOML
    tab.click("[data-dialog=library]")
    tab.wait("document.querySelectorAll('.presets li').length > 3")
    tab.page.fill("#library input", "Friday night")
    tab.press("Enter")
    own = ".presets li:first-child"
    tab.wait(f"document.querySelector('{own} .name').textContent.startsWith('Friday night')")
    assert "running" in text(there, f"{own} .name")
    tab.click(f"{own} button[aria-label='Compare: Friday night']")
    cells = "[...document.querySelectorAll('.differences tbody tr')].map((r) => r.cells[0].textContent)"
    tab.wait(f"{cells}.includes('view.main.shot')")
    tab.click(f"{own} button[aria-label='Load: Friday night']")
    told = "Friday night is loaded; these need a new start of jikcam: source.camera"
    tab.wait(f"document.querySelector('#library .told').textContent === '{told}'")
    assert there.engine.preset == TOML
    tab.page.fill("#library input", "../outside")
    tab.click("#library .save")
    tab.wait("!document.getElementById('problem').hidden")
    tab.click(f"{own} button[aria-label='Delete: Friday night']")
    tab.page.wait_for_timeout(100)
    assert "Friday night" in [p["name"] for p in ask(there.server, "/api/presets").json["presets"]]
    tab.click(f"{own} button[aria-label='Delete: Friday night']")  # only the second press deletes
    tab.wait(f"!document.querySelector('{own} .name').textContent.startsWith('Friday night')")
    tab.click("#library [data-close]")
    tab.wait("!document.getElementById('library').open")


def test_the_way_to_the_wide_picture_is_always_open(browsers: Browsers) -> None:
    engine = RoomEngine("left", "right", "third")
    with room(browsers.chromium(1440, 900), engine) as there:
        tab = there.tab
        modes = "document.getElementById('panic').getAttribute('aria-pressed')"
        tab.click("#panic")
        tab.wait(f"{modes} === 'true'")
        assert [v.mode for v in engine.views] == [CameraMode.WIDE, CameraMode.FOLLOW, CameraMode.FOLLOW]
        tab.press("f")
        tab.wait(f"{modes} === 'false'")
        tab.click("[data-dialog=figures]")
        tab.press("w")  # behind a dialog, too
        tab.wait(f"{modes} === 'true'")
        tab.press("Escape")
        tab.press("f")
        tab.wait(f"{modes} === 'false'")
        tab.page.focus("#aspect")
        tab.press("w")
        tab.wait(f"{modes} === 'true'")
        assert tab.evaluate("document.getElementById('aspect').value") == "16:9"
        tab.click("#panic-all")
        wait_until(lambda: all(v.mode is CameraMode.WIDE for v in engine.views))


def test_a_press_is_seen_at_once_and_a_refusal_told(there: Room) -> None:
    tab = there.tab
    tab.run(
        "window.waited = []; new MutationObserver(() => { if (document.querySelector('.waiting')) "
        "window.waited.push(document.querySelector('.waiting').textContent) })"
        ".observe(document.body, { subtree: true, attributes: true, attributeFilter: ['class'] })"
    )
    there.engine.failure = JikcamError("that is not possible now", "wait")
    tab.click("[data-kind=next]")
    tab.wait("window.waited.includes('Right →')")
    tab.wait("document.getElementById('problem').textContent === 'that is not possible now; wait'")
    there.engine.failure = None
    tab.wait("!document.querySelector('.waiting')")


def test_aspect_and_size_are_those_of_the_view(there: Room) -> None:
    tab = there.tab
    tab.wait("document.getElementById('resolution').value === '180'")
    tab.page.select_option("#aspect", "9:16")
    wait_until(lambda: there.engine.calls)
    assert there.engine.calls[-1] == ("view", "main", {"width": 180, "height": 320, "aspect": "9:16"})
    tab.page.select_option("#resolution", "1080")
    wait_until(lambda: len(there.engine.calls) == 2)
    width, height = there.engine.calls[-1][2]["width"], there.engine.calls[-1][2]["height"]
    assert (width, height) in ((1080, 1920), (1920, 1080))


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 568), (844, 390)])
def test_a_phone(browsers: Browsers, width: int, height: int) -> None:
    engine = RoomEngine()
    engine.members = ("A name that is as long as names may get on earth", "Ida")
    engine.change_view(
        lock=LockState.UNSURE, person=1, label="A name that is as long as names may get?", sure=0.5
    )
    with room(browsers.chromium(width, height, **PHONE), engine) as there:
        tab = there.tab
        tab.wait("document.querySelectorAll('.person').length === 5")
        wide = """[...document.querySelectorAll('body *')].filter((e) => e.offsetParent &&
            !e.closest('#whom, .scroll, #views, [hidden], .aside') &&
            e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.outerHTML.slice(0, 90))"""
        assert tab.evaluate(wide) == []
        assert tab.evaluate("document.documentElement.scrollWidth") == width
        small = """[...document.querySelectorAll('button, select, a')].filter((e) => e.offsetParent &&
            (e.offsetHeight < 44 || e.offsetWidth < 44)).map((e) => e.outerHTML.slice(0, 90))"""
        assert tab.evaluate(small) == [], "too small for a finger"
        panic = tab.evaluate("document.getElementById('panic').getBoundingClientRect().toJSON()")
        assert panic["top"] >= 0 and panic["bottom"] <= height and panic["right"] <= width
        if height == 844:
            tops = "['#wide .screen', '#tally', '.people .person'].map((s) => document.querySelector(s)"
            tops = tab.evaluate(f"{tops}.getBoundingClientRect().top)")
            assert tops == sorted(tops) and tops[-1] < height / 2, "picture, state, people"
        tab.page.touchscreen.tap(panic["x"] + panic["width"] / 2, panic["y"] + panic["height"] / 2)
        wait_until(lambda: engine.views[0].mode is CameraMode.WIDE)


@pytest.mark.parametrize("options", [{}, PHONE])
def test_everybody_can_use_it(browsers: Browsers, tmp_path: Path, options: Any) -> None:
    engine = RoomEngine("main", "second")
    engine.members = ("Mina",)
    size = (390, 844) if options else (1440, 900)
    with room(browsers.chromium(*size, **options), engine, tmp_path) as there:
        tab = there.tab
        for lock in (LockState.HELD, LockState.LOST, LockState.UNSURE):
            engine.change_view(lock=lock, person=2, label="Person 2")
            tab.wait(f"document.querySelector('.lock.{lock}')")
            assert_accessible(tab)
        for dialog in ("library", "addresses", "figures", "help"):
            tab.click(f"[data-dialog={dialog}]")
            tab.page.wait_for_timeout(150)
            assert_accessible(tab)
            tab.press("Escape")
        tab.click("#area")
        assert_accessible(tab)


def test_nothing_is_started_or_commanded_by_looking(browsers: Browsers) -> None:
    engine = RoomEngine()
    with room(browsers.chromium(1440, 900), engine) as there:
        second = browsers.chromium(1440, 900)
        second.open(f"{there.server.url}/")
        second.wait("document.querySelector('#wide canvas').dataset.frame > 0")
        assert engine.calls == []
        frame = "Number(document.querySelector('#wide canvas').dataset.frame)"
        for tab in (there.tab, second):
            before = tab.evaluate(frame)
            tab.wait(f"{frame} > {before}")
        second.open("about:blank")


def test_a_hidden_tab_takes_no_pictures(there: Room) -> None:
    hide = "Object.defineProperty(document, 'hidden', {{ value: {}, configurable: true }}); "
    hide += "document.dispatchEvent(new Event('visibilitychange'))"
    assert there.engine.wide().viewers == 1 and there.engine.streams["main"].viewers == 1
    there.tab.run(hide.format("true"))
    wait_until(lambda: there.engine.wide().viewers + there.engine.streams["main"].viewers == 0)
    there.tab.run(hide.format("false"))
    wait_until(lambda: there.engine.wide().viewers == there.engine.streams["main"].viewers == 1)


def test_firefox_shows_the_same(browsers: Browsers) -> None:
    engine = RoomEngine()
    with serving(engine) as server:
        engine.run()
        tab = browsers.tab("firefox", 1440, 900)
        tab.open(f"{server.url}/")
        tab.wait("document.querySelector('#wide canvas').dataset.frame > 0")
        tab.wait("document.querySelectorAll('.person canvas:not(.unseen)').length === 3")
        tab.click("#panic")
        wait_until(lambda: engine.views[0].mode is CameraMode.WIDE)
        assert_accessible(tab)
        tab.open("about:blank")

"""The wide picture under mouse, finger and keyboard: what is clicked is what the user saw, to the pixel."""

from __future__ import annotations

from typing import Any

import pytest

from engine.direction.target import TargetKind
from engine.geometry import Size
from tests.integration.control_rig import SOURCE
from tests.real.browser import wait_until
from tests.real.browsers import Browsers, browsers, running_browsers
from tests.real.room_rig import MARKS, Room, RoomEngine, room

__all__ = ["browsers", "running_browsers"]
pytestmark = pytest.mark.real

TALL = Size(1080, 1920)
#: A finger is down for so long before it is a long press.
LONG_MS = 800


def source_of(mark: tuple[float, float], size: Size) -> tuple[float, float]:
    return mark[0] * size.width, mark[1] * size.height


def one_pixel(there: Room) -> float:
    """Source pixels per pixel of the page: mice point no finer."""
    box = there.tab.evaluate("document.querySelector('#wide canvas').getBoundingClientRect().toJSON()")
    size = there.engine.source
    return float(max(1.0, 1 / min(box["width"] / size.width, box["height"] / size.height)))


def near(found: tuple[float, ...], wanted: tuple[float, ...], off: float) -> bool:
    return max(abs(a - b) for a, b in zip(found, wanted, strict=True)) <= off


@pytest.mark.parametrize(
    ("width", "height", "ratio", "source"),
    [
        (1440, 900, 1, SOURCE),
        (1024, 640, 1, SOURCE),
        (2200, 1000, 1.5, SOURCE),
        (700, 900, 2, SOURCE),
        (1440, 900, 1, TALL),
        (390, 844, 3, TALL),
        (1440, 900, 2, Size(1440, 1080)),
    ],
)
def test_a_click_is_where_the_user_saw_it(
    browsers: Browsers, width: int, height: int, ratio: float, source: Size
) -> None:
    engine = RoomEngine(source=source)
    engine.people = engine.people[:1]
    tab = browsers.chromium(width, height, device_scale_factor=ratio)
    with room(tab, engine) as there:
        marks = there.marks()
        assert len(marks) == len(MARKS)
        for count, (mark, place) in enumerate(zip(MARKS, marks, strict=True), 1):
            tab.page.mouse.click(*place)
            point = there.asked("target", count).point
            assert point is not None
            assert near((point.x, point.y), source_of(mark, source), one_pixel(there)), (mark, point)
        # Beside the picture, where the canvas is black, is nobody.
        box = tab.evaluate("document.querySelector('#wide canvas').getBoundingClientRect().toJSON()")
        for dx, dy in ((2, 2), (box["width"] - 2, box["height"] - 2)):
            tab.page.mouse.click(box["x"] + dx, box["y"] + dy)
        tab.page.mouse.click(*marks[0])
        there.asked("target", len(MARKS) + 1)
        for request in engine.requests("target"):
            assert 0 <= request.point.x <= source.width and 0 <= request.point.y <= source.height


@pytest.mark.parametrize("ratio", [1, 2])
def test_a_drag_draws_a_box(browsers: Browsers, ratio: int) -> None:
    with room(browsers.chromium(1440, 900, device_scale_factor=ratio), RoomEngine()) as there:
        mouse = there.tab.page.mouse
        first, second, third = there.marks()
        wanted = (*source_of(MARKS[0], SOURCE), *source_of(MARKS[2], SOURCE))
        for count, (begin, end) in enumerate(((first, third), (third, first)), 1):
            mouse.move(*begin)
            mouse.down()
            mouse.move(*second, steps=4)
            mouse.move(*end, steps=4)
            mouse.up()
            request = there.asked("target", count)
            assert request.kind is TargetKind.BOX
            assert near(request.box.xyxy, wanted, 2 * one_pixel(there))
        # Esc takes it back, and what lies outside the picture does not count.
        there.tab.page.keyboard.press("Tab")
        there.tab.evaluate("document.getElementById('whom').focus()")
        mouse.move(*first)
        mouse.down()
        mouse.move(*second, steps=3)
        there.tab.press("Escape")
        mouse.move(*third)
        mouse.up()
        mouse.move(*second)
        mouse.down()
        mouse.move(5, 5, steps=3)
        mouse.up()
        box = there.asked("target", 3).box
        assert len(engine_calls(there)) == 3
        assert near(box.xyxy, (0, 0, *source_of(MARKS[1], SOURCE)), 2 * one_pixel(there))


def engine_calls(there: Room) -> list[Any]:
    return [call for call in there.engine.calls if call[0] in ("target", "preview")]


def test_a_click_means_the_picture_that_was_on_the_screen(browsers: Browsers) -> None:
    engine = RoomEngine()
    with room(browsers.chromium(1440, 900), engine) as there:
        place = there.marks()[1]
        engine.paused.set()
        stopped = engine.frame
        wait_until(lambda: engine.frame > stopped + 20)
        there.tab.page.mouse.click(*place)
        assert abs(there.asked("target").frame_index - stopped) <= 3
        assert engine.frame > stopped + 20
        engine.paused.clear()
        wait_until(lambda: engine.frame > stopped + 60)
        there.tab.page.mouse.click(*place)
        request = there.asked("target", 2)
        assert 0 <= engine.frame - request.frame_index < 30


def test_shift_previews_and_the_menu_does_the_rest(browsers: Browsers) -> None:
    with room(browsers.chromium(1440, 900), RoomEngine()) as there:
        page, place = there.tab.page, there.place(800, 540)
        page.keyboard.down("Shift")
        page.mouse.click(*place)
        page.keyboard.up("Shift")
        assert there.asked("preview").kind is TargetKind.POINT
        page.mouse.click(*place, button="right")
        there.tab.wait("!document.getElementById('menu').hidden")
        there.tab.press("ArrowDown")
        there.tab.press("Enter")
        assert there.asked("preview", 2).number == 2
        page.mouse.click(*place, button="right")
        there.tab.click("#menu [data-do=name]")
        there.tab.wait("document.getElementById('naming').open")
        assert there.tab.evaluate("document.getElementById('naming-title').textContent") == "Who is Person 2?"
        assert there.engine.requests("target") == []


def test_fingers(browsers: Browsers) -> None:
    tab = browsers.chromium(390, 844, has_touch=True, is_mobile=True, device_scale_factor=3)
    with room(tab, RoomEngine()) as there:
        first, second, third = there.marks()
        tab.page.touchscreen.tap(*second)
        point = there.asked("target").point
        assert near((point.x, point.y), source_of(MARKS[1], SOURCE), one_pixel(there))
        touch = tab.page.context.new_cdp_session(tab.page)

        def finger(kind: str, *places: tuple[float, float]) -> None:
            points = [{"x": x, "y": y} for x, y in places]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        finger("touchStart", second)
        tab.page.wait_for_timeout(LONG_MS)
        finger("touchEnd")
        point = there.asked("preview").point
        assert near((point.x, point.y), source_of(MARKS[1], SOURCE), one_pixel(there))
        finger("touchStart", first)
        finger("touchMove", second)
        finger("touchMove", third)
        finger("touchEnd")
        wanted = (*source_of(MARKS[0], SOURCE), *source_of(MARKS[2], SOURCE))
        assert near(there.asked("target", 2).box.xyxy, wanted, 2 * one_pixel(there))
        assert tab.evaluate("window.scrollY") == 0, "the page stays where it is"


def test_from_person_to_person_with_the_keys(browsers: Browsers) -> None:
    with room(browsers.chromium(1440, 900), RoomEngine()) as there:
        tab, active = there.tab, "document.querySelector('#whom').getAttribute('aria-activedescendant')"
        tab.evaluate("document.getElementById('area').focus()")
        tab.page.keyboard.press("Home")
        tab.evaluate("document.querySelector('#whom').focus()")
        for key, person in (
            ("ArrowRight", 1),
            ("ArrowRight", 2),
            ("ArrowLeft", 1),
            ("End", 3),
            ("ArrowRight", 1),
        ):
            tab.press(key)
            tab.wait(f"{active} === 'whom-{person}'")
        tab.press("ArrowRight")
        tab.wait(f"{active} === 'whom-2'")
        assert tab.evaluate("document.getElementById('whom-2').textContent") == "Person 2 2 of 3"
        tab.press("p")
        assert there.asked("preview").number == 2
        tab.press("Enter")
        assert there.asked("target").number == 2
        tab.wait("document.getElementById('whom-2').getAttribute('aria-selected') === 'true'")
        tab.press("c")
        claimed = there.asked("claim").box
        assert claimed is not None
        assert claimed.xyxy == pytest.approx(there.engine.people[1].box.xyxy, abs=0.1)
        tab.press("n")
        tab.wait("document.getElementById('naming').open")
        tab.press("Escape")
        tab.press("w")
        wait_until(lambda: there.engine.views[0].mode == "wide")
        assert len(there.engine.requests("target")) == 1, "arrows in the picture choose nobody"

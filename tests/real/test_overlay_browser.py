"""The overlay page in a real browser: the right name, on time, in its place, and else nothing at all."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.control import ControlServer
from engine.direction.target import LockState
from tests.integration.control_rig import FakeEngine, serving
from tests.real.browser import Page, chromium, missing

pytestmark = pytest.mark.real

#: EBU R 95: graphics keep so far from every edge.
SAFE_NORM = 0.05
PLACES = ("top-left", "top", "top-right", "bottom-left", "bottom", "bottom-right")
SHOWN = "document.querySelector('#label.shown')"
#: The fade is over.
AT_REST = "document.getAnimations().length === 0"
NAME = "document.getElementById('name').textContent"


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with chromium() as page:
        yield page


@pytest.fixture
def page(browser: Page) -> Iterator[Page]:
    browser.resize(1280, 720)
    browser.complaints.clear()
    yield browser
    browser.call("Page.navigate", url="about:blank")
    assert browser.complaints == []


@pytest.fixture
def engine() -> FakeEngine:
    engine = FakeEngine("main", "second")
    hold(engine, "Minji")
    return engine


@pytest.fixture
def server(engine: FakeEngine) -> Iterator[ControlServer]:
    with serving(engine) as running:
        yield running


def hold(engine: FakeEngine, label: str, view: int = 0, lock: LockState = LockState.HELD) -> None:
    engine.change_view(view, lock=lock, person=2, label=label, sure=0.97)


def open_overlay(page: Page, server: ControlServer, **options: str) -> None:
    page.open(f"{server.url}/overlay.html?{urlencode(options)}")


def settled(page: Page) -> NDArray[np.uint8]:
    """The transparent picture of the label once it stands still; (H, W, 4) uint8 BGRA."""
    page.wait(SHOWN)
    page.wait(AT_REST)
    return page.screenshot(transparent=True)


def letters(picture: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Edges of all that is bright and opaque, in pixels: left, top, right, bottom (both exclusive)."""
    ys, xs = np.nonzero((picture[..., 3] > 128) & (picture[..., :3].min(axis=2) > 128))
    assert len(xs), "there are no letters"
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


def assert_nothing(page: Page) -> None:
    page.wait(f"!{SHOWN}")
    page.wait(AT_REST)
    assert page.screenshot(transparent=True).max() == 0, "something is on air"


def test_a_changed_name_is_there_at_once(page: Page, server: ControlServer, engine: FakeEngine) -> None:
    open_overlay(page, server)
    page.wait(SHOWN)
    page.evaluate(f"""(() => {{ window.seen = {{}};
        const look = () => requestAnimationFrame(
            () => {{ seen[{NAME}] ??= performance.timeOrigin + performance.now() }});
        new MutationObserver(look).observe(document.getElementById('name'), {{childList: true}}) }})()""")
    delays_ms = []
    for k in range(30):
        name, changed_ms = f"Name {k}", time.time() * 1000
        hold(engine, name)
        page.wait(f"seen['{name}']")
        assert page.evaluate(NAME) == name
        delays_ms.append(page.evaluate(f"seen['{name}']") - changed_ms)
        time.sleep(0.007 * (k % 5))  # other moments of the engine's rhythm
    p50, p95 = np.percentile(delays_ms, (50, 95))
    print(f"\nname on the overlay: p50 {p50:.0f} ms, p95 {p95:.0f} ms, worst {max(delays_ms):.0f} ms of 30")


def test_it_is_seen_while_the_person_is(page: Page, server: ControlServer, engine: FakeEngine) -> None:
    open_overlay(page, server)
    settled(page)
    for lock in (LockState.LOST, LockState.NOBODY):
        hold(engine, "Minji", lock=LockState.OCCLUDED)
        page.wait(SHOWN)
        hold(engine, "Minji", lock=lock)
        assert_nothing(page)
    hold(engine, "")
    time.sleep(0.3)  # longer than the engine takes to tell: no name, no card
    assert_nothing(page)
    hold(engine, "Hanni")
    settled(page)
    assert page.evaluate(NAME) == "Hanni"


def test_in_doubt_the_name_has_the_question_mark_that_the_engine_gives_it(
    page: Page, server: ControlServer, engine: FakeEngine
) -> None:
    open_overlay(page, server, show="both")
    for lock in (LockState.UNSURE, LockState.FOUND):
        hold(engine, "Minji")
        page.wait(f"{NAME} === 'Minji'")
        hold(engine, "Minji?", lock=lock)
        page.wait(f"{NAME} === 'Minji?'")
        assert page.evaluate("document.getElementById('state').textContent") == "unsure"


def test_each_view_has_its_own(page: Page, server: ControlServer, engine: FakeEngine) -> None:
    hold(engine, "Hanni", view=1)
    open_overlay(page, server, view="second")
    settled(page)
    assert page.evaluate(NAME) == "Hanni"
    open_overlay(page, server, view="no-such-view")
    page.wait("performance.now() > 500")  # states have come by then
    assert_nothing(page)


def test_it_leaves_with_the_engine_and_comes_back(page: Page, engine: FakeEngine) -> None:
    first = ControlServer(engine, port=0)
    first.start()
    open_overlay(page, first)
    page.wait(SHOWN)
    port = urlsplit(first.url).port or 0
    for name in ("Hanni", "Haerin", "Hyein"):
        stopped_s = time.monotonic()
        first.stop()
        assert_nothing(page)
        assert time.monotonic() - stopped_s > 1.0, "a short break must not be seen"
        hold(engine, name)
        first = ControlServer(engine, port=port)
        first.start()
        page.wait(f"{SHOWN} && {NAME} === '{name}'")
    first.stop()
    engine.close()


def test_a_silent_engine_counts_as_gone(page: Page, server: ControlServer, engine: FakeEngine) -> None:
    open_overlay(page, server)
    page.wait(SHOWN)
    engine.failure = RuntimeError("hangs")
    assert_nothing(page)
    engine.failure = None
    page.wait(SHOWN)


@pytest.mark.parametrize("style", ["card", "plain"])
def test_every_place_keeps_the_safe_margins(page: Page, server: ControlServer, style: str) -> None:
    for place in PLACES:
        open_overlay(page, server, place=place, style=style, show="both")
        small = settled(page)
        page.resize(1920, 1080)
        large = page.screenshot(transparent=True)
        page.resize(1280, 720)
        for picture in (small, large):
            h, w = picture.shape[:2]
            assert picture[[0, 0, -1, -1], [0, -1, 0, -1]].max() == 0, "the corners are not transparent"
            left, top, right, bottom = letters(picture)
            assert left >= w * SAFE_NORM - 1 and right <= w * (1 - SAFE_NORM) + 1, place
            assert top >= h * SAFE_NORM - 1 and bottom <= h * (1 - SAFE_NORM) + 1, place
            x = "left" if left + right < 0.8 * w else "right" if left + right > 1.2 * w else ""
            y = "top" if top + bottom < h else "bottom"
            assert place == "-".join(filter(None, (y, x)))
        # Drawn anew at that size, not enlarged: in proportion, but for whole pixels.
        assert np.allclose(np.array(letters(small)) * 1.5, letters(large), atol=4)


@pytest.mark.parametrize("style", ["card", "plain"])
@pytest.mark.parametrize("ground", [0, 127, 255])
def test_it_reads_on_any_picture(page: Page, server: ControlServer, style: str, ground: int) -> None:
    open_overlay(page, server, style=style)
    label = settled(page).astype(float)
    alpha = label[..., 3:] / 255
    picture = label[..., :3] * alpha + ground * (1 - alpha)
    left, top, right, bottom = letters(label.astype(np.uint8))
    grey = picture[top - 3 : bottom + 3, left - 3 : right + 3].mean(axis=2)
    # Letters and what surrounds them keep 4.5 : 1 (WCAG 1.4.3); 90 of 255 is that to white.
    assert (grey > 250).mean() > 0.05 and (grey < 90).mean() > 0.05


@pytest.mark.parametrize("place", PLACES)
def test_long_names_stay_in_the_picture(
    page: Page, server: ControlServer, engine: FakeEngine, place: str
) -> None:
    hold(engine, "Nayeon " * 40)
    open_overlay(page, server, place=place, size="8")
    left, _, right, _ = letters(settled(page))
    assert left >= 1280 * SAFE_NORM - 1 and right <= 1280 * (1 - SAFE_NORM) + 1


def test_names_are_text(page: Page, server: ControlServer, engine: FakeEngine) -> None:
    evil = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
    hold(engine, evil)
    open_overlay(page, server, show="both")
    settled(page)
    assert page.evaluate(NAME) == evil
    assert page.evaluate("document.images.length === 0 && window.hacked === undefined")


def test_options(page: Page, server: ControlServer, engine: FakeEngine) -> None:
    visible = (
        "[...document.querySelectorAll('#label p')].filter((p) => p.offsetHeight).map((p) => p.innerText)"
    )
    hold(engine, "Minji", lock=LockState.OCCLUDED)
    for show, texts in (("name", ["Minji"]), ("state", ["HIDDEN"]), ("both", ["Minji", "HIDDEN"])):
        open_overlay(page, server, show=show)
        settled(page)
        assert page.evaluate(visible) == texts
    ink = "getComputedStyle(document.getElementById('name'))"
    for color in ("#ffcc00", "FFCC00"):
        open_overlay(page, server, color=color, size="10")
        assert page.evaluate(f"[{ink}.color, {ink}.fontSize]") == ["rgb(255, 204, 0)", "72px"]
    wrong = {"color": "red;}*{display:none", "size": "1e9", "place": "<b>", "show": "all", "style": "x"}
    open_overlay(page, server, **wrong)
    settled(page)
    assert page.evaluate(f"[{ink}.color, {ink}.fontSize]") == ["rgb(255, 255, 255)", "144px"]
    assert page.evaluate(visible) == ["Minji"]
    assert page.evaluate("document.documentElement.dataset.place") == "bottom-left"


def test_korean_names_are_drawn(page: Page, server: ControlServer, engine: FakeEngine) -> None:
    listed = shutil.which("fc-list") and subprocess.run(["fc-list", ":lang=ko"], capture_output=True).stdout
    if not listed:
        missing("no Korean font on this computer (Debian: apt install fonts-nanum)")
    open_overlay(page, server, style="plain")
    glyphs = []
    for name in ("김", "민", "지"):
        hold(engine, name)
        page.wait(f"{NAME} === '{name}'")
        glyphs.append(settled(page))
    # A font without them draws the same box for each.
    assert not np.array_equal(glyphs[0], glyphs[1]) and not np.array_equal(glyphs[1], glyphs[2])

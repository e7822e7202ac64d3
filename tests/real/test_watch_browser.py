"""The viewer's page in real browsers: the right picture, with honest statistics and few controls."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.control import ControlServer
from tests.integration.control_rig import ask
from tests.real.browser import wait_until
from tests.real.browsers import KINDS, Browsers, Tab, assert_accessible, browsers, running_browsers
from tests.real.watch_rig import COLORS, READ_CODE, WatchEngine, showing

__all__ = ["browsers", "running_browsers"]
pytestmark = pytest.mark.real

LIVE = "document.documentElement.dataset.state === 'live'"
NOTE = "document.getElementById('note').textContent"

Show = tuple[WatchEngine, ControlServer]


@pytest.fixture(scope="module")
def running() -> Iterator[Show]:
    with showing("main", "second", "third") as show:
        yield show


@pytest.fixture
def show(running: Show) -> Iterator[Show]:
    engine, server = running
    yield running
    engine.paused.clear()
    engine.capture_delay_s = 0.0
    wait_until(lambda: not viewers(server), "all viewers have left")


def watch(tab: Tab, server: ControlServer, view: str = "main", query: str = "") -> Tab:
    tab.open(f"{server.url}/watch/{view}{query}")
    tab.wait(LIVE)
    return tab


def stats(server: ControlServer) -> Any:
    return ask(server, "/api/stats").json


def viewers(server: ControlServer) -> list[dict[str, Any]]:
    return [viewer for view in stats(server)["views"] for viewer in view["viewers"]]


def reported(server: ControlServer, key: str) -> dict[str, Any]:
    """The one viewer, once its page has told ``key``."""
    return wait_until(lambda: next((v for v in viewers(server) if v[key] is not None), None), key)


def color_seen(tab: Tab) -> tuple[float, float, float]:
    """Mean RGB of the middle of the page."""
    picture = np.asarray(Image.open(io.BytesIO(tab.screenshot())).convert("RGB"), float)
    height, width = picture.shape[:2]
    middle = picture[height // 3 : height * 2 // 3, width // 3 : width * 2 // 3]
    r, g, b = middle.mean(axis=(0, 1))
    return float(r), float(g), float(b)


def is_color_of(tab: Tab, view: str) -> bool:
    return bool(np.abs(np.array(color_seen(tab)) - COLORS[view][::-1]).max() < 40)


@pytest.mark.parametrize(("kind", "codec"), [("chromium", "h264"), ("firefox", "vp8")])
def test_it_plays_and_the_delay_is_that_of_the_time_code(
    show: Show, browsers: Browsers, kind: str, codec: str
) -> None:
    engine, server = show
    tab = watch(browsers.tab(kind, 960, 540), server)
    assert is_color_of(tab, "main")
    assert reported(server, "delay_ms")["codec"] == codec
    # The same pictures, measured by what is drawn in them and by the test's own comparison of clocks.
    tab.run(
        f"""window.codes = []; window.told = []; const video = document.querySelector("video");
        const read = {READ_CODE}; const send = window.fetch;
        window.fetch = (path, sent) => {{
          if (path === "/api/viewer") told.push([performance.now(), JSON.parse(sent.body).delay_ms]);
          return send(path, sent); }};
        const note = (now, picture) => {{
          codes.push([performance.now(), picture.expectedDisplayTime, read(video)]);
          video.requestVideoFrameCallback(note); }};
        video.requestVideoFrameCallback(note);"""
    )
    ahead_ms = min(clock_sample(tab) for _ in range(8))[1]
    tab.wait("told.length >= 4")
    codes = np.array([code for code in tab.evaluate("codes") if code[2] is not None], float)
    delays_ms = (codes[:, 1] + ahead_ms - codes[:, 2]) % 2**24
    reports = tab.evaluate("told")
    pairs = []
    for (begin_ms, _), (end_ms, told_ms) in pairwise(reports):
        drawn_ms = delays_ms[(codes[:, 0] > begin_ms) & (codes[:, 0] <= end_ms)]
        assert len(drawn_ms) > 3, "time codes can't be read"
        pairs.append((float(np.median(drawn_ms)), told_ms))
    print(f"\n{kind}: (by time code, in the statistics) in ms: {pairs}")
    assert np.median([abs(drawn - told) for drawn, told in pairs]) < 20
    told_ms = max(told for _, told in pairs)
    engine.capture_delay_s = 0.4
    wait_until(
        lambda: 350 < viewers(server)[0]["delay_ms"] - told_ms < 480, "an older picture shows as delay"
    )
    leave(tab)


def clock_sample(tab: Tab) -> tuple[float, float]:
    """How long the question took and by how much the monotonic clock is ahead of the page's, in ms."""
    before = time.monotonic()
    page_ms = float(tab.evaluate("performance.now()"))
    after = time.monotonic()
    return after - before, (before + after) / 2 * 1000 - page_ms


def leave(tab: Tab) -> None:
    tab.open("about:blank")


@pytest.mark.parametrize("kind", KINDS)
def test_views_never_mix_and_a_page_that_goes_ends_its_session(
    show: Show, browsers: Browsers, kind: str
) -> None:
    _, server = show
    tabs = {view: watch(browsers.tab(kind, 480, 270), server, view) for view in ("main", "second")}
    for view, tab in tabs.items():
        assert is_color_of(tab, view), view
    wait_until(lambda: sorted(v["view"] for v in viewers(server)) == ["main", "second"], "both viewers")
    leave(tabs["main"])
    wait_until(lambda: [v["view"] for v in viewers(server)] == ["second"], "the engine has heard of it")
    assert is_color_of(tabs["second"], "second")
    leave(tabs["second"])


def test_opened_twice_it_is_encoded_once(show: Show, browsers: Browsers) -> None:
    engine, server = show
    wait_until(lambda: not stats(server)["renditions"], "the encoder of earlier viewers is gone")
    begin_s = time.monotonic()
    tabs = [watch(browsers.tab("chromium", 480, 270), server)]
    assert reported(server, "delay_ms")["key_frame_interval_s"] is None, "there was one key frame"
    tabs.append(watch(browsers.tab("chromium", 480, 270), server))
    wait_until(lambda: len(viewers(server)) == 2)
    # The second viewer had to begin with a key frame, which the first one saw too.
    told = wait_until(
        lambda: max(v["key_frame_interval_s"] or 0.0 for v in viewers(server)), "two key frames"
    )
    assert 0.5 < told < time.monotonic() - begin_s + 1.0
    renditions = [r for r in stats(server)["renditions"] if r["viewers"]]
    assert [(r["view"], r["codec"], r["viewers"]) for r in renditions] == [("main", "h264", 2)]
    assert engine.host.starts == 1
    leave(tabs[0])
    watch(tabs[0], server)
    time.sleep(1.0)  # longer than the engine's statistics are old
    assert len(viewers(server)) == 2, "a page that is loaded again is no further viewer"
    for tab in tabs:
        leave(tab)


def test_a_pause_is_told_and_needs_no_new_session(show: Show, browsers: Browsers) -> None:
    engine, server = show
    tab = watch(browsers.tab(), server)
    before = tab.evaluate(
        "performance.getEntriesByType('resource').filter((r) => /whep.main$/.test(r.name)).length"
    )
    engine.paused.set()
    tab.wait(f"{NOTE}.includes('sends no picture')")
    assert is_color_of(tab, "main"), "the last picture stays"
    engine.paused.clear()
    tab.wait(LIVE)
    assert tab.evaluate(NOTE) == ""
    after = tab.evaluate(
        "performance.getEntriesByType('resource').filter((r) => /whep.main$/.test(r.name)).length"
    )
    assert before == after == 1
    leave(tab)


def test_what_is_refused_is_said(show: Show, browsers: Browsers) -> None:
    _, server = show
    tab = browsers.tab()
    tab.open(f"{server.url}/watch/nobody")
    tab.wait(f"{NOTE}.includes('no such View')")


def test_a_browser_source_is_clean(show: Show, browsers: Browsers) -> None:
    engine, server = show
    engine.paused.set()  # nobody has watched this View before, so that there is not even an old picture
    tab = browsers.chromium()
    tab.open(f"{server.url}/watch/third?clean=1")
    tab.wait("document.querySelector('video')")
    empty = np.asarray(Image.open(io.BytesIO(tab.page.screenshot(omit_background=True))).convert("RGBA"))
    assert empty.max() == 0, "nothing before the first picture"
    engine.paused.clear()
    tab.wait(LIVE)
    tab.move(300, 300)
    tab.press("s")
    assert tab.evaluate("document.body.innerText.trim()") == ""
    assert tab.evaluate("document.querySelectorAll('button, select').length") == 0
    assert is_color_of(tab, "third")
    leave(tab)


def test_the_bar_comes_with_the_pointer_and_goes(show: Show, browsers: Browsers) -> None:
    _, server = show
    tab = watch(browsers.tab(), server)
    seen = "getComputedStyle(document.getElementById('bar')).opacity"
    assert tab.evaluate(seen) == "0"
    tab.move(300, 300)
    tab.wait(f"{seen} === '1'")
    tab.click("#statistics")
    tab.wait("document.querySelector('[data-key=delay]').textContent.endsWith(' ms')")
    assert_accessible(tab)
    tab.press("s")
    assert tab.evaluate("document.getElementById('stats').hidden")
    tab.move(310, 200)
    tab.evaluate("document.activeElement.blur()")
    tab.wait(f"{seen} === '0'")
    leave(tab)


def test_choice_where_it_is_allowed(show: Show, browsers: Browsers) -> None:
    engine, server = show
    tab = watch(browsers.tab(), server)
    tab.move(300, 300)
    assert tab.evaluate("document.getElementById('choice').hidden")
    engine.set_view("main", {"choice": True})
    wait_until(lambda: ask(server, "/api/state").json["views"][0]["choice"], "the engine tells it")
    watch(tab, server)
    tab.move(310, 300)
    tab.wait("document.querySelectorAll('#choice button').length === 3")
    assert_accessible(tab)
    tab.click("[data-view=second]")
    wait_until(lambda: is_color_of(tab, "second"), "the other View")
    assert tab.evaluate("location.pathname") == "/watch/second"
    engine.set_view("main", {"choice": False})
    leave(tab)

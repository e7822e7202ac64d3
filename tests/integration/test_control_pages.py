"""What the packaged pages promise without a browser: nothing from elsewhere, nothing inline, all there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.control import ControlServer
from engine.control.pages import CONTENT_TYPES, WEB
from tests.integration.control_rig import FakeEngine, ask, serving

FILES = sorted(path for path in WEB.iterdir() if path.is_file())
SCRIPTS, STYLES, PAGES = ([p for p in FILES if p.suffix == kind] for kind in (".js", ".css", ".html"))


@pytest.fixture(scope="module")
def server() -> Iterator[ControlServer]:
    with serving(FakeEngine()) as running:
        yield running


def name(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_file_is_served_as_what_it_is(server: ControlServer, path: Path) -> None:
    answer = ask(server, "/" if path.name == "index.html" else f"/{path.name}")
    assert answer.status == 200 and answer.body == path.read_bytes()
    assert answer.headers["Content-Type"] == f"{CONTENT_TYPES[path.suffix]}; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_pages_need_nothing_from_elsewhere_and_nothing_inline(server: ControlServer, path: Path) -> None:
    html = path.read_text("utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:|https?://", html)
    for address in re.findall(r'(?:src|href)="([^"]+)"', html):
        assert ask(server, address).status == 200, address


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_scripts_set_text_only_as_text(server: ControlServer, path: Path) -> None:
    script = path.read_text("utf-8")
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(|https?://", script
    )
    for address in re.findall(r'from "\./([^"]+)"', script):
        assert ask(server, f"/{address}").status == 200, address


@pytest.mark.parametrize("path", STYLES, ids=name)
def test_style_sheets_load_nothing(path: Path) -> None:
    assert not re.search(r"@import|url\(|expression\(", path.read_text("utf-8"))


@pytest.mark.parametrize("path", [*SCRIPTS, *STYLES], ids=name)
def test_the_browser_inside_obs_knows_all_that_is_used(path: Path) -> None:
    """OBS 27 to 30 have Chromium 95 to 103 built in; these came later, or in between."""
    newer = r"AbortSignal\.(timeout|any)|structuredClone|findLast|toSorted|withResolvers|:has\(|color-mix\("
    newer += r"|@container|@layer|\b\d+(dvh|svh|lvh|cqw)\b|text-wrap|^\s+&|\btranslate:|\bscale:"
    assert not re.search(newer, path.read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("path", ["/overlay.html?view=main&show=both", "/overlay.html?view=%3Cscript%3E"])
def test_what_is_asked_of_the_overlay_never_reaches_its_markup(server: ControlServer, path: str) -> None:
    answer = ask(server, path)
    assert answer.status == 200 and answer.body == (WEB / "overlay.html").read_bytes()

"""What the packaged pages promise without a browser: nothing from elsewhere, nothing inline, all there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.control import ControlServer
from engine.control.endpoint import Role
from engine.control.pages import CONTENT_TYPES, PAGES, WEB, page_endpoints
from tests.integration.control_rig import FakeEngine, ask, serving

FILES = sorted(path for path in WEB.rglob("*") if path.is_file())
SCRIPTS, STYLES, DOCUMENTS = ([p for p in FILES if p.suffix == kind] for kind in (".js", ".css", ".html"))


@pytest.fixture(scope="module")
def server() -> Iterator[ControlServer]:
    with serving(FakeEngine()) as running:
        yield running


def name(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_file_is_served_as_what_it_is(server: ControlServer, path: Path) -> None:
    page = PAGES.get(path.name)
    for address in page.paths if page else (f"/web/{path.relative_to(WEB).as_posix()}",):
        answer = ask(server, re.sub("{.*}", "any%20name", address))
        assert answer.status == 200 and answer.body == path.read_bytes()
        assert answer.headers["Content-Type"] == f"{CONTENT_TYPES[path.suffix]}; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-cache"


def test_only_what_commands_is_kept_from_viewers() -> None:
    roles = {endpoint.path: (endpoint.role, endpoint.scope) for endpoint in page_endpoints()}
    assert roles["/"] == roles["/dock"] == (Role.CONTROL, "")
    assert roles["/watch/{view}"] == (Role.VIEW, "view")
    assert roles["/camera/{name}"] == (Role.PUSH, "name")
    assert roles["/overlay"] == roles["/overlay.html"] == (Role.VIEW, "")
    rest = {path: role for path, role in roles.items() if Path(path).suffix in (".js", ".css", ".svg")}
    assert rest and set(rest.values()) == {(Role.OPEN, "")}
    assert len(rest) + 6 == len(roles), "an HTML file without a line in PAGES"


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_pages_need_nothing_from_elsewhere_and_nothing_inline(server: ControlServer, path: Path) -> None:
    html = path.read_text("utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:|https?://", html)
    for address in re.findall(r'(?:src|href)="([^"]+)"', html):
        assert ask(server, address).status == 200, address


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_scripts_set_text_only_as_text(server: ControlServer, path: Path) -> None:
    script = path.read_text("utf-8")
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(|https?://[^\s,.]", script
    )
    imported = re.findall(r'from "([^"]+)"', script)
    for address in imported:
        assert (path.parent / address).is_file(), address


@pytest.mark.parametrize("path", STYLES, ids=name)
def test_style_sheets_load_nothing(path: Path) -> None:
    assert not re.search(r"@import|url\(|expression\(", path.read_text("utf-8"))


@pytest.mark.parametrize("path", [*SCRIPTS, *STYLES], ids=name)
def test_the_browser_inside_obs_knows_all_that_is_used(path: Path) -> None:
    """OBS 27 to 30 have Chromium 95 to 103 built in; these came later, or in between."""
    newer = r"AbortSignal\.(timeout|any)|structuredClone|findLast|toSorted|withResolvers|:has\(|color-mix\("
    newer += r"|@container|@layer|\b\d+(dvh|svh|lvh|cqw)\b|text-wrap|^\s+&|\btranslate:|\bscale:"
    assert not re.search(newer, path.read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("path", ["/overlay.html?view=main&show=both", "/overlay?view=%3Cscript%3E"])
def test_what_is_asked_of_the_overlay_never_reaches_its_markup(server: ControlServer, path: str) -> None:
    answer = ask(server, path)
    assert answer.status == 200 and answer.body == (WEB / "overlay" / "overlay.html").read_bytes()

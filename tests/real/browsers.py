"""Chromium (through Playwright) and Firefox (tests/real/firefox.py) as they come with the system, headless.

Playwright drives only a Firefox of its own making; of the one that people have it asks for commands that
it does not know.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

from tests.real.browser import NAMES, missing, wait_until
from tests.real.delayed import delayed
from tests.real.firefox import Firefox, firefox

__all__ = ["Browsers", "Tab", "assert_accessible", "browsers", "delayed", "running_browsers"]

KINDS = ("chromium", "firefox")
FLAGS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-proxy-server",
)
#: What axe finds is a fault from this impact on.
GRAVE = ("serious", "critical")


#: That an engine is away or refuses something is part of many tests; so are pages without encryption.
EXPECTED = ("Failed to load resource", "WebSocket connection to", "net::ERR_", "header has been ignored")

#: Errors of a page that goes on to another one, or that has not all its parts yet.
ON_THE_WAY = ("context was destroyed", "properties of null")


class Tab(Protocol):
    """One page. Errors and refused resources (content security policy) are collected in ``complaints``."""

    browser: str
    complaints: list[str]

    def resize(self, width: int, height: int) -> None: ...

    def open(self, url: str) -> None: ...

    def evaluate(self, script: str) -> Any: ...

    def run(self, script: str) -> None: ...

    def wait(self, condition: str) -> None: ...

    def click(self, selector: str) -> None: ...

    def move(self, x: int, y: int) -> None: ...

    def press(self, key: str) -> None: ...

    def screenshot(self, path: Path | None = None) -> bytes: ...

    def close(self) -> None: ...


class ChromiumTab:
    """A Tab; ``page`` is Playwright's own, for what a Tab can't do."""

    browser = "chromium"

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(words in message.text for words in EXPECTED):
            self.complaints.append(message.text)

    def resize(self, width: int, height: int) -> None:
        self.page.set_viewport_size({"width": width, "height": height})

    def open(self, url: str) -> None:
        self.page.goto(url)

    def evaluate(self, script: str) -> Any:
        return self.page.evaluate(script)

    def run(self, script: str) -> None:
        self.page.evaluate(f"() => {{ {script} }}")

    def wait(self, condition: str) -> None:
        wait_until(lambda: self._is(condition), condition)

    def _is(self, condition: str) -> bool:
        try:
            return bool(self.page.evaluate(f"Boolean({condition})"))
        except Error as error:
            if not any(words in error.message for words in ON_THE_WAY):
                raise
            return False

    def click(self, selector: str) -> None:
        self.page.locator(selector).first.click()

    def move(self, x: int, y: int) -> None:
        self.page.mouse.move(x, y)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def screenshot(self, path: Path | None = None) -> bytes:
        return self.page.screenshot(path=path)

    def close(self) -> None:
        self.page.context.close()


class Browsers:
    """Starts each browser when it is first asked for."""

    def __init__(self, running: ExitStack) -> None:
        self._running = running
        self._chromium: Browser | None = None
        self._firefox: Firefox | None = None
        self._open: list[Tab] = []

    def tab(self, kind: str = "chromium", width: int = 1280, height: int = 720) -> Tab:
        """A new tab that shares no cookies with others; it is closed after the test."""
        return self._of_firefox(width, height) if kind == "firefox" else self.chromium(width, height)

    def chromium(self, width: int = 1280, height: int = 720, **options: Any) -> ChromiumTab:
        """A tab of Chromium; ``options`` as of Playwright's ``Browser.new_context``."""
        if self._chromium is None:
            program = next((path for name in NAMES if (path := shutil.which(name))), None)
            if program is None:
                missing("no Chromium on this computer (Debian: apt install chromium)")
            flags = [*FLAGS]
            if hasattr(os, "geteuid") and os.geteuid() == 0:
                flags.append("--no-sandbox")  # Chromium refuses to sandbox root's pages
            playwright = self._running.enter_context(sync_playwright())
            self._chromium = playwright.chromium.launch(executable_path=program, args=flags)
            self._running.callback(self._chromium.close)
        context = self._chromium.new_context(viewport={"width": width, "height": height}, **options)
        tab = ChromiumTab(context.new_page())
        self._open.append(tab)
        return tab

    def _of_firefox(self, width: int, height: int) -> Tab:
        if self._firefox is None:
            self._firefox = self._running.enter_context(firefox())
        tab = self._firefox.tab(width, height)
        self._open.append(tab)
        return tab

    def close_tabs(self) -> list[str]:
        """What they complained about."""
        complaints = []
        for tab in self._open:
            tab.evaluate("0")  # what a browser has to say comes before the answer
            complaints += [f"{tab.browser}: {text}" for text in tab.complaints]
            tab.close()
        self._open.clear()
        return complaints


@pytest.fixture(scope="module")
def running_browsers() -> Iterator[Browsers]:
    with ExitStack() as running:
        yield Browsers(running)


@pytest.fixture
def browsers(running_browsers: Browsers) -> Iterator[Browsers]:
    """Both browsers; a page that complained fails the test."""
    yield running_browsers
    complaints = running_browsers.close_tabs()
    assert complaints == [], "\n".join(complaints)


def assert_accessible(tab: Tab) -> None:
    """axe-core finds nothing that keeps people from using the page."""
    tab.run(AXE_SCRIPT)
    found = tab.evaluate("axe.run().then((results) => JSON.stringify(results.violations))")
    grave = [
        f"{violation['impact']}: {violation['help']}: {node['html'][:120]}"
        for violation in json.loads(found)
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]
    assert grave == [], "\n".join(grave)

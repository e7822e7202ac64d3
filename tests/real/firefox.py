"""A headless Firefox as its makers ship it, driven through WebDriver BiDi (https://w3c.github.io/webdriver-bidi)."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.real.browser import missing, wait_until

NAMES = ("firefox-esr", "firefox")
#: How long Firefox may take for one command; a busy machine takes seconds to open a page.
PATIENCE_S = 30.0
#: What a policy forbids is an event of the page, which BiDi does not pass on.
TELL_VIOLATIONS = (
    "() => addEventListener('securitypolicyviolation', (e) => "
    "console.error(`CSP: ${e.violatedDirective} ${e.blockedURI}`))"
)
#: Keys of WebDriver (section 17.4.2) by the names that pages see.
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Escape": "\ue00c", "ArrowLeft": "\ue012", "ArrowRight": "\ue014"}

PREFERENCES: Mapping[str, bool | int | str] = {
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}


class Firefox:
    """One running Firefox."""

    name = "firefox"

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._number = 0
        self._tabs: dict[str, FirefoxTab] = {}
        self.call("session.new", capabilities={})
        self.call("session.subscribe", events=["log.entryAdded"])
        self.call("script.addPreloadScript", functionDeclaration=TELL_VIOLATIONS)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of one command; events that come meanwhile go to their tabs."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv(timeout=PATIENCE_S))
            if message["type"] == "event":
                self._heard(message["params"])
            elif message["id"] == self._number:
                assert message["type"] == "success", f"{method}: {message['error']}: {message['message']}"
                return dict(message["result"])

    def _heard(self, entry: dict[str, Any]) -> None:
        tab = self._tabs.get(entry["source"].get("context", ""))
        if tab is not None and entry["level"] == "error":
            tab.complaints.append(str(entry["text"]))

    def tab(self, width: int = 1280, height: int = 720) -> FirefoxTab:
        """A new tab with nothing in it, in a container of its own: it shares no cookies."""
        container = self.call("browser.createUserContext")["userContext"]
        # What lies behind another is "hidden" to its page; a window each keeps all of them visible.
        context = self.call("browsingContext.create", type="window", userContext=container)["context"]
        self._tabs[context] = FirefoxTab(self, context)
        self._tabs[context].resize(width, height)
        return self._tabs[context]


class FirefoxTab:
    """One page. Errors and refused resources (content security policy) are collected in ``complaints``."""

    def __init__(self, firefox: Firefox, context: str) -> None:
        self._firefox = firefox
        self._context = context
        self.browser = firefox.name
        self.complaints: list[str] = []

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        return self._firefox.call(method, context=self._context, **params)

    def resize(self, width: int, height: int) -> None:
        self._call("browsingContext.setViewport", viewport={"width": width, "height": height})

    def open(self, url: str) -> None:
        """Go there and wait until it is loaded."""
        self._call("browsingContext.navigate", url=url, wait="complete")

    def evaluate(self, script: str) -> Any:
        """The value of a JavaScript expression, through JSON; a promise is waited for."""
        answer = self._firefox.call(
            "script.evaluate",
            expression=f"(async () => JSON.stringify((await ({script})) ?? null))()",
            target={"context": self._context},
            awaitPromise=True,
        )
        assert answer["type"] == "success", answer["exceptionDetails"]
        return json.loads(answer["result"]["value"])

    def run(self, script: str) -> None:
        """Statements without a value, e.g. the source of a library."""
        answer = self._firefox.call(
            "script.evaluate", expression=script, target={"context": self._context}, awaitPromise=False
        )
        assert answer["type"] == "success", answer["exceptionDetails"]

    def wait(self, condition: str) -> None:
        """Until a JavaScript expression is true."""
        wait_until(lambda: self.evaluate(f"Boolean({condition})"), condition)

    def click(self, selector: str) -> None:
        """With the mouse, in the middle of the first element, which nothing may cover."""
        x, y = self.evaluate(
            f"""(() => {{ const e = document.querySelector({json.dumps(selector)});
            e.scrollIntoView({{block: "nearest"}}); const b = e.getBoundingClientRect();
            return [Math.round(b.x + b.width / 2), Math.round(b.y + b.height / 2)] }})()"""
        )
        self.move(x, y, clicks=True)

    def move(self, x: int, y: int, *, clicks: bool = False) -> None:
        """The mouse goes there, in CSS pixels."""
        steps: list[dict[str, Any]] = [{"type": "pointerMove", "x": x, "y": y}]
        if clicks:
            steps += [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        self._call("input.performActions", actions=[{"type": "pointer", "id": "mouse", "actions": steps}])

    def press(self, key: str) -> None:
        """A key down and up, by the name that pages see."""
        value = KEYS.get(key, key)
        steps = [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        self._call("input.performActions", actions=[{"type": "key", "id": "keys", "actions": steps}])

    def screenshot(self, path: Path | None = None) -> bytes:
        """PNG of what is seen."""
        png = base64.b64decode(self._call("browsingContext.captureScreenshot")["data"])
        if path is not None:
            path.write_bytes(png)
        return png

    def close(self) -> None:
        self._call("browsingContext.close")


@contextmanager
def firefox() -> Iterator[Firefox]:
    """A fresh Firefox with an empty profile; the test is skipped where there is none."""
    program = next((path for name in NAMES if (path := shutil.which(name))), None)
    if program is None:
        missing("no Firefox on this computer (Debian: apt install firefox-esr)")
    with tempfile.TemporaryDirectory(prefix="jikcam-firefox-", ignore_cleanup_errors=True) as folder:
        lines = [f"user_pref({json.dumps(key)}, {json.dumps(value)});" for key, value in PREFERENCES.items()]
        (Path(folder) / "user.js").write_text("\n".join(lines))
        command = [program, "--headless", "--no-remote", "--remote-debugging-port=0", "--profile", folder]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            told = Path(folder) / "WebDriverBiDiServer.json"
            wait_until(lambda: told.exists() and told.stat().st_size, "Firefox's port")
            time.sleep(0.05)  # the file is there before its last byte
            server = json.loads(told.read_text())
            address = f"ws://{server['ws_host']}:{server['ws_port']}/session"
            with connect(address, max_size=None, proxy=None) as socket:
                yield Firefox(socket)
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

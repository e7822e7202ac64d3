"""A headless Chromium, driven through its DevTools protocol (https://chromedevtools.github.io/devtools-protocol)."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
#: How long the browser may take to do what it must do; a busy machine takes seconds to start one.
PATIENCE_S = 30.0

_T = TypeVar("_T")


def missing(reason: str) -> None:
    """Skip the test; in CI nothing may be skipped."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def wait_until(condition: Callable[[], _T], what: str = "") -> _T:
    """The first true value of ``condition``."""
    end_s = time.monotonic() + PATIENCE_S
    while not (value := condition()):
        assert time.monotonic() < end_s, f"never happened: {what or condition}"
        time.sleep(0.01)
    return value


class Page:
    """One tab. Errors and refused resources (content security policy) are collected in ``complaints``."""

    def __init__(self, call: Callable[[str, dict[str, Any]], dict[str, Any]]) -> None:
        self._call = call
        self.complaints: list[str] = []

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        return self._call(method, params)

    def heard(self, method: str, params: dict[str, Any]) -> None:
        """Take note of an event of the protocol."""
        if method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Log.entryAdded":
            entry = params["entry"]
            # That an engine is away or refuses something is part of many tests.
            if entry["level"] == "error" and entry["source"] != "network":
                self.complaints.append(entry["text"])

    def resize(self, width: int, height: int) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def open(self, url: str) -> None:
        """Go there and wait for its scripts."""
        answer = self.call("Page.navigate", url=url)
        assert "errorText" not in answer, answer
        self.wait(f"location.href === {json.dumps(url)} && document.readyState === 'complete'")

    def evaluate(self, script: str) -> Any:
        """The value of a JavaScript expression; a promise is waited for."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, condition: str) -> None:
        """Until a JavaScript expression is true."""
        wait_until(lambda: self.evaluate(f"Boolean({condition})"), condition)

    def click(self, selector: str) -> None:
        """With the mouse, in the middle of the first element, which nothing may cover."""
        x, y = self.evaluate(
            f"""(() => {{ const e = document.querySelector({json.dumps(selector)});
            e.scrollIntoView({{block: "nearest"}}); const b = e.getBoundingClientRect();
            return [b.x + b.width / 2, b.y + b.height / 2] }})()"""
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key: str, code: str = "", text: str = "") -> None:
        """A key down and up; ``text`` is what it types."""
        code = code or (f"Key{key.upper()}" if key.isalpha() and len(key) == 1 else key)
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, code=code, text=text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=code)

    def screenshot(self, *, transparent: bool = False) -> NDArray[np.uint8]:
        """(H, W, 4) uint8 BGRA; ``transparent`` leaves out the white that browsers paint behind pages."""
        color = {"r": 0, "g": 0, "b": 0, "a": 0}
        self.call("Emulation.setDefaultBackgroundColorOverride", **({"color": color} if transparent else {}))
        shot = self.call("Page.captureScreenshot", format="png")
        png = np.frombuffer(base64.b64decode(shot["data"]), np.uint8)
        image = cv2.imdecode(png, cv2.IMREAD_UNCHANGED)
        return cv2.cvtColor(image, cv2.COLOR_BGR2BGRA) if image.shape[2] == 3 else image


@contextmanager
def chromium() -> Iterator[Page]:
    """A page of a fresh browser; the test is skipped where there is none."""
    program = next((path for name in NAMES if (path := shutil.which(name))), None)
    if program is None:
        missing("no Chromium on this computer (Debian: apt install chromium)")
    with tempfile.TemporaryDirectory(prefix="jikcam-chromium-", ignore_cleanup_errors=True) as profile:
        command = [str(program), "--headless", "--remote-debugging-port=0", f"--user-data-dir={profile}"]
        command += ["--no-first-run", "--disable-gpu", "--mute-audio", "--hide-scrollbars", "--lang=en"]
        command += ["--disable-background-networking", "--disable-component-update", "--no-proxy-server"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--no-sandbox")  # Chromium refuses to sandbox root's pages
        process = subprocess.Popen([*command, "about:blank"], stderr=subprocess.DEVNULL)
        try:
            with _connected(Path(profile) / "DevToolsActivePort") as page:
                yield page
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def _connected(port_file: Path) -> Iterator[Page]:
    port = wait_until(lambda: port_file.exists() and port_file.read_text().split()[:1], "Chromium's port")[0]
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(task: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(task, loop).result(PATIENCE_S)

    link = _Link()
    run(link.open(int(port)))
    page = Page(lambda method, params: run(link.call(method, params)))
    link.on_event = page.heard
    try:
        for domain in ("Page", "Runtime", "Log"):
            page.call(f"{domain}.enable")
        page.resize(1280, 720)
        yield page
    finally:
        run(link.close())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_S)
        loop.close()


class _Link:
    """The WebSocket to one tab; lives in the event loop."""

    def __init__(self) -> None:
        self.on_event: Callable[[str, dict[str, Any]], None] = lambda method, params: None
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._number = 0

    async def open(self, port: int) -> None:
        self._session = aiohttp.ClientSession()
        async with self._session.put(f"http://127.0.0.1:{port}/json/new?about:blank") as answer:
            address = (await answer.json())["webSocketDebuggerUrl"]
        self._socket = await self._session.ws_connect(address, max_msg_size=0)
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self._socket:
            data = json.loads(message.data)
            if "id" in data:
                self._waiting.pop(data["id"]).set_result(data)
            else:
                self.on_event(data["method"], data.get("params", {}))

    async def call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        self._number += 1
        answer = self._waiting[self._number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": self._number, "method": method, "params": params})
        data = await answer
        assert "error" not in data, f"{method}: {data['error']}"
        return dict(data["result"])

    async def close(self) -> None:
        await self._socket.close()
        self._reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader
        await self._session.close()

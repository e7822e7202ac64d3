"""The program picture of the control room over WebRTC: comes by itself, changes with the View, comes back."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import numpy as np
import pytest

from engine.control import ControlServer
from tests.integration.control_rig import ask
from tests.real.browser import wait_until
from tests.real.browsers import Browsers, Tab, browsers, running_browsers
from tests.real.watch_rig import COLORS, WatchEngine, showing

__all__ = ["browsers", "running_browsers"]
pytestmark = pytest.mark.real

HOW = "document.querySelector('#program .how').textContent"
#: Mean colour of the picture that is shown, RGB, below the time code; null while it is no video.
SEEN = """(() => {
  const video = document.querySelector("#program video");
  if (video.hidden || !video.videoWidth) return null;
  const canvas = Object.assign(document.createElement("canvas"), { width: 8, height: 8 });
  const context = canvas.getContext("2d");
  const { videoWidth: width, videoHeight: height } = video;
  context.drawImage(video, 0, height / 4, width, height / 2, 0, 0, 8, 8);
  const { data } = context.getImageData(0, 0, 8, 8);
  return [0, 1, 2].map((k) => data.filter((_, i) => i % 4 === k).reduce((a, b) => a + b) / 64);
})()"""


@pytest.fixture(scope="module")
def show() -> Iterator[tuple[WatchEngine, ControlServer]]:
    with showing("main", "second") as running:
        yield running


def shows(tab: Tab, view: str) -> bool:
    seen = tab.evaluate(SEEN)
    return seen is not None and bool(np.abs(np.array(seen) - COLORS[view][::-1]).max() < 40)


def watched(server: ControlServer) -> list[str]:
    """The View of each viewer."""
    views = ask(server, "/api/stats").json["views"]
    return [viewer["view"] for view in views for viewer in view["viewers"]]


@pytest.mark.parametrize(("kind", "words"), [("chromium", "H.264"), ("firefox", "VP8")])
def test_the_program_comes_by_webrtc_and_changes_with_the_view(
    show: tuple[WatchEngine, ControlServer], browsers: Browsers, kind: str, words: str
) -> None:
    _, server = show
    tab = browsers.tab(kind, 1280, 800)
    tab.open(f"{server.url}/")
    wait_until(lambda: shows(tab, "main"), "the View main as a video")
    tab.wait(f"{HOW} === '{words}'")
    tab.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'v', bubbles: true}))")
    wait_until(lambda: shows(tab, "second"), "the View second as a video")
    wait_until(lambda: watched(server) == ["second"], "one viewer, of the View that is shown")
    tab.open("about:blank")
    wait_until(lambda: not watched(server), "the page has left")


def test_the_program_goes_on_without_the_streaming_process(
    show: tuple[WatchEngine, ControlServer], browsers: Browsers
) -> None:
    engine, server = show
    tab = browsers.tab("chromium", 1280, 800)
    tab.open(f"{server.url}/")
    wait_until(lambda: shows(tab, "main"), "the View main as a video")
    assert engine.host.pid is not None
    os.kill(engine.host.pid, signal.SIGKILL)
    tab.wait(f"{HOW} === 'MJPEG' && document.querySelector('#program img').naturalWidth > 0")
    wait_until(lambda: shows(tab, "main"), "the View main as a video once more")
    tab.open("about:blank")

"""The camera as Chromium and as OBS show it, with colours coded by BT.601 and by BT.709."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, get_args

from engine.geometry import Size
from tests.guest.inside.chart import BARS, decoded_as_709, read_stamp, worst_error
from tests.guest.inside.obs_source import ObsCamera, screen
from tests.guest.inside.report import record
from tests.guest.inside.writer import Writer
from virtualcam import v4l2
from virtualcam.device import Matrix

SIZE = Size(640, 360)
PAGE = Path(__file__).parents[1] / "page.html"
RUN = 5000
_PATIENCE_S = 240.0
#: jikcam is away for so long; Chromium ends a camera that gives no picture for 10 s.
AWAY_S = 15.0
_CHROMIUM = (
    "chromium", "--headless=new", "--no-sandbox", "--no-zygote", "--disable-gpu", "--disable-dev-shm-usage",
    "--no-first-run", "--disable-extensions", "--disable-background-networking",
    "--disable-component-update", "--use-fake-ui-for-media-stream",
)  # fmt: skip


class Page(BaseHTTPRequestHandler):
    """Serves the page, and takes what it posts: its newest measurement, or why there is none."""

    newest: dict[str, Any] = {}  # noqa: RUF012  # the server makes a handler per request

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE.read_bytes())

    def do_POST(self) -> None:
        Page.newest = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


def until(condition: Callable[[], bool]) -> bool:
    """Whether it became true in time."""
    until_s = time.monotonic() + _PATIENCE_S
    while not condition():
        if time.monotonic() > until_s:
            return False
        time.sleep(0.1)
    return True


def chromium() -> None:
    """getUserMedia in a page; the writer restarts in between with the other matrix."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    writer = Writer("jikcam", SIZE)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        address = f"http://localhost:{server.server_port}/"
        browser = subprocess.Popen(
            [*_CHROMIUM, f"--user-data-dir={home}", address],
            env={**os.environ, "HOME": home},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(lambda: bool(Page.newest.get("bars") or Page.newest.get("error")))
        record("chromium first", Page.newest)
        for run, matrix in enumerate(get_args(Matrix), 1):
            writer.stop()
            time.sleep(AWAY_S)
            writer = Writer("jikcam", SIZE, first=run * RUN, matrix=matrix)
            reached = until(lambda run=run: Page.newest.get("number", -1) >= run * RUN)
            bars = Page.newest.get("bars", [])
            pairs = [
                (a, b)
                for shown, bar in zip(bars, BARS, strict=False)
                for a, b in zip(shown, bar, strict=True)
            ]
            error = max((abs(a - b) for a, b in pairs), default=None)
            record(f"chromium {matrix}", {"reached": reached, "error": error, **Page.newest})
        browser.kill()
        browser.wait()
    writer.kill()


def obs() -> None:
    """OBS's source on the whole canvas; the writer restarts in between with the other matrix."""
    path = v4l2.find("jikcam").path
    writer = Writer("jikcam", SIZE, 10.0)
    with screen():
        camera = ObsCamera(path, SIZE.width, SIZE.height, fps=10)
        until(lambda: camera.picture() is not None and read_stamp(camera.picture()) is not None)
        record("obs first", {"version": camera.version, "devices": camera.devices(), "size": camera.size()})
        for run, matrix in enumerate(get_args(Matrix), 1):
            writer.stop()
            writer = Writer("jikcam", SIZE, 10.0, first=run * RUN, matrix=matrix)
            reached = until(lambda run=run: (read_stamp(camera.picture()) or (-1, 0))[0] >= run * RUN)
            picture = camera.picture()
            as_709 = tuple(decoded_as_709(bar) for bar in BARS)
            errors = {"error": worst_error(picture), "error_as_709": worst_error(picture, as_709)}
            record(f"obs {matrix}", {"reached": reached, **errors})
        writer.kill()
        os._exit(0)  # libobs on a thread of ours can't be ended in order


if __name__ == "__main__":
    chromium()
    obs()

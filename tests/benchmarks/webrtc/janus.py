"""What a View costs when an SFU has the viewers: published once to a real Janus, watched in a real Chromium.

    python -m tests.benchmarks.webrtc.janus [--viewers 1,4,8] [--rounds 3] [--seconds 10] [--size 1280x720]
        [--codec h264]

Each round has every number of viewers in turn, so that a busy minute of the machine is not one row's; a row
is the median of its rounds, for *unrecovered* and *freezes* the sum. *Least and most* are the publisher's
shares in the rounds.

*Publisher* and *Janus* are percent of one core: of the streaming process, and of Janus. Latency is from
before the picture is handed over until it is shown, read from a time code in it. Everything runs on this
machine, the browser with all its decoders too: where fewer than 30 pictures a second are encoded, it is too
busy to measure on.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import http.server
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from engine.geometry import Size
from tests.benchmarks.webrtc.__main__ import SETTLE_S, page_of
from tests.benchmarks.webrtc.feed import FPS, Feed
from tests.real.janus_rig import ROOM, JanusRig
from tests.waiting import until
from virtualcam.sink import Picture
from virtualcam.webrtc.host import StreamHost
from virtualcam.webrtc.messages import Codec, Measure, Measures, StreamConfig, WhipTarget

HEADS = (
    "viewers", "publisher CPU %", "least and most", "encoded fps", "Janus CPU %", "p50 ms", "p95 ms", "fps",
    "least", "kbit/s", "first p95 ms", "idle %", "unrecovered", "freezes",
)  # fmt: skip
#: Digits of the columns from the encoded fps to the idle share.
DIGITS = (1, 1, 0, 0, 1, 1, 0, 0, 0)


class Publisher:
    """The product, with a View "main" that is published to one address."""

    def __init__(self, size: Size, url: str, codec: Codec) -> None:
        self._host = StreamHost(StreamConfig())
        self._sink = self._host.sink("main", FPS)
        self._feed = Feed(size, lambda image, time_s, index: self._sink.send(Picture(image, time_s, index)))
        # Playwright's event loop has the main thread.
        self._asking = ThreadPoolExecutor(1)
        self._host.publish(WhipTarget("main", url, codec=codec))
        self._host.start()
        until(lambda: self._host.ready)
        self._feed.start()
        until(lambda: self.measures().publishers[0]["kbps"])

    def measures(self) -> Measures:
        return self._asking.submit(lambda: asyncio.run(self._host.call(Measure()))).result()

    def close(self) -> None:
        self._feed.stop()
        self._asking.shutdown()
        self._host.stop()


class _Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """The table is what is printed."""


@contextmanager
def pages() -> Iterator[str]:
    """This folder's pages on loopback; gives the address of janus.html."""
    handler = functools.partial(_Files, directory=str(Path(__file__).parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/janus.html"
        finally:
            server.shutdown()


def a_round(
    rig: JanusRig, publisher: Publisher, counts: list[int], seconds: float
) -> Iterator[tuple[int, list[float]]]:
    """Each number of viewers, who come one after another, and what was measured with so many."""
    with pages() as url, page_of(url) as page:
        first_ms: list[float] = []
        for count in counts:
            wish = {"url": rig.socket_url, "room": ROOM, "every": max(1, count // 2)}
            while len(first_ms) < count:
                first_ms.append(page.evaluate("wish => addJanusViewer(wish)", wish))
            time.sleep(SETTLE_S)
            page.evaluate("begin()")
            before, janus_s, cores, begin_s = _now(rig, publisher)
            time.sleep(seconds)
            after, janus_end_s, cores_end, end_s = _now(rig, publisher)
            shares = [(after - before) / (end_s - begin_s), (janus_end_s - janus_s) / (end_s - begin_s)]
            idle = (cores_end.idle - cores.idle) / max(1e-9, sum(cores_end) - sum(cores))
            encoded_fps = publisher.measures().renditions[0]["fps"]
            yield count, _measured(shares, encoded_fps, page.evaluate("results()"), first_ms, idle)


def _now(rig: JanusRig, publisher: Publisher) -> tuple[float, float, Any, float]:
    return publisher.measures().cpu_s, rig.janus_cpu_s(), psutil.cpu_times(), time.monotonic()


def _measured(
    shares: list[float],
    encoded_fps: float,
    seen: list[dict[str, Any]],
    first_ms: list[float],
    idle: float,
) -> list[float]:
    """The publisher's share in %, what DIGITS is for, and how many were unrecovered and froze."""
    delays = np.concatenate([viewer["delays"] or [np.nan] for viewer in seen])
    fps = [viewer["fps"] for viewer in seen]
    unrecovered = sum(max(0, viewer["lost"] - viewer["repaired"]) for viewer in seen)
    return [
        shares[0] * 100, encoded_fps, shares[1] * 100, np.nanpercentile(delays, 50),
        np.nanpercentile(delays, 95), np.mean(fps), min(fps), np.mean([viewer["kbps"] for viewer in seen]),
        np.percentile(first_ms, 95), idle * 100, unrecovered, sum(viewer["freezes"] for viewer in seen),
    ]  # fmt: skip


def row(count: int, rounds: list[list[float]]) -> list[str]:
    """A row of the table: what was measured in each round with so many viewers."""
    publisher, *others = np.array(rounds).T
    middles = [f"{np.median(column):.{digits}f}" for column, digits in zip(others[:-2], DIGITS, strict=True)]
    spread = f"{min(publisher):.1f} to {max(publisher):.1f}"
    return [
        str(count),
        f"{np.median(publisher):.1f}",
        spread,
        *middles,
        *(f"{sum(c):.0f}" for c in others[-2:]),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--viewers", default="1,4,8")
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--codec", choices=("h264", "vp8"), default="h264")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0)
    wanted = parser.parse_args()
    width, height = map(int, wanted.size.split("x"))
    with tempfile.TemporaryDirectory(prefix="jikcam-janus-") as folder:
        os.environ["XDG_STATE_HOME"] = folder
        with JanusRig(Path(folder)) as rig:
            publisher = Publisher(Size(width, height), rig.endpoint("stage"), wanted.codec)
            try:
                counts = [int(count) for count in wanted.viewers.split(",")]
                rounds: dict[int, list[list[float]]] = {count: [] for count in counts}
                for _ in range(wanted.rounds):
                    for count, measured in a_round(rig, publisher, counts, wanted.seconds):
                        rounds[count].append(measured)
                print("| " + " | ".join(HEADS) + " |\n|" + "---|" * len(HEADS))
                for count in counts:
                    print("| " + " | ".join(row(count, rounds[count])) + " |", flush=True)
            finally:
                publisher.close()


if __name__ == "__main__":
    main()

"""Latency, rate and cost of WebRTC out: ours and aiortc's default, in one run, in a real Chromium.

    python -m tests.benchmarks.webrtc [--sizes 1280x720,1920x1080] [--codecs h264,vp8] [--viewers 1,2,4,8]
                                      [--servers ours,per-viewer] [--seconds 10] [--drop 0.02]

*Server CPU* is of one core: of the streaming process, plus what this viewer load adds to the process that
makes the pictures (its own cost with nobody watching is taken off). Latency is from before the picture is
handed over until it is shown, read from a time code in the picture. All viewers are in one browser on the
same machine, which decodes every stream by itself: with many of them it is the browser that is short of time.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import psutil
from playwright.sync_api import Page, sync_playwright

SETTLE_S = 4.0
FLAGS = ("--autoplay-policy=no-user-gesture-required", "--disable-gpu", "--mute-audio")


@contextmanager
def running(server: str, size: str, codec: str, drop: float) -> Iterator[str]:
    """A server in a process of its own; gives its address."""
    command = [sys.executable, "-m", "tests.benchmarks.webrtc.server", server]
    command += ["--size", size, "--codec", codec, "--drop", str(drop)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        if not port:
            raise SystemExit(f"{server} did not start")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


@contextmanager
def page_of(url: str) -> Iterator[Page]:
    """A page in a fresh browser."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        raise SystemExit("no Chromium on this computer (Debian: apt install chromium)")
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else list(FLAGS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        try:
            page = browser.new_page()
            page.goto(url)
            yield page
        finally:
            browser.close()


def cost(url: str) -> dict[str, float]:
    """Processor seconds of the server so far."""
    with urllib.request.urlopen(f"{url}/cost", timeout=20) as answer:
        return dict(json.load(answer))


def shares(before: dict[str, float], after: dict[str, float]) -> tuple[float, float]:
    """Percent of one core, of sending and of making pictures."""
    took_s = after["now_s"] - before["now_s"]
    return tuple((after[key] - before[key]) / took_s * 100 for key in ("send_s", "make_s"))  # type: ignore[return-value]


def one(
    server: str, size: str, codec: str, counts: list[int], seconds: float, drop: float
) -> Iterator[dict[str, Any]]:
    """A row for each number of viewers, who come one after another."""
    with running(server, size, codec, drop) as url, page_of(url) as page:
        time.sleep(SETTLE_S)
        before = cost(url)
        time.sleep(4.0)
        _, floor = shares(before, cost(url))
        first_ms: list[float] = []
        for count in counts:
            try:
                while len(first_ms) < count:
                    first_ms.append(page.evaluate("addViewer", max(1, count // 2)))
            except Exception as error:
                yield {"server": server, "size": size, "codec": codec, "viewers": count, "failed": str(error)}
                return
            time.sleep(SETTLE_S)
            page.evaluate("begin()")
            before, cores = cost(url), psutil.cpu_times()
            time.sleep(seconds)
            seen = page.evaluate("results()")
            send, make = shares(before, cost(url))
            yield _row(seen, first_ms) | {
                "server": server, "size": size, "codec": codec, "viewers": count,
                "cpu": send + make - floor, "send": send, "idle": _idle(cores, psutil.cpu_times()),
            }  # fmt: skip


def _row(seen: list[dict[str, Any]], first_ms: list[float]) -> dict[str, Any]:
    delays = np.concatenate([viewer["delays"] or [np.nan] for viewer in seen])
    total = {
        key: int(sum(viewer[key] for viewer in seen))
        for key in ("lost", "repaired", "nack", "pli", "freezes")
    }
    packets = sum(viewer["received"] + viewer["lost"] for viewer in seen)
    return {
        "p50": float(np.nanpercentile(delays, 50)),
        "p95": float(np.nanpercentile(delays, 95)),
        "fps": float(np.mean([viewer["fps"] for viewer in seen])),
        "fps_least": float(min(viewer["fps"] for viewer in seen)),
        "kbps": float(np.mean([viewer["kbps"] for viewer in seen])),
        "width": min(viewer["width"] or 0 for viewer in seen),
        "buffer_ms": float(np.mean([viewer["bufferMs"] for viewer in seen])),
        "first_ms": float(np.percentile(first_ms, 95)),
        "loss": 100 * total["lost"] / max(1, packets),
        "unrecovered": max(0, total["lost"] - total["repaired"]),
        **total,
    }


def _idle(before: Any, after: Any) -> float:
    """Percent of all cores that nobody used."""
    return 100 * (after.idle - before.idle) / max(1e-9, sum(after) - sum(before))


HEADS = (
    "server", "size", "codec", "viewers", "p50 ms", "p95 ms", "fps", "least", "CPU %", "kbit/s", "width",
    "buffer ms", "first p95 ms", "lost %", "unrecovered", "NACK", "PLI", "freezes", "idle %",
)  # fmt: skip


def _line(row: dict[str, Any]) -> str:
    if "failed" in row:
        cells = [row["server"], row["size"], row["codec"], str(row["viewers"]), row["failed"].splitlines()[0]]
        return "| " + " | ".join(cells) + " |"
    told = [row[key] for key in ("server", "size", "codec", "viewers")]
    told += [f"{row['p50']:.0f}", f"{row['p95']:.0f}", f"{row['fps']:.1f}", f"{row['fps_least']:.1f}"]
    told += [f"{row['cpu']:.0f}", f"{row['kbps']:.0f}", row["width"], f"{row['buffer_ms']:.0f}"]
    told += [f"{row['first_ms']:.0f}", f"{row['loss']:.1f}", row["unrecovered"], row["nack"], row["pli"]]
    told += [row["freezes"], f"{row['idle']:.0f}"]
    return "| " + " | ".join(map(str, told)) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default="1280x720,1920x1080")
    parser.add_argument("--codecs", default="h264,vp8")
    parser.add_argument("--viewers", default="1,2,4,8")
    parser.add_argument("--servers", default="ours,per-viewer")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--drop", type=float, default=0.0)
    wanted = parser.parse_args()
    counts = [int(count) for count in wanted.viewers.split(",")]
    print("| " + " | ".join(HEADS) + " |\n|" + "---|" * len(HEADS), flush=True)
    for size in wanted.sizes.split(","):
        for codec in wanted.codecs.split(","):
            for server in wanted.servers.split(","):
                for row in one(server, size, codec, counts, wanted.seconds, wanted.drop):
                    print(_line(row), flush=True)


if __name__ == "__main__":
    main()

"""Programs that show a virtual camera, as users have them: ffmpeg and OpenCV."""

from __future__ import annotations

import multiprocessing
import os
import signal
import statistics
import subprocess
import time
from dataclasses import asdict, dataclass, field
from typing import Any

import cv2
import numpy as np

from engine.geometry import Size
from tests.guest.inside.chart import BARS, Colour, now_ms, read_stamp, worst_error

_FORK = multiprocessing.get_context("fork")
_PATIENCE_S = 60.0
#: Pictures that come while the reader still starts and its queues fill; not measured.
WARM_UP = 30
#: The rate is the median of that over so many pictures each: of a short disturbance it tells nothing.
WINDOW = 15


@dataclass(slots=True)
class Seen:
    """What a reader got.

    Attributes:
        pictures: how many.
        fps: different pictures per second, after the first WARM_UP, median of windows; by the writer's or the
            reader's clock, whichever took longer, so that a queue that empties doesn't count as speed.
        numbers: of the stamps, in the order of arrival; -1 where unreadable.
        latency_ms: from the stamp's moment to the reader's hand, per picture.
        error: the worst colour difference in any bar, in levels; None where colours weren't looked at.
        size: [width, height] of the pictures.
        complaint: the reader's own last words.
    """

    pictures: int = 0
    fps: float = 0.0
    numbers: list[int] = field(default_factory=list)
    latency_ms: list[int] = field(default_factory=list)
    error: float | None = None
    size: list[int] = field(default_factory=list)
    complaint: str = ""
    clocks_s: list[tuple[float, float]] = field(default_factory=list)

    def add(self, picture: Any) -> None:
        """Note the stamp of one picture that came now, (H, W) grey or (H, W, 3) BGR."""
        arrived_s, stamped = time.monotonic(), read_stamp(picture)
        self.numbers.append(stamped[0] if stamped else -1)
        if stamped:
            self.latency_ms.append(now_ms() - stamped[1])
            self.clocks_s.append((arrived_s, stamped[1] / 1000))
        self.pictures += 1

    def result(self) -> dict[str, Any]:
        """For the report; what came while the reader started is left out of rate and latency."""
        readable = [number for number in self.numbers if number != -1]
        measured = list(zip(readable, self.clocks_s, strict=True))[WARM_UP:]
        starts = range(0, len(measured) - WINDOW, WINDOW)
        if starts:
            self.fps = round(statistics.median(_rate(measured[k : k + WINDOW + 1]) for k in starts), 2)
        told = asdict(self)
        del told["clocks_s"]
        return {**told, "latency_ms": self.latency_ms[WARM_UP:] or self.latency_ms}


def _rate(window: list[tuple[int, tuple[float, float]]]) -> float:
    """Different pictures per second from the first to the last, by the clock that took longer."""
    seconds = max(b - a for a, b in zip(window[0][1], window[-1][1], strict=True))
    return (len({number for number, _ in window}) - 1) / seconds


def ffmpeg_reads(path: str, size: Size, count: int, bars: tuple[Colour, ...] | None = None) -> Seen:
    """``count`` pictures through ffmpeg; with ``bars`` as BGR (slower) to compare the colours."""
    pixel = "yuv420p" if bars is None else "bgr24"
    shape = (size.height * 3 // 2, size.width) if bars is None else (size.height, size.width, 3)
    ffmpeg = subprocess.Popen(
        ["ffmpeg", "-hide_banner", "-loglevel", "error", "-fflags", "nobuffer", "-f", "v4l2", "-i", path,
         "-frames:v", str(count), "-vsync", "0", "-pix_fmt", pixel, "-f", "rawvideo", "-"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    # A reader may wait for ever once its writer is gone.
    watchdog = _FORK.Process(target=_kill_later, args=(ffmpeg.pid,), daemon=True)
    watchdog.start()
    seen, bytes_each = Seen(size=[size.width, size.height]), int(np.prod(shape))
    while len(raw := ffmpeg.stdout.read(bytes_each)) == bytes_each:
        picture = np.frombuffer(raw, np.uint8).reshape(shape)
        seen.add(picture[: size.height])
        if bars is not None:
            seen.error = max(seen.error or 0.0, worst_error(picture, bars))
    seen.complaint = ffmpeg.stderr.read().decode(errors="replace").strip().rpartition("\n")[2]
    ffmpeg.wait()
    watchdog.kill()
    watchdog.join()
    return seen


class OpenCvReader:
    """cv2.VideoCapture in a process of its own, from now until ``finish``."""

    def __init__(self, path: str, bars: tuple[Colour, ...] = BARS) -> None:
        self._pipe, theirs = _FORK.Pipe()
        self._newest = _FORK.Value("i", -1)
        self._count = _FORK.Value("i", 0)
        arguments = (theirs, path, bars, self._newest, self._count)
        self._process = _FORK.Process(target=_read_on, args=arguments, daemon=True)
        self._process.start()

    @property
    def count(self) -> int:
        """Pictures so far."""
        return int(self._count.value)

    def wait_for(self, number: int) -> bool:
        """Wait until a picture with that number or a later one was seen."""
        until_s = time.monotonic() + _PATIENCE_S
        while self._newest.value < number:
            if time.monotonic() > until_s or not self._process.is_alive():
                return False
            time.sleep(0.05)
        return True

    def finish(self) -> Seen:
        """What it saw. A reader that waits for a picture for ever is ended."""
        self._pipe.send("stop")
        if self._pipe.poll(_PATIENCE_S / 4):
            seen: Seen = self._pipe.recv()
        else:
            seen = Seen(complaint="it never came back")
        self._process.kill()
        self._process.join()
        return seen


def _read_on(pipe: Any, path: str, bars: tuple[Colour, ...], newest: Any, count: Any) -> None:
    # It returns only after a picture or this long; it is to be told to stop sooner than in 10 s.
    os.environ["OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT"] = "1"
    capture, seen = cv2.VideoCapture(path, cv2.CAP_V4L2), Seen()
    while not pipe.poll():
        good, picture = capture.read()
        if not good:
            if not capture.isOpened():
                seen.complaint = "it doesn't open"
                break
            continue
        seen.add(picture)
        seen.size = [picture.shape[1], picture.shape[0]]
        if seen.pictures % 10 == 1:
            seen.error = max(seen.error or 0.0, worst_error(picture, bars))
        newest.value, count.value = seen.numbers[-1], seen.pictures
    pipe.recv()
    pipe.send(seen)


def _kill_later(process: int) -> None:
    time.sleep(_PATIENCE_S)
    os.kill(process, signal.SIGKILL)

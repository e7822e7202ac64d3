"""Fakes and little videos for the tests of the sources."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from engine.errors import JikcamError
from engine.sources.camera import CameraSource, CameraTiming
from engine.sources.capture import CaptureRequest

QUICK = CameraTiming(first_s=2.0, stall_s=0.15, damaged_s=0.05, retry_first_s=0.02, retry_most_s=0.1)


def picture(width: int, height: int, value: int) -> np.ndarray:
    return np.full((height, width, 3), value % 256, np.uint8)


def wait_until(true: Callable[[], bool], timeout_s: float = 5.0) -> bool:
    end_s = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > end_s:
            return False
        time.sleep(0.005)
    return True


class FakeDevice:
    """A camera one can unplug, plug in again, freeze and change; hands out captures of itself."""

    def __init__(self, width: int = 64, height: int = 48, fps: float = 200.0) -> None:
        self.width, self.height, self.fps = width, height, fps
        self.plugged = True
        self.flowing = threading.Event()
        self.flowing.set()
        self.damaged = 0
        self.opened: list[FakeCapture] = []

    def open(self, request: CaptureRequest) -> FakeCapture:
        if not self.plugged:
            raise JikcamError(f"camera {request.device} does not exist", "plug it in")
        capture = FakeCapture(self, request)
        self.opened.append(capture)
        return capture

    def source(self, **options) -> CameraSource:
        options.setdefault("timing", QUICK)
        return CameraSource(0, open_capture=self.open, **options)


class FakeCapture:
    def __init__(self, device: FakeDevice, request: CaptureRequest) -> None:
        self.device, self.request = device, request
        self.fps, self.where = device.fps, "fake"
        self.released = False
        self.grabs = 0

    def grab(self) -> bool:
        assert not self.released
        time.sleep(1 / self.device.fps)
        if not self.device.flowing.is_set():
            self.device.flowing.wait()  # a frozen driver blocks in the kernel
        self.grabs += 1
        return self.device.plugged

    def retrieve(self) -> np.ndarray | None:
        if self.device.damaged > 0:
            self.device.damaged -= 1
            return None
        return picture(self.device.width, self.device.height, self.grabs)

    def release(self) -> None:
        assert not self.released
        self.released = True


def write_video(
    path: Path,
    stamps_s: Iterable[float],
    size: tuple[int, int] = (64, 48),
    codec: str = "mpeg4",
    pixel_format: str = "yuv420p",
    fps: int = 30,
) -> Path:
    """A video whose picture k is grey 20 + 10 (k modulo 20), shown at the k-th time stamp."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=fps)
        stream.width, stream.height = size
        stream.pix_fmt, stream.codec_context.bit_rate = pixel_format, 4_000_000
        stream.codec_context.options = {"qmax": "2"} if codec == "mpeg4" else {}
        stream.codec_context.time_base = Fraction(1, 1000)
        stream.time_base = Fraction(1, 1000)
        for k, stamp_s in enumerate(stamps_s):
            frame = av.VideoFrame.from_ndarray(picture(*size, 20 + 10 * (k % 20)), format="bgr24")
            frame.pts, frame.time_base = round(stamp_s * 1000), Fraction(1, 1000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path


def grey_of(image: np.ndarray) -> int:
    """Which picture of ``write_video`` this is, modulo 20."""
    return round((float(image.mean()) - 20) / 10)


@dataclass
class FakePushed:
    image: np.ndarray
    time_s: float


class FakeFeed:
    """A phone that pushes pictures over WebRTC; one can have it pause."""

    def __init__(self, width: int = 64, height: int = 48, fps: float = 60.0) -> None:
        self.width, self.height, self.fps = width, height, fps
        self.live = self.seen = True
        self.trouble = ""
        self.closed = threading.Event()
        self.given = 0
        self.time_s: float | None = None  # None: the clock's

    def read(self, timeout_s: float) -> FakePushed | None:
        if self.closed.wait(min(timeout_s, 1 / self.fps)) or not self.live:
            return None
        self.given += 1
        now_s = time.monotonic() if self.time_s is None else self.time_s
        return FakePushed(picture(self.width, self.height, self.given), now_s)

    def close(self) -> None:
        self.closed.set()

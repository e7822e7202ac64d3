"""A camera that may be unplugged, used elsewhere, or hang, without ever holding up the show."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from engine.errors import JikcamError
from engine.geometry import Size
from engine.sources.capture import Capture, CaptureFactory, CaptureRequest, DeviceCapture
from engine.sources.devices import list_devices, not_opened
from engine.sources.fit import fitted, size_of
from engine.sources.frame import Frame, Image
from engine.sources.latest import Latest
from engine.sources.rising import rising
from virtualcam.backoff import BackOff

#: When the driver does not know its rate.
USUAL_FPS = 30.0
#: A hanging driver keeps its thread for ever; more than this many are not piled up.
MOST_HANGING = 3


@dataclass(frozen=True, slots=True)
class CameraTiming:
    """How patient the camera is, in seconds.

    Attributes:
        first_s: for the first picture after opening; some drivers need several seconds.
        stall_s: without a picture before the device counts as lost.
        damaged_s: of failed grabs in a row before the device counts as lost.
        retry_first_s, retry_most_s: shortest and longest wait before opening again.
    """

    first_s: float = 12.0
    stall_s: float = 3.0
    damaged_s: float = 0.5
    retry_first_s: float = 0.5
    retry_most_s: float = 5.0


class CameraSource:
    """A Source on a camera device.

    Args:
        device: number, device file ("/dev/video0") or, on Linux, part of the name.
        size, fps, pixel_format: what to ask the driver for; MJPG by default from 720 lines on.
        open_capture: how a device is opened.
        timing: how patient to be.

    Raises:
        JikcamError: the device can't be opened or sends no picture.
    """

    def __init__(
        self,
        device: str | int,
        size: Size | None = None,
        fps: float | None = None,
        pixel_format: str | None = None,
        *,
        open_capture: CaptureFactory = DeviceCapture,
        timing: CameraTiming | None = None,
    ) -> None:
        self._request = CaptureRequest(device, size, fps, pixel_format)
        self._open = open_capture
        self._timing = timing or CameraTiming()
        self._frames: Latest[Frame] = Latest()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._status = ""
        self._index = 0
        self._last_s: float | None = None
        self._hanging: list[_Grabber] = []
        self._size: Size | None = None
        # Opened on the caller's thread: macOS asks for permission on the main thread only.
        capture = open_capture(self._request)
        self._name = f"camera {capture.where}"
        self._fps = capture.fps or fps or USUAL_FPS
        self._grabber = _Grabber(capture, self._deliver, self._timing.damaged_s)
        self._grabber.start()
        if not self._grabber.first.wait(self._timing.first_s) or self._size is None:
            self._grabber.leave()
            raise not_opened(capture.where, list_devices())
        threading.Thread(target=self._watch, name="camera watch", daemon=True).start()

    @property
    def name(self) -> str:
        return self._name

    @property
    def size(self) -> Size:
        assert self._size is not None  # the constructor waited for the first picture
        return self._size

    @property
    def fps(self) -> float:
        return self._fps

    @property
    def status(self) -> str:
        return self._status

    @property
    def ended(self) -> bool:
        return self._closed.is_set()

    def read(self, timeout_s: float) -> Frame | None:
        return None if self._closed.is_set() else self._frames.get(timeout_s)

    def close(self) -> None:
        self._closed.set()
        self._frames.close()
        grabber = self._grabber
        grabber.leave()
        # So that the device is free for the next program, unless the driver hangs.
        grabber.over.wait(1.0)

    def _deliver(self, grabber: _Grabber, image: Image, time_s: float) -> None:
        with self._lock:
            if grabber.left or self._closed.is_set():
                return
            if self._size is None:
                self._size = size_of(image)
            self._last_s = rising(time_s, self._last_s)
            self._frames.put(Frame(fitted(image, self._size), self._last_s, self._index))
            self._index += 1
            self._status = ""

    def _watch(self) -> None:
        timing = self._timing
        while not self._closed.is_set():
            grabber = self._grabber
            lost = grabber.over.wait(min(0.1, timing.stall_s / 4))
            if lost or time.monotonic() - grabber.beat_s > timing.stall_s:
                grabber.leave()
                self._hanging.append(grabber)
                self._reopen()

    def _reopen(self) -> None:
        backoff = BackOff(self._timing.retry_first_s, self._timing.retry_most_s)
        reason = "is it unplugged?"
        while True:
            self._hanging = [g for g in self._hanging if not g.over.is_set()]
            wait_s = backoff.next_s()
            self._status = f"{self._name} sends no picture ({reason}); trying again every {wait_s:.1f} s"
            if self._closed.wait(wait_s):
                return
            if len(self._hanging) >= MOST_HANGING:
                reason = "its driver hangs: plug it out and in"
                continue
            try:
                capture = self._open(self._request)
            except JikcamError as error:
                reason = str(error)
                continue
            grabber = _Grabber(capture, self._deliver, self._timing.damaged_s)
            self._grabber = grabber
            grabber.start()
            if self._closed.is_set():
                grabber.leave()
                return
            if grabber.first.wait(self._timing.first_s) and not grabber.over.is_set():
                return
            grabber.leave()
            self._hanging.append(grabber)
            reason = "it opens but sends nothing"


class _Grabber:
    """The thread that empties one opened device; it alone touches the device and releases it."""

    def __init__(
        self,
        capture: Capture,
        deliver: Callable[[_Grabber, Image, float], None],
        damaged_s: float,
    ) -> None:
        self._capture = capture
        self._deliver = deliver
        self._damaged_s = damaged_s
        self._leave = threading.Event()
        self.first = threading.Event()
        self.over = threading.Event()
        self.beat_s = time.monotonic()

    @property
    def left(self) -> bool:
        return self._leave.is_set()

    def start(self) -> None:
        threading.Thread(target=self._run, name="camera grab", daemon=True).start()

    def leave(self) -> None:
        """Stop after the picture being waited for; what comes later is thrown away."""
        self._leave.set()

    def _run(self) -> None:
        try:
            self._empty()
        finally:
            self._capture.release()
            self.over.set()
            self.first.set()  # whoever waits for a first picture need not wait any longer

    def _empty(self) -> None:
        good_s = time.monotonic()
        while not self._leave.is_set():
            grabbed = self._capture.grab()
            now_s = time.monotonic()
            image = self._capture.retrieve() if grabbed else None
            if image is not None:
                good_s = self.beat_s = now_s
                self._deliver(self, image, now_s)
                self.first.set()
            elif now_s - good_s > self._damaged_s:
                return
            else:  # one damaged picture is no reason to reopen
                self._leave.wait(0.01)

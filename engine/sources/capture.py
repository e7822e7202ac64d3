"""One opened camera device. The only place that touches cv2.VideoCapture, so that tests can fake it."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from engine.geometry import Size
from engine.sources.devices import list_devices, not_opened, path_of, resolve
from engine.sources.frame import Image

#: From this height on raw YUY2 does not fit through USB 2 at 30 pictures a second; MJPG does.
MJPG_FROM_HEIGHT_PX = 720


@dataclass(frozen=True, slots=True)
class CaptureRequest:
    """What to open. None leaves the choice to the driver.

    Attributes:
        device: number, device file or part of the name.
        size: wanted picture size; the driver may give another.
        fps: wanted pictures per second.
        pixel_format: four characters as the driver calls it, for example "MJPG" or "YUYV".
    """

    device: str | int
    size: Size | None = None
    fps: float | None = None
    pixel_format: str | None = None

    @property
    def fourcc(self) -> str | None:
        """The pixel format to ask for, or None for the driver's default."""
        if self.pixel_format:
            return self.pixel_format.upper().ljust(4)[:4]
        return "MJPG" if self.size and self.size.height >= MJPG_FROM_HEIGHT_PX else None


class Capture(Protocol):
    """An opened device. Every call may block for as long as the driver likes."""

    @property
    def fps(self) -> float:
        """What the driver says; 0 when it does not know."""
        ...

    @property
    def where(self) -> str:
        """The device in words, for example "/dev/video0"."""
        ...

    def grab(self) -> bool:
        """Wait for the next picture; False when it failed."""
        ...

    def retrieve(self) -> Image | None:
        """Decode the grabbed picture into a new array; None when it is damaged."""
        ...

    def release(self) -> None: ...


#: Opens a device or raises JikcamError.
CaptureFactory = Callable[[CaptureRequest], Capture]


class DeviceCapture:
    """A device opened through OpenCV: V4L2 on Linux, AVFoundation on macOS, MSMF then DSHOW on Windows."""

    def __init__(self, request: CaptureRequest) -> None:
        known = list_devices()
        where = resolve(request.device, known)
        self.where = path_of(where) if sys.platform.startswith("linux") else str(where)
        self._video = _opened(where)
        if self._video is None:
            raise not_opened(where, known)
        # The pixel format comes first: drivers offer other sizes and rates for each.
        if request.fourcc:
            self._video.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*request.fourcc))
        if request.size:
            self._video.set(cv2.CAP_PROP_FRAME_WIDTH, request.size.width)
            self._video.set(cv2.CAP_PROP_FRAME_HEIGHT, request.size.height)
        if request.fps:
            self._video.set(cv2.CAP_PROP_FPS, request.fps)
        self._video.set(cv2.CAP_PROP_BUFFERSIZE, 1)

    @property
    def fps(self) -> float:
        fps = float(self._video.get(cv2.CAP_PROP_FPS)) if self._video else 0.0
        return fps if math.isfinite(fps) and 0 < fps <= 1000 else 0.0

    def grab(self) -> bool:
        try:
            return self._video is not None and self._video.grab()
        except cv2.error:  # a backend that throws has lost the device just the same
            return False

    def retrieve(self) -> Image | None:
        if self._video is None:
            return None
        try:
            ok, image = self._video.retrieve()
        except cv2.error:  # a damaged MJPG picture
            return None
        return np.asarray(image, dtype=np.uint8) if ok and image is not None and image.size else None

    def release(self) -> None:
        if self._video is not None:
            self._video.release()
            self._video = None


def backends(platform: str) -> tuple[int, ...]:
    """OpenCV's ways to a camera on that system, best first."""
    if platform.startswith("linux"):
        return (cv2.CAP_V4L2,)
    if platform == "darwin":
        return (cv2.CAP_AVFOUNDATION,)
    if platform == "win32":
        return (cv2.CAP_MSMF, cv2.CAP_DSHOW)
    return (cv2.CAP_ANY,)


def _opened(where: str | int) -> cv2.VideoCapture | None:
    for backend in backends(sys.platform):
        try:
            video = cv2.VideoCapture(where, backend)
        except cv2.error:  # this way is not built in, or does not take device files
            continue
        if video.isOpened():
            return video
        video.release()
    return None

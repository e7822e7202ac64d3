"""A virtual camera of the operating system, through pyvirtualcam."""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
from typing import Any

from virtualcam import v4l2
from virtualcam.lock import WriterLock
from virtualcam.sink import Picture, SinkError
from virtualcam.size import PictureSize

log = logging.getLogger(__name__)

_V4L2 = "v4l2loopback"
#: Unity Capture takes RGBA: from I420 it would get half the colour resolution for a conversion more.
_WANTS_BGR = frozenset({"unitycapture"})
#: What these backends open when no device is named; one lock for both ways to say it.
_DEFAULT_DEVICE = {"obs": "OBS Virtual Camera", "unitycapture": "Unity Video Capture"}
_INSTALL = {
    "linux": v4l2.INSTALL,
    "win32": "install OBS Studio, start and stop its virtual camera once, and stop it before jikcam starts",
    "darwin": (
        "install OBS Studio 30 or newer, start its virtual camera once and allow it in"
        " System Settings > General > Login Items & Extensions > Camera Extensions, then stop it"
    ),
}


class DeviceSink:
    """Shows the pictures as a camera that OBS, Zoom or a browser can choose.

    The pixels are BT.601 limited range I420 wherever the system takes it, which costs nothing more.

    Args:
        size: of every picture.
        fps: the usual rate; a hint for the system.
        device: Linux: a path (/dev/video10) or a label (as programs show it); Windows and macOS: the
            camera's name. None takes the first free one. A device that was named is never replaced
            by another.
        backend: a backend of pyvirtualcam; None tries those of this system.

    Raises:
        SinkError: no such device, it is busy, or it keeps another picture size.
    """

    def __init__(
        self,
        size: PictureSize,
        fps: float,
        device: str | None = None,
        backend: str | None = None,
    ) -> None:
        self._shape = (size.height, size.width, 3)
        self._fps = fps
        self._guard = threading.Lock()
        self._camera: Any = None
        self._lock: WriterLock | None = None
        self._path: str | None = None  # of the v4l2loopback device
        problems = []
        for name, candidate in _candidates(backend, device):
            try:
                self._open(name, candidate)
                return
            except SinkError as error:
                self.close()
                problems.append(str(error))
        raise SinkError(" / ".join(problems) or f"there is no virtual camera; {_install()}")

    @property
    def name(self) -> str:
        return self._name

    @property
    def status(self) -> str:
        """Always empty: nothing goes wrong here that ``send`` does not raise."""
        return ""

    def send(self, picture: Picture) -> None:
        """Show the picture now. After ``close`` nothing happens.

        Raises:
            SinkError: the picture has another size, or the device is gone.
        """
        if picture.image.shape != self._shape:
            height, width, _ = self._shape
            got = f"{picture.image.shape[1]}x{picture.image.shape[0]}"
            raise SinkError(f"{self._name} takes {width}x{height} and got {got}; open it anew")
        with self._guard:
            if self._camera is None:
                return
            pixels = picture.image if self._bgr else picture.i420
            try:
                self._camera.send(pixels)
            except Exception as error:  # a backend may raise anything
                raise SinkError(f"{self._name} broke ({_one_line(error)}); {_install()}") from error

    def close(self) -> None:
        """Give the device back; may be called twice."""
        with self._guard:
            if self._camera is not None:
                try:
                    self._camera.close()
                except Exception as error:  # closing never stops the show
                    log.warning("%s didn't close: %s", self._name, _one_line(error))
                self._camera = None
                if self._path is not None:
                    # Else the next writer, whoever it is, would find no camera to write to.
                    v4l2.unstick(self._path)
            if self._lock is not None:
                self._lock.release()
                self._lock = None

    def _open(self, backend: str, device: str | None) -> None:
        import pyvirtualcam

        height, width, _ = self._shape
        self._lock = WriterLock(device or _DEFAULT_DEVICE.get(backend, backend))
        if backend == _V4L2:
            v4l2.make_ready(device or "", self._lock.left_by_crash)
        self._bgr = backend in _WANTS_BGR
        layout = pyvirtualcam.PixelFormat.BGR if self._bgr else pyvirtualcam.PixelFormat.I420
        try:
            self._camera = pyvirtualcam.Camera(
                width, height, self._fps, fmt=layout, device=device, backend=backend
            )
        except Exception as error:  # RuntimeError by contract, but backends are foreign code
            raise SinkError(f"{device or 'virtual camera'}: {_one_line(error)}; {_install()}") from error
        self._name: str = self._camera.device
        if backend == _V4L2:
            self._path = self._name
            _check_format(self._name, width, height)


def _candidates(backend: str | None, device: str | None) -> list[tuple[str, str | None]]:
    """(backend, device) pairs to try in this order; on Linux every device has its path."""
    try:
        from pyvirtualcam.camera import BACKENDS
    except ImportError as error:
        raise SinkError(f"pyvirtualcam doesn't load ({_one_line(error)}); reinstall jikcam") from error
    if backend is not None and backend not in BACKENDS:
        known = ", ".join(BACKENDS) or "none on this system"
        raise SinkError(f"unknown virtual camera backend {backend!r}; known here: {known}")
    names = [backend] if backend else list(BACKENDS)
    pairs: list[tuple[str, str | None]] = []
    for name in names:
        if name != _V4L2:
            pairs.append((name, device))
            continue

        found = [v4l2.find(device)] if device else v4l2.loopbacks()
        pairs.extend((name, loopback.path) for loopback in found)
    return pairs


def _check_format(path: str, width: int, height: int) -> None:
    """Raise SinkError when a reader makes the device keep an older format; neither side reports that."""
    with contextlib.suppress(OSError):  # newer drivers may refuse a second opener; then it can't be asked
        kept = v4l2.device_format(path)
        if (kept.width, kept.height) != (width, height):
            raise SinkError(
                f"{path} stays at {kept.width}x{kept.height} while a program shows it, jikcam wants"
                f" {width}x{height}; close that program first or choose {kept.width}x{kept.height}"
            )
        if kept.fourcc != "YU12":
            raise SinkError(f"{path} stays at pixel format {kept.fourcc}; close the programs that show it")


def _install() -> str:
    return _INSTALL.get(sys.platform, "this system has no virtual camera; use the MJPEG stream instead")


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__

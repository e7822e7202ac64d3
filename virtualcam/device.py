"""A virtual camera of the operating system, through pyvirtualcam."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from virtualcam import v4l2
from virtualcam.lock import WriterLock
from virtualcam.reasons import Refusal, install, refusal, told
from virtualcam.sink import Picture, SinkError
from virtualcam.size import PictureSize

log = logging.getLogger(__name__)

Matrix = Literal["bt601", "bt709"]

_V4L2 = "v4l2loopback"
#: Unity Capture takes RGBA: from I420 it would get half the colour resolution for a conversion more.
_WANTS_BGR = frozenset({"unitycapture"})
#: What these backends open when no device is named; one lock for both ways to say it.
_DEFAULT_DEVICE = {"obs": "OBS Virtual Camera", "unitycapture": "Unity Video Capture"}
#: How often a device that broke is tried again.
RETRY_PERIOD_S = 1.0


class DeviceSink:
    """Shows the pictures as a camera that OBS, Zoom or a browser can choose.

    A device that breaks during the show is opened again as soon as that is possible; until then ``status``
    says why nothing is shown. (v4l2loopback can't break: the kernel unloads no module and changes no
    picture size while somebody writes.)

    Args:
        size: of every picture.
        fps: the usual rate; a hint for the system.
        device: Linux: a path (/dev/video10) or a label (as programs show it); Windows and macOS: the
            camera's name. None takes the first free one. A device that was named is never replaced
            by another.
        backend: a backend of pyvirtualcam; None tries those of this system.
        matrix: how colours are coded, limited range 4:2:0. Browsers, Zoom, ffmpeg and OpenCV decode
            "bt601", which costs nothing more; OBS on Linux decodes "bt709".

    Raises:
        SinkError: no such device, it is busy, or it keeps another picture size.
    """

    def __init__(
        self,
        size: PictureSize,
        fps: float,
        device: str | None = None,
        backend: str | None = None,
        matrix: Matrix = "bt601",
    ) -> None:
        self._shape = (size.height, size.width, 3)
        self._fps = fps
        self._matrix = matrix
        self._wanted, self._backend = device, backend
        self._guard = threading.Lock()
        self._camera: Any = None
        self._lock: WriterLock | None = None
        self._path: str | None = None  # of the v4l2loopback device
        self._closed = False
        self._fault = ""
        self._retry_s = 0.0
        self._open_any()

    @property
    def name(self) -> str:
        return self._name

    @property
    def status(self) -> str:
        """Empty when all is well, else why the device shows nothing just now."""
        return self._fault

    @property
    def watched(self) -> bool:
        """Always: a program that opens the camera must find it showing something."""
        return True

    @property
    def resizable(self) -> bool:
        """Never: programs that have it open do not expect another size."""
        return False

    def send(self, picture: Picture) -> None:
        """Show the picture now. After ``close``, and while the device is broken, nothing happens.

        Raises:
            SinkError: the picture has another size.
        """
        if picture.image.shape != self._shape:
            height, width, _ = self._shape
            got = f"{picture.image.shape[1]}x{picture.image.shape[0]}"
            raise SinkError(f"{self._name} takes {width}x{height} and got {got}; open it anew")
        with self._guard:
            if self._closed:
                return
            if self._camera is None:
                self._try_again()
            if self._camera is None:
                return
            try:
                self._camera.send(self._pixels(picture))
            except Exception as error:  # a backend may raise anything
                self._fault = f"{self._name} broke ({_one_line(error)}); {install()}"
                log.warning("%s", self._fault)
                self._retry_s = time.monotonic() + RETRY_PERIOD_S
                self._release()

    def rest(self) -> None:
        """Nothing: the system shows the last picture, or none, by itself."""

    def close(self) -> None:
        """Give the device back; may be called twice."""
        with self._guard:
            self._closed = True
            self._release()

    def _try_again(self) -> None:
        now_s = time.monotonic()
        if now_s < self._retry_s:
            return
        self._retry_s = now_s + RETRY_PERIOD_S
        try:
            self._open_any()
        except SinkError as error:
            self._fault = str(error)
        else:
            log.info("%s is back", self._name)
            self._fault = ""

    def _release(self) -> None:
        if self._camera is not None:
            try:
                self._camera.close()
            except Exception as error:  # closing never stops the show
                log.warning("%s didn't close: %s", self._name, _one_line(error))
            self._camera = None
            if self._path is not None:
                # Else the next writer, whoever it is, would find no camera to write to.
                v4l2.unstick(self._path)
                if v4l2.is_own(self._path):
                    v4l2.repeat_picture(self._path, True)
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _open_any(self) -> None:
        refusals = []
        for backend, device in _candidates(self._backend, self._wanted):
            try:
                self._open(backend, device)
                # Whichever was free is the one from now on, also after it was lost.
                self._wanted, self._backend = self._wanted or device, backend
                return
            except SinkError as error:
                self._release()
                refusals.append(Refusal(str(error)))
            except RuntimeError as error:
                self._release()
                refusals.append(refusal(device, _one_line(error)))
        raise SinkError(told(refusals))

    def _open(self, backend: str, device: str | None) -> None:
        import pyvirtualcam

        height, width, _ = self._shape
        self._lock = WriterLock(device or _DEFAULT_DEVICE.get(backend, backend))
        if backend == _V4L2:
            v4l2.make_ready(device or "", self._lock.left_by_crash)
        self._bgr = backend in _WANTS_BGR
        layout = pyvirtualcam.PixelFormat.BGR if self._bgr else pyvirtualcam.PixelFormat.I420
        try:
            camera = pyvirtualcam.Camera(width, height, self._fps, fmt=layout, device=device, backend=backend)
        except Exception as error:  # RuntimeError by contract, but backends are foreign code
            raise RuntimeError(_one_line(error)) from error
        self._camera, self._name = camera, str(camera.device)
        if backend == _V4L2:
            self._path = self._name
            # With a reader attached the device keeps an older format, and neither side reports that.
            if problem := v4l2.problem(self._path, width, height):
                raise SinkError(problem)
            if v4l2.is_own(self._path):
                v4l2.keep_picture(self._path, True)

    def _pixels(self, picture: Picture) -> NDArray[np.uint8]:
        if self._bgr:
            return picture.image
        return picture.i420 if self._matrix == "bt601" else _i420_bt709(picture.image)


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


def _i420_bt709(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W, 3) BGR as (H * 3 / 2, W) planar 4:2:0 by ITU-R BT.709, limited range."""
    from av import VideoFrame
    from av.video.reformatter import Colorspace

    frame = VideoFrame.from_ndarray(image, format="bgr24")
    coded = frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709).to_ndarray()
    return coded.astype(np.uint8, copy=False)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__

"""OBS's own camera source without OBS's window: libobs and its plugin linux-v4l2, through ctypes.

Its picture is taken as OBS renders it (BGRA, full range). Known good: OBS 29.0.2.
"""

from __future__ import annotations

import contextlib
import ctypes as c
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_PLUGINS = Path("/usr/lib/x86_64-linux-gnu/obs-plugins")
_DATA = Path("/usr/share/obs/obs-plugins")
_START_S = 30.0
_PLATFORM_X11_EGL = 1
_FORMAT_BGRA, _COLORSPACE_709, _RANGE_FULL, _SCALE_BILINEAR = 7, 2, 2, 1


class _VideoInfo(c.Structure):
    """struct obs_video_info of obs.h."""

    _fields_ = (
        ("graphics_module", c.c_char_p),
        ("fps_num", c.c_uint32), ("fps_den", c.c_uint32),
        ("base_width", c.c_uint32), ("base_height", c.c_uint32),
        ("output_width", c.c_uint32), ("output_height", c.c_uint32),
        ("output_format", c.c_int), ("adapter", c.c_uint32), ("gpu_conversion", c.c_bool),
        ("colorspace", c.c_int), ("range", c.c_int), ("scale_type", c.c_int),
    )  # fmt: skip


class _VideoData(c.Structure):
    """struct video_data of video-io.h."""

    _fields_ = (("data", c.c_void_p * 8), ("linesize", c.c_uint32 * 8), ("timestamp", c.c_uint64))


_OnPicture = c.CFUNCTYPE(None, c.c_void_p, c.POINTER(_VideoData))


class ObsCamera:
    """libobs with one camera source, shown over the whole canvas. One per process; there is no way back."""

    def __init__(self, path: str, width: int, height: int, fps: int = 30) -> None:
        self._shape = (height, width)
        self._obs = c.CDLL("libobs.so.0", mode=c.RTLD_GLOBAL)
        self._display = _open_display()
        # It logs every picture; any function of C that ignores its arguments keeps it quiet.
        quiet = c.cast(c.CDLL(None).getpid, c.c_void_p)
        self._call("base_set_log_handler", None, (c.c_void_p, quiet), (c.c_void_p, None))
        self._call("obs_set_nix_platform", None, (c.c_int, _PLATFORM_X11_EGL))
        self._call("obs_set_nix_platform_display", None, (c.c_void_p, self._display))
        locale = (c.c_char_p, b"en-US")
        if not self._call("obs_startup", c.c_bool, locale, (c.c_void_p, None), (c.c_void_p, None)):
            raise RuntimeError("libobs doesn't start")
        info = _VideoInfo(
            b"libobs-opengl.so.1", fps, 1, width, height, width, height,
            _FORMAT_BGRA, 0, True, _COLORSPACE_709, _RANGE_FULL, _SCALE_BILINEAR,
        )  # fmt: skip
        code = self._call("obs_reset_video", c.c_int, (c.c_void_p, c.addressof(info)))
        if code:
            raise RuntimeError(f"obs_reset_video says {code}")
        self.version: str = self._call("obs_get_version_string", c.c_char_p).decode()
        self._load("linux-v4l2")
        self._settings = self._call("obs_data_create", c.c_void_p)
        self._set(b"device_id", path)
        self._source = self._call(
            "obs_source_create", c.c_void_p,
            (c.c_char_p, b"v4l2_input"), (c.c_char_p, b"camera"),
            (c.c_void_p, self._settings), (c.c_void_p, None),
        )  # fmt: skip
        self.pictures = 0
        self._newest: NDArray[np.uint8] | None = None
        self._callback = _OnPicture(self._on_picture)
        self._call("obs_set_output_source", None, (c.c_uint32, 0), (c.c_void_p, self._source))
        self._call(
            "obs_add_raw_video_callback", None,
            (c.c_void_p, None), (c.c_void_p, c.cast(self._callback, c.c_void_p)), (c.c_void_p, None),
        )  # fmt: skip

    def devices(self) -> dict[str, str]:
        """Label to path, as the user sees them in the source's properties."""
        properties = self._call("obs_source_properties", c.c_void_p, (c.c_void_p, self._source))
        wanted = (c.c_void_p, properties), (c.c_char_p, b"device_id")
        listed = (c.c_void_p, self._call("obs_properties_get", c.c_void_p, *wanted))
        count = self._call("obs_property_list_item_count", c.c_size_t, listed)
        items = [
            [self._call(f"obs_property_list_item_{what}", c.c_char_p, listed, (c.c_size_t, i)).decode()
             for what in ("name", "string")]
            for i in range(count)
        ]  # fmt: skip
        self._call("obs_properties_destroy", None, (c.c_void_p, properties))
        return dict(items)

    def size(self) -> tuple[int, int]:
        """(width, height) of the source; (0, 0) while it shows nothing."""
        asked = (c.c_void_p, self._source)
        return tuple(self._call(f"obs_source_get_{side}", c.c_uint32, asked) for side in ("width", "height"))

    def picture(self) -> NDArray[np.uint8] | None:
        """The newest rendered picture, (H, W, 3) BGR; None before the first."""
        return self._newest

    def _on_picture(self, _parameter: object, data: Any) -> None:
        height, width = self._shape
        stride = data[0].linesize[0]
        raw = np.ctypeslib.as_array((c.c_uint8 * (stride * height)).from_address(data[0].data[0]))
        self._newest = raw.reshape(height, stride)[:, : width * 4].reshape(height, width, 4)[:, :, :3].copy()
        self.pictures += 1

    def _load(self, plugin: str) -> None:
        module = c.c_void_p()
        code = self._call(
            "obs_open_module", c.c_int, (c.c_void_p, c.addressof(module)),
            (c.c_char_p, str(_PLUGINS / f"{plugin}.so").encode()), (c.c_char_p, str(_DATA / plugin).encode()),
        )  # fmt: skip
        if code or not self._call("obs_init_module", c.c_bool, (c.c_void_p, module)):
            raise RuntimeError(f"OBS's plugin {plugin} doesn't load ({code})")

    def _set(self, key: bytes, value: str) -> None:
        self._call(
            "obs_data_set_string", None,
            (c.c_void_p, self._settings), (c.c_char_p, key), (c.c_char_p, value.encode()),
        )  # fmt: skip

    def _call(self, name: str, result: Any, *arguments: tuple[Any, Any]) -> Any:
        function = getattr(self._obs, name)
        function.restype, function.argtypes = result, [kind for kind, _ in arguments]
        return function(*(value for _, value in arguments))


@contextlib.contextmanager
def screen() -> Iterator[None]:
    """An X server for this process."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "640x480x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as numbers:
        os.environ["DISPLAY"] = f":{numbers.readline().strip()}"
    os.environ.setdefault("XDG_RUNTIME_DIR", "/tmp")
    os.environ["LIBGL_ALWAYS_SOFTWARE"] = "1"
    try:
        yield
    finally:
        server.kill()
        server.wait()


def _open_display() -> int:
    x11 = c.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype = c.c_void_p
    until_s = time.monotonic() + _START_S
    while not (display := x11.XOpenDisplay(None)):
        if time.monotonic() > until_s:
            raise RuntimeError("no X display")
        time.sleep(0.05)
    return int(display)

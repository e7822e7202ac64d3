"""What stands between jikcam and a virtual camera on this system, for `jikcam doctor`."""

from __future__ import annotations

import os
import platform
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from virtualcam import v4l2
from virtualcam.obs_app import (
    MAC_READY,
    ObsApp,
    WindowsCameras,
    extension_state,
    find_on_mac,
    windows_cameras,
)

FIX = "run: python3 install/virtual_camera.py"
NAME = "virtual camera"
#: OBS's own camera extension, and what macOS must be for it.
OLDEST_OBS, OLDEST_MACOS = 30, 13


@dataclass(frozen=True, slots=True)
class Health:
    """One thing: its name, whether it is fine, and what there is or what to do, in one line."""

    name: str
    ok: bool
    text: str


@dataclass(frozen=True, slots=True)
class LinuxDevice:
    """A v4l2loopback device.

    Attributes:
        capabilities: None when it can't be opened.
        keeps_picture: left with its last picture; then it offers both capabilities while nobody writes.
    """

    path: str
    label: str
    writable: bool = True
    capabilities: int | None = v4l2.CAP_VIDEO_OUTPUT
    keeps_picture: bool = False


def check() -> list[Health]:
    """One line per thing that matters on this system; quick, changes nothing, never raises."""
    if sys.platform == "win32":
        return [on_windows(windows_cameras())]
    if sys.platform == "darwin":
        return [on_mac(platform.mac_ver()[0], find_on_mac(), extension_state())]
    if sys.platform.startswith("linux"):
        return on_linux(Path("/proc/modules").exists(), [_look(d) for d in v4l2.loopbacks()])
    return [Health(NAME, False, "this system has none; feed OBS with the stream of the control page")]


def on_linux(takes_modules: bool, devices: list[LinuxDevice]) -> list[Health]:
    """The driver, and what the first look at each device tells.

    Args:
        takes_modules: this kernel can load modules at all.
        devices: the v4l2loopback devices.
    """
    if not devices:
        why = "v4l2loopback is not loaded" if takes_modules else "this kernel takes no modules (a container?)"
        return [Health(NAME, False, f"{why}; {FIX}")]
    found = [Health(NAME, True, ", ".join(f"{d.path} ({d.label})" for d in devices))]
    closed = [d.path for d in devices if not d.writable]
    if closed:
        text = f"no permission for {', '.join(closed)}; {v4l2.JOIN_VIDEO}"
        found.append(Health(f"{NAME}: permission", False, text))
    both = v4l2.CAP_VIDEO_CAPTURE | v4l2.CAP_VIDEO_OUTPUT
    dull = [
        d.path
        for d in devices
        if d.capabilities is not None and d.capabilities & both == both and not d.keeps_picture
    ]
    if dull:
        text = f"Chromium and Chrome don't list {', '.join(dull)} (exclusive_caps=0); {FIX}"
        found.append(Health(f"{NAME}: browsers", False, text))
    return found


def on_mac(macos: str, obs: ObsApp | None, extension: str) -> Health:
    """OBS's camera extension.

    Args:
        macos: version, such as "15.1", or "".
        obs: OBS.app where it is.
        extension: state as of ``obs_app.extension_state``.
    """
    if macos and _major(macos) < OLDEST_MACOS:
        return Health(NAME, False, f"macOS {macos} is too old for OBS's camera; feed OBS with the stream")
    if obs is None:
        return Health(NAME, False, f"it comes with OBS Studio {OLDEST_OBS} or newer, not found here; {FIX}")
    if obs.version and _major(obs.version) < OLDEST_OBS:
        return Health(NAME, False, f"OBS {obs.version} is too old, {OLDEST_OBS} is needed; update OBS")
    if extension != MAC_READY:
        state = f"is {extension}" if extension else "was never started"
        return Health(NAME, False, f"OBS's camera extension {state}; {FIX}")
    return Health(NAME, True, f"OBS {obs.version}, camera extension enabled")


def on_windows(cameras: WindowsCameras) -> Health:
    """OBS's camera or Unity Capture's."""
    if cameras.obs and not cameras.obs_exists and not cameras.unity:
        return Health(NAME, False, f"OBS's camera is registered but {cameras.obs} is gone; {FIX}")
    if not cameras.ready:
        return Health(NAME, False, f"neither OBS's camera nor Unity Capture is registered; {FIX}")
    names = [*(["OBS Virtual Camera"] if cameras.obs and cameras.obs_exists else []), *cameras.unity]
    return Health(NAME, True, ", ".join(names))


def _look(device: v4l2.Loopback) -> LinuxDevice:
    bits: int | None = None
    keeps = False
    try:
        bits = v4l2.capabilities(device.path)
        keeps = v4l2.keeps_picture(device.path)
    except OSError:
        pass  # what can't be opened or asked is told from what is known by then
    writable = os.access(device.path, os.R_OK | os.W_OK)
    return LinuxDevice(device.path, device.label, writable, bits, keeps)


def _major(version: str) -> int:
    number = re.match(r"\d+", version)
    return int(number.group()) if number else 0

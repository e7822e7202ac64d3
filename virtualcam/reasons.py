"""Why a virtual camera didn't open, in words that say what to do. The system's own words say neither.

Source: the messages of pyvirtualcam 0.12 to 0.15 (virtual_output.h of each backend).
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

from virtualcam import v4l2

_OBS_APPROVAL = (
    "in OBS 30 or newer press Start Virtual Camera, allow it in System Settings > General > Login Items &"
    " Extensions > Camera Extensions, restart the Mac if it asks, press Stop Virtual Camera, start jikcam"
)
_OBS_BUSY = (
    "OBS's virtual camera is busy; press Stop Virtual Camera in OBS, quit other programs that feed it,"
    " then start jikcam"
)
_ONE_ONLY = "{device} can't be chosen here; the one there is is 'OBS Virtual Camera', or leave the device out"

#: Per system (pattern in the message, what the user reads); the first that matches counts.
_REASONS: dict[str, tuple[tuple[str, str], ...]] = {
    "win32": (
        ("OBS Virtual Camera device not found", "OBS isn't installed; install OBS Studio, then start jikcam"),
        ("could not be started", _OBS_BUSY),
        ("supports only", _ONE_ONLY),
        ("No camera registered with this name", "there is no virtual camera {device}; check the spelling"),
        ("No camera registered", "Unity Capture isn't installed; install OBS Studio or Unity Capture"),
    ),
    "darwin": (
        (
            "not installed|Device not found",
            f"OBS's virtual camera isn't installed or allowed; {_OBS_APPROVAL}",
        ),
        ("Stream not found", "OBS's virtual camera is of an old OBS; update OBS to 30 or newer"),
        ("Couldn't start stream", f"OBS's virtual camera is busy or not allowed; {_OBS_APPROVAL}"),
        ("could not be started", _OBS_BUSY),
        (
            "Multiple cameras",
            "a Mac has one virtual camera and this jikcam feeds it already;"
            " use the MJPEG stream for the other picture",
        ),
        ("supports only", _ONE_ONLY),
    ),
    "linux": (
        ("missing permissions", f"no permission to open {{device}}; {v4l2.JOIN_VIDEO}"),
        ("already in use", "{device} is in use by this jikcam already; give each view a camera of its own"),
        ("not a video output device", "another program writes to {device}; stop it first"),
        ("does not exist|not a V4L2 device|No v4l2 loopback", f"there is no {{device}}; {v4l2.INSTALL}"),
    ),
}
_INSTALL = {
    "linux": v4l2.INSTALL,
    "win32": "install OBS Studio",
    "darwin": _OBS_APPROVAL,
}
#: A backend that says so is not the one for this device; only of interest when no other was tried.
_NOT_MINE = re.compile("supports only|No camera registered")


@dataclass(frozen=True, slots=True)
class Refusal:
    """One backend's no.

    Attributes:
        text: one line for the user, with what to do.
        beside: the backend isn't meant for this device, so another one's refusal tells more.
    """

    text: str
    beside: bool = False


def refusal(device: str | None, message: str) -> Refusal:
    """What a backend's message means on this system.

    Args:
        device: the device that was named, if any.
        message: of the backend, as it is.
    """
    said = " ".join(message.split())
    shown = f"{device!r}" if device and not device.startswith("/") else device or "such virtual camera"
    for pattern, text in _REASONS.get(sys.platform, ()):
        if re.search(pattern, said):
            return Refusal(text.format(device=shown), bool(_NOT_MINE.search(said)))
    return Refusal(f"{device or 'virtual camera'}: {said}; {install()}")


def install() -> str:
    """What gives this system a virtual camera."""
    return _INSTALL.get(sys.platform, "this system has no virtual camera; use the MJPEG stream instead")


def told(refusals: list[Refusal]) -> str:
    """One line out of all refusals; those of backends that weren't meant are left out where possible."""
    meant = [r.text for r in refusals if not r.beside] or [r.text for r in refusals]
    return " / ".join(dict.fromkeys(meant)) or f"there is no virtual camera; {install()}"

"""Which cameras there are, and what to tell the user when one can't be opened."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from engine.errors import JikcamError

SYSFS = Path("/sys/class/video4linux")
PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Device:
    """A camera the kernel knows: its device file and the name its driver gives."""

    path: str
    name: str


def list_devices(root: Path = SYSFS) -> list[Device]:
    """The cameras of this Linux machine in the order of their numbers; elsewhere nothing.

    UVC cameras make two nodes; the second one (index 1) carries metadata only and is left out.
    """
    found: list[tuple[int, Device]] = []
    for node in root.glob("video*"):
        digits = node.name.removeprefix("video")
        if not digits.isdecimal():
            continue
        index = _text(node / "index")
        if index in ("", "0"):
            found.append((int(digits), Device(f"/dev/{node.name}", _text(node / "name") or node.name)))
    return [device for _, device in sorted(found, key=lambda pair: pair[0])]


def resolve(device: str | int, known: list[Device], platform: str = sys.platform) -> str | int:
    """What VideoCapture wants for "0", "/dev/video0" or a part of a name.

    Args:
        device: number, path or part of the name (case does not matter); the lowest number wins.
        known: from ``list_devices``.
        platform: as ``sys.platform``.

    Raises:
        JikcamError: no camera of that name.
    """
    text = str(device).strip()
    if text.isdecimal():
        return int(text)
    if "/" in text:
        return text
    for candidate in known:
        if text and text.casefold() in candidate.name.casefold():
            return candidate.path
    if platform.startswith("linux"):
        raise JikcamError(f"no camera is called {text!r}", f"use one of: {_listed(known)}")
    raise JikcamError(
        f"camera {text!r} can't be looked up by name on this system",
        "give its number instead; the first camera is 0",
    )


def path_of(where: str | int) -> str:
    """The device file of a camera number on Linux, or the path itself."""
    return f"/dev/video{where}" if isinstance(where, int) else where


def not_opened(where: str | int, known: list[Device], platform: str = sys.platform) -> JikcamError:
    """The error for a camera that does not open or sends nothing, with the fix for this system."""
    if platform == "darwin":
        return JikcamError(
            f"camera {where} can't be opened",
            "allow the camera for your terminal in System Settings > Privacy & Security > Camera, close "
            "other programs that use it, or try another number (the first camera is 0)",
        )
    if platform == "win32":
        return JikcamError(
            f"camera {where} can't be opened",
            "let desktop apps use the camera in Settings > Privacy & security > Camera, close other "
            "programs that use it, or try another number (the first camera is 0)",
        )
    path = path_of(where)
    if not Path(path).exists():
        return JikcamError(f"camera {path} does not exist", f"plug it in, or use one of: {_listed(known)}")
    users = used_by(path)
    if users:
        return JikcamError(f"camera {path} is in use by {', '.join(users)}", "close that program")
    return JikcamError(
        f"camera {path} gives no picture",
        "close other programs that use it, add yourself to the group video (sudo usermod -aG video $USER, "
        f"then log in again), or use one of: {_listed(known)}",
    )


def used_by(path: str, proc: Path = PROC) -> list[str]:
    """The names of other programs that have the device file open, as far as we may see (Linux)."""
    names: set[str] = set()
    me = str(Path("/proc/self").resolve().name)
    for process in proc.glob("[0-9]*"):
        if process.name == me:
            continue
        try:
            holds = any(str(fd.readlink()) == path for fd in (process / "fd").iterdir())
        except OSError:  # another user's process, or one that has just ended
            continue
        if holds:
            names.add(_text(process / "comm") or f"process {process.name}")
    return sorted(names)


def _listed(known: list[Device]) -> str:
    return ", ".join(f"{d.path} ({d.name})" for d in known) or "none found; is a camera plugged in?"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:  # sysfs entries vanish while a device is unplugged
        return ""

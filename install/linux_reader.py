"""Looks at a Linux machine; changes nothing. Every path is below ``root``, so that tests can make one up."""

from __future__ import annotations

import os
import platform
import re
import shutil
from pathlib import Path

from install.linux_facts import Device, Facts
from install.linux_files import FILES, MODPROBE_FILE
from install.linux_packages import CERTIFICATES, family_of
from install.loopback import MODULE, parse

#: The variable's bytes are four of attributes, then its value.
_SECURE_BOOT = "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
_MODPROBE_FOLDERS = ("etc/modprobe.d", "run/modprobe.d", "usr/local/lib/modprobe.d", "usr/lib/modprobe.d",
                     "lib/modprobe.d")  # fmt: skip


def read_facts(root: Path = Path("/"), release: str = "") -> Facts:
    """What there is; a thing that can't be read counts as absent."""
    release = release or platform.release()
    modules = root / "lib/modules" / release
    index = _text(modules / "modules.dep") + _text(modules / "modules.builtin")
    loaded_modules = _text(root / "proc/modules")
    numbers, devices = _devices(root)
    os_release = _text(root / "etc/os-release") or _text(root / "usr/lib/os-release")
    user = os.environ.get("SUDO_USER") or os.environ.get("USER", "")
    return Facts(
        release=release,
        family=family_of(os_release),
        ubuntu=bool(re.search(r"^ID(_LIKE)?=.*ubuntu", os_release, re.MULTILINE)),
        takes_modules=(root / "proc/modules").exists(),
        has_module_files=modules.is_dir(),
        boxed=_boxed(root, release),
        image_based=(root / "run/ostree-booted").exists(),
        videodev=bool(re.search(r"/videodev\.ko", index)) or "videodev " in loaded_modules,
        module_available=bool(re.search(rf"^[^:\n]*{MODULE}\.ko", index, re.MULTILINE)),
        dkms_source=(root / "var/lib/dkms" / MODULE).is_dir(),
        headers=(modules / "build").exists(),
        secure_boot=_bytes(root / _SECURE_BOOT)[4:5] == b"\x01",
        certificate=next((path for path in CERTIFICATES if (root / path.lstrip("/")).exists()), ""),
        loaded=f"{MODULE} " in loaded_modules or (root / "sys/module" / MODULE).is_dir(),
        users=_users(loaded_modules),
        devices=devices,
        numbers=numbers,
        can_add=(root / "dev" / MODULE).exists() and shutil.which("v4l2loopback-ctl") is not None,
        files={path: text for path in FILES if (text := _text(root / path.lstrip("/")))},
        foreign=_foreign(root),
        udev=shutil.which("udevadm") is not None,
        user=user,
        may_open=user in ("", "root") or _in_group(_text(root / "etc/group"), "video", user),
    )


def _devices(root: Path) -> tuple[tuple[int, ...], tuple[Device, ...]]:
    """Numbers of all video devices, and the virtual ones among them."""
    folder = root / "sys/class/video4linux"
    entries = [e for e in (folder.iterdir() if folder.is_dir() else ()) if re.fullmatch(r"video\d+", e.name)]
    exclusive = _exclusive(root / "sys/module" / MODULE / "parameters")
    numbers, devices = [], []
    for number, entry in sorted((int(e.name[5:]), e) for e in entries):
        numbers.append(number)
        if "virtual" in entry.resolve().parts:  # real cameras live on a bus
            devices.append(Device(number, _text(entry / "name").strip(), exclusive.get(number)))
    return tuple(numbers), tuple(devices)


def _exclusive(parameters: Path) -> dict[int, bool]:
    """exclusive_caps by device number, for those whose number was given when the module was loaded."""
    numbers = _text(parameters / "video_nr").strip().split(",")
    flags = _text(parameters / "exclusive_caps").strip().split(",")
    pairs = zip(numbers, flags, strict=False)
    return {int(n): flag == "Y" for n, flag in pairs if re.fullmatch(r"\d+", n)}


def _foreign(root: Path) -> tuple[tuple[str, str], ...]:
    """(path, line) of each option line for the module that another than jikcam wrote."""
    found: dict[Path, tuple[str, str]] = {}
    for folder in _MODPROBE_FOLDERS:
        for path in sorted((root / folder).glob("*.conf")):
            shown = "/" + str(path.relative_to(root))
            if shown == MODPROBE_FILE:
                continue
            for line in _text(path).splitlines():
                if parse(line):  # /lib is often /usr/lib, so a file may be met twice
                    found.setdefault(path.resolve(), (shown, line.strip()))
    return tuple(found.values())


def _boxed(root: Path, release: str) -> str:
    if "microsoft" in release.lower():
        return "WSL"
    environ = _bytes(root / "proc/1/environ")
    named = re.search(rb"(?:^|\0)container=(\w+)", environ)
    if (root / ".dockerenv").exists() or (root / "run/.containerenv").exists() or named:
        return "container"
    return ""


def _users(loaded_modules: str) -> int:
    line = re.search(rf"^{MODULE} \d+ (\d+)", loaded_modules, re.MULTILINE)
    return int(line.group(1)) if line else 0


def _in_group(groups: str, group: str, user: str) -> bool:
    line = re.search(rf"^{group}:[^:]*:[^:]*:(.*)$", groups, re.MULTILINE)
    return line is not None and user in line.group(1).split(",")


def _text(path: Path) -> str:
    return _bytes(path).decode(errors="replace")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""

"""The virtual camera on Windows: OBS's own, or Unity Capture where OBS shall put out its own as well."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath

from install.steps import MARKER, Command, Plan, RemoveFile, Step, WriteFile
from virtualcam.obs_app import Registry, WindowsCameras, find_on_windows, windows_cameras

_DLL = r"data\obs-plugins\win-dshow\obs-virtualcam-module{bits}.dll"


@dataclass(frozen=True, slots=True)
class Facts:
    r"""What the machine says.

    Attributes:
        obs: OBS's folder, or "".
        cameras: those that Windows knows.
        dlls: OBS's camera files that exist, 64-bit first.
        record: text of the file in which jikcam notes what it registered, or "".
        record_path: where that file is.
        elevated: this is an administrator's prompt.
    """

    obs: str = ""
    cameras: WindowsCameras = field(default_factory=WindowsCameras)
    dlls: tuple[str, ...] = ()
    record: str = ""
    record_path: str = r"C:\ProgramData\jikcam\virtual-camera.txt"
    elevated: bool = False


def read_facts(registry: Registry | None = None, exists: Callable[[str], bool] = os.path.exists) -> Facts:
    """Look; change nothing. The arguments are for tests on another system."""
    app = find_on_windows(registry, exists)
    dlls = [str(PureWindowsPath(app.path) / _DLL.format(bits=bits)) for bits in (64, 32)] if app else []
    data = PureWindowsPath(os.environ.get("PROGRAMDATA", r"C:\ProgramData"))
    record_path = str(data / "jikcam" / "virtual-camera.txt")
    return Facts(
        obs=app.path if app else "",
        cameras=windows_cameras(registry, exists),
        dlls=tuple(dll for dll in dlls if exists(dll)),
        record=Path(record_path).read_text("utf-8") if exists(record_path) else "",
        record_path=record_path,
        elevated=_elevated(),
    )


def plan_setup(facts: Facts) -> Plan:
    """What makes OBS's camera known to Windows."""
    found = describe(facts)
    if facts.cameras.ready:
        return Plan(found)
    if not facts.obs:
        return Plan(
            found,
            by_hand=(
                "install OBS Studio from obsproject.com, or run: winget install -e --id OBSProject.OBSStudio",
                "run this again",
            ),
            notes=(_UNITY,),
        )
    if not facts.dlls:
        return Plan(found, by_hand=("repair OBS: run its installer again; its camera's files are missing",))
    steps: list[Step] = [
        Command(("regsvr32.exe", "/i", "/s", dll), "make OBS's camera known to Windows") for dll in facts.dlls
    ]
    record = "\n".join([MARKER, *facts.dlls, ""])
    steps.append(WriteFile(facts.record_path, record, "note it, for --undo"))
    return Plan(found, tuple(steps), notes=(_ONE_DEVICE, _UNITY))


def plan_undo(facts: Facts) -> Plan:
    """Takes back what jikcam registered; a registration by OBS's installer stays."""
    if facts.record.startswith(MARKER):
        dlls = facts.record.splitlines()[1:]
        steps: list[Step] = [
            Command(("regsvr32.exe", "/u", "/s", dll), "take OBS's camera out of Windows") for dll in dlls
        ]
        return Plan(describe(facts), (*steps, RemoveFile(facts.record_path, "remove jikcam's note")))
    if facts.cameras.obs:
        note = "OBS's installer made this camera, not jikcam; it goes when OBS is removed in Settings > Apps"
        return Plan(describe(facts), notes=(note,))
    return Plan(describe(facts))


def describe(facts: Facts) -> tuple[str, ...]:
    """What is there, a line each."""
    camera = facts.cameras.obs or "not registered"
    if facts.cameras.obs and not facts.cameras.obs_exists:
        camera += " (the file is gone)"
    elif facts.cameras.obs and not facts.cameras.obs_32:
        camera += " (64-bit programs only)"
    return (
        f"OBS: {facts.obs or 'not installed'}",
        f"OBS Virtual Camera: {camera}",
        f"Unity Capture: {', '.join(facts.cameras.unity) or 'not installed'}",
    )


_ONE_DEVICE = "OBS's camera is one device: while OBS itself feeds it, jikcam can't"
_UNITY = (
    "if OBS shall put out its own camera at the same time: install Unity Capture (github.com/schellingb/"
    'UnityCapture, Install\\Install.bat) and run: jikcam run --device "Unity Video Capture"'
)


def _elevated() -> bool:
    if sys.platform != "win32":
        return False
    return bool(ctypes.windll.shell32.IsUserAnAdmin())

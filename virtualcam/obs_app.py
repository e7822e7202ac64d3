"""Where OBS is on this computer, and whether the system knows its camera. Standard library only."""

from __future__ import annotations

import os
import plistlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

#: OBS's camera on macOS 13 and later, since OBS 30.
MAC_EXTENSION = "com.obsproject.obs-studio.mac-camera-extension"
MAC_READY = "activated enabled"
#: OBS's camera on Windows: what pyvirtualcam looks for and OBS's installer registers (win-dshow).
WINDOWS_CLASS = "{A3FCE0F5-3493-419F-958A-ABA1250EC20B}"
#: Unity Capture's 64-bit cameras: the last byte is 0x10, then 0x12 and on (0x11 is the filter's own).
UNITY_CLASSES = tuple(f"{{5C2CD55C-92AD-4999-8666-912BD3E700{0x10 + n + (n > 0):02X}}}" for n in range(10))
LIST_TIMEOUT_S = 5.0
_FLATPAK = "com.obsproject.Studio"
#: Reads a key's default value below "HKLM" or "HKCR", in the 64- or 32-bit view; "" = there is none.
Registry = Callable[[str, str, int], str]


@dataclass(frozen=True, slots=True)
class ObsApp:
    """OBS as installed; ``version`` is "" where it can't be told without starting it."""

    path: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class WindowsCameras:
    """Cameras known to Windows.

    Attributes:
        obs: path of the 64-bit camera file of OBS, or "".
        obs_32: the same for 32-bit programs.
        obs_exists: the file of ``obs`` is there.
        unity: names of the Unity Capture cameras.
    """

    obs: str = ""
    obs_32: str = ""
    obs_exists: bool = True
    unity: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether pyvirtualcam can feed one."""
        return bool(self.obs and self.obs_exists) or bool(self.unity)


def find_obs() -> ObsApp | None:
    """OBS on this computer; None = not found in any usual place."""
    if sys.platform == "darwin":
        return find_on_mac()
    if sys.platform == "win32":
        return find_on_windows()
    return find_on_linux()


def find_on_linux(root: Path = Path("/"), home: Path | None = None) -> ObsApp | None:
    """The distribution's package, Flatpak or Snap."""
    if path := shutil.which("obs"):
        return ObsApp(path)
    home = home or Path.home()
    for folder in (root / "var/lib/flatpak/app", home / ".local/share/flatpak/app"):
        if (folder / _FLATPAK).is_dir():
            return ObsApp(f"Flatpak {_FLATPAK}")
    if (root / "snap/obs-studio").is_dir():
        return ObsApp("Snap obs-studio")
    return None


def find_on_mac(root: Path = Path("/"), home: Path | None = None) -> ObsApp | None:
    """The first OBS.app; only one in /Applications may bring its camera."""
    folders = (root / "Applications", *((home or Path.home()) / f for f in ("Applications", "Downloads")))
    app = next((folder / "OBS.app" for folder in folders if (folder / "OBS.app").is_dir()), None)
    if app is None:
        return None
    try:
        with (app / "Contents/Info.plist").open("rb") as file:
            version = str(plistlib.load(file).get("CFBundleShortVersionString", ""))
    except (OSError, ValueError, plistlib.InvalidFileException):
        version = ""
    shown = f"/{app.relative_to(root)}" if app.is_relative_to(root) else str(app)
    return ObsApp(shown, version)


def find_on_windows(
    registry: Registry | None = None, exists: Callable[[str], bool] = os.path.exists
) -> ObsApp | None:
    """The folder that OBS's installer noted, else the usual one."""
    look = registry or read_registry
    usual = str(PureWindowsPath(os.environ.get("PROGRAMFILES", r"C:\Program Files")) / "obs-studio")
    places = [look("HKLM", r"SOFTWARE\OBS Studio", bits) for bits in (32, 64)]
    path = next((place for place in (*places, usual) if place and exists(place)), "")
    return ObsApp(path) if path else None


def windows_cameras(
    registry: Registry | None = None, exists: Callable[[str], bool] = os.path.exists
) -> WindowsCameras:
    """What the registry says of OBS's camera and Unity Capture's."""
    look = registry or read_registry
    obs = look("HKCR", rf"CLSID\{WINDOWS_CLASS}\InprocServer32", 64)
    names = [look("HKCR", rf"CLSID\{unity}", 64).strip() for unity in UNITY_CLASSES]
    return WindowsCameras(
        obs,
        look("HKCR", rf"CLSID\{WINDOWS_CLASS}\InprocServer32", 32),
        bool(obs) and exists(obs),
        tuple(name for name in names if name),
    )


def extension_state(listing: str | None = None) -> str:
    """State of OBS's extension in what ``systemextensionsctl list`` prints; the running one comes first.

    Args:
        listing: that print; None asks this Mac.

    Returns:
        The words between brackets, such as "activated enabled"; "" = there is no such extension.
    """
    if listing is None:
        listing = _list_extensions()
    states = re.findall(rf"{re.escape(MAC_EXTENSION)} .*\[([^\]]*)\]\s*$", listing, re.MULTILINE)
    return MAC_READY if MAC_READY in states else states[-1] if states else ""


def _list_extensions() -> str:
    command = ["systemextensionsctl", "list"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIST_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout


def read_registry(root: str, key: str, bits: int) -> str:
    """A Registry that asks this Windows; always "" on other systems."""
    if sys.platform != "win32":
        return ""
    import winreg

    view = winreg.KEY_WOW64_64KEY if bits == 64 else winreg.KEY_WOW64_32KEY
    top = winreg.HKEY_LOCAL_MACHINE if root == "HKLM" else winreg.HKEY_CLASSES_ROOT
    try:
        with winreg.OpenKey(top, key, access=winreg.KEY_READ | view) as opened:
            return str(winreg.QueryValueEx(opened, "")[0])
    except OSError:
        return ""

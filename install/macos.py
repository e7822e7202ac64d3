"""The virtual camera on macOS: it is OBS's camera extension, and only the user may allow it."""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass
from pathlib import Path

from install.steps import Plan
from virtualcam.obs_app import MAC_READY, extension_state, find_on_mac

#: Camera extensions came with macOS 13, OBS's own with OBS 30.
OLDEST_MACOS, OLDEST_OBS = 13, 30
_STREAM = "OBS can show jikcam without it: docs/install-macos.md"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the machine says.

    Attributes:
        macos: version, such as "15.1"; "" when it won't say.
        obs: path of OBS.app, or "".
        obs_version: such as "30.2.3", or "".
        extension: state in words as systemextensionsctl says it, such as "activated enabled"; "" = none.
        old_plugin: the camera plug-in of OBS 29 and older is still here.
    """

    macos: str = "15.1"
    obs: str = ""
    obs_version: str = ""
    extension: str = ""
    old_plugin: bool = False


def read_facts(root: Path = Path("/")) -> Facts:
    """Look; change nothing. A thing that can't be read counts as absent."""
    app = find_on_mac(root)
    return Facts(
        macos=platform.mac_ver()[0],
        obs=app.path if app else "",
        obs_version=app.version if app else "",
        extension=extension_state(),
        old_plugin=(root / "Library/CoreMediaIO/Plug-Ins/DAL/obs-mac-virtualcam.plugin").exists(),
    )


def plan_setup(facts: Facts) -> Plan:
    """What the user clicks, in order; the script itself changes nothing on macOS."""
    found = describe(facts)
    if facts.macos and major(facts.macos) < OLDEST_MACOS:
        return Plan(found, blocked=f"macOS {facts.macos} has no camera extensions. {_STREAM}")
    todo: list[str] = []
    if not facts.obs:
        todo.append("install OBS Studio 30 or newer from obsproject.com: drag OBS into Applications")
    elif facts.obs_version and major(facts.obs_version) < OLDEST_OBS:
        todo.append(f"update OBS: {facts.obs_version} is here, {OLDEST_OBS} or newer is needed")
    elif not facts.obs.startswith("/Applications/"):
        todo.append(f"move {facts.obs} into /Applications: macOS takes extensions from nowhere else")
    if todo or facts.extension != MAC_READY:
        todo += _extension_steps(facts)
    notes = []
    if facts.old_plugin:
        notes.append(
            "a camera of OBS 29 or older is still here and may be listed twice; to remove it:"
            " sudo rm -r /Library/CoreMediaIO/Plug-Ins/DAL/obs-mac-virtualcam.plugin"
        )
    if todo:
        notes.append("OBS's camera is one device: while OBS itself feeds it, jikcam can't")
    return Plan(found, by_hand=tuple(todo), notes=tuple(notes))


def plan_undo(facts: Facts) -> Plan:
    """How to be rid of the camera; jikcam changed nothing itself."""
    if not facts.extension:
        return Plan(describe(facts))
    return Plan(
        describe(facts),
        by_hand=(
            f"{allow_place(facts)}: switch OBS off",
            "or, with OBS as a whole: drag OBS.app from Applications to the Trash; macOS removes the camera",
            "restart the Mac",
        ),
        notes=("jikcam itself changed nothing on this Mac",),
    )


def describe(facts: Facts) -> tuple[str, ...]:
    """What is there, a line each."""
    obs = f"{facts.obs_version or 'of unknown version'} in {facts.obs}" if facts.obs else "not installed"
    return (
        f"macOS {facts.macos or 'of unknown version'}",
        f"OBS: {obs}",
        f"camera extension: {facts.extension or 'not there'}",
    )


def major(version: str) -> int:
    """The first number of a version."""
    found = re.match(r"\d+", version)
    return int(found.group()) if found else 0


def allow_place(facts: Facts) -> str:
    """Where this macOS keeps the switch."""
    if major(facts.macos or "15") >= 15:
        return "System Settings > General > Login Items & Extensions > Camera Extensions (the i in a circle)"
    return "System Settings > Privacy & Security, down to Security"


def _extension_steps(facts: Facts) -> list[str]:
    if "uninstall on reboot" in facts.extension:
        return ["restart the Mac: an old camera extension waits to be removed", *_start_and_allow(facts)]
    if facts.extension == "activated waiting for user":
        return _start_and_allow(facts)[1:]
    return _start_and_allow(facts)


def _start_and_allow(facts: Facts) -> list[str]:
    allow = "switch OBS on" if major(facts.macos or "15") >= 15 else 'click Allow beside "OBS"'
    return [
        "open OBS and click Start Virtual Camera (in Controls, at the bottom right)",
        f"{allow_place(facts)}: {allow}, with your password",
        "in OBS: click Start Virtual Camera, then Stop Virtual Camera, and close OBS or leave it stopped",
        "run this again; if the camera is still not there, restart the Mac",
    ]

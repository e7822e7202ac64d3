"""What `jikcam doctor` wants to know of OBS: one line per thing, each fine or with the fix."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.errors import JikcamError
from engine.presets import ObsPreset
from obs_plugin.link import Link
from obs_plugin.secret import find_secret

#: A link on this machine is up in a tenth of this, or not at all.
CONNECT_S = 4.0
#: One of the script's hotkeys: OBS lists it when the script is loaded.
HOTKEY = "jikcam.next"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing: its name, whether it is fine, and what there is to say or do."""

    name: str
    ok: bool
    text: str


def check_all(preset: ObsPreset, script: Path) -> list[Finding]:
    """Look at OBS as the preset describes it; never raises for anything that OBS does."""
    try:
        secret = find_secret(preset.password_file, preset.host, preset.port)
    except JikcamError as error:
        return [Finding("OBS password", False, str(error))]
    where = f"{preset.host}:{preset.port}"
    with Link(preset.host, preset.port, lambda: secret) as link:
        if not link.wait_up(CONNECT_S):
            return [Finding("OBS", False, link.status.text or f"OBS does not answer at {where}")]
        try:
            return [
                Finding("OBS", True, f"OBS {link.status.obs_version} at {where}"),
                _scenes(link, preset),
                _script(link, script),
            ]
        except JikcamError as error:
            return [Finding("OBS", False, str(error))]


def _scenes(link: Link, preset: ObsPreset) -> Finding:
    there = {str(scene["sceneName"]) for scene in link.request("GetSceneList")["scenes"]}
    needed = dict.fromkeys([*(s.name for s in preset.scene), *(r.scene for r in preset.rule)])
    absent = [name for name in needed if name not in there]
    if absent:
        return Finding("OBS scenes", False, f"not in OBS: {', '.join(absent)}; run: jikcam obs setup")
    return Finding("OBS scenes", True, ", ".join(needed))


def _script(link: Link, script: Path) -> Finding:
    if HOTKEY in link.request("GetHotkeyList")["hotkeys"]:
        return Finding("OBS script", True, "loaded; its keys are in Settings > Hotkeys")
    return Finding("OBS script", False, f"not loaded; in OBS: Tools > Scripts > +, choose {script}")

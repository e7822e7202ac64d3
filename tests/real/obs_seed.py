"""The files OBS finds at its first start: settings, a profile, a scene collection."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Name of the profile and of the scene collection.
NAME = "rig"

#: OBS 29.0.2 as OBS writes it (major << 24 | minor << 16 | patch): no first-run wizard, no old defaults.
_LAST_VERSION = 29 << 24 | 0 << 16 | 2

#: Background of each scene in turn, blue, green, red: 8 bit each, easy to tell apart in a screenshot.
COLOURS_BGR = ((160, 64, 32), (48, 128, 32), (48, 32, 144), (144, 32, 144), (32, 128, 144))


@dataclass(frozen=True, slots=True)
class Seed:
    """What a fresh OBS is set up with.

    Attributes:
        size: canvas and output, width and height in px.
        fps: frames per second, whole.
        scenes: names, the first is on program; each holds one colour source named `colour_name(scene)`.
        scripts: entries of OBS's Scripts window, `{"path": ..., "settings": {...}}` each.
        preview: whether OBS draws its own preview; costs a third of a core at 720p.
        port: of obs-websocket.
        password: of obs-websocket; empty = no authentication.
    """

    size: tuple[int, int]
    fps: int
    scenes: tuple[str, ...]
    scripts: tuple[Mapping[str, Any], ...]
    preview: bool
    port: int
    password: str


def colour_name(scene: str) -> str:
    """Name of the colour source that fills a seeded scene."""
    return f"{scene} colour"


def collection_path(config: Path) -> Path:
    """Where OBS keeps the scene collection; `config` is XDG_CONFIG_HOME."""
    return config / "obs-studio" / "basic" / "scenes" / f"{NAME}.json"


def write_seed(config: Path, videos: Path, seed: Seed) -> None:
    """Write everything below XDG_CONFIG_HOME, `config`; recordings would go to `videos`."""
    home = config / "obs-studio"
    _write_ini(home / "global.ini", _global_ini(seed))
    _write_ini(home / "basic" / "profiles" / NAME / "basic.ini", _profile_ini(videos, seed))
    _write_json(collection_path(config), _collection(seed))
    # obs-websocket 5.5 and newer reads this instead of global.ini; older ones leave it alone.
    _write_json(
        home / "plugin_config" / "obs-websocket" / "config.json",
        {
            "alerts_enabled": False,
            "auth_required": bool(seed.password),
            "first_load": False,
            "server_enabled": True,
            "server_password": seed.password,
            "server_port": seed.port,
        },
    )


def _global_ini(seed: Seed) -> dict[str, dict[str, object]]:
    return {
        "General": {
            "Language": "en-US",
            "FirstRun": True,
            "LastVersion": _LAST_VERSION,
            "EnableAutoUpdates": False,
            "ConfirmOnExit": False,
            "HotkeyFocusType": "NeverDisableHotkeys",
        },
        "Basic": {
            "Profile": NAME,
            "ProfileDir": NAME,
            "SceneCollection": NAME,
            "SceneCollectionFile": NAME,
        },
        "BasicWindow": {"PreviewEnabled": seed.preview, "SysTrayEnabled": False},
        "OBSWebSocket": {
            "FirstLoad": False,
            "ServerEnabled": True,
            "ServerPort": seed.port,
            "AlertsEnabled": False,
            "AuthRequired": bool(seed.password),
            "ServerPassword": seed.password,
        },
    }


def _profile_ini(videos: Path, seed: Seed) -> dict[str, dict[str, object]]:
    width, height = seed.size
    return {
        "General": {"Name": NAME},
        "Video": {
            "BaseCX": width,
            "BaseCY": height,
            "OutputCX": width,
            "OutputCY": height,
            "FPSType": 1,
            "FPSInt": seed.fps,
        },
        "SimpleOutput": {"FilePath": videos},
    }


def _collection(seed: Seed) -> dict[str, Any]:
    colours = [
        _colour_source(colour_name(scene), COLOURS_BGR[index % len(COLOURS_BGR)], seed.size)
        for index, scene in enumerate(seed.scenes)
    ]
    return {
        "name": NAME,
        "current_scene": seed.scenes[0],
        "current_program_scene": seed.scenes[0],
        "current_transition": "Cut",
        "transition_duration": 50,
        "scene_order": [{"name": scene} for scene in seed.scenes],
        "sources": [*colours, *(_scene_source(scene) for scene in seed.scenes)],
        "groups": [],
        "modules": {"scripts-tool": [dict(script) for script in seed.scripts]},
    }


def _colour_source(name: str, bgr: tuple[int, int, int], size: tuple[int, int]) -> dict[str, Any]:
    blue, green, red = bgr
    colour = 0xFF << 24 | blue << 16 | green << 8 | red  # OBS's own order: alpha, blue, green, red
    settings = {"color": colour, "width": size[0], "height": size[1]}
    return {"id": "color_source", "versioned_id": "color_source_v3", "name": name, "settings": settings}


def _scene_source(scene: str) -> dict[str, Any]:
    item = {
        "name": colour_name(scene),
        "id": 1,
        "visible": True,
        "align": 5,
        "pos": {"x": 0.0, "y": 0.0},
        "scale": {"x": 1.0, "y": 1.0},
        "rot": 0.0,
        "bounds_type": 0,
    }
    settings = {"custom_size": False, "id_counter": 1, "items": [item]}
    return {"id": "scene", "versioned_id": "scene", "name": scene, "settings": settings}


def _write_ini(path: Path, sections: Mapping[str, Mapping[str, object]]) -> None:
    lines: list[str] = []
    for section, values in sections.items():
        lines.append(f"[{section}]")
        lines += [f"{key}={_ini_value(value)}" for key, value in values.items()]
        lines.append("")
    _write(path, "\n".join(lines))


def _ini_value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _write_json(path: Path, data: object) -> None:
    _write(path, json.dumps(data, indent=1))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")

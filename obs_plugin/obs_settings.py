r"""What OBS on this computer has saved about its own WebSocket server, so that nobody types a password.

obs-websocket 5.5 and newer keeps `plugin_config/obs-websocket/config.json`; before, it was the table
`[OBSWebSocket]` of OBS's `global.ini` as libobs reads it: `\\`, `\n` and `\r` are escapes, and neither
quotes, comment signs nor spaces mean anything inside a value (tried with OBS 29).
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from obs_plugin.secret import Secret

log = logging.getLogger(__name__)

#: obs-websocket's own choice.
DEFAULT_PORT = 4455
#: Nobody's settings are longer; a device file would be.
_MOST_BYTES = 1_000_000
_ESCAPED = re.compile(r"\\([\\nr])")
_PLAIN = {"\\": "\\", "n": "\n", "r": "\r"}


@dataclass(frozen=True, slots=True)
class ObsSettings:
    """The server's settings in one of OBS's folders.

    Attributes:
        password: None where there is none.
        path: the file that says so.
    """

    server_enabled: bool
    port: int
    auth_required: bool
    password: Secret | None
    path: Path


def obs_folders() -> tuple[Path, ...]:
    """Where OBS keeps its settings on this computer, there or not, the likeliest first."""
    home = Path.home()
    if sys.platform == "win32":
        return (Path(os.environ.get("APPDATA") or home / "AppData" / "Roaming") / "obs-studio",)
    if sys.platform == "darwin":
        return (home / "Library" / "Application Support" / "obs-studio",)
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    flatpak = home / ".var" / "app" / "com.obsproject.Studio" / "config"
    return config / "obs-studio", flatpak / "obs-studio"


def read_obs_settings(folder: Path) -> ObsSettings | None:
    """The settings in one of OBS's folders; None when there are none that can be read."""
    newer = folder / "plugin_config" / "obs-websocket" / "config.json"
    for path, parse in ((newer, _from_json), (folder / "global.ini", _from_ini)):
        try:
            with path.open("rb") as file:
                text = file.read(_MOST_BYTES).decode("utf-8-sig")
            if settings := parse(text, path):
                return settings
        except (OSError, ValueError, TypeError, AttributeError) as error:
            # Its text may quote the file.
            log.debug("%s: not read: %s", path, type(error).__name__)
    return None


def saved_obs_settings() -> tuple[ObsSettings, ...]:
    """The settings of every OBS of this user on this computer."""
    return tuple(found for folder in obs_folders() if (found := read_obs_settings(folder)))


def _from_json(text: str, path: Path) -> ObsSettings:
    saved: dict[str, Any] = json.loads(text)
    return ObsSettings(
        server_enabled=saved.get("server_enabled") is True,
        port=int(saved.get("server_port", DEFAULT_PORT)),
        auth_required=saved.get("auth_required") is not False,
        password=_secret(str(saved.get("server_password") or "")),
        path=path,
    )


def _from_ini(text: str, path: Path) -> ObsSettings | None:
    saved = _ini_table(text, "OBSWebSocket")
    if not saved:
        return None
    return ObsSettings(
        server_enabled=saved.get("ServerEnabled", "false").strip().lower() in ("true", "1"),
        port=int(saved.get("ServerPort", DEFAULT_PORT)),
        auth_required=saved.get("AuthRequired", "true").strip().lower() in ("true", "1"),
        password=_secret(saved.get("ServerPassword", "")),
        path=path,
    )


def _ini_table(text: str, name: str) -> dict[str, str]:
    """One table as libobs reads it: configparser would trip over `%`, `;` and doubled keys."""
    table: dict[str, str] = {}
    inside = False
    for line in text.split("\n"):
        line = line.removesuffix("\r")
        if line.startswith("["):
            inside = line.rstrip() == f"[{name}]"
        elif inside and "=" in line:
            key, _, value = line.partition("=")
            # Spaces around it belong to the value.
            table[key.strip()] = _ESCAPED.sub(lambda found: _PLAIN[found[1]], value)
    return table


def _secret(text: str) -> Secret | None:
    return Secret(text) if text else None

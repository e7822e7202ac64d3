"""Where galleries lie."""

from __future__ import annotations

from pathlib import Path

import platformdirs


def default_folder() -> Path:
    """The gallery of those who choose none, in the user's own data folder."""
    return platformdirs.user_data_path("jikcam", appauthor=False) / "galleries" / "default"


def gallery_folder(chosen: str) -> Path:
    """The folder that an option or a preset key means; "" is the default one."""
    return Path(chosen).expanduser().absolute() if chosen else default_folder()

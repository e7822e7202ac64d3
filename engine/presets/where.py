"""Where the user's own presets lie."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

#: Names another folder.
FOLDER_VARIABLE = "JIKCAM_PRESETS"


def presets_folder() -> Path:
    """The folder of the presets that the user has saved; it need not exist."""
    chosen = os.environ.get(FOLDER_VARIABLE, "")
    if chosen:
        return Path(chosen).expanduser().absolute()
    return platformdirs.user_config_path("jikcam", appauthor=False) / "presets"

"""`jikcam obs ...`: handed on to the OBS side, which is a process of its own."""

from __future__ import annotations

import subprocess
import sys

import typer


def obs(context: typer.Context) -> None:
    """Scenes, label and hotkeys in OBS: run, setup, remove, check, release, script, password."""
    try:
        code = subprocess.call([sys.executable, "-m", "obs_plugin", *context.args])
    except KeyboardInterrupt:  # the other process has got it too, and says what is to be said
        code = 130
    raise typer.Exit(code)

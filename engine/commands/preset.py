"""`jikcam preset`: list, check, schema, new."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from engine.errors import JikcamError
from engine.presets import builtin_presets, json_schema, load_preset, user_presets

app = typer.Typer(help="Preset files: one per stage set-up.", no_args_is_help=True)


@app.command("list")
def list_() -> None:
    """The shipped presets, and those that you have saved."""
    table = Table("name", "what for", "views", "file")
    for name, path in {**builtin_presets(), **user_presets()}.items():
        try:
            preset = load_preset(path)
        except JikcamError as error:
            table.add_row(name, f"broken: {error}", "", str(path))
            continue
        table.add_row(name, preset.description, str(len(preset.view)), str(path))
    Console().print(table)


@app.command()
def check(file: Annotated[str, typer.Argument(help="preset file or name")]) -> None:
    """Read a preset and say whether all is well; exit code 2 when not."""
    preset = load_preset(file)
    print(f"{file}: fine, {len(preset.view)} view(s): {', '.join(v.name for v in preset.view)}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of preset files, for editors."""
    print(json.dumps(json_schema(), indent=2))


@app.command()
def new(
    file: Annotated[Path, typer.Argument(help="the file to write")],
    like: Annotated[str, typer.Option(help="the shipped preset to start from")] = "webcam",
) -> None:
    """Write a commented preset to start from; never overwrites."""
    if file.exists():
        raise JikcamError(f"{file} is there already", "choose another name or delete it")
    shipped = builtin_presets()
    if like not in shipped:
        raise JikcamError(f"there is no shipped preset {like!r}", f"choose one of: {', '.join(shipped)}")
    try:
        shutil.copyfile(shipped[like], file)
    except OSError as error:
        raise JikcamError(f"cannot write {file}: {error.strerror}", "choose another folder") from None
    print(f"wrote {file}; edit it, then: jikcam run --preset {file}")

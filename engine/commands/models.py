"""`jikcam models`: what is there, fetch it, verify it, add one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn
from rich.table import Table

from engine.assets import add_model, fetch_pack, list_assets, verify_all

app = typer.Typer(help="Model files: list, fetch, verify, add.", no_args_is_help=True)


class ProgressBars:
    """Progress bars on stderr, one per file; a context manager whose ``report`` assets call."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> ProgressBars:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def report(self, name: str, done: int, total: int) -> None:
        """``done`` of ``total`` bytes of the file ``name``; total 0 when unknown."""
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=total or None)
        self._bars.update(self._tasks[name], completed=done, total=total or None)


@app.command("list")
def list_() -> None:
    """Every known model: pack, task, licence, and whether it is here."""
    table = Table("name", "pack", "task", "size", "licence", "state", "where")
    for asset in list_assets():
        size = f"{asset.size / 1e6:.1f} MB" if asset.size else ""
        table.add_row(
            asset.name, ", ".join(asset.packs), asset.task, size, asset.licence, asset.state, asset.origin
        )
    Console().print(table)


@app.command()
def fetch(pack: Annotated[str, typer.Argument(help="embedded, standard or accurate")] = "standard") -> None:
    """Download a pack, checked file by file."""
    with ProgressBars() as bars:
        result = fetch_pack(pack, progress=bars.report)
    for role, model in result.roles.items():
        print(f"{role:14s} {model.name}  {model.sha256[:12]}")


@app.command()
def verify() -> None:
    """Hash every model file that is here; exit code 2 when one is not what it should be."""
    assets = verify_all()
    for asset in assets:
        print(f"{asset.state:8s} {asset.name}  {asset.problem}".rstrip())
    if any(asset.state == "bad" for asset in assets):
        raise typer.Exit(2)


@app.command()
def add(
    file: Annotated[str, typer.Argument(help="path or https address of the model file")],
    name: Annotated[str, typer.Option(help="the name you will use")],
    task: Annotated[str, typer.Option(help="detect, pose_topdown, face_detect, embed_face, embed_body")],
    adapter: Annotated[str, typer.Option(help="rtmdet, yolox, nanodet-gfl, heatmap, yunet, embed")],
    sha256: Annotated[str | None, typer.Option(help="needed for an address")] = None,
    licence: Annotated[str, typer.Option(help="the licence it comes under")] = "unknown",
    size: Annotated[str | None, typer.Option(help="input size, WIDTHxHEIGHT")] = None,
) -> None:
    """Make a model of your own known by name."""
    from engine.commands.options import parse_size

    model = add_model(
        file if file.startswith("https://") else Path(file),
        name=name,
        task=task,
        adapter=adapter,
        sha256=sha256,
        licence=licence,
        input_size=parse_size(size) if size else None,
    )
    print(f"added {model.name}: {model.path} {model.sha256}")

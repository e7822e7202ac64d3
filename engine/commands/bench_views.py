"""`jikcam bench views`: what each View costs besides perception, beside the floor of one warp per View."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from engine.errors import JikcamError


def views(
    counts: Annotated[str, typer.Option("--views", help="how many Views, as 1,4,9, or all")] = "all",
    pictures: Annotated[int, typer.Option(help="pictures per case")] = 150,
    cores: Annotated[int, typer.Option(help="processors to use")] = 4,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON lines in place of a table")] = False,
) -> None:
    """1080p in, 720p out both ways up: framing, operator and rendering per picture, on one core and on all.

    Perception is left out: where people are is known from the script.
    """
    wanted = {"views": _counts(counts), "pictures": pictures, "cores": cores, "threads": max(1, cores - 1)}
    if pictures < 1 or cores < 1:
        raise JikcamError("there is nothing to measure", "give at least one picture and one core")
    lines = _in_own_process(wanted)
    if as_json:
        for line in lines:
            print(json.dumps(line))
        return
    console = Console(width=140)
    console.print(_table(lines[:-1]))
    solve = lines[-1]
    console.print(
        f"look-ahead of one View, solving alone: p50 {solve['solve_p50_ms']:.2f} ms, "
        f"p95 {solve['solve_p95_ms']:.2f} ms, longest {solve['solve_max_ms']:.2f} ms of {solve['solves']}"
    )


def _counts(text: str) -> list[int]:
    try:
        found = list(range(1, 10)) if text == "all" else sorted({int(v) for v in text.split(",")})
    except ValueError:
        found = []
    if not found or found[0] < 1 or found[-1] > 9:
        raise JikcamError(f"--views {text!r} is no list of numbers from 1 to 9", "write it as 1,4,9, or all")
    return found


def _in_own_process(wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """In a process of its own, so that its cores and OpenCV's threads are its own."""
    done = subprocess.run(
        [sys.executable, "-m", "engine.bench.views", json.dumps(wanted)], capture_output=True, text=True
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise JikcamError(f"the measurement failed: {last}", "see jikcam doctor")
    return [json.loads(line) for line in done.stdout.splitlines()]


def _table(lines: list[dict[str, Any]]) -> Table:
    table = Table(
        "views", "picture", "operator", "threads", "decide", "render", "all", "all p95", "floor", "floor p95",
        "all / floor",
        title="ms per picture, all Views together; 1080p in; medians",
    )  # fmt: skip
    for line in lines:
        table.add_row(
            str(line["views"]),
            line["size"],
            line["operator"],
            str(line["threads"]),
            *(f"{line[f'{part}_p50_ms']:.2f}" for part in ("direct", "render", "all")),
            f"{line['all_p95_ms']:.2f}",
            f"{line['floor_p50_ms']:.2f}",
            f"{line['floor_p95_ms']:.2f}",
            f"{line['ratio']:.2f}",
        )
    return table

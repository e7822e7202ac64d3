"""`jikcam bench`: figures of this machine, each with its floor beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from engine.bench.live import Case
from engine.bench.views import MOST_VIEWS
from engine.commands import bench_tracking
from engine.commands.bench_target import target
from engine.commands.bench_views import views as bench_views
from engine.errors import JikcamError

app = typer.Typer(help="Measure this machine.", no_args_is_help=True)
app.command()(target)


@app.callback()
def bench() -> None:
    """Measure this machine."""


app.command("tracking")(bench_tracking.tracking)
app.command("views")(bench_views)


@app.command()
def live(
    seconds: Annotated[float, typer.Option(help="length of each case")] = 60.0,
    cores: Annotated[int, typer.Option(help="processors the engine may use")] = 2,
    people: Annotated[int, typer.Option(help="people in the crowded case")] = 9,
    pack: Annotated[str, typer.Option(help="models: embedded, standard, accurate")] = "standard",
    views: Annotated[
        int, typer.Option(help="so many Views of one person each, in place of the usual cases; 0 = those")
    ] = 0,
    stages: Annotated[bool, typer.Option(help="print the stage times too")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON lines in place of a table")] = False,
) -> None:
    """1080p in, 720p out: pictures on their tick, added latency, looks, memory; the floor beside it."""
    cases = [
        Case("floor", people, 30.0, seconds, cores, pack),
        Case("engine", people, 30.0, seconds, cores, pack),
        Case("floor", 1, 60.0, seconds, cores, pack),
        Case("engine", 1, 60.0, seconds, cores, pack),
        Case("slow", people, 30.0, seconds, cores, pack),
    ]
    if not 0 <= views <= MOST_VIEWS:
        raise JikcamError(f"{views} views are not measured", f"give 1 to {MOST_VIEWS}, or 0")
    if views:
        cases = [
            Case("floor", people, 30.0, seconds, cores, pack, views),
            Case("engine", people, 30.0, seconds, cores, pack, views),
            Case("engine", people, 30.0, seconds, cores, pack, views, "lookahead"),
        ]
    results = []
    console = Console(stderr=True)
    for case in cases:
        console.print(f"running: {case.kind}, {case.people} people, {case.fps:.0f} fps, {case.seconds:.0f} s")
        results.append(_in_own_process(case))
    if as_json:
        for result in results:
            print(json.dumps(result))
        return
    Console(width=140).print(_table(results))
    if stages:
        for result in results:
            if "stages" in result:
                Console().print(_stages(result))


def _in_own_process(case: Case) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "engine.bench.live", json.dumps(asdict(case))], capture_output=True, text=True
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise JikcamError(f"the {case.kind} case failed: {last}", "see jikcam doctor")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _table(results: list[dict[str, Any]]) -> Table:
    first = results[0]
    title = f"1080p in, 720p out, {first['cores']} cores, {first['seconds']:.0f} s, {first['pack']} pack"
    table = Table(
        "case", "people", "fps", "on tick", "latency p50", "p99", "due to sink p99", "looks/s", "memory MB",
        title=title,
    )  # fmt: skip
    for r in results:
        table.add_row(
            _words(r),
            str(r["people"]),
            f"{r['fps']:.0f}",
            f"{r['on_tick']:.2%}",
            f"{r['latency_p50_ms']:.1f} ms",
            f"{r['latency_p99_ms']:.1f} ms",
            f"{r['age_p99_ms']:.1f} ms",
            f"{r['looks_hz']:.1f}" if r["looks_hz"] else "",
            f"{r['memory_begin_mb']:.0f}, {r['memory_end_mb']:.0f} MB",
        )
    return table


def _words(r: dict[str, Any]) -> str:
    words: str = {"floor": "floor: copy + warp", "engine": "engine", "slow": "engine, each look + 2 s"}[
        r["kind"]
    ]
    if r["views"] > 1:
        words += f", worst of {r['views']} views"
    return f"{words}, {r['operator']}" if r["operator"] != "live" else words


def _stages(result: dict[str, Any]) -> Table:
    table = Table(
        "stage",
        "count",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "max ms",
        title=f"{result['kind']}, {result['people']} people",
    )
    for s in result["stages"]:
        table.add_row(
            s["name"], str(s["count"]), *(f"{s[k]:.2f}" for k in ("p50_ms", "p95_ms", "p99_ms", "max_ms"))
        )
    return table

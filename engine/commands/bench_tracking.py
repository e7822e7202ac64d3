"""`jikcam bench tracking`: who is where and who is who, measured on sequences with truth, beside others."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.progress import Progress

from engine.bench.tracking import report, speed
from engine.bench.tracking.contest import CURVE, NAMED, OURS, Failure, Outcome, Rules, contest
from engine.bench.tracking.peers import PEERS_PYTHON, Peer, ask, available
from engine.errors import JikcamError


def tracking(
    folder: Annotated[Path, typer.Argument(help="folder of MOTChallenge sequences, or one sequence")],
    every: Annotated[int, typer.Option(min=1, help="use every N-th picture, as a slower detector would")] = 1,
    sequences: Annotated[str, typer.Option(help="only these, separated by commas")] = "",
    looks: Annotated[
        Literal["none", "easy", "medium", "hard", "measured"],
        typer.Option(help="simulated embeddings of this quality"),
    ] = "none",
    seed: Annotated[int, typer.Option(help="of the simulated embeddings")] = 1,
    cost: Annotated[
        Literal["stage", "general"], typer.Option(help="how the tracker compares: dancers, or any scene")
    ] = "stage",
    sure: Annotated[
        float, typer.Option(min=0.5, max=0.99, help="belief to go on air, as in the preset")
    ] = 0.8,
    curve: Annotated[str, typer.Option(help="beliefs for the curve, separated by commas")] = "",
    clean: Annotated[
        bool | None,
        typer.Option(help="choose people when nobody overlaps them [default: with looks only]"),
    ] = None,
    peers: Annotated[
        bool, typer.Option(help="run published trackers beside ours, where there are any")
    ] = True,
    only: Annotated[str, typer.Option(help="only these peers, separated by commas")] = "",
    peers_python: Annotated[
        Path | None, typer.Option(envvar=PEERS_PYTHON, help="interpreter of the peers' environment")
    ] = None,
    rates: Annotated[bool, typer.Option(help="measure updates per second with 5, 10 and 20 people")] = True,
    jobs: Annotated[int, typer.Option(min=1, help="processes at once")] = max(1, (os.cpu_count() or 2) // 2),
    as_json: Annotated[bool, typer.Option("--json", help="print JSON in place of tables")] = False,
) -> None:
    """HOTA, IDF1, and how long a chosen person is held: the tracker, the tracker with the roster, and peers.

    Everybody gets the same detections, one picture after the other, and no pictures. Each person of the truth
    is chosen once, on the track that has been on them for 3 pictures; then nobody helps. The roster is told
    of every choice (one tap per person) and nothing else.
    """
    rules = Rules(
        every, looks, seed, cost, sure, looks != "none" if clean is None else clean, _beliefs(curve)
    )
    folders = _folders(folder, sequences)
    console = Console(stderr=True)
    found = _peers(peers, peers_python, only, looks != "none", console)
    fast = _rates(found, rules, console) if rates else {}
    outcomes: list[Outcome] = []
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("tracking", total=len(folders) * (len(found) + len((OURS, NAMED))))
        for outcome in contest(folders, rules, found, jobs):
            if isinstance(outcome, Failure):
                console.print(f"{outcome.tracker} left out: {outcome.reason}", markup=False)
                bar.advance(task, len(folders))
            else:
                outcomes.append(outcome)
                bar.advance(task)
    _print(outcomes, rules, fast, as_json)


def _beliefs(text: str) -> tuple[float, ...]:
    try:
        beliefs = tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError:
        beliefs = (0.0,)
    if not all(0.5 <= b < 1 for b in beliefs):
        raise JikcamError(
            f"--curve {text!r} is no list of beliefs", "give numbers of 0.5 to 0.99, as 0.6,0.8,0.95"
        )
    return beliefs or CURVE


def _folders(folder: Path, wanted: str) -> list[Path]:
    if not folder.is_dir():
        raise JikcamError(f"{folder} is no folder", "give a folder of MOTChallenge sequences")
    if (folder / "seqinfo.ini").is_file():
        return [folder]
    found = {p.name: p for p in sorted(folder.iterdir()) if (p / "seqinfo.ini").is_file()}
    if not found:
        raise JikcamError(
            f"{folder} holds no sequence", "a sequence is a folder with seqinfo.ini, det and gt"
        )
    names = [name.strip() for name in wanted.split(",") if name.strip()] or list(found)
    for name in names:
        if name not in found:
            raise JikcamError(f"no sequence {name!r} in {folder}", f"there are {', '.join(found)}")
    return [found[name] for name in names]


def _peers(wanted: bool, python: Path | None, only: str, looks: bool, console: Console) -> list[Peer]:
    if not wanted:
        return []
    if python is None:
        console.print(f"no peers: give --peers-python or set {PEERS_PYTHON}", markup=False)
        return []
    found = available(python)
    names = [name.strip() for name in only.split(",") if name.strip()]
    for name in names:
        if name not in {p.name for p in found}:
            raise JikcamError(f"no peer {name!r}", f"there are {', '.join(p.name for p in found)}")
    return [p for p in found if (looks or not p.looks) and (not names or p.name in names)]


def _rates(found: list[Peer], rules: Rules, console: Console) -> dict[str, dict[int, float]]:
    """Updates per second by tracker and crowd; one at a time, so that nobody disturbs anybody."""
    result = speed.ours(rules)
    asked = speed.crowds(rules)
    for peer in found:
        try:
            said = ask(peer, list(asked.values()))
            result[peer.name] = speed.theirs(said, asked)
        except JikcamError as error:
            console.print(f"no speed of {peer.name}: {error.problem}", markup=False)
    return result


def _print(outcomes: list[Outcome], rules: Rules, fast: report.Rates, as_json: bool) -> None:
    rows, line = report.totals(outcomes, fast), report.curve(outcomes)
    few = report.totals(report.few(outcomes), fast)
    few_line = report.curve(report.few(outcomes))
    if as_json:
        result: dict[str, Any] = {
            "trackers": rows,
            "curve": line,
            "by_sequence": report.by_sequence(outcomes),
        }
        print(json.dumps(result | {"up_to_9": few, "curve_up_to_9": few_line}))
        return
    console = Console(width=max(180, Console().width))
    n = len({o.sequence for o in outcomes})
    chosen = "in a clean moment" if rules.clean else "as soon as they are held"
    console.print(
        f"{n} sequences, 1 picture in {rules.every}, looks {rules.looks}, cost {rules.cost}, "
        f"sure {rules.sure:g}; everybody is chosen once, {chosen}, and followed without help. "
        "away: time out of sight on somebody else; back: median time until found again; held: for 90 % of it."
    )
    console.print(report.table(rows, "all sequences"))
    console.print(report.curve_table(line, f"{NAMED}: belief to go on air"))
    if few:
        console.print(report.table(few, f"sequences of up to {report.FEW} people"))
        console.print(report.curve_table(few_line, f"{NAMED}, up to {report.FEW} people"))

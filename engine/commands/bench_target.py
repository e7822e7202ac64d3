"""`jikcam bench target`: how well a chosen person is held in a film with truth."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from engine.bench.target.choosers import ByTruth, WhoIsThere, first_clear
from engine.bench.target.follow import Chooser, Pipeline
from engine.bench.target.newcomers import Arrival, Stay, arrivals, read_stays, tap_s
from engine.bench.target.passes import Passes, follow_all
from engine.bench.target.record import Followed
from engine.bench.target.score import TargetScore, score
from engine.bench.target.sheet import write_sheets
from engine.bench.tracking.chosen import total
from engine.bench.tracking.mot import read_truth
from engine.bench.tracking.sequence import Truth
from engine.errors import JikcamError
from engine.gallery.folders import member_folders
from engine.sources.open import open_source


def target(
    clip: Annotated[Path, typer.Argument(help="film")],
    truth: Annotated[Path | None, typer.Argument(help="MOTChallenge truth of the film (gt.txt)")] = None,
    ids: Annotated[str, typer.Option(help="identities to follow, as 1,2,5, or all")] = "all",
    pack: Annotated[str, typer.Option(help="models: embedded, standard, accurate")] = "standard",
    preset: Annotated[str, typer.Option(help="preset whose first view is used")] = "dance-stage",
    min_visible: Annotated[int, typer.Option(help="leave out who is visible in fewer pictures")] = 100,
    gallery: Annotated[
        Path | None,
        typer.Option(help="enrolled people; identity 3 is chosen by name if a member is called 3"),
    ] = None,
    look_hz: Annotated[float, typer.Option(help="looks of perception a second, each so late")] = 15.0,
    newcomers: Annotated[
        Path | None, typer.Option(help="in place of truth: lines of person,from_s,to_s (who is there when)")
    ] = None,
    together: Annotated[
        int, typer.Option(help="views in one pass; 1 = each identity in a show of their own")
    ] = 8,
    jobs: Annotated[int, typer.Option(help="processes")] = 1,
    sheet: Annotated[Path | None, typer.Option(help="write contact sheets into this folder")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON in place of a table")] = False,
) -> None:
    """Choose each person once, then nobody helps: OK, WRONG and LOST share of their visible time.

    OK = held, and the box fits their true box best (IoU >= 0.3); WRONG = held on somebody else; LOST = the
    rest; away = out of sight; aside = the shot's centre is on somebody else. The whole pipeline runs as it
    would live: real models, looks that come late.
    """
    if (truth is None) == (newcomers is None):
        raise JikcamError("one kind of truth is needed", "give the film's gt.txt, or --newcomers FILE")
    if not 0.1 <= look_hz <= 240:
        raise JikcamError(f"{look_hz:g} looks a second make no sense", "use --look-hz from 0.1 to 240")
    if not 1 <= together <= 32:
        raise JikcamError(f"{together} views in one pass make no sense", "use --together from 1 to 32")
    pipeline = Pipeline(preset, pack, gallery, look_hz)
    work = Passes(together, jobs)
    if newcomers is not None:
        _newcomers(clip, newcomers, pipeline, work, sheet, as_json)
    elif truth is not None:
        _truth(clip, read_truth(truth)[0], ids, min_visible, pipeline, work, sheet, as_json)


def _truth(
    clip: Path,
    truth: Mapping[int, Truth],
    ids: str,
    min_visible: int,
    pipeline: Pipeline,
    work: Passes,
    sheet: Path | None,
    as_json: bool,
) -> None:
    visible = Counter(int(i) for there in truth.values() for i in there.ids)
    people = _wanted(ids, visible, min_visible)
    members = {path.name for path in member_folders(pipeline.gallery)} if pipeline.gallery else set()
    names = {i: str(i) for i in people if str(i) in members}
    choosers: dict[int, Chooser] = {
        i: ByTruth(i, truth, first_clear(i, truth)) for i in people if i not in names
    }
    runs = follow_all(clip, choosers, names, pipeline, work)
    scores = [score(run, truth) for run in runs]
    if sheet:
        write_sheets(clip, runs, {s.person: s.verdicts for s in scores}, sheet)
    if as_json:
        print(json.dumps({"clip": clip.name, "pack": pipeline.pack, "ids": [_record(s) for s in scores]}))
    else:
        Console(width=165).print(_table(f"{clip.name}, {pipeline.pack} pack", scores))


def _newcomers(
    clip: Path, path: Path, pipeline: Pipeline, work: Passes, sheet: Path | None, as_json: bool
) -> None:
    stays = read_stays(path)
    fps = _rate(clip)
    people = sorted({stay.person for stay in stays})
    choosers: dict[int, Chooser] = {i: WhoIsThere(round(tap_s(stays, i) * fps)) for i in people}
    runs = follow_all(clip, choosers, {}, pipeline, work)
    if sheet:
        write_sheets(clip, runs, {}, sheet)
    came = [arrival for run in runs for arrival in arrivals(run, stays)]
    others = [a for a in came if a.comer != a.chosen]
    if as_json:
        print(json.dumps({"clip": clip.name, "arrivals": [asdict(a) for a in came]}))
        return
    Console(width=110).print(_arrivals(clip.name, runs, stays, came))
    print(f"{sum(a.inherited for a in others)} of {len(others)} newcomers inherited")


def _wanted(ids: str, visible: Mapping[int, int], min_visible: int) -> list[int]:
    if ids == "all":
        people = sorted(i for i, n in visible.items() if n >= min_visible)
        if not people:
            raise JikcamError(f"nobody is visible in {min_visible} pictures", "use a smaller --min-visible")
        return people
    try:
        people = [int(part) for part in ids.split(",")]
    except ValueError:
        raise JikcamError(f"{ids!r} are no identities", "write --ids 1,2,5 or --ids all") from None
    missing = [i for i in people if i not in visible]
    if missing:
        raise JikcamError(f"the truth has no identity {missing[0]}", f"it has {sorted(visible)}")
    return people


def _rate(clip: Path) -> float:
    source = open_source(str(clip), pace="fast")
    try:
        return source.fps
    finally:
        source.close()


def _table(title: str, scores: Sequence[TargetScore]) -> Table:
    table = Table(
        "id", "visible s", "chosen at", "OK", "WRONG", "LOST", "steals", "away wrong", "WRONG of all",
        "aside", "recovered after", "not held", title=title,
    )  # fmt: skip
    for s in scores:
        if s.chosen_s is None:
            table.add_row(str(s.person), "", "never", *[""] * 9)
            continue
        states = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in s.unheld_s.items())
        recovered = " ".join(_seconds(h.recovery_s) for h in s.hidden)
        table.add_row(str(s.person), *_figures(s), f"{s.aside:.1%}", recovered, states)
    if len(scores) > 1:
        everybody = total(s.held for s in scores)
        aside = sum(s.aside for s in scores) / len(scores)
        together = TargetScore(0, 0.0, everybody)
        table.add_row("all", *_figures(together)[:1], "", *_figures(together)[2:], f"{aside:.1%}", "", "")
    return table


def _figures(s: TargetScore) -> tuple[str, ...]:
    h = s.held
    visible_s = h.ok_s + h.wrong_s + h.lost_s
    return (
        f"{visible_s:.1f}",
        f"{s.chosen_s:.2f} s",
        f"{h.ok:.1f} %",
        f"{h.wrong:.1f} %",
        f"{h.lost:.1f} %",
        f"{h.steals} ({h.steals_per_min:.1f}/min)",
        f"{h.away_wrong_s:.1f} of {h.away_s:.1f} s",
        f"{s.wrong_of_all:.1f} %",
    )


def _seconds(value: float) -> str:
    return "never" if math.isinf(value) else f"{value:.2f}"


def _record(s: TargetScore) -> dict[str, Any]:
    h = s.held
    return {
        "id": s.person,
        "chosen_s": s.chosen_s,
        "visible_s": h.ok_s + h.wrong_s + h.lost_s,
        "ok": h.ok,
        "wrong": h.wrong,
        "lost": h.lost,
        "steals": h.steals,
        "steals_per_min": h.steals_per_min,
        "away_s": h.away_s,
        "away_wrong_s": h.away_wrong_s,
        "wrong_of_all": s.wrong_of_all,
        "aside": s.aside,
        "hidden": [
            {
                "from_s": g.from_s,
                "to_s": g.to_s,
                "recovery_s": None if math.isinf(g.recovery_s) else g.recovery_s,
            }
            for g in s.hidden
        ],
        "unheld_s": dict(s.unheld_s),
    }


def _arrivals(title: str, runs: Sequence[Followed], stays: Sequence[Stay], came: Sequence[Arrival]) -> Table:
    table = Table("chosen", "at", "others who came", "inherited", "own returns", "found again", title=title)
    for run in runs:
        theirs = [a for a in came if a.chosen == run.person]
        others = [a for a in theirs if a.comer != run.person]
        returns = [a for a in theirs if a.comer == run.person]
        at = "never" if run.chosen is None else f"{run.chosen / run.fps:.1f} s"
        table.add_row(
            str(run.person), at, str(len(others)), str(sum(a.inherited for a in others)),
            str(len(returns)), str(sum(a.held_s > 0 for a in returns)),
        )  # fmt: skip
    return table

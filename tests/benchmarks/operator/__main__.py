"""How well camera operators work: jikcam's and the laws of other programs, on the same people.

    python -m tests.benchmarks.operator [--subjects dancetrack|clips|scripted|all] [--zoom fixed|follow]
        [--sweep] [--plot FILE.png] [--json FILE.json] [--write] [--only TEXT] [--every N] [--processes N]

Subjects: the people of DanceTrack's validation set who are there in 80 % of the pictures; those of the
clips; scripted stage scenes and synthetic dancers. All laws are given the true box per picture and asked
for a 9:16 crop with the body at 80 % of its height. ``--zoom fixed``: one crop size per person, only the
pan is judged.

Without ``--sweep`` every law is measured at the numbers that its makers name. With it every law is also
tried over a grid of settings, and the calmest that frames well enough is shown ("equal framing"); where
dancers and DanceTrack are both asked for, also what the setting chosen on dancers does on DanceTrack.
``--plot`` draws the grids of the first set. ``--write`` puts the tables into docs/operator-measured.md,
the plot beside it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from engine.errors import JikcamError
from tests.benchmarks.operator.plot import draw
from tests.benchmarks.operator.report import (
    documented_table,
    equal_table,
    limits,
    transfer_table,
    write_between,
    write_json,
)
from tests.benchmarks.operator.subjects import SETS, subjects
from tests.benchmarks.operator.sweep import Bench, Measured, by_family, calmest, families, workers

CHOICES = {
    "dancetrack": ("dancetrack",),
    "clips": ("clips",),
    "scripted": ("stage", "dancers"),
    "all": SETS,
}
TITLES = {
    "dancetrack": "DanceTrack validation",
    "clips": "Clips",
    "stage": "Stage scenes",
    "dancers": "Synthetic dancers",
}
#: Grids are tried where settings are chosen and where they are judged.
SWEPT = ("dancetrack", "dancers")
PAGE = Path(__file__).resolve().parents[3] / "docs" / "operator-measured.md"
PICTURE = PAGE.with_name("operator-frontier.png")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write what was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.operator",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("--subjects", choices=CHOICES, default="dancetrack")
    parser.add_argument("--zoom", choices=("fixed", "follow"), default="fixed")
    parser.add_argument("--sweep", action="store_true", help="also try every law over its grid")
    parser.add_argument("--plot", type=Path, help="where to draw the frontier; needs --sweep")
    parser.add_argument("--json", type=Path, help="where to write everything, per person too")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}, and its plot after a sweep")
    parser.add_argument("--only", default="", help="only families whose name contains this")
    parser.add_argument("--every", type=int, default=1, help="every N-th person only, to be quick")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args(arguments)
    if options.every < 1 or options.processes < 1:
        raise JikcamError("--every and --processes count from 1", "give 1 or more")
    chosen = [i for i, f in enumerate(families()) if options.only.lower() in f.name.lower()]
    if not chosen:
        raise JikcamError(f"no operator is called {options.only!r}", "leave --only out to see them all")
    if options.plot and not options.sweep:
        raise JikcamError("there is no frontier without a sweep", "add --sweep")
    lines: list[str] = []
    results: dict[str, Sequence[Measured]] = {}
    started = time.monotonic()
    with workers(CHOICES[options.subjects], options.processes, options.every) as pool:
        bench = Bench(pool, options.zoom, options.every)
        for people in CHOICES[options.subjects]:
            rows, tables = _measure(bench, people, options.sweep, chosen)
            results[people] = rows
            lines += tables
        if options.sweep and set(SWEPT) <= set(results):
            lines += _transfer(bench, results["dancers"], results["dancetrack"])
    print("\n".join(lines))
    print(f"took {time.monotonic() - started:.0f} s", file=sys.stderr)
    pictures = [options.plot] if options.plot else []
    pictures += [PICTURE] if options.write and options.sweep else []
    for picture in pictures:
        people = next(iter(results))
        draw(picture, f"{TITLES[people]}, {options.zoom} zoom", results[people])
    if options.json:
        write_json(options.json, results)
    if options.write:
        write_between(PAGE, lines)
    return 0


def _measure(
    bench: Bench, people: str, sweep: bool, chosen: Sequence[int]
) -> tuple[list[Measured], list[str]]:
    """What was measured on one set, and its tables."""
    everybody = subjects(people, bench.every)
    minutes = sum(len(s.truth.times) * s.dt_s for s in everybody) / 60
    who = f"{len(everybody)} people"
    if bench.every > 1:
        who = f"{len(everybody)} of {len(subjects(people))} people"
    lines = [f"## {TITLES[people]}, {bench.zoom} zoom", "", f"{who}, {minutes:.0f} minutes."]
    trying = sweep and people in SWEPT
    rows = bench.swept(people, chosen) if trying else bench.documented(people, chosen)
    if trying:
        lines += ["", f"At equal framing ({limits()}), the calmest setting of each:", "", *equal_table(rows)]
    lines += ["", "At the numbers that their makers name:", ""]
    lines += documented_table([r for r in rows if r.documented], bench.zoom)
    return rows, [*lines, ""]


def _transfer(bench: Bench, dancers: Sequence[Measured], there: Sequence[Measured]) -> list[str]:
    """Settings chosen on the dancers, measured on DanceTrack."""
    best = {name: calmest(tried) for name, tried in by_family(dancers).items()}
    chosen = {name: m for name, m in best.items() if m}
    known = {m.family: m for m in there if m.family in chosen and m.setting == chosen[m.family].setting}
    wanted = []
    for f, family in enumerate(families()):
        if family.name in chosen and family.name not in known:
            labels = [s.label for s in family.settings]
            wanted.append((f, labels.index(chosen[family.name].setting)))
    known |= {m.family: m for m in bench.measured("dancetrack", wanted)}
    title = ["## Transfer", "", "Settings chosen on the synthetic dancers, measured on DanceTrack:", ""]
    return [*title, *transfer_table(chosen, known), ""]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except JikcamError as error:
        sys.exit(f"error: {error}")

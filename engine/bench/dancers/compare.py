"""Synthetic and real sequences side by side, in figures.

    python -m engine.bench.dancers.compare [FOLDER] [--scene stage|street] [--sequences 40]

FOLDER holds MOTChallenge sequences (DanceTrack, MOT17 ...), whose totals are only looked at: the generator's
few numbers are round ones near them, and nothing is learned from single sequences.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from engine.bench.dancers.config import DanceConfig
from engine.bench.dancers.dance import dance
from engine.bench.dancers.statistics import statistics
from engine.bench.tracking.mot import read_sequence
from engine.errors import JikcamError

#: Seeds from here on: not those that tests and training use.
FIRST_SEED = 1000


def compared(columns: dict[str, dict[str, float]]) -> Table:
    """Figures by name, one column for each set of sequences; figures a set lacks stay empty."""
    table = Table(box=None)
    table.add_column("")
    for name in columns:
        table.add_column(name, justify="right")
    rows = dict.fromkeys(figure for figures in columns.values() for figure in figures)
    for row in rows:
        table.add_row(row, *(f"{f[row]:.3f}" if row in f else "" for f in columns.values()))
    return table


def main(arguments: list[str] | None = None) -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(description="synthetic and real sequences side by side, in figures")
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--scene", choices=("stage", "street"), default="stage")
    parser.add_argument("--sequences", type=int, default=40)
    chosen = parser.parse_args(arguments)
    columns = {}
    if chosen.folder:
        found = sorted(path.parent for path in chosen.folder.glob("*/seqinfo.ini"))
        if not found:
            raise JikcamError(f"{chosen.folder} has no sequences", "name the folder of the sequence folders")
        columns[chosen.folder.name] = statistics(read_sequence(path) for path in found)
    config = DanceConfig(scene=chosen.scene, looks=None)
    columns[f"synthetic {chosen.scene}"] = statistics(
        dance(FIRST_SEED + seed, config) for seed in range(max(1, chosen.sequences))
    )
    Console(width=120).print(compared(columns))


if __name__ == "__main__":
    try:
        main()
    except JikcamError as error:
        sys.exit(str(error))

"""Judge any finished crop video, also of a closed product, against the wide film it was made of.

    python -m tests.benchmarks.operator.crop_video WIDE CROP [--truth gt.txt --person ID] [--path out.csv]

The crop may be a screen recording: scaled, compressed, mirrored, with a label on it, begun at another moment,
of another frame rate. It must not be turned or stretched. The wide film must be what that camera saw.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from engine.bench.tracking.mot import read_truth
from engine.errors import JikcamError
from tests.benchmarks.operator.metrics import Metrics, pooled
from tests.benchmarks.operator.paths import F64, CropPath, TruthPath
from tests.benchmarks.operator.register_video import Registered, register

#: Name of the figure, its unit, and whether it needs to be known where the person was.
FIGURES: dict[str, tuple[str, str, bool]] = {
    "head": ("head in the picture", "%", True),
    "body": ("body in the picture", "%", True),
    "offset_p50": ("off the middle, p50", "crop widths", True),
    "offset_p95": ("off the middle, p95", "crop widths", True),
    "offset_y_p95": ("off the middle up and down, p95", "crop heights", True),
    "headroom_rms": ("headroom against 10 %, RMS", "crop heights", True),
    "lag_s": ("lag", "s", True),
    "lead": ("more room in front", "%", True),
    "jerk_rms": ("jerk, RMS", "crop widths / s^3", False),
    "accel_rms": ("acceleration, RMS", "crop widths / s^2", False),
    "speed_p99": ("speed, p99", "crop widths / s", False),
    "reversals": ("reversals", "per minute", False),
    "still": ("still", "%", False),
    "drift": ("drift while still", "% of the width / s", False),
    "breathing": ("zoom breathing", "% / s", False),
    "zoom_reversals": ("zoom reversals", "per minute", False),
}


def judged(found: Registered, truth: Path | None = None, person: int | None = None) -> Metrics:
    """The figures of the found path; those of framing are NaN without a truth.

    Args:
        truth: MOTChallenge text of the wide film, pictures counted from 1.
        person: id in it.

    Raises:
        JikcamError: the truth can't be read, that id is not in it, or nothing was found long enough.
    """
    boxes = np.full((int(found.master.max()) + 1, 4), np.nan)
    if truth is not None:
        _fill(boxes, truth, person)
    pairs: list[tuple[CropPath, TruthPath]] = []
    for part, path in found.stretches():
        pairs.append((path, TruthPath(path.times, boxes[found.master[part]], found.wide)))
    if not pairs:
        raise JikcamError(
            "the crop was nowhere found for long enough", "is this the wide film it was made of?"
        )
    return pooled(pairs)


def _fill(boxes: F64, truth: Path, person: int | None) -> None:
    people, _ = read_truth(truth)
    ids = sorted({int(i) for there in people.values() for i in there.ids})
    if person not in ids:
        raise JikcamError(f"{truth} has no person {person}", f"choose one of: {', '.join(map(str, ids))}")
    for picture, there in people.items():
        rows = there.boxes[there.ids == person]
        if len(rows) and 0 <= picture - 1 < len(boxes):
            boxes[picture - 1] = rows[0]


def _print(found: Registered, figures: Metrics, with_truth: bool) -> None:
    share = found.found.mean()
    step = found.step
    table = Table("figure", "value", "unit", title="The camera of this crop")
    table.add_row("pictures found", f"{share:.1%}", f"of {len(found.times)}")
    table.add_row("alike, median", f"{np.median(found.alike):.3f}", "1 = the same")
    table.add_row("begun later than the master", f"{step.shift_s:+.3f}", "s")
    table.add_row("mirrored", "yes" if step.mirrored else "no", "")
    values = asdict(figures)
    for name, (words, unit, framing) in FIGURES.items():
        if with_truth or not framing:
            table.add_row(words, f"{values[name]:.3g}", unit)
    Console().print(table)


def _write(path: Path, found: Registered) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["time_s", "wide_picture", "cx", "cy", "height", "alike"])
        for row in zip(found.times, found.master, found.cx, found.cy, found.height, found.alike, strict=True):
            writer.writerow([f"{row[0]:.4f}", row[1] + 1, *(f"{v:.4f}" for v in row[2:])])


def main(
    wide: Annotated[Path, typer.Argument(help="the whole scene, as the camera saw it")],
    crop: Annotated[Path, typer.Argument(help="what was made of it")],
    truth: Annotated[Path | None, typer.Option(help="MOTChallenge text of who is where in WIDE")] = None,
    person: Annotated[int | None, typer.Option(help="id in it of who was to be shown")] = None,
    search_s: Annotated[float, typer.Option(help="most seconds between the two beginnings")] = 3.0,
    path: Annotated[Path | None, typer.Option(help="write the camera's path here, CSV")] = None,
) -> None:
    """The figures of a camera operator, from its picture alone."""
    try:
        found = register(wide, crop, search_s)
        if path is not None:
            _write(path, found)
        _print(found, judged(found, truth, person), truth is not None)
    except JikcamError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    typer.run(main)

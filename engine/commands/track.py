"""`jikcam track`: detections in, tracks out, both as MOTChallenge text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import typer

from engine.bench.tracking.mot import read_detections, read_sequence, write_tracks
from engine.bench.tracking.ours import follow
from engine.bench.tracking.sequence import Sequence
from engine.errors import JikcamError
from engine.geometry import Size
from engine.tracking import TrackerConfig

#: Rate of a bare file when no other is given: most cameras.
USUAL_FPS = 30.0


def track(
    detections: Annotated[Path, typer.Argument(help="MOTChallenge detection file or sequence folder")],
    out: Annotated[Path, typer.Option(help="where the tracks go, as MOTChallenge results")],
    fps: Annotated[
        float | None,
        typer.Option(help="pictures per second [default: of seqinfo.ini; 30 for a file]"),
    ] = None,
    cost: Annotated[
        Literal["stage", "general"], typer.Option(help="how people are compared: dancers, or any scene")
    ] = "stage",
) -> None:
    """Follow everybody through a file of detections; writes whom it found in each picture."""
    if fps is not None and not 0 < fps <= 1000:
        raise JikcamError(f"{fps:g} pictures per second cannot be", "give --fps between 1 and 1000")
    sequence = _sequence(detections, fps)
    if not out.resolve().parent.is_dir():
        raise JikcamError(f"the folder of {out} does not exist", "make it first")
    followed = follow(sequence, TrackerConfig(cost=cost))
    write_tracks(out, followed.tracks)
    ids = {int(i) for h in followed.tracks.values() for i in h.ids}
    typer.echo(f"{out}: {len(ids)} tracks in {sequence.length} pictures")


def _sequence(path: Path, fps: float | None) -> Sequence:
    if path.is_dir():
        found = read_sequence(path)
        rate = found.fps if fps is None else fps
        return Sequence(found.name, rate, found.size, found.length, found.detections)
    boxes = read_detections(path)
    # The picture's size is not told; the tracker asks for none, so what holds the boxes will do.
    far = np.concatenate([np.ones((1, 2)), *(d[:, 2:4] for d in boxes.values())]).max(axis=0)
    size = Size(int(far[0]), int(far[1]))
    return Sequence(path.stem, USUAL_FPS if fps is None else fps, size, max(boxes), boxes)

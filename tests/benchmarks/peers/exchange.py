"""How sequences come in and tracks go out: plain npz files.

In: fps, width, height, length; row by row picture (from 1), box (x0, y0, x1, y1), score, and body (unit
length, zeros = not taken) where there are looks.
Out: row by row picture, track, box; per picture cpu_s, the processor time of one update.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """What a tracker may know before the first picture."""

    fps: float
    width: int
    height: int


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """One picture: boxes (M, 4), scores (M,), bodies (M, D) or None."""

    boxes: F64
    scores: F64
    bodies: F64 | None

    def above(self, score: float) -> Sight:
        """Those found with at least this score."""
        good = self.scores > score
        return Sight(self.boxes[good], self.scores[good], None if self.bodies is None else self.bodies[good])


#: One update: what is seen -> (track ids (M,), boxes (M, 4)) of who was found.
Update = Callable[[Sight], tuple[NDArray[np.int64], F64]]


def run(update: Callable[[Stage], Update], source: Path, target: Path) -> None:
    """Feed the sequence ``source`` to a fresh tracker and write what it says to ``target``."""
    with np.load(source) as data:
        stage = Stage(float(data["fps"]), int(data["width"]), int(data["height"]))
        length, picture, box, score = int(data["length"]), data["picture"], data["box"], data["score"]
        body = data.get("body")
    step = update(stage)
    starts = np.searchsorted(picture, np.arange(1, length + 2))
    pictures, tracks, boxes, cpu_s = [], [], [], []
    for f in range(1, length + 1):
        rows = slice(starts[f - 1], starts[f])
        sight = Sight(box[rows].copy(), score[rows].copy(), None if body is None else body[rows].copy())
        began = time.process_time()
        ids, found = step(sight)
        cpu_s.append(time.process_time() - began)
        pictures.append(np.full(len(ids), f))
        tracks.append(np.asarray(ids, dtype=np.int64))
        boxes.append(np.asarray(found, dtype=np.float64).reshape(-1, 4))
    np.savez(
        target,
        picture=np.concatenate(pictures),
        track=np.concatenate(tracks),
        box=np.concatenate(boxes),
        cpu_s=np.array(cpu_s),
    )

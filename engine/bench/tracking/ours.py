"""This program's tracker on a sequence, picture by picture, as the live engine would call it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.bench.tracking.sequence import Hypotheses, Looks, Sequence
from engine.geometry import Box
from engine.people import Appearance, Detection, Fusion, Observation, Skeleton
from engine.tracking import Tracker, TrackerConfig


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """What a tracker made of a sequence.

    Attributes:
        tracks: picture -> the tracks found in that picture; who is only predicted is not written, as with
            every tracker that is compared here.
        fusions: of picture 1, 2, ...
        cpu_s: processor time of this process in the tracker alone.
    """

    tracks: dict[int, Hypotheses]
    fusions: list[Fusion]
    cpu_s: float


def observations(sequence: Sequence) -> Iterator[Observation]:
    """Every picture as a complete observation; picture f was taken at (f - 1) / fps."""
    for f in range(1, sequence.length + 1):
        yield Observation((f - 1) / sequence.fps, f, tuple(_people(sequence, f)), complete=True)


def follow(sequence: Sequence, config: TrackerConfig) -> Followed:
    """Run the tracker over the sequence, online: no picture knows of a later one."""
    tracker = Tracker(config)
    tracks: dict[int, Hypotheses] = {}
    fusions: list[Fusion] = []
    cpu_s = 0.0
    for observation in observations(sequence):
        began = time.process_time()
        tracker.advance(observation.time_s, observation.index, None)
        tracker.observe(observation)
        fusion = tracker.fusion
        cpu_s += time.process_time() - began
        if fusion is None:
            raise RuntimeError(f"the tracker dropped picture {observation.index} of {sequence.name}")
        fusions.append(fusion)
        tracks[observation.index] = _found(fusion)
    return Followed(tracks, fusions, cpu_s)


def _found(fusion: Fusion) -> Hypotheses:
    matched = {m.track for m in fusion.matches}
    found = [t for t in fusion.tracks.items if t.id in matched]
    boxes = np.array([t.box.xyxy for t in found], dtype=np.float64).reshape(-1, 4)
    return Hypotheses(np.array([t.id for t in found], dtype=np.int64), boxes)


def _people(sequence: Sequence, picture: int) -> Iterator[Detection]:
    found = sequence.detections.get(picture)
    if found is None:
        return
    skeletons, looks = sequence.skeletons.get(picture), sequence.looks.get(picture)
    for row, (x0, y0, x1, y1, score) in enumerate(found.tolist()):
        yield Detection(
            Box(x0, y0, x1, y1),
            score,
            None if skeletons is None else Skeleton(skeletons[row, :, :2], skeletons[row, :, 2]),
            appearance=None if looks is None else _appearance(looks, row),
        )


def _appearance(looks: Looks, row: int) -> Appearance:
    return Appearance(
        body=looks.body[row] if looks.body[row].any() else None,
        body_quality=float(looks.body_quality[row]),
        face=looks.face[row] if looks.face[row].any() else None,
        face_score=float(looks.face_score[row]),
        face_quality=float(looks.face_quality[row]),
    )

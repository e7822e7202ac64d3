"""Identities on DanceTrack validation sequences, from real detections, without pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.people import Observation
from engine.tracking import Tracker
from tests.real.tracking_truth import IdentityScore, detections, rows_by_frame, visible

pytestmark = pytest.mark.real

#: Sequence, and IDF1 that must be reached at 20 and at 10 detections per second (measured, less 0.05).
SEQUENCES = [
    ("dancetrack0007", 0.60, 0.53),
    ("dancetrack0026", 0.52, 0.47),
    ("dancetrack0079", 0.77, 0.76),
    ("dancetrack0097", 0.80, 0.79),
]


def idf1(folder: Path, stride: int, rate_hz: float = 20.0) -> float:
    truth, found = rows_by_frame(folder / "gt" / "gt.txt"), rows_by_frame(folder / "det" / "det.txt")
    tracker, score = Tracker(), IdentityScore()
    for frame in range(1, max(truth) + 1, stride):
        now = frame / rate_hz
        tracks = tracker.observe(Observation(now, frame, detections(found.get(frame)), True))
        seen = [t for t in tracks.items if t.seen_s == now]
        boxes = np.array([t.box.xyxy for t in seen])
        score.add(*visible(truth.get(frame)), [t.id for t in seen], boxes)
    return score.idf1()


@pytest.mark.parametrize(("name", "at_20_hz", "at_10_hz"), SEQUENCES)
def test_identities_of_dancers(data_dir: Path, name: str, at_20_hz: float, at_10_hz: float) -> None:
    folder = data_dir / "mot" / "dancetrack-val" / name
    assert idf1(folder, 1) >= at_20_hz
    assert idf1(folder, 2) >= at_10_hz

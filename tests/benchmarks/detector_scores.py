"""What a detector's scores mean: how many findings of each score are people, on clips with truth.

    python -m tests.benchmarks.detector_scores

For the three detectors of the packs and for each clip: recall and precision from a score on, and the share of
people among the findings between two scores. The models' own scores are printed, not those on the common
scale (`engine.perception.findings.ScoreScale`), which was read off this table.
"""

from __future__ import annotations

import itertools
import os
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from engine.assets import load_model
from engine.geometry import Box
from engine.perception import nanodet, rtmdet
from engine.perception.findings import COMMON
from engine.perception.nanodet import NanoDet
from engine.perception.protocols import Detector
from engine.perception.rtmdet import RtmDet
from engine.perception.yolox import Yolox

DATA = Path(os.environ.get("JIKCAM_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
CLIPS = ("sam3_dance4", "PETS09-S2L1", "TUD-Campus")
MODELS = {
    "rtmdet_nano_person": RtmDet,
    "nanodet_plus_m15x_416_person": NanoDet,
    "yolox_nano_416": Yolox,
}
#: Every so many pictures are looked at.
STEP = 9
EDGES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 1.0)


def read_truth(clip: str) -> tuple[dict[int, list[Box]], dict[int, list[Box]]]:
    """Boxes by picture (from 0): of people who can be seen, and those to be ignored."""
    seen, ignored = defaultdict(list), defaultdict(list)
    for line in (DATA / "gt" / clip / "gt.txt").read_text().split():
        frame, _, x, y, w, h, counts = (float(v) for v in line.split(",")[:7])
        (seen if counts else ignored)[int(frame) - 1].append(Box(x, y, x + w, y + h))
    return seen, ignored


def judged(detector: Detector, clip: str) -> tuple[np.ndarray, int]:
    """(N, 2) score and whether it is a person, of every finding; and how many people there were."""
    seen, ignored = read_truth(clip)
    film = cv2.VideoCapture(str(DATA / "clips" / f"{clip}.mp4"))
    rows, people, index = [], 0, -1
    while True:
        good, image = film.read()
        if not good:
            return np.array(rows).reshape(-1, 2), people
        index += 1
        if index % STEP:
            continue
        free = list(seen.get(index, []))
        people += len(free)
        for found in detector.detect(image):
            best = max(free, key=found.box.iou, default=None)
            if best is not None and found.box.iou(best) >= 0.5:
                free.remove(best)
                rows.append((found.score, 1))
            elif all(found.box.iou(box) < 0.3 for box in ignored.get(index, [])):
                rows.append((found.score, 0))


def main() -> None:
    # The models' own scores are wanted here.
    rtmdet.SCALE = nanodet.SCALE = replace(COMMON)
    print("| model | clip | " + " | ".join(f"from {e}: recall / precision" for e in EDGES[:-1]) + " |")
    print("|---|---|" + "--:|" * (len(EDGES) - 1))
    shares = []
    for name, adapter in MODELS.items():
        model = load_model(name)
        detector: Detector = adapter(model.path, 1, model.input_size)
        for clip in CLIPS:
            rows, people = judged(detector, clip)
            cells, parts = [], []
            for low, high in itertools.pairwise(EDGES):
                above = rows[rows[:, 0] >= low]
                between = above[above[:, 0] < high]
                cells.append(f"{above[:, 1].sum() / people:.2f} / {above[:, 1].mean():.2f}")
                parts.append(f"{between[:, 1].mean():.2f} ({len(between)})" if len(between) else "")
            print(f"| {name} | {clip} | " + " | ".join(cells) + " |", flush=True)
            shares.append(f"| {name} | {clip} | " + " | ".join(parts) + " |")
    between = [f"{a} to {b}" for a, b in itertools.pairwise(EDGES)]
    print("\n| model | clip | people among findings from " + " | ".join(between) + " |")
    print("|---|---|" + "--:|" * len(between))
    print("\n".join(shares))


if __name__ == "__main__":
    main()

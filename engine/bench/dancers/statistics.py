"""What a set of sequences is like: motion, crowding, crossings, and the detector's errors, in numbers."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from engine.bench.dancers.overlap import iou
from engine.bench.tracking.sequence import Sequence

F64 = NDArray[np.float64]

#: Motion is told over this time, whatever the rate: one step at 20 pictures a second.
STEP_S = 0.05
#: A detection overlapping less (IoU) is nobody's.
MATCH_IOU = 0.3
OVERLAP_BINS = (0.0, 0.1, 0.3, 0.5, 0.7, 1.01)


def statistics(sequences: Iterable[Sequence]) -> dict[str, float]:
    """Named figures over all sequences together; people count in proportion to how long they are seen."""
    motion: list[F64] = []
    shape: list[F64] = []
    finds: list[F64] = []
    people: list[int] = []
    switches, pair_s, false, pictures = 0.0, 0.0, [0, 0], 0
    for sequence in sequences:
        paths = _paths(sequence)
        step = max(1, round(STEP_S * sequence.fps))
        motion += [_motion(path, step) for path in paths.values()]
        found, alone = _detector(sequence)
        shape.append(_shape(sequence))
        finds.append(found)
        people += [len(truth.ids) for truth in sequence.truth.values()]
        crossed, together_s = _switches(paths, sequence.fps)
        switches, pair_s = switches + crossed, pair_s + together_s
        false = [false[0] + int((alone > 0.1).sum()), false[1] + int((alone > 0.6).sum())]
        pictures += len(sequence.truth)
    return {
        "people a picture": float(np.mean(people)),
        **_motion_figures(np.concatenate(motion)),
        **_shape_figures(np.concatenate(shape)),
        "left-right switches a second and pair": switches / max(pair_s, 1e-9),
        **_detector_figures(np.concatenate(finds)),
        "false boxes a picture, score > .1": false[0] / max(pictures, 1),
        "false boxes a picture, score > .6": false[1] / max(pictures, 1),
    }


def _paths(sequence: Sequence) -> dict[int, dict[int, F64]]:
    paths: dict[int, dict[int, F64]] = {}
    for picture, truth in sequence.truth.items():
        for person, box in zip(truth.ids.tolist(), truth.boxes, strict=True):
            paths.setdefault(person, {})[picture] = box
    return paths


def _motion(path: dict[int, F64], step: int) -> F64:
    """(S, 4) of each step of one path: IoU, way in heights a second, changes of log width and log height."""
    at = [p for p in path if p + step in path]
    a = np.array([path[p] for p in at]).reshape(-1, 4)
    b = np.array([path[p + step] for p in at]).reshape(-1, 4)
    size_a, size_b = a[:, 2:] - a[:, :2], b[:, 2:] - b[:, :2]
    way = np.linalg.norm(a[:, :2] + a[:, 2:] - b[:, :2] - b[:, 2:], axis=1) / 2 / size_b[:, 1]
    change = np.abs(np.log(size_b / size_a))
    return np.column_stack([iou(a[:, None], b[:, None])[:, 0, 0], way / STEP_S, change])


def _motion_figures(motion: F64) -> dict[str, float]:
    return {
        "IoU after 0.05 s, mean": float(motion[:, 0].mean()),
        "IoU after 0.05 s, lowest 5 %": float(np.quantile(motion[:, 0], 0.05)),
        "speed, heights/s, median": float(np.median(motion[:, 1])),
        "speed, heights/s, 95 %": float(np.quantile(motion[:, 1], 0.95)),
        "width change in 0.05 s, mean": float(motion[:, 2].mean()),
        "height change in 0.05 s, mean": float(motion[:, 3].mean()),
    }


def _shape(sequence: Sequence) -> F64:
    """(P, 3) of everybody in every picture: largest IoU with another, width / height, height / picture."""
    rows = []
    for truth in sequence.truth.values():
        size = truth.boxes[:, 2:] - truth.boxes[:, :2]
        rows.append(np.column_stack([_overlaps(truth.boxes), size[:, 0] / size[:, 1], size[:, 1]]))
    shape = np.concatenate(rows) if rows else np.zeros((0, 3))
    return np.asarray(shape / np.array([1.0, 1.0, sequence.size.height]), dtype=np.float64)


def _shape_figures(shape: F64) -> dict[str, float]:
    return {
        "overlap, mean": float(shape[:, 0].mean()),
        "share overlapped > .3": float((shape[:, 0] > 0.3).mean()),
        "share overlapped > .5": float((shape[:, 0] > 0.5).mean()),
        "width / height, mean": float(shape[:, 1].mean()),
        "width / height, spread": float(shape[:, 1].std()),
        "height / picture, mean": float(shape[:, 2].mean()),
    }


def _overlaps(boxes: F64) -> F64:
    if not len(boxes):
        return np.zeros(0)
    shares = iou(boxes, boxes)
    np.fill_diagonal(shares, 0.0)
    return np.asarray(shares.max(axis=1), dtype=np.float64)


def _switches(paths: dict[int, dict[int, F64]], fps: float) -> tuple[float, float]:
    """How often two people change sides, looked at four times a second; and for how long pairs were seen."""
    stride = max(1, round(fps / 4))
    crossed, together_s = 0.0, 0.0
    for a, b in combinations(paths.values(), 2):
        both = sorted(a.keys() & b.keys())
        if len(both) < fps:
            continue
        side = np.sign([(a[p][0] + a[p][2]) - (b[p][0] + b[p][2]) for p in both[::stride]])
        crossed += float((np.diff(side[side != 0]) != 0).sum())
        together_s += len(both) / fps
    return crossed, together_s


def _detector(sequence: Sequence) -> tuple[F64, F64]:
    """(P, 8) overlap, behind, score (0 = missed), IoU, 4 edge errors in heights; scores of nobody's boxes."""
    rows, alone = [], []
    for picture, truth in sequence.truth.items():
        found = sequence.detections.get(picture, np.zeros((0, 5)))
        shares = iou(truth.boxes, found[:, :4])
        row = np.full((len(truth.ids), 8), np.nan)
        row[:, 0] = _overlaps(truth.boxes)
        row[:, 2:4] = 0.0
        if len(truth.ids) > 1:
            between = iou(truth.boxes, truth.boxes)
            np.fill_diagonal(between, 0.0)
            row[:, 1] = truth.boxes[between.argmax(axis=1), 3] > truth.boxes[:, 3]
        person, box = linear_sum_assignment(-shares)
        good = shares[person, box] > MATCH_IOU
        person, box = person[good], box[good]
        row[person, 2], row[person, 3] = found[box, 4], shares[person, box]
        height = truth.boxes[person, 3] - truth.boxes[person, 1]
        row[person, 4:] = (found[box, :4] - truth.boxes[person]) / height[:, None]
        rows.append(row)
        best = shares.max(axis=0) if len(truth.ids) else np.zeros(len(found))
        alone.append(found[best < MATCH_IOU, 4])
    return np.concatenate(rows), np.concatenate(alone)


def _detector_figures(finds: F64) -> dict[str, float]:
    figures = {
        "recall, score > .1": float((finds[:, 2] > 0.1).mean()),
        "recall, score > .6": float((finds[:, 2] > 0.6).mean()),
    }
    for name, behind in (("behind", 1.0), ("in front", 0.0)):
        for low, high in pairwise(OVERLAP_BINS):
            some = finds[(finds[:, 0] >= low) & (finds[:, 0] < high) & (finds[:, 1] == behind)]
            hit = some[some[:, 2] > 0.1]
            if len(hit) < 2:
                continue
            where = f"{name}, overlap {low:.1f}-{min(high, 1.0):.1f}"
            figures[f"recall {where}"] = len(hit) / len(some)
            figures[f"score {where}"] = float(hit[:, 2].mean())
            figures[f"score spread {where}"] = float(hit[:, 2].std())
            figures[f"edge error {where}"] = float(hit[:, 4:].std(axis=0).mean())
    return figures

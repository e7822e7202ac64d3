"""MOTChallenge text and the identity score of Ristani et al. 2016 (IDF1), for the tracker's real tests."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

from engine.geometry import Box
from engine.people import Detection
from engine.tracking.overlap import iou

Rows = dict[int, np.ndarray]


def rows_by_frame(path: Path) -> Rows:
    """Rows of a MOTChallenge file by frame number (the first is 1)."""
    table = np.loadtxt(path, delimiter=",", ndmin=2)
    return {int(f): table[table[:, 0] == f] for f in np.unique(table[:, 0])}


def detections(rows: np.ndarray | None) -> tuple[Detection, ...]:
    if rows is None:
        return ()
    return tuple(Detection(Box(x, y, x + w, y + h), s) for _, _, x, y, w, h, s, *_ in rows.tolist())


def visible(rows: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Ids (N,) and boxes (N, 4) x0, y0, x1, y1 of the people who count."""
    if rows is None:
        return np.zeros(0, int), np.zeros((0, 4))
    rows = rows[rows[:, 6] == 1]
    return rows[:, 1].astype(int), np.concatenate([rows[:, 2:4], rows[:, 2:4] + rows[:, 4:6]], axis=1)


class IdentityScore:
    """Collects frames; IDF1 is 1 when every person has one id and every id one person, always."""

    def __init__(self) -> None:
        self._common: dict[tuple[int, int], int] = defaultdict(int)
        self._true: dict[int, int] = defaultdict(int)
        self._shown: dict[int, int] = defaultdict(int)

    def add(self, true_ids: np.ndarray, true_boxes: np.ndarray, ids: list[int], boxes: np.ndarray) -> None:
        for i in true_ids.tolist():
            self._true[i] += 1
        for i in ids:
            self._shown[i] += 1
        for k, m in zip(*np.nonzero(iou(true_boxes, boxes.reshape(-1, 4)) >= 0.5), strict=True):
            self._common[int(true_ids[k]), ids[int(m)]] += 1

    def idf1(self) -> float:
        rows = {i: k for k, i in enumerate(self._true)}
        columns = {i: k for k, i in enumerate(self._shown)}
        common = np.zeros((len(rows), len(columns)))
        for (i, j), n in self._common.items():
            common[rows[i], columns[j]] = n
        # Leaving a person unmatched costs nothing more, so the best sum of common frames is IDTP.
        r, c = linear_sum_assignment(-common)
        return float(2 * common[r, c].sum() / (sum(self._true.values()) + sum(self._shown.values())))

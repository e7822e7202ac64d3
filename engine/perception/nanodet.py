"""NanoDet-Plus with its distributions over distances (generalized focal loss, Li et al. 2020)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Size
from engine.people import Detection
from engine.perception.findings import ScoreScale, findings
from engine.perception.grid import grid_points
from engine.perception.input import InputShape
from engine.perception.runtime import Network
from engine.perception.tensor import IMAGENET_BGR, LetterboxInput
from engine.sources.frame import Image

F32 = NDArray[np.float32]

RECOMMENDED = Size(416, 416)
MULTIPLE = 32
STRIDES = (8, 16, 32, 64)
BINS = 8
ROW = 1 + 4 * BINS

#: Measured on three clips with truth: `python -m tests.benchmarks.detector_scores`.
SCALE = ScoreScale(faint=0.35, sure=0.5)


class NanoDet:
    """Finds people with NanoDet-Plus cut to the class person: more of a crowd, at twice RTMDet's cost.

    Output (1, points, 33): score, then 8 bins each for the distances to left, top, right and bottom.

    Args:
        path: the ONNX file.
        threads: for onnxruntime.
        input_size: pixels to spend, as a size; None means 416 x 416. The shape follows the picture.
        min_score: report from here on.
        max_iou: two findings that overlap more are one person.

    Raises:
        JikcamError: the file is broken or not such a model.
    """

    name = "nanodet"

    def __init__(
        self,
        path: Path,
        threads: int,
        input_size: Size | None = None,
        *,
        min_score: float = 0.3,
        max_iou: float = 0.5,
    ) -> None:
        self._network = Network(path, threads)
        shapes = self._network.output_shapes
        if len(shapes) != 1 or len(shapes[0]) != 3 or shapes[0][2] not in (ROW, None):
            raise self._network.unfit(f"NanoDet's output (points x {ROW})")
        self._shape = InputShape(self._network, input_size or RECOMMENDED, MULTIPLE)
        self._input = LetterboxInput(IMAGENET_BGR, pad=0, centered=True)
        self._min_score = min_score
        self._max_iou = max_iou

    def detect(self, image: Image) -> list[Detection]:
        tensor, letterbox = self._input(image, self._shape.for_picture(image))
        rows = self._network.run(tensor)[0][0]
        boxes, scores = decode_gfl(rows, letterbox.into, self._min_score)
        return findings(boxes, scores, letterbox, self._min_score, self._max_iou, SCALE)


def decode_gfl(rows: F32, size: Size, min_score: float) -> tuple[F32, F32]:
    """Boxes (K, 4) in input pixels and scores (K,) of the rows that score ``min_score`` or more.

    Args:
        rows: (points, 33), one per point of the four grids, finest first.
        size: the input.
    """
    likely = rows[:, 0] >= min_score
    rows, points = rows[likely], grid_points(size, STRIDES)[likely]
    logits = rows[:, 1:].reshape(-1, 4, BINS)
    weights = np.exp(logits - logits.max(axis=2, keepdims=True))
    weights /= weights.sum(axis=2, keepdims=True)
    distances = weights @ np.arange(BINS, dtype=np.float32) * points[:, 2:]
    boxes = np.concatenate([points[:, :2] - distances[:, :2], points[:, :2] + distances[:, 2:]], axis=1)
    return boxes.astype(np.float32), rows[:, 0]

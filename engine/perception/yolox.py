"""YOLOX (Ge et al. 2021, arXiv 2107.08430), raw output with the 80 classes of COCO."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Box, Size
from engine.people import DetectedObject, Detection
from engine.perception.coco import COCO_80
from engine.perception.findings import findings
from engine.perception.grid import grid_points
from engine.perception.input import InputShape
from engine.perception.letterbox import Letterbox
from engine.perception.runtime import Network
from engine.perception.tensor import PLAIN_BGR, LetterboxInput
from engine.sources.frame import Image

F32 = NDArray[np.float32]

RECOMMENDED = Size(416, 416)
STRIDES = (8, 16, 32)
PAD = 114
PERSON = 0
SPORTS_BALL = 32


class Yolox:
    """Finds people, or other classes of COCO, with YOLOX: a Detector and an ObjectFinder.

    Output (1, anchors, 5 + classes): centre and size relative to the cell, objectness, class scores.

    Args:
        path: the ONNX file.
        threads: for onnxruntime.
        input_size: pixels to spend where the model leaves it open; None means 416 x 416.
        classes: what to look for; the best of them counts.
        min_score: report from here on (objectness times class score).
        max_iou: two findings that overlap more are one thing.

    Raises:
        JikcamError: the file is broken or not YOLOX with these classes.
    """

    name = "yolox"

    def __init__(
        self,
        path: Path,
        threads: int,
        input_size: Size | None = None,
        *,
        classes: Sequence[int] = (PERSON,),
        min_score: float = 0.3,
        max_iou: float = 0.5,
    ) -> None:
        self._network = Network(path, threads)
        shapes = self._network.output_shapes
        columns = shapes[0][2] if len(shapes) == 1 and len(shapes[0]) == 3 else 0
        if columns is not None and columns < 6 + max(classes):
            raise self._network.unfit(
                f"YOLOX's output (anchors x 5 + classes, class {max(classes)} included)"
            )
        self._shape = InputShape(self._network, input_size or RECOMMENDED, STRIDES[-1])
        self._input = LetterboxInput(PLAIN_BGR, pad=PAD)
        self._classes = tuple(classes)
        self.labels = frozenset(COCO_80[c] for c in classes)
        self._min_score = min_score
        self._max_iou = max_iou

    def detect(self, image: Image) -> list[Detection]:
        boxes, scores, _, letterbox = self._found(image)
        return findings(boxes, scores, letterbox, self._min_score, self._max_iou)

    def find_objects(self, image: Image, area: Box) -> list[DetectedObject]:
        x0, y0, x1, y1 = (round(v) for v in area.xyxy)
        boxes, scores, kinds, letterbox = self._found(image[y0:y1, x0:x1])
        things: list[DetectedObject] = []
        for kind in np.unique(kinds).tolist():
            rows = kinds == kind
            found = findings(boxes[rows], scores[rows], letterbox, self._min_score, self._max_iou)
            things += [DetectedObject(COCO_80[kind], d.box.shifted(x0, y0), d.score) for d in found]
        return sorted(things, key=lambda thing: -thing.score)

    def _found(self, image: Image) -> tuple[F32, F32, NDArray[np.intp], Letterbox]:
        tensor, letterbox = self._input(image, self._shape.for_picture(image))
        rows = self._network.run(tensor)[0][0]
        return *decode_yolox(rows, letterbox.into, self._classes, self._min_score), letterbox


def decode_yolox(
    rows: F32, size: Size, classes: Sequence[int], min_score: float
) -> tuple[F32, F32, NDArray[np.intp]]:
    """Boxes (K, 4) in input pixels, scores (K,) and classes (K,) of the rows that score ``min_score``.

    Args:
        rows: (anchors, 5 + classes), one per cell of the three grids, finest first.
        size: the input.
        classes: the best of these counts.
    """
    each = rows[:, [5 + c for c in classes]]
    best = each.argmax(axis=1)
    scores = rows[:, 4] * each[np.arange(len(rows)), best]
    likely = scores >= min_score
    rows, points = rows[likely], grid_points(size, STRIDES)[likely]
    stride = points[:, 2:]
    centers = rows[:, :2] * stride + points[:, :2]
    half = np.exp(np.minimum(rows[:, 2:4], 20.0)) * stride / 2
    kinds = np.asarray(classes, dtype=np.intp)[best[likely]]
    return np.concatenate([centers - half, centers + half], axis=1), scores[likely], kinds

"""RTMDet (Lyu et al. 2022, arXiv 2212.07784), the default person detector."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Size
from engine.people import Detection
from engine.perception.findings import ScoreScale, findings
from engine.perception.input import InputShape
from engine.perception.runtime import Network
from engine.perception.tensor import IMAGENET_BGR, LetterboxInput
from engine.sources.frame import Image

F32 = NDArray[np.float32]

RECOMMENDED = Size(512, 288)
STRIDE = 32
PAD = 114
PERSON = 0

#: Measured on three clips with truth: `python -m tests.benchmarks.detector_scores`.
SCALE = ScoreScale(faint=0.25, sure=0.45)


class RtmDet:
    """Finds people with RTMDet, in either of its two ONNX forms.

    Raw: one output (1, anchors, 5). mmdeploy: outputs ``dets`` (1, n, 5) and ``labels`` (1, n), suppression
    done inside. Rows are x0, y0, x1, y1 in input pixels and a score.

    Args:
        path: the ONNX file.
        threads: for onnxruntime.
        input_size: pixels to spend, as a size; None means 512 x 288. The shape follows the picture.
        min_score: report from here on; .35 is good for somebody new, .2 only for somebody followed.
        max_iou: two findings that overlap more are one person.

    Raises:
        JikcamError: the file is broken or not RTMDet.
    """

    name = "rtmdet"

    def __init__(
        self,
        path: Path,
        threads: int,
        input_size: Size | None = None,
        *,
        min_score: float = 0.2,
        max_iou: float = 0.5,
    ) -> None:
        self._network = Network(path, threads)
        self._with_labels = {"dets", "labels"} <= set(self._network.output_names)
        shapes = self._network.output_shapes
        if not self._with_labels and (
            len(shapes) != 1 or len(shapes[0]) != 3 or shapes[0][2] not in (5, None)
        ):
            raise self._network.unfit("RTMDet's outputs (anchors x 5, or dets and labels)")
        self._shape = InputShape(self._network, input_size or RECOMMENDED, STRIDE)
        self._input = LetterboxInput(IMAGENET_BGR, pad=PAD)
        self._min_score = min_score
        self._max_iou = max_iou

    def detect(self, image: Image) -> list[Detection]:
        tensor, letterbox = self._input(image, self._shape.for_picture(image))
        if self._with_labels:
            dets, labels = self._network.run(tensor, ("dets", "labels"))
            rows = people_rows(dets[0], labels[0])
        else:
            rows = self._network.run(tensor)[0][0]
        return findings(rows[:, :4], rows[:, 4], letterbox, self._min_score, self._max_iou, SCALE)


def people_rows(dets: F32, labels: NDArray[Any]) -> F32:
    """The rows (n, 5) of ``dets`` whose label is person."""
    rows: F32 = dets[labels == PERSON]
    return rows

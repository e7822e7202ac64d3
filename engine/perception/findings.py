"""The last step of every box detector: scored boxes in input pixels become Detections."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Box
from engine.people import Detection
from engine.perception.letterbox import Letterbox
from engine.perception.nms import nms

#: A finding narrower or lower than this is noise on an edge.
SMALLEST_SIDE_PX = 2.0


@dataclass(frozen=True, slots=True)
class ScoreScale:
    """What a model's own scores mean on the scale that everybody else reads.

    On that scale, which is YOLOX's own, from SURE on four of five findings are people and may start a track;
    below FAINT hardly any are. Models trained with a quality-aware loss (RTMDet, NanoDet-Plus) give lower
    scores to the same people.

    Attributes:
        faint, sure: the model's scores that mean FAINT and SURE.
    """

    faint: float
    sure: float

    def __call__(self, scores: NDArray[np.floating]) -> NDArray[np.float64]:
        """Scores (N,) on the common scale; the order stays."""
        own, common = (0.0, self.faint, self.sure, 1.0), (0.0, FAINT, SURE, 1.0)
        return np.interp(np.asarray(scores, np.float64), own, common)


FAINT, SURE = 0.1, 0.6
#: Of models whose scores are on that scale already.
COMMON = ScoreScale(FAINT, SURE)


def findings(
    boxes: NDArray[np.floating],
    scores: NDArray[np.floating],
    letterbox: Letterbox,
    min_score: float,
    max_iou: float,
    scale: ScoreScale = COMMON,
) -> list[Detection]:
    """Detections in source pixels, best first, clipped to the picture.

    Args:
        boxes: (N, 4) x0, y0, x1, y1 in input pixels.
        scores: (N,).
        min_score: what scores less is dropped (and so is NaN).
        max_iou: two findings that overlap more are one person.
        scale: what the scores mean; ``min_score`` is the model's own.
    """
    likely = scores >= min_score
    boxes, scores = boxes[likely], scores[likely]
    kept = nms(boxes, scores, max_iou)
    found = []
    for row, score in zip(letterbox.boxes_to_source(boxes[kept]), scale(scores[kept]), strict=True):
        box = Box(*row.tolist()).clipped(letterbox.source)
        if min(box.width, box.height) >= SMALLEST_SIDE_PX:
            found.append(Detection(box, min(float(score), 1.0)))
    return found

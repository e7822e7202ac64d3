"""The last step of every box detector: scored boxes in input pixels become Detections."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Box
from engine.people import Detection
from engine.perception.letterbox import Letterbox
from engine.perception.nms import nms

#: A finding narrower or lower than this is noise on an edge.
SMALLEST_SIDE_PX = 2.0


def findings(
    boxes: NDArray[np.floating],
    scores: NDArray[np.floating],
    letterbox: Letterbox,
    min_score: float,
    max_iou: float,
) -> list[Detection]:
    """Detections in source pixels, best first, clipped to the picture.

    Args:
        boxes: (N, 4) x0, y0, x1, y1 in input pixels.
        scores: (N,).
        min_score: what scores less is dropped (and so is NaN).
        max_iou: two findings that overlap more are one person.
    """
    likely = scores >= min_score
    boxes, scores = boxes[likely], scores[likely]
    kept = nms(boxes, scores, max_iou)
    found = []
    for row, score in zip(letterbox.boxes_to_source(boxes[kept]), scores[kept], strict=True):
        box = Box(*row.tolist()).clipped(letterbox.source)
        if min(box.width, box.height) >= SMALLEST_SIDE_PX:
            found.append(Detection(box, min(float(score), 1.0)))
    return found

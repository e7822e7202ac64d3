"""What a reader of appearance sees of boxes: how much of a crop is one person, and whose face shows."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Size

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: Somebody behind still shows beside a person: so much of the shared area counts against the crop.
BEHIND = 0.35
#: Feet nearer than this share of the height do not tell who is in front.
LEVEL = 0.02
#: Weaker detections are not taken for people that hide somebody.
NEIGHBOUR_SCORE = 0.3
#: Eyes are this share of the height apart; a face is useless and full at these distances in pixels.
EYES = 0.037
EYES_PX = (5.0, 14.0)
#: A head is this share of the height, in the middle of the upper edge.
HEAD = 0.14
#: Turned further than this a face is not found; useless and full in quality at these angles, radians.
PROFILE = 1.1
YAW = (1.13, 0.17)


def body_quality(found: F64, size: Size) -> F64:
    """(M,) how much of each detection (M, 5) is one person, whole and alone, 0 to 1.

    Neighbours in front (lower feet) take all they share with the box, those behind some of it.
    """
    boxes = found[:, :4]
    shared, before, level = _shared(boxes)
    weight = np.where(before | level, 1.0, BEHIND) * (found[None, :, 4] >= NEIGHBOUR_SCORE)
    alone = np.prod(1.0 - weight * shared, axis=1)
    extent = np.maximum(boxes[:, 2:] - boxes[:, :2], 1e-9)
    tall = extent[:, 1] / extent[:, 0]
    slim, broad = np.clip((7.0 - tall) / 2.0, 0.0, 1.0), np.clip((tall - 0.4) / 0.4, 0.0, 1.0)
    edge = 1.0
    cut = (boxes[:, 0] <= edge).astype(int) + (boxes[:, 2] >= size.width - edge)
    return np.asarray(np.clip(alone * slim * broad * np.where(cut > 0, 0.8, 1.0), 0.0, 1.0), dtype=np.float64)


def hiding(boxes: F64) -> tuple[F64, I64]:
    """(K,) how much of each true box's crop is another person, and who (-1 = nobody)."""
    if len(boxes) < 2:
        return np.zeros(len(boxes)), np.full(len(boxes), -1)
    shared, before, _ = _shared(boxes)
    taken = np.where(before, 1.0, BEHIND) * shared
    by = taken.argmax(axis=1)
    hidden = np.clip(taken.max(axis=1), 0.0, 0.95)
    return hidden, np.where(hidden > 0.02, by, -1)


def face_seen(k: int, boxes: F64, yaw: float, luck: F64) -> tuple[float, float]:
    """Score and quality of the face of the k-th of the people in ``boxes`` (K, 4); 0, 0 = not found.

    ``luck`` (2,) is normal noise: of the sharpness, and of the face detector.
    """
    turned = abs(math.remainder(yaw, 2 * math.pi))
    height = float(boxes[k, 3] - boxes[k, 1])
    eyes_px = EYES * height
    if turned > PROFILE or eyes_px < EYES_PX[0] or luck[1] < -1.3 or _head_covered(k, boxes) > 0.4:
        return 0.0, 0.0
    size = min(1.0, (eyes_px - EYES_PX[0]) / (EYES_PX[1] - EYES_PX[0]))
    frontal = float(np.clip((YAW[0] - turned) / (YAW[0] - YAW[1]), 0.0, 1.0))
    sharp = float(np.clip(0.85 + 0.2 * luck[0], 0.0, 1.0))
    score = 0.95 - 0.25 * (1.0 - frontal) - 0.1 * (1.0 - size) - 0.1 * (1.0 - sharp) + 0.05 * luck[1]
    return float(np.clip(score, 0.0, 0.97)), size * frontal * sharp


def _shared(boxes: F64) -> tuple[F64, NDArray[np.bool_], NDArray[np.bool_]]:
    """(N, N) share of box i that box j has too; whether j is in front of i; whether that cannot be told."""
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    area = np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 1e-9, None), axis=1)
    shared = np.prod(np.clip(high - low, 0.0, None), axis=-1) / area[:, None]
    np.fill_diagonal(shared, 0.0)
    height = boxes[:, 3] - boxes[:, 1]
    lower = boxes[None, :, 3] - boxes[:, None, 3]
    slack = LEVEL * np.minimum(height[:, None], height[None])
    return shared, lower > 0.0, np.abs(lower) <= slack


def _head_covered(k: int, boxes: F64) -> float:
    """Share of the k-th head that people in front take."""
    x0, y0, x1, y1 = boxes[k]
    side, middle = HEAD * (y1 - y0), (x0 + x1) / 2
    head = np.array([middle - side / 2, y0, middle + side / 2, y0 + side])
    front = boxes[boxes[:, 3] > y1]
    if not len(front):
        return 0.0
    low, high = np.maximum(front[:, :2], head[:2]), np.minimum(front[:, 2:], head[2:])
    return float((np.prod(np.clip(high - low, 0.0, None), axis=1) / max(side * side, 1e-9)).max())

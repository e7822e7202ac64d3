"""What an observation says, as arrays in an order that does not depend on the order of arrival."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.people import Detection, Observation, Skeleton
from engine.tracking.overlap import covered_shares

F64 = NDArray[np.float64]

#: Smaller than this is no person; larger than that is no picture.
LEAST_SIZE_PX = 2.0
LARGEST_PX = 1e5
#: Marks a finding that names no track.
NO_HINT = -1


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """M usable findings, best first.

    Attributes:
        boxes: (M, 4) x0, y0, x1, y1.
        score: (M,) 0 to 1.
        hint: (M,) the track named, or NO_HINT.
        covered: (M,) share hidden by other findings in front.
        skeleton: (M,) key points (objects, or None).
        people: the M findings themselves.
    """

    boxes: F64
    score: F64
    hint: NDArray[np.int64]
    covered: F64
    skeleton: NDArray[np.object_]
    people: tuple[Detection, ...]

    def __len__(self) -> int:
        return len(self.score)


def findings(observation: Observation, least_score: float) -> Findings:
    """The findings that can be a person; broken numbers and boxes without area are left out."""
    people = sorted(
        (d for d in observation.people if _usable(d) and d.score >= least_score),
        key=lambda d: (-d.score, d.box.xyxy, NO_HINT if d.track_hint is None else d.track_hint),
    )
    boxes = np.array([d.box.xyxy for d in people], dtype=np.float64).reshape(-1, 4)
    hint = np.array([NO_HINT if d.track_hint is None else d.track_hint for d in people], dtype=np.int64)
    skeleton = np.empty(len(people), object)
    skeleton[:] = [_finite(d.skeleton) for d in people]
    score = np.array([min(d.score, 1.0) for d in people], dtype=np.float64)
    return Findings(boxes, score, hint, covered_shares(boxes, boxes), skeleton, tuple(people))


def _usable(detection: Detection) -> bool:
    box = detection.box
    if not (box.is_finite() and math.isfinite(detection.score)):
        return False
    near = max(abs(v) for v in box.xyxy) <= LARGEST_PX
    return near and box.width >= LEAST_SIZE_PX and box.height >= LEAST_SIZE_PX


def _finite(skeleton: Skeleton | None) -> Skeleton | None:
    if skeleton is None or not (np.isfinite(skeleton.xy).all() and np.isfinite(skeleton.score).all()):
        return None
    return skeleton

"""What an observation says, as arrays in an order that does not depend on the order of arrival."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.people import Detection, Observation, Skeleton
from engine.tracking.overlap import centre_sizes, crowding

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
        crowd: (M, 4) how each stands among the others, see `overlap.crowding`.
        skeleton: (M,) key points (objects, or None).
        people: the M findings themselves.
    """

    boxes: F64
    score: F64
    hint: NDArray[np.int64]
    crowd: F64
    skeleton: NDArray[np.object_]
    people: tuple[Detection, ...]

    def __len__(self) -> int:
        return len(self.score)

    @property
    def centre_sizes(self) -> F64:
        """(M, 4) cx, cy, w, h."""
        return centre_sizes(self.boxes)

    @property
    def nearest(self) -> F64:
        """(M,) the largest IoU with another finding."""
        return self.crowd[:, 0]

    @property
    def covered(self) -> F64:
        """(M,) share hidden by other findings in front."""
        return self.crowd[:, 2]


def findings(observation: Observation, least_score: float) -> Findings:
    """The findings that can be a person; broken numbers and boxes without area are left out."""
    rows = []
    for k, d in enumerate(observation.people):
        x0, y0, x1, y1 = d.box.xyxy
        # Written so that a number that is none fails every comparison.
        if (
            -LARGEST_PX <= x0 <= x1 - LEAST_SIZE_PX
            and -LARGEST_PX <= y0 <= y1 - LEAST_SIZE_PX
            and max(x1, y1) <= LARGEST_PX
            and least_score <= d.score < math.inf
        ):
            rows.append((-d.score, x0, y0, x1, y1, NO_HINT if d.track_hint is None else d.track_hint, k))
    rows.sort()
    table = np.array(rows, np.float64).reshape(-1, 7)
    people = tuple(observation.people[row[-1]] for row in rows)
    skeleton = np.empty(len(people), object)
    skeleton[:] = [_finite(d.skeleton) for d in people]
    boxes = np.ascontiguousarray(table[:, 1:5])
    score = np.minimum(-table[:, 0], 1.0)
    return Findings(boxes, score, table[:, 5].astype(np.int64), crowding(boxes), skeleton, people)


def _finite(skeleton: Skeleton | None) -> Skeleton | None:
    if skeleton is None or not (np.isfinite(skeleton.xy).all() and np.isfinite(skeleton.score).all()):
        return None
    return skeleton

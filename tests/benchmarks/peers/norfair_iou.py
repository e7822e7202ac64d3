"""norfair (BSD-3) with its own overlap distance, remembering 30 pictures, confirming after 3."""

from __future__ import annotations

from typing import Any

import norfair
import numpy as np
from peers.exchange import Sight, Stage, Update

LEAST_SCORE = 0.6
MOST_DISTANCE = 0.7


def tracker(_name: str, _stage: Stage) -> Update:
    """A norfair tracker with an empty memory."""
    follow = norfair.Tracker(
        distance_function="iou", distance_threshold=MOST_DISTANCE, hit_counter_max=30, initialization_delay=3
    )

    def update(sight: Sight) -> tuple[Any, Any]:
        sure = sight.above(LEAST_SCORE)
        now = [
            norfair.Detection(points=box.reshape(2, 2), scores=np.array([score, score]))
            for box, score in zip(sure.boxes, sure.scores, strict=True)
        ]
        # norfair also returns whom it only predicts; like everybody here it may name only whom it found.
        seen = {id(d) for d in now}
        found = [t for t in follow.update(now) if t.id is not None and id(t.last_detection) in seen]
        ids = np.array([t.id for t in found], dtype=np.int64)
        return ids, np.array([t.estimate.reshape(-1) for t in found]).reshape(-1, 4)

    return update

"""roboflow trackers (Apache-2.0): the library's own defaults, which are the published settings."""

from __future__ import annotations

from typing import Any

import numpy as np
import supervision
import trackers
from peers.exchange import Sight, Stage, Update

#: name -> class and what differs from the library's defaults.
TRACKERS: dict[str, tuple[str, dict[str, Any]]] = {
    # Bewley's SORT forgets whom it does not see in the very next picture.
    "SORT": ("SORTTracker", {"lost_track_buffer": 1}),
    "SORT, 30 pictures": ("SORTTracker", {}),
    "ByteTrack": ("ByteTrackTracker", {}),
    "OC-SORT": ("OCSORTTracker", {}),
    "C-BIoU": ("CBIoUTracker", {}),
    "BoT-SORT": ("BoTSORTTracker", {"enable_cmc": False}),
}


def tracker(name: str, stage: Stage) -> Update:
    """That tracker with an empty memory."""
    kind, settings = TRACKERS[name]
    follow = getattr(trackers, kind)(**settings)

    def update(sight: Sight) -> tuple[Any, Any]:
        found = follow.update(
            supervision.Detections(
                xyxy=sight.boxes.astype(np.float32),
                confidence=sight.scores.astype(np.float32),
                class_id=np.zeros(len(sight.scores), dtype=int),
            )
        )
        if found.tracker_id is None or not len(found):
            return np.zeros(0, np.int64), np.zeros((0, 4))
        named = found.tracker_id >= 0
        return found.tracker_id[named], found.xyxy[named]

    return update

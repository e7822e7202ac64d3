"""The box of a person of whom only the skeleton was seen, between two runs of the detector."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Box
from engine.people import Joint, Skeleton

F64 = NDArray[np.float64]

TORSO = (Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER, Joint.LEFT_HIP, Joint.RIGHT_HIP)
HEAD = (Joint.NOSE, Joint.LEFT_EYE, Joint.RIGHT_EYE, Joint.LEFT_EAR, Joint.RIGHT_EAR)
#: How much of a new detection goes into what is known of a person's posture.
GAIN = 0.5
#: How far an edge follows the joint next to it, and the most it may differ from the torso's opinion, as a
#: share of the side. Half and 12 % gave the best overlap with the truth on four clips, walking and dancing.
EDGE_GAIN = 0.5
MOST_GIVE = 0.12
#: Fewer joints say nothing about edges.
LEAST_JOINTS = 4


def _standing() -> F64:
    """Where joints lie in the box of somebody who stands, from its centre, in box widths and heights.

    NaN for the limbs, which may be anywhere.
    """
    places = np.full((len(Joint), 2), np.nan)
    places[list(HEAD)] = 0.0, -0.42
    places[list(TORSO[:2])] = 0.0, -0.31
    places[list(TORSO[2:])] = 0.0, 0.02
    return places


class BodyBoxes:
    """Places a track's box by the skeleton.

    The bounds of all joints alone would jump whenever a wrist is raised out of sight or a foot is hidden,
    and the camera with them. Instead it is remembered where in the detector's box each joint lay. The box is
    put where the torso says it is now; then each edge gives way a little to the outermost of the joints that
    are visible, which are compared with the remembered places of the same joints. So a joint that vanishes
    moves nothing, and nothing pumps when detector and skeleton take turns.
    """

    def __init__(self) -> None:
        self._places: dict[int, F64] = {}

    def learn(self, track_id: int, box: Box, skeleton: Skeleton) -> None:
        """Remember where the visible joints lie in a box that a detector found."""
        if min(box.width, box.height) <= 0:
            return
        center = np.array([box.center.x, box.center.y])
        now = (skeleton.xy - center) / np.array([box.width, box.height])
        before = self._places.get(track_id)
        if before is None:
            before, after = _standing(), now
        else:
            after = np.where(np.isnan(before), now, before + GAIN * (now - before))
        self._places[track_id] = np.where(skeleton.visible[:, None], after, before)

    def place(self, track_id: int, box: Box, skeleton: Skeleton) -> Box | None:
        """``box`` put where ``skeleton`` is; None when neither torso nor head can be seen."""
        visible = skeleton.visible
        anchors = [j for j in TORSO if visible[j]]
        if len(anchors) < 2:
            anchors = [j for j in (*TORSO, *HEAD) if visible[j]]
        if not anchors:
            return None
        size = np.array([box.width, box.height])
        places = self._places.get(track_id)
        offsets = (_standing() if places is None else places) * size
        centers = skeleton.xy[anchors] - offsets[anchors]
        center = np.average(centers, axis=0, weights=skeleton.score[anchors])
        low, high = center - size / 2, center + size / 2
        known = visible & np.isfinite(offsets[:, 0])
        if places is not None and known.sum() >= LEAST_JOINTS:
            now, then, most = skeleton.xy[known] - center, offsets[known], MOST_GIVE * size
            low += EDGE_GAIN * np.clip(now.min(axis=0) - then.min(axis=0), -most, most)
            high += EDGE_GAIN * np.clip(now.max(axis=0) - then.max(axis=0), -most, most)
        return Box(*low.tolist(), *high.tolist())

    def keep_only(self, track_ids: Collection[int]) -> None:
        """Forget everybody else."""
        self._places = {i: p for i, p in self._places.items() if i in track_ids}

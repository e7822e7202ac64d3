"""BlazePose's 33 landmarks: what they are called, how they become COCO-17 and a box around the body.

Source: Bazarevsky et al., "BlazePose: On-device Real-time Body Pose tracking", arXiv:2006.10204;
landmark order of MediaPipe's PoseLandmarker.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np

from engine.geometry import Box, Size
from engine.people import F32, JOINT_VISIBLE, Skeleton

#: Number of landmarks.
COUNT = 33
#: Landmark of every COCO-17 joint, in the order of ``engine.people.Joint``.
COCO_FROM_BLAZE = np.array([0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28])

#: Seldom more than half of a body's landmarks are in the picture when it is cut at the waist.
_BEST = 17
#: Fewer visible landmarks than this are no body worth a box.
_FEWEST = 6
#: The crown lies this far beyond the shoulders, in distances from the shoulders to the eyes.
_CROWN = 1.75
#: Landmarks are joints, inside the body: the outline lies this many head sizes further out.
_SIDE, _BOTTOM = 0.55, 0.25
#: A head counts at most this share of the body's longer side when padding.
_HEAD_AT_MOST = 0.22


class Mark(enum.IntEnum):
    """The landmarks that are used by name."""

    NOSE = 0
    LEFT_EYE = 2
    RIGHT_EYE = 5
    LEFT_EAR = 7
    RIGHT_EAR = 8
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_HIP = 23
    RIGHT_HIP = 24


@dataclass(frozen=True, slots=True, eq=False)
class BlazePose:
    """One body as BlazePose sees it.

    Attributes:
        xy: (33, 2) pixels; points outside the picture and hidden points are guesses.
        score: (33,) visibility times presence, 0 to 1.
        world_m: (33, 3) metres, hip-relative, or None.
    """

    xy: F32
    score: F32
    world_m: F32 | None = None

    @property
    def confidence(self) -> float:
        """How surely this is a person, 0 to 1: half for the best half of the body, half for all of it.

        So a body cut at the waist still scores well, and of two views of one body the whole one wins.
        """
        best = float(np.sort(self.score)[-_BEST:].mean())
        return (best + float(self.score.mean())) / 2

    @property
    def scale_px(self) -> float:
        """The size of the trunk: shoulders to hips, or the width of the shoulders when that is more."""
        left, right = self.xy[Mark.LEFT_SHOULDER], self.xy[Mark.RIGHT_SHOULDER]
        hips = (self.xy[Mark.LEFT_HIP] + self.xy[Mark.RIGHT_HIP]) / 2
        trunk = float(np.linalg.norm((left + right) / 2 - hips))
        return max(trunk, float(np.linalg.norm(left - right)), 1.0)

    def skeleton(self) -> Skeleton:
        """The same body with COCO-17 joints; the world points stay 33."""
        return Skeleton(
            self.xy[COCO_FROM_BLAZE].astype(np.float32),
            self.score[COCO_FROM_BLAZE].astype(np.float32),
            self.world_m,
        )

    def box(self, size: Size) -> Box | None:
        """The box of the visible body with its crown and outline, clipped to the picture.

        None when too little of the body is visible or nothing of it lies inside the picture.
        """
        seen = (self.score >= JOINT_VISIBLE) & np.isfinite(self.xy).all(axis=1)
        if int(seen.sum()) < _FEWEST:
            return None
        shoulders = (self.xy[Mark.LEFT_SHOULDER] + self.xy[Mark.RIGHT_SHOULDER]) / 2
        face = self.xy[[Mark.LEFT_EYE, Mark.RIGHT_EYE, Mark.LEFT_EAR, Mark.RIGHT_EAR]].mean(axis=0)
        points = self.xy[seen]
        if seen[Mark.NOSE]:
            crown = shoulders + _CROWN * (face - shoulders)
            points = np.vstack([points, crown])
        inner = Box.around(points)
        head = min(float(np.linalg.norm(face - shoulders)), _HEAD_AT_MOST * max(inner.width, inner.height))
        box = Box(
            inner.x0 - _SIDE * head, inner.y0, inner.x1 + _SIDE * head, inner.y1 + _BOTTOM * head
        ).clipped(size)
        return box if box.area > 0 and box.is_finite() else None

"""A stick figure in BlazePose's landmarks, for tests."""

import numpy as np

from engine.geometry import Size
from engine.perception.blazepose import BlazePose
from engine.perception.mediapipe_merge import Finding

SIZE = Size(1280, 720)

#: x and y of the 33 landmarks of a standing person, in body heights from the crown's middle.
_FIGURE = np.array(
    [
        *[(0.0, 0.075)],
        *[(0.01, 0.06), (0.015, 0.06), (0.02, 0.06), (-0.01, 0.06), (-0.015, 0.06), (-0.02, 0.06)],
        *[(0.04, 0.065), (-0.04, 0.065), (0.012, 0.095), (-0.012, 0.095)],
        *[(0.10, 0.18), (-0.10, 0.18), (0.13, 0.32), (-0.13, 0.32), (0.14, 0.45), (-0.14, 0.45)],
        *[(0.15, 0.48), (-0.15, 0.48), (0.14, 0.49), (-0.14, 0.49), (0.13, 0.47), (-0.13, 0.47)],
        *[(0.06, 0.50), (-0.06, 0.50), (0.06, 0.73), (-0.06, 0.73), (0.06, 0.94), (-0.06, 0.94)],
        *[(0.06, 0.97), (-0.06, 0.97), (0.08, 0.98), (-0.08, 0.98)],
    ]
)


def body(cx, cy, height=300.0, others=0.98, legs=None):
    """A person centred at (cx, cy); ``legs`` is the score from the hips down."""
    xy = _FIGURE * height + (cx, cy - height / 2)
    score = np.full(33, others)
    if legs is not None:
        score[23:] = legs
    return BlazePose(xy.astype(np.float32), score.astype(np.float32))


def finding(cx, cy, **how):
    pose = body(cx, cy, **how)
    box = pose.box(SIZE)
    assert box is not None
    return Finding(pose, box, pose.confidence)

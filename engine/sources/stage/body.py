"""The moving body of a performer: a pose in joint angles, and the joints in space that follow from it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.people import Joint

#: Rows after the 17 COCO joints that only drawing needs.
HEAD, CROWN, LEFT_HAND, RIGHT_HAND, LEFT_TOE, RIGHT_TOE, THROAT = range(17, 24)
POINTS = 24

_HIP_HALF_M, _SHOULDER_HALF_M = 0.095, 0.185
_THIGH_M, _SHIN_M, _ANKLE_M, _FOOT_M = 0.44, 0.43, 0.08, 0.17
_TORSO_M, _NECK_M, _HEAD_M = 0.49, 0.10, 0.12
_UPPER_ARM_M, _FOREARM_M, _HAND_M = 0.29, 0.26, 0.10
#: The camera looks down a little: a metre towards it is this much lower in the picture.
_LOOK_DOWN = 0.2


@dataclass(frozen=True, slots=True)
class Arm:
    """An arm in radians, in the plane of the chest.

    Attributes:
        out: upper arm away from the body: 0 hangs, pi/2 points sideways, pi up.
        bend: forearm further in the same sense; negative bends inwards.
        forward: swing of the whole arm to the front.
    """

    out: float = 0.16
    bend: float = -0.08
    forward: float = 0.0


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a performer stands and how, at one moment.

    Attributes:
        x: design pixels (on a picture 1920 wide).
        depth: 0 back of the stage to 1 front edge; below 0 = behind the stage, farther away.
        yaw: radians; 0 faces the camera, pi shows the back, pi/2 looks to the right of the picture.
        left, right: the performer's own left and right arm.
        stride: -1 to 1, the left leg in front for positive values.
        crouch: 0 stands, 1 deep knee bend.
        lean: radians, sideways to the right of the picture.
    """

    x: float
    depth: float
    yaw: float = 0.0
    left: Arm = Arm()
    right: Arm = Arm()
    stride: float = 0.0
    crouch: float = 0.0
    lean: float = 0.0


def points_in_space(pose: Pose) -> NDArray[np.float64]:
    """Joints and drawing points, shape (24, 3), in metres.

    Right in the picture, up from the floor, towards the camera; the origin is on the floor below the pelvis.
    Proportions are those of a person of 1.75 m.
    """
    p = np.zeros((POINTS, 3))
    legs = [_leg(side, pose) for side in (1.0, -1.0)]
    pelvis_m = _ANKLE_M + max(-leg[1][1] for leg in legs)
    for side, (knee, ankle), rows in (
        (1.0, legs[0], (Joint.LEFT_HIP, Joint.LEFT_KNEE, Joint.LEFT_ANKLE, LEFT_TOE)),
        (-1.0, legs[1], (Joint.RIGHT_HIP, Joint.RIGHT_KNEE, Joint.RIGHT_ANKLE, RIGHT_TOE)),
    ):
        hip = np.array([side * _HIP_HALF_M, pelvis_m, 0.0])
        toe = ankle + np.array([side * 0.05, -_ANKLE_M * 0.6, _FOOT_M])
        for row, offset in zip(rows, (np.zeros(3), knee, ankle, toe), strict=True):
            p[row] = hip + offset
    shoulder_m = pelvis_m + _TORSO_M
    for side, arm, rows in (
        (1.0, pose.left, (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, Joint.LEFT_WRIST, LEFT_HAND)),
        (-1.0, pose.right, (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST, RIGHT_HAND)),
    ):
        upper, fore = (
            _direction(side, arm.out, arm.forward),
            _direction(side, arm.out + arm.bend, arm.forward * 1.3),
        )
        p[rows[0]] = (side * _SHOULDER_HALF_M, shoulder_m, 0.0)
        p[rows[1]] = p[rows[0]] + upper * _UPPER_ARM_M
        p[rows[2]] = p[rows[1]] + fore * _FOREARM_M
        p[rows[3]] = p[rows[2]] + fore * _HAND_M
    head_m = shoulder_m + _NECK_M + _HEAD_M
    p[THROAT] = (0.0, shoulder_m + 0.02, 0.0)
    p[HEAD] = (0.0, head_m, 0.0)
    p[CROWN] = (0.0, head_m + _HEAD_M * 1.1, 0.0)
    p[Joint.NOSE] = (0.0, head_m - 0.01, 0.105)
    p[Joint.LEFT_EYE], p[Joint.RIGHT_EYE] = (0.036, head_m + 0.025, 0.085), (-0.036, head_m + 0.025, 0.085)
    p[Joint.LEFT_EAR], p[Joint.RIGHT_EAR] = (0.082, head_m, -0.005), (-0.082, head_m, -0.005)
    return _turned(p, pose.yaw, pose.lean)


def face_shown(points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(5,) whether nose, eyes and ears are on the side of the head that the camera sees."""
    towards = points[: Joint.LEFT_EAR + 2, 2] - points[HEAD, 2]
    return np.asarray(towards > np.array([0.015, 0.01, 0.01, -0.055, -0.055]))


def flat(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, 2) metres in the picture plane, right and down from the place on the floor."""
    return np.column_stack([points[:, 0], _LOOK_DOWN * points[:, 2] - points[:, 1]])


def _leg(side: float, pose: Pose) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Knee and ankle relative to the hip."""
    swing = 0.55 * pose.stride * side
    spread, out = 0.05 + 0.1 * pose.crouch, 0.85 * pose.crouch
    knee_bend = 1.1 * max(-swing, 0.0)
    thigh = _direction(side, spread + out, swing + 0.35 * pose.crouch) * _THIGH_M
    shin = _direction(side, spread - out, swing - knee_bend - 0.35 * pose.crouch) * _SHIN_M
    return thigh, thigh + shin


def _direction(side: float, out: float, forward: float) -> NDArray[np.float64]:
    return np.array(
        [side * math.sin(out), -math.cos(out) * math.cos(forward), math.cos(out) * math.sin(forward)]
    )


def _turned(p: NDArray[np.float64], yaw: float, lean: float) -> NDArray[np.float64]:
    cos, sin = math.cos(yaw), math.sin(yaw)
    x = p[:, 0] * cos + p[:, 2] * sin
    z = p[:, 2] * cos - p[:, 0] * sin
    return np.column_stack([x + p[:, 1] * math.tan(lean), p[:, 1], z])

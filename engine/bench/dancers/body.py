"""A body of 17 COCO key points in space, from its posture; and the limbs that hide what is behind them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.bench.dancers.moves import Moves
from engine.people import Joint

F64 = NDArray[np.float64]

#: Limbs as capsules: two joints and a radius in metres; they hide what is behind them.
LIMB_ENDS = np.array(
    [
        (Joint.LEFT_EAR, Joint.RIGHT_EAR),
        (Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER),
        (Joint.LEFT_SHOULDER, Joint.LEFT_HIP),
        (Joint.RIGHT_SHOULDER, Joint.RIGHT_HIP),
        (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW),
        (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW),
        (Joint.LEFT_ELBOW, Joint.LEFT_WRIST),
        (Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST),
        (Joint.LEFT_HIP, Joint.LEFT_KNEE),
        (Joint.RIGHT_HIP, Joint.RIGHT_KNEE),
        (Joint.LEFT_KNEE, Joint.LEFT_ANKLE),
        (Joint.RIGHT_KNEE, Joint.RIGHT_ANKLE),
    ]
)
LIMB_RADIUS_M = np.array([0.11, 0.08, 0.15, 0.15, 0.06, 0.06, 0.05, 0.05, 0.09, 0.09, 0.07, 0.07])
#: How far flesh, hair and shoes reach beyond each key point, metres.
JOINT_RADIUS_M = np.array([0.12] + [0.11] * 4 + [0.08] * 4 + [0.1] * 2 + [0.12] * 2 + [0.08] * 2 + [0.09] * 2)
LEFT, RIGHT = 1.0, -1.0
ANKLE_M = 0.08
GROWN_M = 1.70


def skeletons_m(moves: Moves, places_m: F64, heights_m: F64) -> F64:
    """(T, N, 17, 3) key points x (right), y (up), z (away from the camera) in metres.

    ``places_m`` is (T, N, 2) on the floor, ``heights_m`` (N,) standing heights.
    """
    s = np.broadcast_to(heights_m / GROWN_M, moves.yaw.shape)
    local = np.zeros((*moves.yaw.shape, 17, 3))  # to the left, up, forward
    reachable = np.sqrt(np.clip((0.84 * s) ** 2 - moves.spread_m**2, 0.01, None)) + ANKLE_M
    hips = np.clip(np.minimum(0.92 * s - moves.crouch_m, reachable), 0.15, None)
    spine = np.stack(
        [np.sin(moves.roll), np.cos(moves.roll) * np.cos(moves.pitch), np.sin(moves.pitch)], axis=-1
    )
    neck = 0.52 * s[..., None] * spine
    neck[..., 1] += hips
    _head(local, neck + 0.16 * s[..., None] * spine, s)
    for side, arm in ((LEFT, 0), (RIGHT, 1)):
        _limbs(local, moves, side, arm, hips, neck, s)
    cos, sin = np.cos(moves.yaw)[..., None], np.sin(moves.yaw)[..., None]
    left, up, forward = local[..., 0], local[..., 1], local[..., 2]
    return np.stack(
        [
            left * cos + forward * sin + places_m[..., 0, None],
            up + moves.lift_m[..., None],
            left * sin - forward * cos + places_m[..., 1, None],
        ],
        axis=-1,
    )


def _head(local: F64, middle: F64, s: F64) -> None:
    offsets = {
        Joint.NOSE: (0.0, 0.0, 0.10),
        Joint.LEFT_EYE: (0.033, 0.035, 0.085),
        Joint.RIGHT_EYE: (-0.033, 0.035, 0.085),
        Joint.LEFT_EAR: (0.075, 0.02, 0.0),
        Joint.RIGHT_EAR: (-0.075, 0.02, 0.0),
    }
    for joint, offset in offsets.items():
        local[..., joint, :] = middle + s[..., None] * np.array(offset)


def _limbs(local: F64, moves: Moves, side: float, arm: int, hips: F64, neck: F64, s: F64) -> None:
    """Arm and leg of one side into ``local``; the right joint follows the left one in COCO's order."""
    raised = moves.arms[..., arm]
    folded = raised + moves.elbows[..., arm] * np.where(raised > -0.2, 1.0, -1.0)
    shoulder = neck + np.stack([side * 0.19 * s, -0.04 * s, np.zeros_like(s)], axis=-1)
    elbow = shoulder + 0.28 * s[..., None] * _arm(raised, moves.reach, side)
    wrist = elbow + 0.26 * s[..., None] * _arm(folded, moves.reach, side)
    level = np.zeros_like(s)
    hip = np.stack([side * 0.10 * s, hips, level], axis=-1)
    stride = side * moves.stride_m
    ankle = np.stack([side * (0.09 * s + moves.spread_m), level + ANKLE_M, stride], axis=-1)
    knee = (hip + ankle) / 2 + moves.crouch_m[..., None] * np.array([0.25 * side, 0.0, 0.5])
    knee[..., 1] = np.maximum(knee[..., 1], ANKLE_M)
    for joint, place in (
        (Joint.LEFT_SHOULDER, shoulder),
        (Joint.LEFT_ELBOW, elbow),
        (Joint.LEFT_WRIST, wrist),
        (Joint.LEFT_HIP, hip),
        (Joint.LEFT_KNEE, knee),
        (Joint.LEFT_ANKLE, ankle),
    ):
        local[..., joint + (side == RIGHT), :] = place


def _arm(raised: F64, reach: F64, side: float) -> F64:
    """(..., 3) direction of an arm's part: outwards and up, turned forward by its reach."""
    out = np.cos(raised)
    return np.stack([side * out * np.sqrt(1 - reach**2), np.sin(raised), out * reach], axis=-1)

"""Key points as evidence: a skeleton does not jump onto its neighbour's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.people import JOINT_VISIBLE, Joint, Skeleton
from engine.tracking.findings import Findings
from engine.tracking.overlap import pair_overlaps
from engine.tracking.state import State

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: Twice the standard deviations of the COCO key points, as shares of the body's size (COCO evaluation).
TOLERANCE = 2 * np.array(
    [.026, .025, .025, .035, .035, .079, .079, .072, .072, .062, .062, .107, .107, .087, .087, .089, .089]
)  # fmt: skip
TORSO = [Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER, Joint.LEFT_HIP, Joint.RIGHT_HIP]
#: Dancers move between two looks: the tolerance grows by this many heights per second of the pose's age.
LOOSER_PER_S = 0.5
#: Key points older than this say nothing about where the joints are now.
FRESH_S = 0.5
#: Fewer joints in common than this are no pose.
LEAST_JOINTS = 4
#: A track whose pose agrees this well with one finding does not go to one that agrees less than the other.
AGREES, DISAGREES = 0.5, 0.05


def pose_agreement(state: State, found: Findings, rows: I64, columns: I64, now_s: float) -> F64:
    """(P, 4) key point similarity (OKS), torso overlap, torso distance in heights, 1 where both have poses.

    All zero where the track has no fresh pose, the finding has none, or they share too few joints.
    """
    out = np.zeros((len(rows), 4))
    posed = given(found.skeleton)
    if not np.count_nonzero(posed):
        return out
    fresh = (now_s - state.skeleton_s <= FRESH_S) & given(state.skeleton)
    both = fresh[rows] & posed[columns]
    if not both.any():
        return out
    pairs = np.flatnonzero(both)
    row, column = rows[pairs], columns[pairs]
    xy_t, shown_t = _joints(state.skeleton, np.unique(row), len(state))
    xy_f, shown_f = _joints(found.skeleton, np.unique(column), len(found))
    xy_t += state.carried[:, None]
    h = state.height[row]
    shared = shown_t[row] & shown_f[column]
    near = ((xy_t[row] - xy_f[column]) ** 2).sum(axis=2) / (h**2)[:, None]
    age_s = (now_s - state.skeleton_s[row])[:, None]
    width = (TOLERANCE[None] * 0.6) ** 2 + (LOOSER_PER_S * age_s) ** 2 / 4
    joints = shared.sum(axis=1)
    similar = (np.exp(-near / (2 * width)) * shared).sum(axis=1) / np.maximum(joints, 1)
    overlap, _ = pair_overlaps(_torso(xy_t[row], h), _torso(xy_f[column], h))
    apart = np.linalg.norm((xy_t[row] - xy_f[column])[:, TORSO].mean(axis=1), axis=1) / h
    enough = joints >= LEAST_JOINTS
    torso = enough & shared[:, TORSO].all(axis=1)
    out[pairs, 0] = similar * enough
    out[pairs, 1] = overlap * torso
    out[pairs, 2] = np.clip(apart, 0, 3) * torso
    out[pairs, 3] = enough
    return out


def jumps(agreement: F64, rows: I64, n: int) -> Mask:
    """(P,) pairs that would take a track from its own skeleton to somebody else's."""
    known = agreement[:, 3] > 0
    best = np.zeros(n)
    np.maximum.at(best, rows[known], agreement[known, 0])
    result: Mask = known & (agreement[:, 0] < DISAGREES) & (best[rows] > AGREES)
    return result


def given(skeletons: NDArray[np.object_]) -> Mask:
    """(N,) where there are key points at all."""
    return np.array([s is not None for s in skeletons.tolist()], bool)


def _joints(skeletons: NDArray[np.object_], which: I64, n: int) -> tuple[F64, Mask]:
    xy, shown = np.zeros((n, len(Joint), 2)), np.zeros((n, len(Joint)), bool)
    for k in which.tolist():
        skeleton: Skeleton = skeletons[k]
        xy[k], shown[k] = skeleton.xy, skeleton.score >= JOINT_VISIBLE
    return xy, shown


def _torso(xy: F64, h: F64) -> F64:
    """(P, 4) box around shoulders and hips, never thinner than a tenth of a height."""
    points = xy[:, TORSO]
    least = 0.05 * h[:, None]
    return np.concatenate([points.min(axis=1) - least, points.max(axis=1) + least], axis=1)

"""Who overlaps whom, and how much of each body the nearer ones hide."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.bench.dancers.body import LIMB_ENDS, LIMB_RADIUS_M
from engine.bench.dancers.camera import View

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: Pairs of bodies looked at in one go: bounds the memory.
CHUNK = 2000
#: Where on each limb it is looked whether it is hidden.
SAMPLES = np.array([0.2, 0.5, 0.8])


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """How N people at T times hide one another.

    Attributes:
        overlap: (T, N) largest IoU with another body's box.
        front: (T, N) whether one is nearer to the camera than that other.
        visible: (T, N) share of the body that nobody hides.
        occluder: (T, N) who hides most of it; -1 = nobody.
        hidden_joints: (T, N, 17).
    """

    overlap: F64
    front: Flags
    visible: F64
    occluder: I64
    hidden_joints: Flags


def iou(a: F64, b: F64) -> F64:
    """(..., A, B) intersection over union of boxes (..., A, 4) and (..., B, 4); 0 for empty ones."""
    low = np.maximum(a[..., :, None, :2], b[..., None, :, :2])
    high = np.minimum(a[..., :, None, 2:], b[..., None, :, 2:])
    shared: F64 = np.prod(np.clip(high - low, 0.0, None), axis=-1)
    area_a = np.prod(np.clip(a[..., 2:] - a[..., :2], 0.0, None), axis=-1)
    area_b = np.prod(np.clip(b[..., 2:] - b[..., :2], 0.0, None), axis=-1)
    union = area_a[..., :, None] + area_b[..., None, :] - shared
    return np.asarray(shared / np.maximum(union, 1e-9), dtype=np.float64)


def cover(view: View) -> Cover:
    """Who hides whom in that view: points on each body against the limbs of nearer bodies."""
    times, people = view.depth_m.shape
    shares = iou(view.boxes, view.boxes)
    shares[:, np.arange(people), np.arange(people)] = 0.0
    shares *= view.inside[:, :, None] & view.inside[:, None, :]
    other = shares.argmax(axis=2)
    overlap = np.take_along_axis(shares, other[..., None], axis=2)[..., 0]
    front = view.depth_m < np.take_along_axis(view.depth_m, other, axis=1)

    points = _points(view.joints)
    hidden = np.zeros((times, people, points.shape[2]), dtype=bool)
    most = np.zeros((times, people))
    occluder = np.full((times, people), -1)
    nearer = view.depth_m[:, None, :] < view.depth_m[:, :, None]
    pairs = np.argwhere((shares > 0.01) & nearer)
    for start in range(0, len(pairs), CHUNK):
        t, behind, before = pairs[start : start + CHUNK].T
        covered = _inside_limbs(points[t, behind], view.joints[t, before], view.scale[t, before])
        np.logical_or.at(hidden, (t, behind), covered)
        _keep_most(most, occluder, t, behind, before, _share(covered))
    visible = 1.0 - _share(hidden)
    return Cover(overlap, front, visible, occluder, hidden[..., : view.joints.shape[2]])


def _points(joints: F64) -> F64:
    """(T, N, 17 + samples, 2) the joints, and places along the limbs."""
    a, b = joints[:, :, LIMB_ENDS[:, 0]], joints[:, :, LIMB_ENDS[:, 1]]
    along = a[:, :, :, None] + (b - a)[:, :, :, None] * SAMPLES[:, None]
    return np.concatenate([joints, along.reshape(*joints.shape[:2], -1, 2)], axis=2)


def _share(hidden: Flags) -> F64:
    """(...,) how much of a body lies at the hidden places; thick limbs count more."""
    weight = np.repeat(LIMB_RADIUS_M, len(SAMPLES))
    share: F64 = hidden[..., -len(weight) :] @ (weight / weight.sum())
    return share


def _inside_limbs(points: F64, joints: F64, scale: F64) -> Flags:
    """(P, points) which of the points (P, points, 2) lie within the limbs of joints (P, 17, 2)."""
    a = joints[:, LIMB_ENDS[:, 0]][:, None]
    way = joints[:, LIMB_ENDS[:, 1]][:, None] - a
    to = points[:, :, None] - a
    along = np.clip((to * way).sum(-1) / np.maximum((way**2).sum(-1), 1e-6), 0.0, 1.0)
    distance2 = ((to - along[..., None] * way) ** 2).sum(-1)
    return np.asarray((distance2 < ((scale[:, None] * LIMB_RADIUS_M) ** 2)[:, None]).any(axis=-1))


def _keep_most(most: F64, occluder: I64, t: I64, behind: I64, before: I64, share: F64) -> None:
    """Remembers for each body who hides most of it; later pairs of the same body come in any order."""
    order = np.argsort(share, kind="stable")
    t, behind, before, share = t[order], behind[order], before[order], share[order]
    better = share > most[t, behind]
    most[t[better], behind[better]] = share[better]
    occluder[t[better], behind[better]] = before[better]

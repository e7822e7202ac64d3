"""A pose estimator as it errs: noise by the size of the person, doubt and stolen joints where hidden."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from engine.bench.dancers.camera import View
from engine.bench.dancers.overlap import Cover
from engine.bench.dancers.processes import lagging, white
from engine.people import Joint

F64 = NDArray[np.float64]

FACE = np.array([Joint.NOSE, Joint.LEFT_EYE, Joint.RIGHT_EYE])
CLEAR_ERROR = 0.010
HIDDEN_ERROR = 0.045


def skeletons(rng: np.random.Generator, time_s: F64, last_s: float, view: View, covered: Cover) -> F64:
    """(T, N, 17, 3) x, y in pixels and score: what a top-down estimator says about each person's box.

    A hidden joint is often found on the one in front; then its score does not tell.
    """
    people = view.depth_m.shape[1]
    hidden = covered.hidden_joints
    mind = ndtr(lagging(rng, time_s, last_s, (people, 17), 0.25))
    stolen = hidden & (mind < 0.6 * (1.0 - covered.visible)[..., None]) & (covered.occluder >= 0)[..., None]
    before = np.take_along_axis(view.joints, np.maximum(covered.occluder, 0)[..., None, None], axis=1)
    joints = np.where(stolen[..., None], before, view.joints)

    height = view.boxes[..., 3] - view.boxes[..., 1]
    error = np.where(hidden & ~stolen, HIDDEN_ERROR, CLEAR_ERROR) * height[..., None]
    noise = 0.8 * lagging(rng, time_s, last_s, (people, 17, 2), 0.1)
    noise += 0.6 * white(rng, time_s, last_s, (people, 17, 2))
    joints = joints + noise * error[..., None]

    mean = np.where(stolen, 0.65, np.where(hidden, 0.4, 0.88))
    turned_away = np.clip((0.1 - view.facing) / 0.5, 0.0, 1.0)[..., None]
    mean[..., FACE] -= 0.7 * turned_away
    score = mean + 0.08 * white(rng, time_s, last_s, (people, 17))
    return np.concatenate([joints, np.clip(score, 0.02, 0.99)[..., None]], axis=-1)

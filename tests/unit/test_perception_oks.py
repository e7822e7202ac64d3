from __future__ import annotations

import numpy as np
import pytest

from engine.people import Joint
from engine.perception.oks import COCO_SIGMAS, oks

ALL = np.ones(17, bool)
AREA = 10_000.0
POSE = np.random.default_rng(0).uniform(0, 100, (17, 2))


def test_the_same_skeleton_is_1() -> None:
    assert oks(POSE, POSE, ALL, AREA) == pytest.approx(1.0)


def test_one_joint_by_hand() -> None:
    """A wrist off by 12.4 px in an area of 100 x 100: d = 2 sigma sqrt(area), so exp(-1/2)."""
    moved = POSE.copy()
    moved[Joint.LEFT_WRIST] += [12.4, 0]
    only = np.zeros(17, bool)
    only[Joint.LEFT_WRIST] = True
    assert oks(POSE, moved, only, AREA) == pytest.approx(np.exp(-0.5))
    assert oks(POSE, moved, ALL, AREA) == pytest.approx((16 + np.exp(-0.5)) / 17)


def test_all_joints_off_by_their_own_spread() -> None:
    moved = POSE + np.stack([COCO_SIGMAS * 200, np.zeros(17)], axis=1)
    assert oks(POSE, moved, ALL, AREA) == pytest.approx(np.exp(-0.5))
    assert oks(POSE, moved, ALL, 4 * AREA) == pytest.approx(np.exp(-0.125))


def test_nothing_to_compare_is_0() -> None:
    assert oks(POSE, POSE, np.zeros(17, bool), AREA) == 0.0
    assert oks(POSE, POSE + 1, ALL, 0.0) == 0.0


def test_leading_dimensions_make_a_matrix() -> None:
    people = np.stack([POSE, POSE + 500, POSE + np.array([3, 0])])
    matrix = oks(people[:, None], people[None], ALL, np.full((3, 3), AREA))
    assert matrix.shape == (3, 3)
    np.testing.assert_allclose(matrix, matrix.T)
    np.testing.assert_allclose(np.diag(matrix), 1.0)
    assert matrix[0, 1] < 1e-6 < 0.7 < matrix[0, 2] < 1

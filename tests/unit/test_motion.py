"""Pictures whose motion is known: what the estimator must say of them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from engine.geometry import Box, Size
from engine.motion import MotionEstimator
from engine.sources.frame import Frame, Image

SIZE = Size(960, 540)
PERSON = Box(400, 120, 560, 500)


def texture(width: int, height: int, seed: int) -> Image:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (height // 12 + 1, width // 12 + 1, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


WALL = texture(1100, 700, 1)
COSTUME = texture(int(PERSON.width), int(PERSON.height), 2)


def shifted(picture: Image, dx: float, dy: float, size: Size = SIZE) -> Image:
    affine = np.array([[1.0, 0.0, dx - 50], [0.0, 1.0, dy - 50]])
    return np.asarray(cv2.warpAffine(picture, affine, (size.width, size.height)), np.uint8)


def stage(camera: tuple[float, float] = (0, 0), person: tuple[int, int] = (0, 0)) -> Image:
    picture = shifted(WALL, *camera)
    x, y = int(PERSON.x0) + person[0], int(PERSON.y0) + person[1]
    picture[y : y + COSTUME.shape[0], x : x + COSTUME.shape[1]] = COSTUME
    return picture


def frame(image: Image, index: int) -> Frame:
    return Frame(image, index / 30, index)


def test_the_first_picture_and_the_one_after_a_cut_have_no_motion() -> None:
    motion = MotionEstimator(SIZE)
    assert motion.update(frame(stage(), 0), []) is None
    assert motion.update(frame(stage(), 1), []) is not None
    motion.reset()
    assert motion.update(frame(stage(), 2), []) is None


def test_another_scene_is_a_cut_and_moves_nobody() -> None:
    motion = MotionEstimator(SIZE)
    motion.update(frame(stage(), 0), [PERSON])
    field = motion.update(frame(shifted(texture(1100, 700, 9), 0, 0), 1), [PERSON])
    assert field is not None and field.cut
    assert len(field.points) == 0 and (field.background == np.eye(2, 3)).all()
    after = motion.update(frame(shifted(texture(1100, 700, 9), 0, 0), 2), [])
    assert after is not None and not after.cut


@pytest.mark.parametrize("change", ["darker", "black", "person", "pan"])
def test_lamps_people_and_pans_are_no_cut(change: str) -> None:
    before, after = stage(), stage()
    if change == "darker":
        after = (before * 0.3).astype(np.uint8)
    elif change == "black":
        after = np.zeros_like(before)
    elif change == "person":
        after = stage(person=(60, 0))
    else:
        after = stage(camera=(40, 10))
    motion = MotionEstimator(SIZE)
    motion.update(frame(before, 0), [PERSON])
    field = motion.update(frame(after, 1), [PERSON])
    assert field is not None and not field.cut


def test_another_picture_size_or_a_time_that_stands_still_has_no_motion() -> None:
    motion = MotionEstimator(SIZE)
    motion.update(frame(stage(), 0), [])
    assert motion.update(frame(np.zeros((100, 100, 3), np.uint8), 1), []) is None
    assert motion.update(frame(stage(), 2), []) is None
    assert motion.update(frame(stage(), 2), []) is None
    assert motion.update(frame(stage(), 3), []) is not None


def test_a_fixed_camera_stays_exactly_fixed_in_spite_of_noise_and_people() -> None:
    motion = MotionEstimator(SIZE)
    rng = np.random.default_rng(0)
    for k in range(12):
        noisy = np.clip(stage(person=(9 * k, 0)) + rng.normal(0, 4, (540, 960, 3)), 0, 255).astype(np.uint8)
        field = motion.update(frame(noisy, k), [PERSON.shifted(9 * (k - 1), 0)])
        if k:
            np.testing.assert_array_equal(field.background, np.eye(2, 3))


@pytest.mark.parametrize("pan", [(6.0, 0.0), (-11.0, 4.0), (1.0, 0.0)])
def test_a_camera_that_pans_is_measured(pan: tuple[float, float]) -> None:
    motion = MotionEstimator(SIZE)
    motion.update(frame(stage(), 0), [PERSON])
    field = motion.update(frame(stage(camera=pan), 1), [PERSON])
    center = np.array([480.0, 270.0, 1.0])
    np.testing.assert_allclose(field.background @ center - center[:2], pan, atol=0.25)


def test_a_zoom_is_measured_in_source_pixels() -> None:
    wall = shifted(WALL, 0, 0)
    zoom = np.array([[1.03, 0.0, -14.4], [0.0, 1.03, -8.1]])
    motion = MotionEstimator(SIZE)
    motion.update(frame(wall, 0), [])
    field = motion.update(frame(np.asarray(cv2.warpAffine(wall, zoom, (960, 540)), np.uint8), 1), [])
    for corner in ([0, 0, 1], [960, 0, 1], [960, 540, 1]):
        np.testing.assert_allclose(field.background @ corner, zoom @ corner, atol=0.6)


@pytest.mark.parametrize("step", [(0, 0), (7, -3), (-20, 5)])
def test_points_on_a_person_move_with_the_person_and_the_rest_stands(step: tuple[int, int]) -> None:
    motion = MotionEstimator(SIZE)
    motion.update(frame(stage(), 0), [PERSON])
    field = motion.update(frame(stage(person=step), 1), [PERSON])
    x, y = field.points.T
    on_person = (x > PERSON.x0) & (x < PERSON.x1) & (y > PERSON.y0) & (y < PERSON.y1)
    assert on_person.sum() >= 12
    np.testing.assert_allclose(np.median(field.displacement[on_person], axis=0), step, atol=0.3)
    np.testing.assert_allclose(np.median(field.displacement[~on_person], axis=0), [0, 0], atol=0.05)
    assert (field.from_s, field.to_s) == (0.0, 1 / 30)


def test_where_there_is_no_texture_there_are_no_points() -> None:
    motion = MotionEstimator(SIZE)
    grey = np.full((540, 960, 3), 90, np.uint8)
    motion.update(frame(grey, 0), [PERSON])
    field = motion.update(frame(grey, 1), [PERSON])
    assert len(field.points) == 0 and field.displacement.shape == (0, 2)
    np.testing.assert_array_equal(field.background, np.eye(2, 3))


def test_a_cut_to_another_picture_finds_next_to_nothing_again() -> None:
    motion = MotionEstimator(SIZE)
    motion.update(frame(stage(), 0), [PERSON])
    field = motion.update(frame(texture(960, 540, 9), 1), [PERSON])
    assert len(field.points) < 20
    np.testing.assert_array_equal(field.background, np.eye(2, 3))


def test_boxes_outside_the_picture_or_broken_do_no_harm() -> None:
    motion = MotionEstimator(SIZE)
    wild = [
        Box(-900, -900, -500, -500),
        Box(float("nan"), 0, 1, 1),
        Box(900, 400, 1300, 900),
        Box(5, 5, 5, 5),
    ]
    motion.update(frame(stage(), 0), wild)
    field = motion.update(frame(stage(), 1), wild)
    assert np.isfinite(field.points).all()
    assert (field.points >= 0).all() and (field.points < [960, 540]).all()


def test_thirty_people_share_the_points() -> None:
    motion = MotionEstimator(SIZE)
    crowd = [Box.from_center(20 + 31 * k, 270, 30, 120) for k in range(30)]
    motion.update(frame(stage(), 0), crowd)
    field = motion.update(frame(stage(), 1), crowd)
    assert len(field.points) <= 30 * 6 + 60
    for box in crowd[1:-1]:
        x, y = field.points.T
        assert ((x >= box.x0) & (x <= box.x1) & (y >= box.y0) & (y <= box.y1)).sum() >= 4


def test_the_picture_given_is_not_changed() -> None:
    motion = MotionEstimator(SIZE)
    picture = stage()
    picture.flags.writeable = False
    motion.update(frame(picture, 0), [PERSON])
    assert motion.update(frame(picture, 1), [PERSON]) is not None

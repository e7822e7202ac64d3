from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.geometry import Box
from engine.perception.align import ARCFACE_TEMPLATE, RETAIL_TEMPLATE, aligned, similarity
from engine.perception.face_quality import eye_distance_px, face_quality, sharpness, yaw_deg
from engine.perception.protocols import Face

ANGLES = st.floats(-3.0, 3.0)


def moved(points: np.ndarray, scale: float, angle: float, shift: tuple[float, float]) -> np.ndarray:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return scale * points @ turn.T + shift


def face_at(scale: float, angle: float = 0.0, shift: tuple[float, float] = (0.0, 0.0)) -> Face:
    points = moved(RETAIL_TEMPLATE, scale, angle, shift).astype(np.float32)
    return Face(Box.around(points).scaled(2.0), points, 0.9)


def drawn(face: Face, side: int = 480) -> np.ndarray:
    """Five discs of different grey where the points of the face are, on a patterned ground."""
    rng = np.random.default_rng(1)
    image = cv2.GaussianBlur(rng.integers(0, 90, (side, side, 3)).astype(np.uint8), (0, 0), 2.0)
    for i, (x, y) in enumerate(face.points):
        radius = max(2, round(0.1 * eye_distance_px(face)))
        cv2.circle(image, (round(float(x)), round(float(y))), radius, (120 + 30 * i,) * 3, -1)
    return image


@given(st.floats(0.05, 50.0), ANGLES, st.floats(-900, 900), st.floats(-900, 900))
def test_the_similarity_that_was_applied_is_found(scale: float, angle: float, x: float, y: float) -> None:
    source = moved(RETAIL_TEMPLATE * 100, scale, angle, (x, y))
    if np.ptp(source, axis=0).max() < 4:
        return
    matrix = similarity(source, RETAIL_TEMPLATE * 128)
    assert matrix is not None
    brought = source @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose(brought, RETAIL_TEMPLATE * 128, atol=1e-6)


def test_a_mirrored_face_is_not_mirrored_back() -> None:
    mirrored = RETAIL_TEMPLATE * [-100, 100]
    matrix = similarity(mirrored, RETAIL_TEMPLATE * 128)
    assert matrix is not None and np.linalg.det(matrix[:, :2]) > 0


@pytest.mark.parametrize("points", [np.zeros((5, 2)), np.full((5, 2), np.nan), np.full((5, 2), 7.0)])
def test_points_that_are_no_face_have_no_picture(points: np.ndarray) -> None:
    assert similarity(points, RETAIL_TEMPLATE) is None
    assert aligned(np.zeros((40, 40, 3), np.uint8), points, RETAIL_TEMPLATE, 64) is None


@pytest.mark.parametrize("template", [RETAIL_TEMPLATE, ARCFACE_TEMPLATE], ids=["retail", "arcface"])
@pytest.mark.parametrize(("scale", "angle"), [(60.0, 0.0), (150.0, 0.6), (300.0, -0.9), (40.0, 2.5)])
def test_eyes_nose_and_mouth_come_where_the_template_has_them(
    template: np.ndarray, scale: float, angle: float
) -> None:
    middle = moved(RETAIL_TEMPLATE, scale, angle, (0, 0)).mean(axis=0)
    face = face_at(scale, angle, (240 - middle[0], 240 - middle[1]))
    picture = aligned(drawn(face), face.points, template, 128)
    assert picture is not None and picture.shape == (128, 128, 3)
    for i, (x, y) in enumerate(template * 128):
        found = int(picture[round(y), round(x), 0])
        assert found == pytest.approx(120 + 30 * i, abs=25), i


def test_a_face_over_the_edge_of_the_picture_is_still_a_picture() -> None:
    face = face_at(100.0, 0.0, (-60.0, -70.0))
    picture = aligned(drawn(face_at(100.0)), face.points, RETAIL_TEMPLATE, 128)
    assert picture is not None and picture.shape == (128, 128, 3)
    far = face_at(100.0, 0.0, (5000.0, 5000.0))
    assert aligned(drawn(face_at(100.0)), far.points, RETAIL_TEMPLATE, 128) is None


def test_a_larger_face_is_better() -> None:
    faces = [face_at(scale, 0.0, (40.0, 40.0)) for scale in (10, 20, 30, 120)]
    qualities = [face_quality(drawn(face), face) for face in faces]
    assert qualities == sorted(qualities) and qualities[0] == 0.0 and qualities[-1] > 0.5


def test_a_blurred_face_is_worse_and_contrast_does_not_matter() -> None:
    rng = np.random.default_rng(3)
    shading = np.linspace(40, 200, 480)[None, :, None]
    image = np.clip(shading + rng.normal(0, 12, (480, 480, 1)), 0, 255).repeat(3, axis=2).astype(np.uint8)
    face = face_at(120.0, 0.0, (40.0, 40.0))
    blurred = [cv2.GaussianBlur(image, (0, 0), blur) if blur else image for blur in (0.0, 1.5, 3.0, 6.0)]
    sharp = [sharpness(picture, face) for picture in blurred]
    assert all(a > 1.5 * b for a, b in pairwise(sharp))
    assert face_quality(blurred[0], face) > 0.8 and face_quality(blurred[-1], face) < 0.3
    dim = (image // 2 + 20).astype(np.uint8)
    assert sharpness(dim, face) == pytest.approx(sharp[0], rel=0.1)
    assert sharpness(np.full_like(image, 90), face) == 0.0


def test_a_face_turned_to_a_side_is_worse_whichever_side() -> None:
    def turned(nose: float) -> Face:
        points = face_at(120.0, 0.3, (60.0, 60.0)).points.copy()
        points[2] += nose * (points[1] - points[0])
        return Face(Box.around(points), points, 0.9)

    yaws = [yaw_deg(turned(nose)) for nose in (0.0, 0.1, 0.3, 0.6, 1.5)]
    assert yaws == sorted(yaws) and yaws[0] < 2 and 40 < yaws[3] < 50 and yaws[-1] > 60
    for nose in (0.1, 0.3, 0.6):
        assert yaw_deg(turned(-nose)) == pytest.approx(yaw_deg(turned(nose)), abs=1.0)
    image = drawn(turned(0.0))
    assert face_quality(image, turned(0.0)) > face_quality(image, turned(0.4)) > 0
    assert face_quality(image, turned(1.5)) == 0.0


def test_a_face_without_an_extent_is_useless() -> None:
    nothing = Face(Box(5, 5, 5, 5), np.zeros((5, 2), np.float32), 0.9)
    assert face_quality(np.zeros((20, 20, 3), np.uint8), nothing) == 0.0 and yaw_deg(nothing) == 90.0

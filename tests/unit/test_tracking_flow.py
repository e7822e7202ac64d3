"""Whose motion is it? Points of people in front never move those behind."""

from __future__ import annotations

import numpy as np

from engine.people import MotionField
from engine.tracking.flow import person_displacements

BOX = [100.0, 100.0, 200.0, 400.0]


def field(points: list[list[float]], moves: list[list[float]]) -> MotionField:
    xy, d = np.array(points, np.float32).reshape(-1, 2), np.array(moves, np.float32).reshape(-1, 2)
    return MotionField(0.0, 0.1, xy, d, np.eye(2, 3))


def on_torso(box: list[float], n: int = 12) -> list[list[float]]:
    x = np.linspace(box[0] + 0.3 * (box[2] - box[0]), box[0] + 0.7 * (box[2] - box[0]), n)
    y = box[1] + 0.3 * (box[3] - box[1])
    return [[float(v), y] for v in x]


def displaced(f: MotionField, boxes: list[list[float]], visible: list[bool]) -> tuple[np.ndarray, list[bool]]:
    moves, trusted = person_displacements(f, np.array(boxes).reshape(-1, 4), np.array(visible, bool))
    return moves, trusted.tolist()


def test_the_median_survives_a_third_of_wrong_points() -> None:
    moves = [[6.0, -2.0]] * 8 + [[90.0, 90.0]] * 4
    got, trusted = displaced(field(on_torso(BOX), moves), [BOX], [True])
    assert trusted == [True]
    np.testing.assert_allclose(got, [[6.0, -2.0]])


def test_points_that_disagree_or_are_few_are_not_trusted() -> None:
    rng = np.random.default_rng(1)
    wild = rng.normal(0, 80, (12, 2)).tolist()
    assert displaced(field(on_torso(BOX), wild), [BOX], [True])[1] == [False]
    assert displaced(field(on_torso(BOX, 3), [[5.0, 0.0]] * 3), [BOX], [True])[1] == [False]
    assert displaced(field([], []), [BOX], [True])[1] == [False]


def test_even_counts_take_the_middle_of_two() -> None:
    got, _ = displaced(field(on_torso(BOX, 4), [[1.0, 0], [2.0, 0], [3.0, 0], [4.0, 0]]), [BOX], [True])
    assert got[0, 0] == 2.5


def test_a_covered_person_is_not_carried_away_by_who_covers_them() -> None:
    front = [100.0, 120.0, 200.0, 440.0]
    f = field(on_torso(front, 16), [[25.0, 0.0]] * 16)
    moves, trusted = displaced(f, [BOX, front], [True, True])
    assert trusted == [False, True]
    np.testing.assert_allclose(moves, [[0.0, 0.0], [25.0, 0.0]])


def test_somebody_hidden_owns_no_points_of_the_visible() -> None:
    ghost = [100.0, 120.0, 200.0, 440.0]
    f = field(on_torso(BOX, 16), [[25.0, 0.0]] * 16)
    assert displaced(f, [BOX, ghost], [True, False])[1][0] is True

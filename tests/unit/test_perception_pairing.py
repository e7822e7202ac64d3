from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.geometry import Box, boxes_array
from engine.perception.pairing import distance_iou, pair_boxes
from engine.perception.turns import Turns
from engine.perception.twins import fit, strangers
from tests.unit.perception_stage import figure, row_of

A = Box(0.0, 0.0, 100.0, 250.0)


def test_distance_iou_by_hand() -> None:
    """Side by side: no overlap, centres 100 apart, 200 x 250 around both."""
    matrix = distance_iou(boxes_array([A]), boxes_array([A, A.shifted(100, 0)]))
    np.testing.assert_allclose(matrix, [[1.0, -(100**2) / (200**2 + 250**2)]])


def test_pairs_are_found_in_any_order() -> None:
    people = row_of(5)
    order = [3, 0, 4, 1, 2]
    moved = [people[i].shifted(25, 5) for i in order]
    assert sorted(pair_boxes(moved, people)) == [(n, i) for n, i in enumerate(order)]


def test_what_is_far_stays_alone_and_pushes_nobody_aside() -> None:
    assert pair_boxes([A.shifted(900, 0)], [A]) == []
    assert pair_boxes([A.shifted(900, 0), A.shifted(10, 0)], [A, A.shifted(-700, 0)]) == [(1, 0)]


@pytest.mark.parametrize(("a", "b"), [([], []), ([A], []), ([], [A])])
def test_nobody(a: list[Box], b: list[Box]) -> None:
    assert pair_boxes(a, b) == []


def test_boxes_without_area_do_no_harm() -> None:
    point = Box(5.0, 5.0, 5.0, 5.0)
    assert (0, 1) in pair_boxes([A, point], [point.shifted(900, 0), A])
    assert np.isfinite(distance_iou(boxes_array([point]), boxes_array([point, A]))).all()


@settings(max_examples=50)
@given(st.lists(st.lists(st.integers(1, 12), max_size=8, unique=True), max_size=30), st.integers(0, 4))
def test_turns_serve_the_longest_waiting(rounds: list[list[int]], number: int) -> None:
    turns, served = Turns(), dict.fromkeys(range(1, 13), -1)
    for n, waiting in enumerate(rounds):
        chosen = turns.take(waiting, number)
        assert len(chosen) == len(set(chosen)) == min(number, len(waiting))
        left = set(waiting) - set(chosen)
        assert all(served[i] <= served[j] for i in chosen for j in left)
        served.update(dict.fromkeys(chosen, n))


def test_those_who_left_lose_their_place() -> None:
    turns = Turns()
    assert turns.take([1, 2], 2) == [1, 2]
    turns.keep_only({2})
    assert turns.take([1, 2], 1) == [1]


def test_of_twins_the_worse_fit_is_the_stranger() -> None:
    front, hidden, far = A, A.shifted(40, 10), A.shifted(600, 0)
    body = figure(front)
    assert strangers([hidden, front, far], [body, body, figure(far)]) == {0}
    assert strangers([front, hidden], [body, figure(front.shifted(2, -1))]) == {1}


def test_neighbours_are_no_twins() -> None:
    people = [A, A.shifted(60, 0), A.shifted(0, 60)]
    assert strangers(people, [figure(b) for b in people]) == set()


def test_of_three_on_one_body_one_stays() -> None:
    body = figure(A)
    assert strangers([A.shifted(30, 0), A, A.shifted(-50, 0)], [body] * 3) == {0, 2}


def test_joints_that_nobody_sees_prove_nothing() -> None:
    body = figure(A, score=0.1)
    assert strangers([A, A.shifted(40, 0)], [body, body]) == set()
    assert fit(A, body) == 0.0

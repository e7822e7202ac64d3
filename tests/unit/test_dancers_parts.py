"""The parts of a synthetic dance, each by itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bench.dancers.camera import View
from engine.bench.dancers.compare import compared, main
from engine.bench.dancers.detector import _suppressed
from engine.bench.dancers.formations import FORMATIONS, formation
from engine.bench.dancers.overlap import cover, iou
from engine.bench.dancers.processes import lagging, minimum_jerk, wandering, white
from engine.bench.dancers.statistics import statistics
from engine.bench.tracking.sequence import Sequence, Truth
from engine.errors import JikcamError
from engine.geometry import Size


def upright(x: float, scale: float = 100.0) -> np.ndarray:
    """(17, 2) joints of somebody standing at x, `scale` pixels a metre, feet at y = 400."""
    side = [
        0,
        0.03,
        -0.03,
        0.07,
        -0.07,
        0.19,
        -0.19,
        0.22,
        -0.22,
        0.24,
        -0.24,
        0.1,
        -0.1,
        0.1,
        -0.1,
        0.1,
        -0.1,
    ]
    up = [1.58, 1.62, 1.62, 1.6, 1.6, 1.4, 1.4, 1.12, 1.12, 0.86, 0.86, 0.9, 0.9, 0.48, 0.48, 0.08, 0.08]
    return np.column_stack([x + scale * np.array(side), 400 - scale * np.array(up)])


def view(places: list[tuple[float, float]]) -> View:
    """People at x, depth, in one picture."""
    joints = np.stack([upright(x) for x, _ in places])[None]
    boxes = np.concatenate([joints.min(axis=2) - 12, joints.max(axis=2) + 9], axis=-1)
    ones = np.ones((1, len(places)))
    depth = np.array([[z for _, z in places]])
    return View(joints, boxes, depth, 100 * ones, ones, ones > 0)


def test_who_stands_in_front_hides_and_who_stands_behind_does_not() -> None:
    covered = cover(view([(300, 8.0), (306, 5.0), (600, 5.0)]))
    assert covered.visible[0, 0] < 0.2 and covered.occluder[0, 0] == 1 and not covered.front[0, 0]
    assert covered.visible[0, 1] == 1.0 and covered.occluder[0, 1] == -1 and covered.front[0, 1]
    assert covered.visible[0, 2] == 1.0 and covered.overlap[0, 2] == 0.0
    assert covered.hidden_joints[0, 0].mean() > 0.7 and not covered.hidden_joints[0, 1].any()


def test_people_beside_one_another_hide_a_part() -> None:
    covered = cover(view([(300, 8.0), (335, 5.0)]))
    assert 0.2 < covered.visible[0, 0] < 0.9


def test_the_one_who_hides_most_is_named() -> None:
    covered = cover(view([(300, 9.0), (338, 6.0), (304, 5.0)]))
    assert covered.occluder[0, 0] == 2


def test_weaker_boxes_on_the_same_person_go() -> None:
    boxes = np.array([[[0, 0, 10, 20], [0, 0, 10, 19], [40, 0, 50, 20], [0, 0, 10, 18.5]]], dtype=float)
    scores = np.array([[0.5, 0.9, 0.3, 0.95]])
    kept = np.array([[True, True, True, False]])
    np.testing.assert_array_equal(_suppressed(boxes, scores, kept, 0.7), [[False, True, True, False]])


def test_overlap_of_boxes() -> None:
    a = np.array([[0, 0, 10, 10], [5, 5, 5, 5]], dtype=float)
    b = np.array([[5, 0, 15, 10], [20, 20, 30, 30]], dtype=float)
    np.testing.assert_allclose(iou(a, b), [[1 / 3, 0], [0, 0]])


@pytest.mark.parametrize("people", [1, 2, 3, 7, 20])
def test_formations_leave_room_for_bodies(people: int) -> None:
    for seed in range(3 * len(FORMATIONS)):
        places = formation(np.random.default_rng(seed), people, 1.0, 1.0)
        assert places.shape == (people, 2) and np.isfinite(places).all()
        apart = np.linalg.norm(places[:, None] - places[None], axis=-1) + 9 * np.eye(people)
        assert apart.min() > 0.3


@given(st.floats(-5, 5), st.floats(-5, 5))
def test_minimum_jerk_rises_from_0_to_1(a: float, b: float) -> None:
    low, high = sorted((a, b))
    at = minimum_jerk(np.array([low, high]))
    assert (at >= 0).all() and (at <= 1).all() and at[0] <= at[1] + 1e-12


def test_noise_has_unit_size_and_the_stated_lag() -> None:
    time_s = np.arange(2000) / 20
    slow = lagging(np.random.default_rng(0), time_s, 100.0, (50,), 0.5)
    assert slow.std() == pytest.approx(1.0, abs=0.05)
    assert (slow[:-10] * slow[10:]).mean() == pytest.approx(np.exp(-1.0), abs=0.05)
    fresh = white(np.random.default_rng(0), time_s, 100.0, (50,))
    assert abs((fresh[:-1] * fresh[1:]).mean()) < 0.02
    smooth = wandering(np.random.default_rng(0), time_s, 100.0, (50,), 1.0)
    assert np.abs(np.diff(smooth, axis=0)).max() < 0.8


def test_figures_of_a_scene_that_can_be_counted_by_hand() -> None:
    """Two people 100 px high pass one another at 20 pictures a second, 2 px a picture each; one is missed."""
    truth, found = {}, {}
    for k in range(40):
        boxes = np.array(
            [[100 + 2 * k, 50, 140 + 2 * k, 150], [180 - 2 * k, 50, 220 - 2 * k, 150]], dtype=float
        )
        truth[k + 1] = Truth(np.array([1, 2]), boxes)
        found[k + 1] = np.array([[*boxes[0], 0.9], [400.0, 50.0, 440.0, 150.0, 0.7]])
    figures = statistics([Sequence("passing", 20.0, Size(640, 480), 40, found, truth)])
    assert figures["people a picture"] == 2
    assert figures["speed, heights/s, median"] == pytest.approx(0.4)
    assert figures["IoU after 0.05 s, mean"] == pytest.approx(38 / 42)
    assert figures["left-right switches a second and pair"] == pytest.approx(0.5)
    assert figures["width / height, mean"] == pytest.approx(0.4)
    assert 0.5 <= figures["recall, score > .1"] < 0.75
    assert figures["false boxes a picture, score > .6"] == pytest.approx(1.0)


def test_sets_are_compared_side_by_side(capsys: pytest.CaptureFixture[str], tmp_path: object) -> None:
    table = compared({"a": {"x": 1.0}, "b": {"x": 2.0, "y": 3.0}})
    assert [column.header for column in table.columns] == ["", "a", "b"] and table.row_count == 2
    main(["--sequences", "1", "--scene", "street"])
    assert "people a picture" in capsys.readouterr().out
    with pytest.raises(JikcamError):
        main([str(tmp_path)])

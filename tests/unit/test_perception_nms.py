from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.geometry import Box, Size
from engine.perception.findings import findings
from engine.perception.letterbox import Letterbox
from engine.perception.nms import nms

coordinate = st.floats(0, 100)
row = st.tuples(
    coordinate, coordinate, st.floats(0, 60), st.floats(0, 60), st.floats(0, 1) | st.just(float("nan"))
)


@settings(max_examples=80)
@given(st.lists(row, max_size=25), st.sampled_from([0.3, 0.5, 0.7]))
def test_what_always_holds(rows: list[tuple[float, ...]], max_iou: float) -> None:
    table = np.array(rows).reshape(-1, 5)
    boxes, scores = np.c_[table[:, :2], table[:, :2] + table[:, 2:4]], table[:, 4]
    kept = nms(boxes, scores, max_iou)
    assert len(set(kept.tolist())) == len(kept)
    assert np.isfinite(scores[kept]).all()
    assert (np.diff(scores[kept]) <= 0).all()
    if np.isfinite(scores).any():
        assert scores[kept[0]] == np.nanmax(scores)
    people = [Box(*boxes[i]) for i in kept]
    for i, a in enumerate(people):
        assert all(a.iou(b) <= max_iou + 1e-9 for b in people[:i])
    for i in np.flatnonzero(np.isfinite(scores)):
        if i not in kept:  # only a better one may have pushed it out
            better = [k for k in kept if scores[k] >= scores[i]]
            assert any(Box(*boxes[i]).iou(Box(*boxes[k])) > max_iou - 1e-9 for k in better)


def test_golden() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10], [5, 0, 15, 10]])
    assert nms(boxes, np.array([0.8, 0.9, 0.5, 0.7]), 0.5).tolist() == [1, 3, 2]


def test_equal_scores_keep_their_order() -> None:
    boxes = np.array([[0, 0, 10, 10], [50, 0, 60, 10], [0, 0, 10, 10]])
    assert nms(boxes, np.array([0.5, 0.5, 0.5]), 0.5).tolist() == [0, 1]


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_rows_that_are_not_finite_are_dropped(bad: float) -> None:
    boxes = np.array([[0, 0, bad, 10], [0, 0, 10, 10.0]])
    assert nms(boxes, np.array([0.9, 0.8]), 0.5).tolist() == [1]


def test_nothing() -> None:
    assert nms(np.zeros((0, 4)), np.zeros(0), 0.5).tolist() == []


def test_findings_are_clipped_and_in_source_pixels() -> None:
    letterbox = Letterbox.fit(Size(1000, 500), Size(200, 200), centered=True)
    boxes = np.array([[-10, 60, 40, 120], [300, 60, 340, 120], [100, 100, 140, 140], [0, 50, 1, 50.1]])
    found = findings(boxes, np.array([0.5, 0.9, 0.19, 0.9]), letterbox, 0.2, 0.5)
    assert [d.box.xyxy for d in found] == [(0.0, 50.0, 200.0, 350.0)]
    assert found[0].score == 0.5

"""Simulated appearance: of the stated quality, told from detections alone, spoilt by whoever is in front."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.bench.dancers import (
    EASY,
    HARD,
    MEASURED,
    MEDIUM,
    DanceConfig,
    FaceQuality,
    LookQuality,
    dance,
    separability,
    with_looks,
)
from engine.bench.dancers.looks import owners
from engine.bench.tracking.sequence import Sequence, Truth
from engine.errors import JikcamError
from engine.geometry import Size

#: AUC of single crops 1 to 3 s apart: all crops, and those of quality .8.
BANDS = {
    "EASY": (EASY, (0.83, 0.92), (0.90, 0.98)),
    "MEDIUM": (MEDIUM, (0.75, 0.84), (0.83, 0.92)),
    "HARD": (HARD, (0.68, 0.78), (0.75, 0.86)),
    "MEASURED": (MEASURED, (0.86, 0.94), (0.95, 0.99)),
}


@pytest.fixture(scope="module")
def dances() -> list[Sequence]:
    return [dance(seed, DanceConfig(seconds=20, fps=10, looks=None)) for seed in range(4)]


@pytest.mark.parametrize("name", list(BANDS))
def test_each_quality_separates_as_stated(name: str, dances: list[Sequence]) -> None:
    quality, every, clean = BANDS[name]
    dressed = [with_looks(sequence, quality, k) for k, sequence in enumerate(dances)]
    auc = np.mean([separability(s, least_quality=0.0) for s in dressed], axis=0)
    assert every[0] < auc[0] < every[1]
    auc = np.mean([separability(s, least_quality=0.8) for s in dressed], axis=0)
    assert clean[0] < auc[0] < clean[1]


def test_measured_has_the_cosines_of_real_crops(dances: list[Sequence]) -> None:
    dressed = [with_looks(sequence, MEASURED, k) for k, sequence in enumerate(dances)]
    _, same, other = np.mean([separability(s, least_quality=0.8) for s in dressed], axis=0)
    assert same == pytest.approx(0.80, abs=0.04) and other == pytest.approx(0.50, abs=0.05)
    auc, same, other = np.mean([separability(s, face=True, least_quality=0.3) for s in dressed], axis=0)
    assert 0.94 < auc < 0.99 and same == pytest.approx(0.44, abs=0.07) and other == pytest.approx(0, abs=0.05)


def test_looks_are_unit_rows_or_zeros_and_the_same_for_the_same_seed(dances: list[Sequence]) -> None:
    a, b, c = (with_looks(dances[0], MEDIUM, seed) for seed in (1, 1, 2))
    for picture, found in a.detections.items():
        looks = a.looks[picture]
        for rows in (looks.body, looks.face):
            assert rows.shape[0] == len(found) and np.isfinite(rows).all() and rows.dtype == np.float32
            length = np.linalg.norm(rows, axis=1)
            assert np.all((np.abs(length - 1) < 1e-5) | (length == 0))
        for value in (looks.body_quality, looks.face_score, looks.face_quality):
            assert value.shape == (len(found),) and ((value >= 0) & (value <= 1)).all()
        assert ((looks.face_score > 0) == looks.face.any(axis=1)).all()
        np.testing.assert_array_equal(looks.body, b.looks[picture].body)
        assert not len(found) or not np.allclose(looks.body, c.looks[picture].body)
    assert a.detections is dances[0].detections and a.truth is dances[0].truth


def test_what_is_told_of_quality_comes_from_detections_alone(dances: list[Sequence]) -> None:
    """A reader knows no truth: with other truth the qualities are the same."""
    blind = {p: Truth(t.ids[:1], t.boxes[:1]) for p, t in dances[0].truth.items()}
    a, b = with_looks(dances[0], MEDIUM, 1), with_looks(replace(dances[0], truth=blind), MEDIUM, 1)
    for picture, looks in a.looks.items():
        np.testing.assert_array_equal(looks.body_quality, b.looks[picture].body_quality)


def crossing() -> Sequence:
    """1 stands, 2 walks past in front of 1 in 6 s, from apart to apart; everything is detected exactly."""
    truth, found = {}, {}
    for k in range(121):
        x = 200 + 6 * k
        boxes = np.array([[500, 200, 620, 500], [x, 220, x + 120, 530]], dtype=float)
        truth[k + 1] = Truth(np.array([10, 20]), boxes)
        found[k + 1] = np.column_stack([boxes, [0.9, 0.95]])
    return Sequence("crossing", 20.0, Size(1280, 720), 121, found, truth)


def test_a_hidden_person_looks_like_the_one_in_front_and_is_told_as_poor() -> None:
    sequence = with_looks(crossing(), MEASURED, 4)
    apart = sequence.looks[1]
    behind = [sequence.looks[p] for p in range(49, 53)]
    one, two = apart.body
    hidden = np.mean([looks.body[0] for looks in behind], axis=0)
    front = np.mean([looks.body[1] for looks in behind], axis=0)
    assert apart.body_quality.min() > 0.95
    assert hidden @ two > hidden @ one
    assert front @ two > front @ one + 0.1
    assert max(looks.body_quality[0] for looks in behind) < 0.2
    assert min(looks.body_quality[1] for looks in behind) > 0.5


def test_a_covered_face_is_not_found() -> None:
    """If any, it is the face of the one in front, and rarely."""
    found = 0
    for seed in range(20):
        sequence = with_looks(crossing(), MEDIUM, seed)
        for picture in range(46, 56):
            looks = sequence.looks[picture]
            if looks.face[0].any():
                found += 1
                np.testing.assert_array_equal(looks.face[0], looks.face[1])
    assert 0 < found < 40


def test_small_faces_are_not_found() -> None:
    near = crossing()
    far = replace(
        near,
        detections={p: np.column_stack([d[:, :4] / 4, d[:, 4]]) for p, d in near.detections.items()},
        truth={p: Truth(t.ids, t.boxes / 4) for p, t in near.truth.items()},
    )
    assert any(looks.face.any() for looks in with_looks(near, EASY, 1).looks.values())
    assert not any(looks.face.any() for looks in with_looks(far, EASY, 1).looks.values())


def test_somebody_else_in_the_scene_changes_nobody_apart_from_them() -> None:
    """The look of a person is theirs: without 20, 10 looks as before where 20 did not touch them."""
    alone = crossing()
    alone = replace(
        alone,
        detections={p: d[:1] for p, d in alone.detections.items()},
        truth={p: Truth(t.ids[:1], t.boxes[:1]) for p, t in alone.truth.items()},
    )
    a, b = with_looks(crossing(), MEDIUM, 5), with_looks(alone, MEDIUM, 5)
    np.testing.assert_array_equal(a.looks[1].body[0], b.looks[1].body[0])


def test_the_rate_changes_no_look() -> None:
    full = crossing()
    half = replace(
        full,
        fps=10.0,
        length=61,
        detections={k + 1: full.detections[2 * k + 1] for k in range(61)},
        truth={k + 1: full.truth[2 * k + 1] for k in range(61)},
    )
    a, b = with_looks(full, HARD, 3), with_looks(half, HARD, 3)
    for k in range(61):
        np.testing.assert_allclose(a.looks[2 * k + 1].body, b.looks[k + 1].body, atol=1e-6)


def test_a_box_is_of_whoever_it_overlaps_and_of_one_only() -> None:
    boxes = np.array([[0, 0, 10, 20], [100, 0, 110, 20]], dtype=float)
    found = np.array([[0, 0, 10, 18], [0, 1, 10, 20], [50, 0, 60, 20], [101, 0, 111, 20]], dtype=float)
    np.testing.assert_array_equal(owners(boxes, found), [-1, 0, -1, 1])
    assert owners(np.zeros((0, 4)), found).tolist() == [-1] * 4


def test_the_dance_comes_dressed_unless_told_otherwise() -> None:
    assert dance(1, DanceConfig(seconds=1)).looks and not dance(1, DanceConfig(seconds=1, looks=None)).looks


def test_without_truth_or_people_to_compare_it_is_said() -> None:
    bare = replace(crossing(), truth={})
    with pytest.raises(JikcamError, match="no truth"):
        with_looks(bare, MEDIUM, 0)
    with pytest.raises(JikcamError, match="too few looks"):
        separability(crossing())


def test_shares_make_a_whole() -> None:
    with pytest.raises(JikcamError):
        LookQuality(common=0.9, outfit=0.3, identity=0.1)
    with pytest.raises(JikcamError):
        FaceQuality(identity=0.2)
    with pytest.raises(JikcamError):
        replace(MEDIUM, outfits=0)

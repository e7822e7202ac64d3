"""Synthetic dances: the same by the same seed, at any rate, and always sound."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bench.dancers import DanceConfig, dance
from engine.bench.dancers.config import MOST_PEOPLE
from engine.bench.dancers.statistics import statistics
from engine.bench.tracking.sequence import Sequence
from engine.errors import JikcamError
from engine.geometry import Size

SCENES = ("stage", "street")


def plain(seed: int, scene: str = "stage", **more: object) -> Sequence:
    return dance(seed, DanceConfig(scene=scene, looks=None, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize("scene", SCENES)
def test_the_same_seed_gives_the_same_sequence_and_another_seed_another_one(scene: str) -> None:
    a, b, c = plain(7, scene, seconds=3), plain(7, scene, seconds=3), plain(8, scene, seconds=3)
    assert a.length == b.length and a.detections.keys() == b.detections.keys()
    for picture in a.detections:
        np.testing.assert_array_equal(a.detections[picture], b.detections[picture])
        np.testing.assert_array_equal(a.skeletons[picture], b.skeletons[picture])
        np.testing.assert_array_equal(a.truth[picture].boxes, b.truth[picture].boxes)
    same_shape = [p for p in a.detections if a.detections[p].shape == c.detections[p].shape]
    assert not any(np.array_equal(a.detections[p], c.detections[p]) for p in same_shape)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    scene=st.sampled_from(SCENES),
    fps=st.sampled_from([10.0, 12.5, 24.0, 29.97, 60.0]),
    people=st.one_of(st.none(), st.integers(1, 12)),
    difficulty=st.floats(0.25, 4.0),
    size=st.sampled_from([None, Size(1920, 1080), Size(640, 480), Size(360, 640)]),
)
def test_every_sequence_is_sound(
    seed: int, scene: str, fps: float, people: int | None, difficulty: float, size: Size | None
) -> None:
    sequence = plain(seed, scene, seconds=2, fps=fps, people=people, difficulty=difficulty, size=size)
    assert sequence.length == round(2 * fps)
    assert size is None or sequence.size == size
    limit = np.array([sequence.size.width, sequence.size.height] * 2)
    for picture in range(1, sequence.length + 1):
        found, truth = sequence.detections[picture], sequence.truth[picture]
        skeletons = sequence.skeletons[picture]
        assert found.shape[1:] == (5,) and skeletons.shape == (len(found), 17, 3)
        assert np.isfinite(found).all() and np.isfinite(skeletons).all() and np.isfinite(truth.boxes).all()
        for boxes in (found[:, :4], truth.boxes):
            assert (boxes >= 0).all() and (boxes <= limit).all()
            assert (boxes[:, 2:] > boxes[:, :2]).all()
        assert ((found[:, 4] > 0) & (found[:, 4] < 1)).all()
        assert ((skeletons[..., 2] >= 0) & (skeletons[..., 2] <= 1)).all()
        assert len(np.unique(truth.ids)) == len(truth.ids) and (truth.ids >= 1).all()


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("fps", [10.0, 20.0, 60.0])
def test_the_rate_changes_nothing_but_how_often_one_looks(scene: str, fps: float) -> None:
    base, other = plain(3, scene, seconds=6, fps=30), plain(3, scene, seconds=6, fps=fps)
    shared = [(a, round((a - 1) * fps / 30) + 1) for a in range(1, base.length + 1)]
    shared = [(a, b) for a, b in shared if abs((a - 1) / 30 - (b - 1) / fps) < 1e-9]
    assert len(shared) >= 59
    for a, b in shared:
        np.testing.assert_array_equal(base.truth[a].ids, other.truth[b].ids)
        np.testing.assert_allclose(base.truth[a].boxes, other.truth[b].boxes, atol=1e-6)
        np.testing.assert_allclose(base.detections[a], other.detections[b], atol=1e-6)


def test_an_id_stays_with_one_person() -> None:
    """Nobody jumps: the same id is at nearly the same place one picture later."""
    for scene in SCENES:
        sequence = plain(5, scene, seconds=5, fps=60)
        for picture in range(1, sequence.length):
            now, then = sequence.truth[picture], sequence.truth[picture + 1]
            both, a, b = np.intersect1d(now.ids, then.ids, return_indices=True)
            assert len(both) >= len(now.ids) - 3
            way = np.abs(now.boxes[a, :2] + now.boxes[a, 2:] - then.boxes[b, :2] - then.boxes[b, 2:]).max(
                axis=1
            )
            height = now.boxes[a, 3] - now.boxes[a, 1]
            assert (way < 0.4 * height).all()


def test_dancers_cross_and_walkers_come_and_go() -> None:
    stage = plain(11, seconds=20, people=8)
    first, last = stage.truth[1], stage.truth[stage.length]
    assert len(first.ids) >= 6
    both, a, b = np.intersect1d(first.ids, last.ids, return_indices=True)
    order = np.argsort(np.argsort(first.boxes[a, 0])), np.argsort(np.argsort(last.boxes[b, 0]))
    assert len(both) >= 5 and not np.array_equal(*order)
    street = plain(11, "street", seconds=20, people=8)
    ever = np.unique(np.concatenate([t.ids for t in street.truth.values()]))
    assert len(ever) > 1.5 * np.mean([len(t.ids) for t in street.truth.values()])


def test_the_number_of_people_is_as_asked() -> None:
    sequence = plain(2, seconds=3, people=5)
    assert set(np.concatenate([t.ids for t in sequence.truth.values()])) == {1, 2, 3, 4, 5}
    drawn = [max(int(t.ids.max(initial=0)) for t in plain(s, seconds=1).truth.values()) for s in range(25)]
    assert min(drawn) >= 2 and max(drawn) <= 20 and len(set(drawn)) > 6


def test_harder_dances_have_more_overlap() -> None:
    easy, hard = (
        statistics(plain(seed, seconds=8, fps=10, difficulty=d) for seed in range(6))["share overlapped > .3"]
        for d in (0.4, 2.5)
    )
    assert hard > 1.3 * easy


@pytest.mark.parametrize(
    "wrong",
    [
        {"fps": 0.5},
        {"fps": 120.0},
        {"fps": float("nan")},
        {"seconds": 0.1},
        {"seconds": float("nan")},
        {"people": 0},
        {"people": MOST_PEOPLE + 1},
        {"difficulty": 0.0},
    ],
)
def test_what_cannot_be_danced_is_said(wrong: dict[str, float]) -> None:
    with pytest.raises(JikcamError):
        DanceConfig(**wrong)  # type: ignore[arg-type]

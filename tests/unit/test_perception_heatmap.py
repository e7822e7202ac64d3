from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import JikcamError
from engine.geometry import Box
from engine.perception import heatmap
from engine.perception.heatmap import HeatmapPose, decode_heatmaps, padded_to


def gaussian(x: float, y: float, sigma: float = 2.0, peak: float = 0.8, shape=(64, 48)) -> np.ndarray:
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    return (peak * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2))).astype(np.float32)


@pytest.mark.parametrize("sigma", [1.5, 2.0, 3.0])
def test_a_gaussian_is_found_between_cells(sigma: float) -> None:
    xy, score = decode_heatmaps(gaussian(20 + 0.3, 31 - 0.4, sigma)[None, None])
    assert np.abs(xy[0, 0] - [20.3, 30.6]).max() <= 0.1
    assert score[0, 0] == pytest.approx(0.8, rel=0.1)


@settings(max_examples=60)
@given(st.floats(-3, 50), st.floats(-3, 66), st.floats(1.0, 4.0), st.floats(0, 0.02))
def test_never_off_by_more_than_half_a_cell_and_never_outside(
    x: float, y: float, sigma: float, noise: float
) -> None:
    rng = np.random.default_rng(0)
    maps = gaussian(x, y, sigma)[None, None] + rng.uniform(0, noise, (1, 1, 64, 48)).astype(np.float32)
    (xy,), _ = decode_heatmaps(maps)
    assert np.isfinite(xy).all()
    assert (xy >= 0).all() and (xy <= [[47, 63]]).all()
    if 3 < x < 44 and 3 < y < 60:
        assert np.abs(xy - [[x, y]]).max() <= 0.1 + 40 * noise


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
def test_an_empty_map_scores_nothing(value: float) -> None:
    xy, score = decode_heatmaps(np.full((2, 17, 64, 48), value, np.float32))
    assert np.isfinite(xy).all() and (score == 0).all()


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (Box(0, 0, 30, 40), Box(-3.75, -5, 33.75, 45)),
        (Box(0, 0, 60, 40), Box(-7.5, -30, 67.5, 70)),
        (Box(0, 0, 3, 40), Box(-17.25, -5, 20.25, 45)),
    ],
)
def test_box_is_padded_to_the_aspect(box: Box, expected: Box) -> None:
    assert padded_to(box, 0.75, 1.25).xyxy == pytest.approx(expected.xyxy)


class BrightSpot:
    """A "pose model" that puts every joint at the brightest point of its crop, as a Gaussian."""

    input_shape: tuple[int | None, ...] = (None, 3, 256, 192)
    output_names = ("argmax", "heat")
    output_shapes: tuple[tuple[int | None, ...], ...] = ((None, 17), (None, 17, 64, 48))

    def __init__(self) -> None:
        self.batches: list[int] = []

    def __call__(self, path: Path, threads: int) -> BrightSpot:
        self.threads = threads
        return self

    def run(self, tensor, outputs):
        assert outputs == ("heat",)
        self.batches.append(len(tensor))
        height, width = tensor.shape[2:]
        maps = np.zeros((len(tensor), 17, height // 4, width // 4), np.float32)
        for n, planes in enumerate(tensor):
            light = planes.mean(axis=0) - planes.mean(axis=0).min()
            if not light.any():
                continue  # a row of the batch that nobody filled
            light[light < light.max() / 4] = 0
            rows, columns = np.mgrid[:height, :width]
            x, y = (columns * light).sum() / light.sum(), (rows * light).sum() / light.sum()
            maps[n] = gaussian(x / 4, y / 4, shape=maps.shape[2:])
        return [maps]

    def unfit(self, expected: str) -> JikcamError:
        return JikcamError(f"does not have {expected}")


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> BrightSpot:
    network = BrightSpot()
    monkeypatch.setattr(heatmap, "Network", network)
    return network


@pytest.fixture
def small_model(model: BrightSpot) -> BrightSpot:
    model.input_shape, model.output_shapes = (None, 3, 128, 96), ((None, 17), (None, 17, 32, 24))
    return model


def spots(centers: list[tuple[int, int]], radius: int = 6) -> np.ndarray:
    image = np.zeros((720, 1280, 3), np.uint8)
    for x, y in centers:
        image[y - radius : y + radius, x - radius : x + radius] = 255  # middle exactly at (x, y)
    return image


def test_points_come_back_to_source_pixels(model: BrightSpot) -> None:
    image = spots([(300, 200), (800, 520), (1270, 300)])
    boxes = [Box(220, 80, 380, 420), Box(700, 380, 1000, 640), Box(1180, 150, 1290, 480)]
    skeletons = HeatmapPose(Path("x"), 1).estimate(image, boxes)
    for skeleton, middle in zip(skeletons, [(300, 200), (800, 520), (1270, 300)], strict=True):
        assert skeleton.xy.shape == (17, 2) and skeleton.xy.dtype == np.float32
        assert np.abs(skeleton.xy - middle).max() <= 0.5
        assert skeleton.score.min() > 0.7


@pytest.mark.parametrize(
    ("threads", "people", "batches"),
    [(1, 1, [1]), (1, 4, [4]), (1, 11, [4, 4, 3]), (2, 4, [2, 2]), (3, 2, [1, 1])],
)
def test_people_are_shared_out_and_kept_in_order(
    small_model: BrightSpot, threads: int, people: int, batches: list[int]
) -> None:
    centers = [(100 + 100 * i, 300) for i in range(people)]
    boxes = [Box(x - 45, 200, x + 45, 400) for x, _ in centers]
    pose = HeatmapPose(Path("x"), threads)
    skeletons = pose.estimate(spots(centers), boxes)
    assert sorted(small_model.batches, reverse=True) == batches
    assert small_model.threads == 1
    assert max(abs(s.xy[0, 0] - x) for s, (x, _) in zip(skeletons, centers, strict=True)) <= 1.0
    again = pose.estimate(spots(centers[:1]), boxes[:1])
    assert again[0].xy[0, 0] == pytest.approx(100, abs=1.0)


def test_large_inputs_go_one_by_one(model: BrightSpot) -> None:
    centers = [(200, 300), (600, 300), (1000, 300)]
    HeatmapPose(Path("x"), 1).estimate(spots(centers), [Box(x - 45, 200, x + 45, 400) for x, _ in centers])
    assert model.batches == [1, 1, 1]


@pytest.mark.parametrize(("fixed", "batches"), [(1, [1, 1, 1]), (2, [2, 2])])
def test_a_model_with_a_fixed_batch_gets_it(small_model: BrightSpot, fixed: int, batches: list[int]) -> None:
    small_model.input_shape = (fixed, 3, 128, 96)
    centers = [(100, 300), (300, 300), (700, 300)]
    boxes = [Box(x - 45, 200, x + 45, 400) for x, _ in centers]
    skeletons = HeatmapPose(Path("x"), 1).estimate(spots(centers), boxes)
    assert small_model.batches == batches
    assert [s.xy[0, 0] for s in skeletons] == pytest.approx([100, 300, 700], abs=1.0)


@pytest.mark.parametrize("box", [Box(10, 10, 10, 50), Box(50, 50, 20, 20), Box(np.nan, 0, 10, 10)])
def test_a_box_that_is_none_gives_nobody_in_its_place(model: BrightSpot, box: Box) -> None:
    skeletons = HeatmapPose(Path("x"), 1).estimate(spots([(300, 200)]), [box, Box(220, 80, 380, 420)])
    assert (skeletons[0].score == 0).all() and np.isfinite(skeletons[0].xy).all()
    assert skeletons[1].xy[0, 0] == pytest.approx(300, abs=0.5)


def test_no_box_costs_no_run(model: BrightSpot) -> None:
    assert HeatmapPose(Path("x"), 1).estimate(spots([]), []) == []
    assert model.batches == []


def test_a_model_without_heat_maps_is_refused(model: BrightSpot) -> None:
    model.output_shapes = ((None, 17), (None, 17))
    with pytest.raises(JikcamError, match="heat maps"):
        HeatmapPose(Path("x"), 1)

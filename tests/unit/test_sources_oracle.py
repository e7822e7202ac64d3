from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.geometry import Box, Size
from engine.sources.stage import (
    GroundTruthDetector,
    Painter,
    read_index,
    scene,
)
from engine.sources.stage.barcode import write_index

SMALL = Size(640, 360)


@given(index=st.integers(0, 2**24 - 1))
@settings(max_examples=50, deadline=None)
def test_the_number_in_the_corner_reads_back(index: int) -> None:
    image = np.random.default_rng(index).integers(0, 255, (90, 160, 3), dtype=np.uint8)
    write_index(image, index)
    assert read_index(image) == index


def test_the_number_survives_jpeg_and_scaling() -> None:
    image = Painter(scene("crowd", 5, Size(1920, 1080))).frame_image(54321)
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 70])
    assert read_index(cv2.imdecode(data, cv2.IMREAD_COLOR)) == 54321
    small = cv2.resize(image, (1280, 720), interpolation=cv2.INTER_AREA)
    assert read_index(small, 4 * 2 / 3) == 54321


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_picture_without_a_number_has_none(value: int) -> None:
    assert read_index(np.full((90, 160, 3), value, np.uint8)) is None
    assert read_index(np.full((2, 160, 3), value, np.uint8)) is None
    assert read_index(np.full((90, 20, 3), value, np.uint8)) is None


def test_random_corners_are_rarely_taken_for_numbers() -> None:
    rng = np.random.default_rng(1)
    images = ((rng.random((500, 8, 128, 1)) > 0.5) * 255).astype(np.uint8).repeat(3, axis=3)
    assert sum(read_index(image) is not None for image in images) <= 5


def oracle_picture(made, time_s: float) -> np.ndarray:
    image = np.zeros((made.size.height, made.size.width, 3), np.uint8)
    write_index(image, round(time_s * made.fps))
    return image


def test_the_oracle_without_noise_tells_the_truth() -> None:
    made = scene("still", 4, SMALL)
    oracle = GroundTruthDetector(made)
    image = oracle_picture(made, 1.0)
    found = oracle.detect(image)
    assert {d.box.xyxy for d in found} == {p.box.clipped(SMALL).xyxy for p in made.truth(1.0)}
    assert [d.score for d in found] == sorted((d.score for d in found), reverse=True)
    for skeleton, d in zip(oracle.estimate(image, [d.box for d in found]), found, strict=True):
        assert any(np.array_equal(skeleton.xy, p.skeleton.xy) and p.box == d.box for p in made.truth(1.0))


def test_the_oracle_does_not_see_who_is_hidden_or_away() -> None:
    curtain = scene("dropout:6", 3, SMALL)
    assert len(GroundTruthDetector(curtain).detect(oracle_picture(curtain, 6.0))) == 2
    gone = scene("leave", 3, SMALL)
    assert len(GroundTruthDetector(gone).detect(oracle_picture(gone, 7.0))) == 2


def test_the_oracle_answers_nothing_where_nobody_is_or_no_number() -> None:
    made = scene("still", 2, SMALL)
    oracle = GroundTruthDetector(made)
    blank = np.zeros((360, 640, 3), np.uint8)
    assert oracle.detect(blank) == [] and oracle.truth_of(blank) == ()
    skeletons = oracle.estimate(oracle_picture(made, 0), [Box(0, 0, 20, 20)])
    assert len(skeletons) == 1 and skeletons[0].score.max() == 0
    assert oracle.estimate(blank, [Box(0, 0, 20, 20)])[0].score.max() == 0


def test_noise_has_the_size_asked_for_and_depends_on_the_picture_only() -> None:
    made = scene("still", 4, SMALL)
    oracle, again = (GroundTruthDetector(made, noise_px=3.0, seed=5) for _ in range(2))
    errors = []
    for k in range(60):
        image = oracle_picture(made, k / 30)
        boxes = [d.box for d in oracle.detect(image)]
        truth = [p.box for p in made.truth(0)]
        errors += [np.subtract(b.xyxy, max(truth, key=b.iou).xyxy) for b in boxes]
        if k % 7 == 0:
            again.estimate(image, boxes)
            assert [d.box for d in again.detect(image)] == boxes
    assert np.std(errors) == pytest.approx(3.0, rel=0.12)


def test_misses_and_outliers_come_as_often_as_asked() -> None:
    made = scene("still", 4, SMALL)
    oracle = GroundTruthDetector(made, miss_p=0.3, outlier_p=0.2)
    found, lost, half = 0, 0, 0
    truth = made.truth(0)
    for k in range(150):
        image = oracle_picture(made, k / 30)
        detections = oracle.detect(image)
        found += len(detections)
        half += sum(d.box.height < 0.7 * truth[0].box.height for d in detections)
        skeleton = oracle.estimate(image, [truth[0].box])[0]
        lost += int((np.abs(skeleton.xy - truth[0].skeleton.xy).max(axis=1) > 1e-3).sum())
    assert found / 600 == pytest.approx(0.7, abs=0.06)
    assert half / found == pytest.approx(0.2, abs=0.05)
    assert lost / (150 * 17) == pytest.approx(0.2, abs=0.04)

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import JikcamError
from engine.geometry import Box, Size
from engine.perception import nanodet, rtmdet, yolox
from engine.perception.findings import COMMON, FAINT, SURE, ScoreScale
from engine.perception.grid import grid_points
from engine.perception.runtime import Network

IMAGE = np.zeros((540, 960, 3), np.uint8)  # 512 x 288 exactly, scale 8/15
TRUTH = [Box(100.0, 60.0, 220.0, 420.0), Box(500.0, 150.0, 590.0, 400.0)]
SCORES = [0.9, 0.6]


class FakeNetwork:
    """Answers every picture with the same tensors."""

    input_shape: tuple[int | None, ...] = (1, 3, None, None)
    output_names: tuple[str, ...] = ("output",)
    output_shapes: tuple[tuple[int | None, ...], ...] = ((1, None, None),)

    def __init__(self, answer) -> None:
        self.answer = answer
        self.seen: list[tuple[int, ...]] = []

    def __call__(self, path: Path, threads: int) -> FakeNetwork:
        return self

    def run(self, tensor, outputs=None):
        self.seen.append(tensor.shape)
        return self.answer(tensor.shape[2], tensor.shape[3])

    def unfit(self, expected: str) -> JikcamError:
        return JikcamError(f"does not have {expected}")


def in_input(scale_x: float, scale_y: float, left: float = 0, top: float = 0) -> np.ndarray:
    shift, scale = np.array([left, top, left, top]), np.array([scale_x, scale_y, scale_x, scale_y])
    return np.array([b.xyxy for b in TRUTH]) * scale + shift


def assert_found(found, iou: float = 0.99, scale: ScoreScale = COMMON) -> None:
    assert len(found) == 2
    for detection, box, score in zip(found, TRUTH, SCORES, strict=True):
        assert detection.box.iou(box) >= iou
        assert detection.score == pytest.approx(float(scale(np.array([score]))[0]), abs=1e-5)
        assert detection.skeleton is None and detection.track_hint is None


@pytest.mark.parametrize("scale", [COMMON, rtmdet.SCALE, nanodet.SCALE])
def test_scores_mean_the_same_whatever_the_model(scale: ScoreScale) -> None:
    said = scale(np.array([0.0, scale.faint, scale.sure, 1.0]))
    assert said == pytest.approx([0.0, FAINT, SURE, 1.0])
    fine = np.linspace(0, 1, 101)
    assert (np.diff(scale(fine)) > 0).all()
    assert COMMON(fine) == pytest.approx(fine)


def test_rtmdet_raw(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(height: int, width: int):
        rows = np.zeros((1, 3024, 5), np.float32)
        rows[0, [100, 101, 2000], :4] = in_input(width / 960, height / 540)[[0, 0, 1]]
        rows[0, [100, 101, 2000], 4] = 0.9, 0.7, 0.6
        return [rows]

    network = FakeNetwork(answer)
    monkeypatch.setattr(rtmdet, "Network", network)
    assert_found(rtmdet.RtmDet(Path("x"), 1).detect(IMAGE), scale=rtmdet.SCALE)
    assert network.seen == [(1, 3, 288, 512)]


def test_rtmdet_shape_follows_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    network = FakeNetwork(lambda height, width: [np.zeros((1, 9, 5), np.float32)])
    monkeypatch.setattr(rtmdet, "Network", network)
    detector = rtmdet.RtmDet(Path("x"), 1, Size(384, 224))
    assert detector.detect(np.zeros((1920, 1080, 3), np.uint8)) == []
    assert detector.detect(IMAGE) == []
    assert network.seen == [(1, 3, 384, 224), (1, 3, 224, 384)]


def test_rtmdet_mmdeploy_form_takes_people_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(height: int, width: int):
        boxes = in_input(width / 960, height / 540)
        dets = np.c_[boxes[[0, 1, 1]] + np.array([[0], [0], [60]]), [0.9, 0.6, 0.8]].astype(np.float32)
        return [dets[None], np.array([[0, 0, 17]])]

    network = FakeNetwork(answer)
    network.output_names = ("dets", "labels")
    network.output_shapes = ((1, None, None), (1, None))
    monkeypatch.setattr(rtmdet, "Network", network)
    assert_found(rtmdet.RtmDet(Path("x"), 1).detect(IMAGE), scale=rtmdet.SCALE)


def yolox_rows(size: int, classes: list[int]) -> np.ndarray:
    points = grid_points(Size(size, size), yolox.STRIDES)
    rows = np.zeros((len(points), 85), np.float32)
    rows[:, 2:4] = -3
    scale = size / 960
    for box, score, which, anchor in zip(in_input(scale, scale), SCORES, classes, (3000, 3300), strict=True):
        x, y, stride = points[anchor]
        rows[anchor, 0] = ((box[0] + box[2]) / 2 - x) / stride
        rows[anchor, 1] = ((box[1] + box[3]) / 2 - y) / stride
        rows[anchor, 2:4] = np.log((box[2:] - box[:2]) / stride)
        rows[anchor, 4] = 1.0
        rows[anchor, 5 + which] = score
    return rows


def test_yolox(monkeypatch: pytest.MonkeyPatch) -> None:
    network = FakeNetwork(lambda height, width: [yolox_rows(416, [0, 0])[None]])
    network.input_shape, network.output_shapes = (1, 3, 416, 416), ((1, 3549, 85),)
    monkeypatch.setattr(yolox, "Network", network)
    assert_found(yolox.Yolox(Path("x"), 1).detect(IMAGE))
    assert network.seen == [(1, 3, 416, 416)]


def test_yolox_finds_the_classes_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    network = FakeNetwork(lambda height, width: [yolox_rows(416, [yolox.PERSON, yolox.SPORTS_BALL])[None]])
    network.input_shape, network.output_shapes = (1, 3, 416, 416), ((1, 3549, 85),)
    monkeypatch.setattr(yolox, "Network", network)
    (person,) = yolox.Yolox(Path("x"), 1).detect(IMAGE)
    (ball,) = yolox.Yolox(Path("x"), 1, classes=(yolox.SPORTS_BALL,)).detect(IMAGE)
    assert person.box.iou(TRUTH[0]) >= 0.99 and ball.box.iou(TRUTH[1]) >= 0.99


def test_nanodet(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(height: int, width: int):
        points = grid_points(Size(width, height), nanodet.STRIDES)
        rows = np.zeros((1, len(points), 33), np.float32)
        inner_h = round(540 * width / 960)
        truth = in_input(width / 960, inner_h / 540, 0, (height - inner_h) // 2)
        for box, score in zip(truth, SCORES, strict=True):
            coarse = np.flatnonzero(points[:, 2] == 32)
            middle = (box[:2] + box[2:]) / 2
            anchor = coarse[np.abs(points[coarse, :2] - middle).sum(axis=1).argmin()]
            x, y, stride = points[anchor]
            rows[0, anchor, 0] = score
            for side, distance in enumerate([x - box[0], y - box[1], box[2] - x, box[3] - y]):
                bins = distance / stride
                low = int(bins)
                logits = np.full(8, -40.0)
                share = np.clip([1 - (bins - low), bins - low], 1e-12, 1)
                logits[low : low + 2] = np.log(share)
                rows[0, anchor, 1 + 8 * side : 9 + 8 * side] = logits
        return [rows]

    monkeypatch.setattr(nanodet, "Network", FakeNetwork(answer))
    assert_found(nanodet.NanoDet(Path("x"), 1).detect(IMAGE), scale=nanodet.SCALE)


@pytest.mark.parametrize("size", [Size(416, 416), Size(544, 320)])
def test_grid_counts_the_points_of_the_exports(size: Size) -> None:
    expected = {Size(416, 416): 3598, Size(544, 320): 3615}[size]
    points = grid_points(size, nanodet.STRIDES)
    assert len(points) == expected
    assert points[0].tolist() == [0, 0, 8] and points[1].tolist() == [8, 0, 8]


@pytest.mark.parametrize("detector", [rtmdet.RtmDet, yolox.Yolox, nanodet.NanoDet])
def test_a_model_of_another_kind_is_refused(detector, monkeypatch: pytest.MonkeyPatch) -> None:
    network = FakeNetwork(None)
    network.output_shapes = ((1, 100, 3),)
    for module in (rtmdet, yolox, nanodet):
        monkeypatch.setattr(module, "Network", network)
    with pytest.raises(JikcamError, match="does not have"):
        detector(Path("x"), 1)


@pytest.mark.parametrize("content", [b"", b"this is no model", bytes(range(256)) * 8])
def test_a_broken_file_is_named(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken_model.onnx"
    path.write_bytes(content)
    with pytest.raises(JikcamError, match=r"broken_model\.onnx") as caught:
        Network(path, 1)
    assert "\n" not in str(caught.value) and caught.value.fix


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(JikcamError, match=r"gone\.onnx is missing"):
        Network(tmp_path / "gone.onnx", 1)

"""The detectors and the pose models on real pictures with published or hand-checked truth."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.geometry import Box
from engine.people import Detection, Track, Tracks
from engine.perception.heatmap import HeatmapPose, decode_heatmaps
from engine.perception.nanodet import NanoDet
from engine.perception.protocols import Detector
from engine.perception.rtmdet import RtmDet
from engine.perception.runtime import Network
from engine.perception.scheduler import Perception
from engine.perception.yolox import SPORTS_BALL, Yolox
from engine.sources.frame import Frame, Image

pytestmark = pytest.mark.real

THREADS = 2
DETECTORS: dict[str, Callable[[Path], Detector]] = {
    "rtmdet": lambda m: RtmDet(m / "rtmdet_nano_person.onnx", THREADS),
    "rtmdet-mmdeploy": lambda m: RtmDet(m / "src" / "rtmdet_nano.onnx", THREADS),
    "nanodet": lambda m: NanoDet(m / "nanodet_plus_m_416_person.onnx", THREADS),
    "nanodet-1.5x": lambda m: NanoDet(m / "nanodet_plus_m15x_416_person.onnx", THREADS),
    "yolox": lambda m: Yolox(m / "yolox_nano_416.onnx", THREADS),
}
#: Clip, pictures between two, and the least recall at IoU .5 of people who can be seen.
CLIPS = [("sam3_dance4", 24, 0.85), ("TUD-Campus", 8, 0.7), ("PETS09-S2L1", 90, 0.9)]


@lru_cache(maxsize=4)
def pictures(path: Path, step: int, most: int = 10) -> list[tuple[int, Image]]:
    """Every ``step``-th picture with its number, from 1."""
    capture, found, number = cv2.VideoCapture(str(path)), [], 0
    while len(found) < most:
        ok, image = capture.read()
        if not ok:
            break
        number += 1
        if (number - 1) % step == 0:
            found.append((number, image))
    assert found, f"{path} can't be read"
    return found


def truth(data: Path, clip: str, number: int) -> tuple[list[Box], list[bool]]:
    """Boxes, and whether each must be found: not marked to be ignored, and not mostly hidden."""
    rows = np.loadtxt(data / "gt" / clip / "gt.txt", delimiter=",")
    rows = rows[rows[:, 0] == number]
    boxes = [Box(r[2], r[3], r[2] + r[4], r[3] + r[5]) for r in rows]
    return boxes, [bool(r[6] == 1 and r[8] >= 0.3) for r in rows]


def score(found: list[Detection], boxes: list[Box], must: list[bool]) -> tuple[int, int]:
    """People found who had to be, and findings that are nobody."""
    hits, wrong, left = 0, 0, set(range(len(boxes)))
    for one in found:
        best = max(left, key=lambda k: one.box.iou(boxes[k]), default=None)
        if best is not None and one.box.iou(boxes[best]) >= 0.5:
            left.discard(best)
            hits += must[best]
        else:
            wrong += 1
    return hits, wrong


@pytest.mark.parametrize(("clip", "step", "least_recall"), CLIPS)
@pytest.mark.parametrize("name", DETECTORS)
def test_detector_finds_people_and_little_else(
    name: str, clip: str, step: int, least_recall: float, models_dir: Path, data_dir: Path
) -> None:
    detector = DETECTORS[name](models_dir)
    hits = wrong = people = 0
    for number, image in pictures(data_dir / "clips" / f"{clip}.mp4", step):
        found = detector.detect(image)
        assert [d.score for d in found] == sorted((d.score for d in found), reverse=True)
        for d in found:
            assert 0 <= d.box.x0 < d.box.x1 <= image.shape[1] and 0 <= d.box.y0 < d.box.y1 <= image.shape[0]
        boxes, must = truth(data_dir, clip, number)
        got, extra = score([d for d in found if d.score >= 0.25], boxes, must)
        hits, wrong, people = hits + got, wrong + extra, people + sum(must)
    assert hits / people >= least_recall
    assert hits / (hits + wrong) >= 0.6


def test_both_forms_of_rtmdet_agree(models_dir: Path, data_dir: Path) -> None:
    raw, deployed = (DETECTORS[n](models_dir) for n in ("rtmdet", "rtmdet-mmdeploy"))
    for _, image in pictures(data_dir / "clips" / "sam3_dance4.mp4", 24, 4):
        a, b = ([d for d in m.detect(image) if d.score > 0.4] for m in (raw, deployed))
        assert len(a) == len(b)
        for one, other in zip(a, b, strict=True):
            assert one.box.iou(other.box) > 0.99 and abs(one.score - other.score) < 1e-3


def test_yolox_finds_the_ball(models_dir: Path, data_dir: Path) -> None:
    detector = Yolox(models_dir / "yolox_nano_416.onnx", THREADS, classes=(SPORTS_BALL,))
    hits = 0
    shown = pictures(data_dir / "clips" / "ball_juggle.mp4", 8)
    for number, image in shown:
        boxes, _ = truth(data_dir, "ball_juggle", number)
        hits += any(d.box.iou(boxes[1]) >= 0.5 for d in detector.detect(image)[:1])
    assert hits >= len(shown) // 2


@pytest.mark.parametrize("model", ["tinypose_256x192.onnx", "tinypose_128x96.onnx"])
@pytest.mark.parametrize(("clip", "step"), [("sam3_dance4", 24), ("PETS09-S2L1", 90)])
def test_pose_lies_inside_the_true_box(
    model: str, clip: str, step: int, models_dir: Path, data_dir: Path
) -> None:
    pose = HeatmapPose(models_dir / model, THREADS)
    inside, means = [], []
    for number, image in pictures(data_dir / "clips" / f"{clip}.mp4", step):
        boxes, must = truth(data_dir, clip, number)
        people = [b for b, m in zip(boxes, must, strict=True) if m]
        for box, skeleton in zip(people, pose.estimate(image, people), strict=True):
            assert np.isfinite(skeleton.xy).all()
            means.append(float(skeleton.score.mean()))
            roomy = box.scaled(1.1)
            for x, y in skeleton.xy[skeleton.visible]:
                inside.append(roomy.x0 <= x <= roomy.x1 and roomy.y0 <= y <= roomy.y1)
    assert np.mean(inside) >= 0.9
    assert np.median(means) >= 0.5


def test_empty_floor_has_no_skeleton(models_dir: Path, data_dir: Path) -> None:
    pose = HeatmapPose(models_dir / "tinypose_256x192.onnx", THREADS)
    (_, image), *_ = pictures(data_dir / "clips" / "solo_pirouette.mp4", 30)
    walls = [Box(x, 500, x + 150, 900) for x in (100, 300, 1400, 1650)]
    assert max(s.score.mean() for s in pose.estimate(image, walls)) < 0.35


@pytest.mark.parametrize("model", ["tinypose_256x192.onnx", "tinypose_128x96.onnx"])
def test_heat_map_cells_stand_at_multiples_of_four(model: str, models_dir: Path, data_dir: Path) -> None:
    """A mirrored crop must give the mirrored joint: the offset of a cell shows in the sum of the two."""
    network = Network(models_dir / model, THREADS)
    _, _, height, width = network.input_shape
    assert height and width
    mirrored = [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]
    mean, std = np.array([123.675, 116.28, 103.53]), np.array([58.395, 57.12, 57.375])
    offsets: list[float] = []
    for number, image in pictures(data_dir / "clips" / "sam3_dance4.mp4", 24):
        for box in truth(data_dir, "sam3_dance4", number)[0]:
            crop = image[max(0, int(box.y0)) : int(box.y1), max(0, int(box.x0)) : int(box.x1), ::-1]
            tensor = ((cv2.resize(crop, (width, height)) - mean) / std).transpose(2, 0, 1)[None]
            pair = np.concatenate([tensor, tensor[..., ::-1]]).astype(np.float32)
            xy, scores = decode_heatmaps(network.run(pair)[0])
            sure = (scores[0] > 0.5) & (scores[1][mirrored] > 0.5)
            offsets += ((width - 1 - 4 * (xy[0, :, 0] + xy[1, mirrored, 0])) / 2)[sure].tolist()
    assert len(offsets) > 100
    assert abs(np.median(offsets)) < 0.3


def test_a_dancer_who_turns_is_followed_by_pose_between_detections(models_dir: Path, data_dir: Path) -> None:
    """Every look gives the dancer, one in three with the detector, and the box does not jump between."""
    detector = RtmDet(models_dir / "rtmdet_nano_person.onnx", THREADS)
    pose = HeatmapPose(models_dir / "tinypose_256x192.onnx", THREADS)
    perception, tracks, searches, overlaps = Perception(detector, pose), Tracks(0.0, 0), 0, []
    shown = pictures(data_dir / "clips" / "solo_pirouette.mp4", 2, 36)
    for number, image in shown:
        frame = Frame(image, number / 30, number)
        observation = perception.look(frame, tracks, frozenset(t.id for t in tracks.items), False)
        searches += observation.complete
        if not observation.people:
            continue
        best = observation.people[0]
        if best.score < 0.35:
            continue
        if tracks.items:
            overlaps.append(best.box.iou(tracks.items[0].box))
        tracks = Tracks(frame.time_s, number, (Track(1, best.box, 0.0, 0.0, best.score, frame.time_s, 0.0),))
    assert len(overlaps) >= 0.8 * len(shown)
    assert np.percentile(overlaps, 10) >= 0.6
    assert searches <= 0.6 * len(shown)

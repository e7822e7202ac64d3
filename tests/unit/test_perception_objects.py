from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.assets import ModelFile, Pack
from engine.errors import JikcamError
from engine.geometry import Box, Point, Size
from engine.motion import MotionEstimator
from engine.people import DetectedObject, Observation, Track, Tracks
from engine.perception import build, yolox
from engine.perception.build import build_object_finder, build_perception
from engine.perception.coco import COCO_80, coco_class, thing_class
from engine.perception.grid import grid_points
from engine.perception.scheduler import Budget, Perception
from engine.perception.things import ThingSearch, covering, square_around
from engine.sources.frame import Frame
from engine.sources.stage import GroundTruthDetector, Painter, scene
from engine.tracking.objects import ObjectTracker
from tests.unit.perception_stage import FakeDetector, FakePose, frame, row_of, tracks_of

BALL = "sports ball"
HD = Size(1920, 1080)


def test_the_classes_stand_where_detectors_have_them() -> None:
    assert len(COCO_80) == len(set(COCO_80)) == 80
    known = {"person": 0, "dog": 16, BALL: 32, "tennis racket": 38, "chair": 56, "toothbrush": 79}
    assert {name: coco_class(name) for name in known} == known
    assert coco_class("  Sports  BALL ") == 32


@pytest.mark.parametrize(
    ("label", "near"),
    [
        ("sport ball", BALL),
        ("ball", BALL),
        ("sportsball", BALL),
        ("phone", "cell phone"),
        ("bicicle", "bicycle"),
    ],
)
def test_a_label_that_is_nearly_one_is_helped(label: str, near: str) -> None:
    with pytest.raises(JikcamError, match=f"did you mean .*'{near}'"):
        coco_class(label)


@pytest.mark.parametrize("label", ["", "guitar", "xyzzy"])
def test_a_label_that_is_none_is_refused(label: str) -> None:
    with pytest.raises(JikcamError, match="no detector knows"):
        coco_class(label)


def test_people_are_no_thing() -> None:
    with pytest.raises(JikcamError, match="followed anyway"):
        thing_class("Person")


def model(adapter: str) -> ModelFile:
    return ModelFile("a-model", "any", adapter, Path("x.onnx"), "0" * 64, "MIT", Size(416, 416))


def pack(**adapters: str) -> Pack:
    return Pack("mine", {role: model(adapter) for role, adapter in adapters.items()})


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    calls: list[tuple] = []

    class Made:
        labels = frozenset({BALL})

        def __init__(self, *args, **options) -> None:
            calls.append((*args, options))

    monkeypatch.setattr(build, "Yolox", Made)
    monkeypatch.setattr(build, "DETECTORS", {"rtmdet": lambda *args: None, "yolox": lambda *args: None})
    monkeypatch.setattr(build, "HeatmapPose", lambda *args: None)
    return calls


def test_things_are_found_by_the_pack_s_own_model(made: list[tuple]) -> None:
    build_perception(
        pack(detector="rtmdet", pose="heatmap", objects="yolox"), 2, objects=frozenset({"dog", BALL})
    )
    ((path, threads, size, options),) = made
    assert (path, threads, size, options["classes"]) == (Path("x.onnx"), 2, Size(416, 416), [16, 32])


def test_a_detector_that_knows_things_finds_them_too(made: list[tuple]) -> None:
    build_object_finder(pack(detector="yolox", pose="heatmap"), 1, frozenset({BALL}))
    assert len(made) == 1


def test_nothing_is_loaded_for_nothing(made: list[tuple]) -> None:
    build_perception(pack(detector="rtmdet", pose="heatmap", objects="yolox"), 1)
    assert made == []


def test_a_pack_that_finds_people_only_says_so(made: list[tuple]) -> None:
    with pytest.raises(JikcamError, match="mine finds people only, no sports ball; use the standard pack"):
        build_perception(pack(detector="rtmdet", pose="heatmap"), 1, objects=frozenset({BALL}))
    with pytest.raises(JikcamError, match="did you mean 'sports ball'"):
        build_perception(pack(detector="yolox", pose="heatmap"), 1, objects=frozenset({"sport ball"}))
    with pytest.raises(JikcamError, match="can't play this part"):
        build_perception(
            pack(detector="rtmdet", pose="heatmap", objects="nanodet"), 1, objects=frozenset({BALL})
        )


def test_yolox_names_what_it_finds_in_pixels_of_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """A window of 832 x 832 at (600, 100) shrinks by 2: two things of two classes, one of them twice."""

    class Network:
        input_shape = (1, 3, 416, 416)
        output_shapes = ((1, 3549, 85),)

        def __init__(self, path: Path, threads: int) -> None: ...

        def run(self, tensor) -> list[np.ndarray]:
            points = grid_points(Size(416, 416), yolox.STRIDES)
            rows = np.zeros((1, len(points), 85), np.float32)
            wanted = [(32, 0.8, (100, 120, 24)), (32, 0.5, (101, 121, 24)), (16, 0.6, (300, 200, 80))]
            for anchor, (kind, score, (x, y, side)) in zip((10, 20, 30), wanted, strict=True):
                px, py, stride = points[anchor]
                rows[0, anchor, :4] = (x - px) / stride, (y - py) / stride, *[np.log(side / stride)] * 2
                rows[0, anchor, 4], rows[0, anchor, 5 + kind], rows[0, anchor, 5] = 1.0, score, 0.99
            return [rows]

    monkeypatch.setattr(yolox, "Network", Network)
    finder = yolox.Yolox(Path("x"), 1, classes=(32, 16), min_score=0.15)
    assert finder.labels == {BALL, "dog"}
    ball, dog = finder.find_objects(np.zeros((1080, 1920, 3), np.uint8), Box(600, 100, 1432, 932))
    assert (ball.label, dog.label) == (BALL, "dog")
    assert ball.box.xyxy == pytest.approx((600 + 176, 100 + 216, 600 + 224, 100 + 264), abs=0.01)
    assert dog.box.center == Point(pytest.approx(1200, abs=0.01), pytest.approx(500, abs=0.01))
    assert (ball.score, dog.score) == (pytest.approx(0.8), pytest.approx(0.6))


@given(st.integers(16, 4000), st.integers(16, 4000))
def test_squares_cover_the_picture_and_stay_in_it(width: int, height: int) -> None:
    areas = covering(Size(width, height))
    assert min(a.x0 for a in areas) == min(a.y0 for a in areas) == 0
    assert max(a.x1 for a in areas) == width and max(a.y1 for a in areas) == height
    for before, after in pairwise(areas):
        assert before.intersection(after).area > 0
    if len(areas) > 1:
        assert {(a.width, a.height) for a in areas} == {(min(width, height),) * 2}


@given(st.floats(), st.floats(), st.integers(16, 4000), st.integers(16, 4000))
def test_a_square_around_any_place_lies_in_the_picture(x: float, y: float, width: int, height: int) -> None:
    box = square_around(Point(x, y), Size(width, height))
    assert box.width == box.height == min(width, height)
    assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height


class Ball:
    """Finds one ball when the window shows its middle; remembers the windows."""

    name, labels = "one ball", frozenset({BALL})

    def __init__(self, x: float | None) -> None:
        self.x = x
        self.areas: list[Box] = []

    def find_objects(self, image: np.ndarray, area: Box) -> list[DetectedObject]:
        self.areas.append(area)
        if self.x is None or not area.contains(Point(self.x, 500)):
            return []
        return [DetectedObject(BALL, Box.from_center(self.x, 500, 40, 40), 0.8)]


IMAGE = np.zeros((1080, 1920, 3), np.uint8)


@pytest.mark.parametrize("x", [30.0, 960.0, 1890.0])
def test_a_ball_anywhere_is_found_in_a_few_looks_and_then_in_each(x: float) -> None:
    finder = Ball(x)
    search, tracks = ThingSearch(finder), tracks_of(row_of(2))
    hits = []
    for _ in range(12):
        things = search.look(IMAGE, tracks, frozenset({1}))
        tracks = Tracks(0.0, 0, tracks.items, things or tracks.objects)
        hits.append(bool(things))
    assert hits.index(True) <= 4
    assert all(hits[hits.index(True) + 1 :])


def test_without_a_ball_every_second_look_stays_beside_the_chosen_person() -> None:
    finder = Ball(None)
    search = ThingSearch(finder)
    person = Track(5, Box(900, 200, 1000, 900), 0, 0, 0.9, 0.0, 0.0)
    for _ in range(8):
        search.look(IMAGE, Tracks(0.0, 0, (person,)), frozenset({5}))
    beside = [a for a in finder.areas if a.center.x == pytest.approx(950)]
    assert len(beside) == 4
    assert {a.x0 for a in finder.areas if a not in beside} == {a.x0 for a in covering(HD)}


def test_things_are_looked_for_when_the_detector_runs() -> None:
    finder, people = Ball(300.0), row_of(2)
    perception = Perception(FakeDetector(people), FakePose(people), budget=Budget(3), objects=finder)
    tracks = tracks_of(people)
    seen = [perception.look(frame(k), tracks, frozenset({1}), False) for k in range(9)]
    assert [bool(o.objects) for o in seen] == [o.complete for o in seen] == [True, False, False] * 3
    assert len(finder.areas) == 3
    assert (
        Perception(FakeDetector(people), FakePose(people)).look(frame(), tracks, frozenset(), True).objects
        == ()
    )


def test_the_ball_of_the_stage_is_two_metres_from_its_person_and_the_oracle_finds_it() -> None:
    made = scene("ball", 1, Size(1280, 720))
    oracle, painter = GroundTruthDetector(made), Painter(made)
    assert oracle.labels == {BALL}
    for k in range(0, 600, 37):
        (person,), (ball,) = made.truth(k / 30), made.things(k / 30)
        metre = person.box.height / 1.75
        feet = person.skeleton.xy[15:17, 0].mean()
        assert abs(ball.box.center.x - feet) / metre == pytest.approx(2.0, abs=0.35)
        assert ball.box.height / metre == pytest.approx(0.22, rel=0.15)
        assert ball.box.clipped(made.size) == ball.box and ball.score == 1.0
        image = painter.frame_image(k)
        (found,) = oracle.find_objects(image, Box(0, 0, 1280, 720))
        assert found.box == ball.box and found.label == BALL and found.score == pytest.approx(0.95)
        assert oracle.find_objects(image, Box(0, 0, 100, 720)) == []
        # It is drawn where the truth says: mostly white, and nothing but the floor a diameter to the right.
        part = ball.box.scaled(0.5)
        drawn = image[int(part.y0) : int(part.y1), int(part.x0) : int(part.x1)]
        assert np.percentile(drawn, 75) > 200
    assert GroundTruthDetector(scene("still", 1)).labels == frozenset()


def test_the_oracle_overlooks_things_as_often_as_asked() -> None:
    made = scene("ball", 1, Size(640, 360))
    oracle = GroundTruthDetector(made, noise_px=2.0, miss_p=0.3)
    painter = Painter(made)
    seen = [oracle.find_objects(painter.frame_image(k), Box(0, 0, 640, 360)) for k in range(150)]
    assert np.mean([bool(s) for s in seen]) == pytest.approx(0.7, abs=0.1)
    off = [s[0].box.x0 - made.things(k / 30)[0].box.x0 for k, s in enumerate(seen) if s]
    assert np.std(off) == pytest.approx(2.0, rel=0.25)


def test_the_bouncing_ball_is_carried_between_late_looks() -> None:
    """Looked for 5 times a second and known a fifteenth late; carried by what the pixels show."""
    made = scene("ball", 1, Size(960, 540))
    oracle, painter = GroundTruthDetector(made, noise_px=1.0), Painter(made)
    motion, tracker = MotionEstimator(made.size), ObjectTracker()
    shown: tuple[DetectedObject, ...] = ()
    off = []
    for k in range(90):
        image = painter.frame_image(k)
        field = motion.update(Frame(image, k / 30, k), [t.box for t in shown])
        shown = tracker.advance(k / 30, field)
        if k % 6 == 2:
            known = oracle.find_objects(painter.frame_image(k - 2), Box(0, 0, 960, 540))
            tracker.observe(Observation((k - 2) / 30, k - 2, (), True, tuple(known)))
        (ball,) = made.things(k / 30)
        off += [t.box.center.distance(ball.box.center) / ball.box.width for t in shown]
    assert len(off) >= 80
    assert np.median(off) < 0.35 and np.percentile(off, 95) < 1.2

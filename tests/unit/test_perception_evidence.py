from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from engine.errors import JikcamError
from engine.geometry import Box
from engine.people import Detection, Tracks
from engine.perception.appearance import AppearanceReader
from engine.perception.evidence import Reading
from engine.perception.protocols import Face
from engine.perception.scheduler import Budget, Perception
from engine.sources.frame import Image
from tests.unit.perception_stage import FakeDetector, FakePose, figure, frame, row_of, tracks_of
from tests.unit.test_perception_face_owner import face_of


class FakeFaces:
    """Knows where the faces are; gives those whose middle lies in the area."""

    name = "fake"

    def __init__(self, faces: Sequence[Face]) -> None:
        self.faces = list(faces)
        self.areas: list[Box] = []

    def detect(self, image: Image, area: Box, side_px: int = 160) -> list[Face]:
        self.areas.append(area)
        return [face for face in self.faces if area.contains(face.box.center)]


class FakeEmbedder:
    """A unit vector that tells where the crop's middle was."""

    name = "fake"

    def __init__(self, model: str) -> None:
        self.model = model
        self.calls: list[int] = []

    def embed(self, image: Image, crops: Sequence[Face | Box]) -> np.ndarray:
        self.calls.append(len(crops))
        boxes = [crop.box if isinstance(crop, Face) else crop for crop in crops]
        angle = np.array([box.center.x / 2000 for box in boxes])
        return np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)


class Show:
    """People in a row before a patterned wall, and everything that looks at them."""

    def __init__(self, number: int, budget: Budget | None = None) -> None:
        self.bodies = row_of(number)
        self.tracks = tracks_of(self.bodies)
        self.faces = FakeFaces([face_of(b) for b in self.bodies])
        self.face_embedder, self.body_embedder = FakeEmbedder("f" * 64), FakeEmbedder("b" * 64)
        self.reader = AppearanceReader(self.faces, self.face_embedder, self.body_embedder)
        self.detector, self.pose = FakeDetector(self.bodies), FakePose(self.bodies)
        self.perception = Perception(self.detector, self.pose, None, budget, self.reader)
        self.image = np.random.default_rng(1).integers(0, 255, (1080, 1920, 3)).astype(np.uint8)

    def look(self, n: int, tracks: Tracks | None = None, targets: frozenset[int] = frozenset({1})):
        now = replace(frame(n), image=self.image)
        return self.perception.look(now, tracks or self.tracks, targets, False)

    def who(self, people: Sequence[Detection], part: str) -> list[int]:
        read = [d for d in people if d.appearance and getattr(d.appearance, part) is not None]
        return sorted(int(np.argmax([d.box.iou(b) for b in self.bodies])) + 1 for d in read)


def test_without_models_for_it_nothing_is_read() -> None:
    bodies = row_of(3)
    perception = Perception(FakeDetector(bodies), FakePose(bodies))
    for n in range(6):
        seen = perception.look(frame(n), tracks_of(bodies), frozenset({1}), False)
        assert all(d.appearance is None for d in seen.people)


def test_a_look_reads_no_more_than_its_budget_and_everybody_within_a_second() -> None:
    show = Show(9, Budget(others_per_look=9))
    last: dict[str, dict[int, float]] = {"body": {}, "face": {}}
    for n in range(90):
        people = show.look(n).people
        for part, most in (("body", 2), ("face", 1)):
            read = show.who(people, part)
            assert len(read) <= most
            for track in read:
                gap_s = (n - last[part].get(track, -99)) / 30
                assert gap_s >= {"body": 0.2, "face": 0.5}[part] - 1e-6
                last[part][track] = n
        if n > 30:
            assert set(last["body"]) == set(last["face"]) == set(range(1, 10))
            assert all(n - s <= 31 for s in last["body"].values())
            assert all(n - s <= 60 for s in last["face"].values())


def test_calm_people_are_read_more_seldom_than_the_chosen_and_the_doubtful() -> None:
    show = Show(4, Budget(detect_every=1))
    items = tuple(replace(t, sure=0.5 if t.id == 3 else 1.0) for t in show.tracks.items)
    turns: Counter[int] = Counter()
    for n in range(150):
        turns.update(show.who(show.look(n, Tracks(0.0, 0, items)).people, "body"))
    assert turns[1] == turns[3] == 25 and turns[2] == turns[4] == 10


def test_appearance_comes_with_the_detector_and_between_its_looks() -> None:
    show = Show(2, Budget(reading=Reading(body_every_s=0.0)))
    looks = [show.look(n) for n in range(6)]
    assert {o.complete for o in looks} == {True, False}
    for observation in looks:
        assert 1 in show.who(observation.people, "body")
        for one in observation.people:
            if one.appearance and one.appearance.body is not None:
                expected = FakeEmbedder("").embed(show.image, [one.box])[0]
                np.testing.assert_allclose(one.appearance.body, expected)
                assert one.appearance.body_quality > 0.9


def test_who_is_in_doubt_is_read_first_then_the_chosen_then_turns() -> None:
    show = Show(5, Budget(detect_every=1, reading=Reading(bodies_per_look=1, faces_per_look=0)))
    items = tuple(replace(t, sure=0.5 if t.id == 4 else 1.0) for t in show.tracks.items)
    first = [show.who(show.look(n, Tracks(0.0, 0, items)).people, "body") for n in range(5)]
    assert first == [[4], [1], [2], [3], [5]]


def test_hidden_people_are_not_read_and_who_is_in_front_is() -> None:
    show = Show(2)
    front = show.bodies[0]
    show.detector.people = [front, front.shifted(30, -40)]
    tracks = tracks_of(show.detector.people)
    turns: Counter[int] = Counter()
    for n in range(60):
        for d in show.look(n, tracks).people:
            if d.appearance and d.appearance.body is not None:
                turns[int(d.box.iou(front) < 0.9)] += 1
                assert d.appearance.body_quality == pytest.approx(0.7, abs=0.15)
    assert turns[0] >= 2 and turns[1] == 0


def test_somebody_not_looked_at_still_hides() -> None:
    """Between detections only the chosen one is looked at, but who stands before them is known."""
    show = Show(1, Budget(others_per_look=0, reading=Reading(body_every_s=0.0)))
    show.detector.people = [show.bodies[0], show.bodies[0].shifted(25, 30)]
    tracks = tracks_of(show.detector.people, skeletons=True)
    for n in range(8):
        assert show.who(show.look(n, tracks).people, "body") == []


def test_faces_carry_score_quality_and_place() -> None:
    show = Show(3)
    (found,) = [d for d in show.look(0).people if d.appearance and d.appearance.face is not None]
    assert found.appearance is not None and found.appearance.face_box is not None
    assert found.appearance.face_score == pytest.approx(0.9)
    assert 0 < found.appearance.face_quality <= 1
    assert found.appearance.face_box.iou(face_of(show.bodies[0]).box) > 0.99


def test_who_is_turned_away_is_not_searched_for_a_face() -> None:
    show = Show(1, Budget(detect_every=1))
    score = np.full(17, 0.8, np.float32)
    score[:3] = 0.1
    away = replace(figure(show.bodies[0]), score=score)
    show.detector.detect = lambda image: [Detection(show.bodies[0], 0.9, away)]  # type: ignore[method-assign]
    for n in range(30):
        show.look(n * 3)
    assert show.faces.areas == []


def test_newcomers_that_are_no_tracks_yet_are_not_read_and_do_not_disturb() -> None:
    show = Show(4)
    seen = show.look(0, tracks_of(show.bodies[:2]))
    assert set(show.who(seen.people, "body")) <= {1, 2}
    assert len(seen.people) == 4


@pytest.mark.parametrize("wrong", [{"faces_per_look": -1}, {"body_every_s": -0.1}, {"face_every_s": np.nan}])
def test_a_budget_that_can_not_be_kept_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(JikcamError, match="budget"):
        Reading(**wrong)


@pytest.mark.parametrize("budget", [Reading(0, 0), Reading(0, 4), Reading(1, 0)])
def test_a_budget_of_nothing_reads_nothing(budget: Reading) -> None:
    show = Show(3, Budget(reading=budget))
    for n in range(9):
        show.look(n)
    assert bool(show.body_embedder.calls) == bool(budget.bodies_per_look)
    assert bool(show.faces.areas) == bool(budget.faces_per_look)


def test_a_reader_without_a_part_leaves_it_out() -> None:
    show = Show(2)
    only = AppearanceReader(None, show.face_embedder, show.body_embedder)
    assert only.face_model == "" and only.body_model == "b" * 64
    seen = only.read(show.image, show.bodies)
    assert all(a.face is None and a.body is not None for a in seen)
    assert only.best_face(show.image) is None
    assert AppearanceReader(show.faces, None, None).read(show.image, show.bodies)[0].face_score == 0.0
    assert only.read(show.image, []) == []

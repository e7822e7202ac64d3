from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from engine.errors import JikcamError
from engine.geometry import Box
from engine.people import Observation, Tracks
from engine.perception.scheduler import Budget, Perception
from tests.unit.perception_stage import FakeDetector, FakePose, figure, frame, row_of, tracks_of

NOBODY = Tracks(0.0, 0)
FIRST = frozenset({1})


class Stage:
    """Nine people, a detector, a good and a fast pose model."""

    def __init__(self, number: int = 9, budget: Budget | None = None, **detector: bool) -> None:
        self.bodies = row_of(number)
        self.tracks = tracks_of(self.bodies)
        self.detector = FakeDetector(self.bodies, **detector)
        self.good, self.fast = FakePose(self.bodies), FakePose(self.bodies)
        self.perception = Perception(self.detector, self.good, self.fast, budget)
        self.index = 0

    def look(
        self, tracks: Tracks | None = None, targets: frozenset[int] = FIRST, search: bool = False
    ) -> Observation:
        self.index += 1
        return self.perception.look(frame(self.index), tracks or self.tracks, targets, search)

    def posed(self, model: FakePose) -> list[int]:
        """Ids of the people in the model's last call."""
        return [self.bodies.index(box) + 1 for box in model.calls[-1]]


@pytest.mark.parametrize("every", [1, 2, 3, 5])
def test_steady_state_detects_in_every_kth_look(every: int) -> None:
    stage = Stage(budget=Budget(detect_every=every))
    seen = [stage.look().complete for _ in range(60)]
    assert stage.detector.calls == 60 // every
    assert seen[::every] == [True] * (60 // every)
    assert sum(seen) == stage.detector.calls


def test_detects_until_somebody_is_tracked() -> None:
    stage = Stage()
    for _ in range(4):
        assert stage.look(NOBODY, frozenset()).complete
    assert stage.detector.calls == 4
    stage.look()
    assert stage.detector.calls == 4


def test_a_search_detects_at_once() -> None:
    stage = Stage()
    assert stage.look().complete and not stage.look().complete
    assert stage.look(search=True).complete
    assert not stage.look().complete


def test_a_target_that_is_no_track_any_more_is_searched_at_once() -> None:
    stage = Stage()
    stage.look()
    assert stage.look(tracks_of(stage.bodies[1:], first_id=2)).complete
    assert stage.look(tracks_of(stage.bodies[1:], first_id=2)).complete


def test_a_target_that_the_pose_does_not_find_is_searched_in_the_next_look() -> None:
    stage = Stage()
    stage.look()
    stage.good.bodies = stage.bodies[1:]
    lost = stage.look()
    assert not lost.complete and 1 not in [d.track_hint for d in lost.people]
    assert stage.look().complete


def test_a_target_that_the_detector_does_not_find_is_searched_until_it_is_back() -> None:
    stage = Stage()
    stage.detector.people = stage.bodies[1:]
    assert [stage.look().complete for _ in range(4)] == [True] * 4
    stage.detector.people = stage.bodies
    assert [stage.look().complete for _ in range(4)] == [True, False, False, True]


def test_somebody_else_who_is_not_found_costs_no_searches_and_is_not_guessed() -> None:
    stage = Stage(3)
    stage.detector.people = stage.bodies[:2]
    looks = [stage.look() for _ in range(6)]
    assert [o.complete for o in looks] == [True, False, False] * 2
    assert all(d.track_hint != 3 for o in looks for d in o.people)


def test_the_targets_pose_is_good_and_in_every_look() -> None:
    stage = Stage()
    for _ in range(12):
        observation = stage.look()
        assert stage.posed(stage.good) == [1]
        nearest = max(observation.people, key=lambda d: d.box.iou(stage.bodies[0]))
        assert nearest.skeleton is not None
    assert len(stage.good.calls) == 12


def test_others_come_in_fair_turns_in_one_batch_of_the_fast_model() -> None:
    stage = Stage()
    turns: Counter[int] = Counter()
    for _ in range(16):
        stage.look()
        posed = stage.posed(stage.fast)
        assert len(posed) == 2
        turns.update(posed)
    assert len(stage.fast.calls) == 16
    assert turns == dict.fromkeys(range(2, 10), 4)


def test_turns_stay_fair_when_somebody_comes_and_goes() -> None:
    stage = Stage()
    last: dict[int, int] = {}
    for n in range(40):
        here = stage.bodies[: 9 if n % 10 < 5 else 7]
        stage.detector.people = here
        stage.look(tracks_of(here))
        for i in stage.posed(stage.fast):
            last[i] = n
        if n >= 6:
            assert all(n - last[i] <= 5 for i in range(2, 8))


def test_too_many_targets_take_turns() -> None:
    stage = Stage(budget=Budget(targets_per_look=3, others_per_look=0))
    turns: Counter[int] = Counter()
    for _ in range(9):
        stage.look(targets=frozenset(range(1, 10)))
        assert len(stage.posed(stage.good)) == 3
        turns.update(stage.posed(stage.good))
    assert set(turns.values()) == {3} and stage.fast.calls == []


def test_without_a_fast_model_there_is_one_batch() -> None:
    bodies = row_of(4)
    pose = FakePose(bodies)
    perception = Perception(FakeDetector(bodies), pose)
    perception.look(frame(), tracks_of(bodies), FIRST, False)
    assert [len(call) for call in pose.calls] == [3]


def test_with_the_detector_everybody_is_there() -> None:
    stage = Stage()
    observation = stage.look()
    assert observation.complete and (observation.time_s, observation.index) == (1 / 30, 1)
    assert [d.box for d in observation.people] == stage.bodies
    assert [d.skeleton is not None for d in observation.people] == [True] * 3 + [False] * 6
    assert all(d.track_hint is None for d in observation.people)


def test_without_it_only_those_whose_pose_was_seen_with_the_track_looked_at() -> None:
    stage = Stage()
    stage.look()
    observation = stage.look()
    assert not observation.complete
    assert sorted(d.track_hint for d in observation.people if d.track_hint) == [1, 4, 5]
    for found in observation.people:
        assert found.skeleton is not None
        assert found.box.iou(stage.bodies[found.track_hint - 1]) > 0.95
        assert found.score == pytest.approx(0.8)


def test_pose_boxes_are_fresh_with_the_detector_and_predicted_without() -> None:
    stage = Stage(1)
    predicted = stage.bodies[0].shifted(30, 0)
    stage.look(tracks_of([predicted]))
    assert stage.good.calls[-1] == stage.bodies
    stage.look(tracks_of([predicted]))
    assert stage.good.calls[-1] == [predicted]


def test_without_the_detector_the_box_follows_the_body_and_keeps_its_size() -> None:
    stage = Stage(1)
    stage.look()
    stage.good.bodies = [stage.bodies[0].shifted(40, -10)]
    (found,) = stage.look().people
    assert found.box.iou(stage.good.bodies[0]) > 0.95
    assert found.box.width == pytest.approx(stage.bodies[0].width, rel=0.01)


def test_targets_are_told_apart_by_place_not_by_order() -> None:
    stage = Stage(3)
    stage.detector.people = [b.shifted(20, 0) for b in stage.bodies[::-1]]
    stage.look(targets=frozenset({3}))
    assert stage.good.calls[-1] == [stage.bodies[2].shifted(20, 0)]


def test_a_detector_that_gives_skeletons_needs_no_pose() -> None:
    stage = Stage(skeletons=True)
    observation = stage.look()
    assert stage.good.calls == stage.fast.calls == []
    assert all(d.skeleton for d in observation.people)
    stage.look()
    assert len(stage.good.calls) == 1


def test_newcomers_get_what_is_left_of_the_budget() -> None:
    stage = Stage(4)
    stage.look(tracks_of(stage.bodies[:2]))
    assert stage.posed(stage.fast) == [2, 3]
    stage.look(NOBODY, frozenset())
    assert stage.posed(stage.fast) == [1, 2]


def test_a_hidden_target_does_not_take_the_skeleton_of_who_stands_in_front() -> None:
    """Two boxes overlap, but there is only the body in front: the hidden one must not claim it."""
    front = Box.from_center(600, 600, 120, 400)
    hidden = front.shifted(45, 0)
    pose = FakePose([front])
    perception = Perception(FakeDetector([front, hidden]), pose, None, Budget(others_per_look=1))
    both = tracks_of([front, hidden])
    first, second = perception.look(frame(), both, frozenset({2}), False).people
    assert first.skeleton is not None and second.skeleton is None
    seen = perception.look(frame(1), both, frozenset({2}), False)
    assert [d.track_hint for d in seen.people] == [1]


def test_a_body_claimed_by_an_earlier_skeleton_is_left_alone() -> None:
    front = Box.from_center(600, 600, 120, 400)
    hidden = front.shifted(45, 0)
    perception = Perception(FakeDetector([front, hidden]), FakePose([front]), None, Budget(others_per_look=0))
    both = tracks_of([front, hidden], skeletons=True)
    perception.look(frame(), both, frozenset({2}), False)
    seen = perception.look(frame(1), both, frozenset({2}), False)
    assert seen.people == ()


def test_neighbours_in_the_same_pose_keep_their_skeletons() -> None:
    stage = Stage(1)
    stage.bodies.append(stage.bodies[0].shifted(70, 0))
    stage.detector.people = stage.bodies
    observation = stage.look(tracks_of(stage.bodies))
    assert [d.skeleton is not None for d in observation.people] == [True, True]


def test_boxes_stay_inside_the_picture() -> None:
    edge = Box(-40.0, 700.0, 80.0, 1100.0)
    perception = Perception(FakeDetector([edge]), FakePose([edge]))
    perception.look(frame(), tracks_of([edge]), FIRST, False)
    (found,) = perception.look(frame(1), tracks_of([edge]), FIRST, False).people
    assert found.box.x0 >= 0 and found.box.y1 <= 1080 and np.isfinite(found.box.xyxy).all()


@pytest.mark.parametrize("wrong", [{"detect_every": 0}, {"targets_per_look": 0}, {"others_per_look": -1}])
def test_a_budget_that_can_not_be_kept_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(JikcamError, match="budget"):
        Budget(**wrong)


def test_figures_look_alike_only_where_they_stand() -> None:
    """The stage itself: a figure fills its box."""
    box = Box(100, 100, 220, 500)
    around = Box.around(figure(box).xy)
    assert around.iou(box) > 0.7

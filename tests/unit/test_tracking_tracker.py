"""What must always hold of the tracker, and the scenes it must survive."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.geometry import Box
from engine.people import Detection, MotionField, Observation, Skeleton, Tracks
from engine.tracking import Tracker
from tests.unit.tracking_scenes import Scene, absent, play, swinger, walker

CROWD = Scene([walker(200, 500, 60), walker(900, 480, -40), swinger(1500, 520, 120, 2.0)], noise_px=4)


def boxes(tracks: Tracks) -> dict[int, Box]:
    return {t.id: t.box for t in tracks.items}


def nearest(tracks: Tracks, box: Box) -> int:
    return min(tracks.items, key=lambda t: t.box.center.distance(box.center)).id


def seen(*people: Detection, t: float = 0.0, index: int = 0, complete: bool = True) -> Observation:
    return Observation(t, index, people, complete)


def person(x: float = 500, y: float = 500, score: float = 0.9, hint: int | None = None) -> Detection:
    return Detection(Box.from_center(x, y, 150, 400), score, track_hint=hint)


def test_everybody_is_followed_with_one_id_each() -> None:
    _, shown = play(CROWD, 4.0)
    for tracks in shown[1:]:
        assert [t.id for t in tracks.items] == [1, 2, 3]
        for path in CROWD.people:
            truth = path(tracks.time_s)
            assert truth is not None
            assert tracks.find(nearest(tracks, truth)).box.iou(truth) > 0.8


@pytest.mark.parametrize("flow", [True, False])
def test_the_same_scene_at_15_30_and_60_fps_gives_the_same_people_in_the_same_places(flow: bool) -> None:
    runs = [play(CROWD, 3.0, fps=fps, every_s=0.2, flow=flow)[1] for fps in (15.0, 30.0, 60.0)]
    for k in range(1, 45):
        at = [boxes(run[k * step]) for run, step in zip(runs, (1, 2, 4), strict=True)]
        assert at[0].keys() == at[1].keys() == at[2].keys()
        for i in at[0]:
            for other in (at[1][i], at[2][i]):
                assert max(np.abs(np.subtract(at[0][i].xyxy, other.xyxy))) < 4.0


def test_observing_oftener_changes_nothing_but_noise() -> None:
    ends = [boxes(play(CROWD, 3.0, fps=60, every_s=s)[1][-1]) for s in (1 / 60, 0.1, 0.2)]
    assert ends[0].keys() == ends[1].keys() == ends[2].keys()
    for i, box in ends[0].items():
        assert all(box.center.distance(e[i].center) < 15 for e in ends[1:])


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(5)), st.integers(0, 5))
def test_the_order_of_findings_does_not_matter(order: list[int], seed: int) -> None:
    # Equal scores, and two of them nearly on top of each other.
    spots = [(300, 500), (700, 500), (760, 520), (1200, 450), (1600, 500)]
    results = []
    for permutation in (range(5), order):
        tracker = Tracker()
        jitter = np.random.default_rng(seed).normal(0, 6, (8, 5, 2))
        for k in range(8):
            people = [person(x + jitter[k, i, 0], y + jitter[k, i, 1]) for i, (x, y) in enumerate(spots)]
            tracker.observe(seen(*(people[i] for i in permutation), t=k * 0.1, index=k))
        results.append({i: b.xyxy for i, b in boxes(tracker.tracks).items()})
    assert results[0] == results[1]


NUMBER = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True), st.floats(-50, 2000), st.sampled_from([0.0, 1e300])
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER), max_size=8), NUMBER)
def test_broken_numbers_never_get_in_and_ids_are_never_used_again(rows: list[tuple], wild: float) -> None:
    tracker = Tracker()
    born: dict[int, float] = {}
    for k in range(6):
        with np.errstate(over="ignore"):
            move = np.full((20, 2), wild).astype(np.float32)
            skeleton = Skeleton(np.full((17, 2), wild).astype(np.float32), np.ones(17, np.float32))
        spots = np.random.default_rng(k).uniform(420, 580, (20, 2)).astype(np.float32)
        tracker.advance(k * 0.1, k, MotionField((k - 1) * 0.1, k * 0.1, spots, move, np.eye(2, 3)))
        mess = tuple(Detection(Box(*r[:4]), r[4], skeleton) for r in rows)
        tracks = tracker.observe(Observation(k * 0.1, k, (*mess, person(500 + 5 * k)), True))
        ids = [t.id for t in tracks.items]
        assert ids == sorted(set(ids))
        for t in tracks.items:
            assert t.box.is_finite() and t.box.width > 0 and t.box.height > 0
            assert all(map(math.isfinite, (t.velocity_x, t.velocity_y, t.covered, t.score)))
            assert t.skeleton is None or np.isfinite(t.skeleton.xy).all()
            assert born.setdefault(t.id, t.born_s) == t.born_s
    assert tracker.tracks.items


def test_pictures_that_do_not_advance_are_ignored() -> None:
    tracker, _ = play(CROWD, 1.0)
    before = tracker.tracks
    for time_s, index in ((0.5, 99), (1.0, 31), (math.nan, 99), (2.0, 3)):
        assert tracker.advance(time_s, index, None) is before


def test_two_who_cross_keep_their_ids() -> None:
    # One walks in front of the other, feet lower, covering them for about 0.4 s.
    front, back = walker(400, 540, 260, height=460), walker(1300, 480, -200, height=380)
    hidden = absent(back, 1.75, 2.15)
    scene = Scene([front, hidden], noise_px=3)
    _, shown = play(scene, 4.0)
    first, last = shown[1], shown[-1]
    for path in (front, back):
        assert nearest(first, path(first.time_s)) == nearest(last, path(last.time_s))
    assert len(last.items) == 2
    near = shown[round(1.95 * 30)]
    assert near.find(nearest(first, back(0.0))).covered > 0.3


def test_hidden_for_400_ms_keeps_the_id_and_the_size() -> None:
    path = walker(300, 500, 150)
    scene = Scene([absent(path, 1.0, 1.4)], noise_px=2)
    _, shown = play(scene, 3.0)
    sizes = {t.items[0].box.height for t in shown[33:42]}
    assert max(sizes) - min(sizes) < 1e-6
    assert {i.id for t in shown[1:] for i in t.items} == {1}
    assert shown[-1].items[0].box.iou(path(3.0)) > 0.85
    assert shown[41].items[0].seen_s < 1.0


def test_who_leaves_is_dropped_after_max_age_and_who_comes_gets_a_new_id() -> None:
    scene = Scene([absent(walker(300, 500, 0), 1.0, 5.0)])
    _, shown = play(scene, 6.0)
    gone = next(t.time_s for t in shown[1:] if not t.items)
    assert 3.4 <= gone <= 3.6
    assert [t.id for t in shown[-1].items] == [2]


def test_a_stalled_perception_kills_nobody_and_does_not_let_boxes_run_away() -> None:
    tracker, _ = play(Scene([walker(300, 500, 200)], noise_px=4), 1.0)
    for k in range(31, 31 + 5 * 30):
        tracker.advance(k / 30, k, None)
    (track,) = tracker.tracks.items
    assert track.box.center.x < 300 + 200 + 250
    assert 300 < track.box.height < 500


def test_false_alarms_are_not_shown() -> None:
    tracker = Tracker()
    for k in range(10):
        extra = [person(1500)] if k == 6 else []
        tracks = tracker.observe(seen(person(), *extra, t=0.1 * k, index=k))
        assert len(tracks.items) == 1


def test_a_newcomer_is_confirmed_within_a_fifth_of_a_second_and_the_first_at_once() -> None:
    tracker = Tracker()
    assert len(tracker.observe(seen(person(), person(900))).items) == 2
    for k in range(1, 20):
        extra = [person(1500)] if k >= 10 else []
        tracks = tracker.observe(seen(person(), person(900), *extra, t=0.1 * k, index=k))
        assert len(tracks.items) == (3 if k >= 11 else 2)


def test_weak_findings_continue_a_track_for_a_while_but_start_none() -> None:
    tracker = Tracker()
    tracker.observe(seen(person()))
    last_s = []
    for k in range(1, 50):
        tracks = tracker.observe(seen(person(score=0.2), person(1500, score=0.2), t=0.1 * k, index=k))
        assert [t.id for t in tracks.items] in ([1], [])
        last_s += [t.seen_s for t in tracks.items]
    assert max(last_s) == pytest.approx(2.0)
    assert not tracks.items


def test_one_strong_finding_lets_the_weak_go_on() -> None:
    tracker = Tracker()
    for k in range(50):
        tracks = tracker.observe(seen(person(score=0.9 if k % 15 == 0 else 0.2), t=0.1 * k, index=k))
        assert [(t.id, t.seen_s) for t in tracks.items] == [(1, pytest.approx(0.1 * k))]


def test_no_second_track_is_born_on_top_of_a_live_one() -> None:
    tracker = Tracker()
    for k in range(10):
        tracks = tracker.observe(seen(person(), person(515, score=0.8), t=0.1 * k, index=k))
    assert len(tracks.items) == 1


def test_a_hint_updates_only_the_track_it_names_and_only_when_plausible() -> None:
    tracker = Tracker()
    tracker.observe(seen(person(500), person(900)))
    near = tracker.observe(seen(person(540, hint=1), t=0.1, index=1, complete=False))
    assert 500 < near.find(1).box.center.x < 540 and near.find(1).seen_s == 0.1
    assert near.find(2).seen_s == 0.0
    for far in (person(1400, hint=1), person(900, hint=1), person(500, hint=77)):
        after = tracker.observe(seen(far, t=0.1, index=1, complete=False))
        assert boxes(after) == boxes(near)


def test_a_hint_on_somebody_just_found_is_that_somebody() -> None:
    tracker = Tracker()
    tracker.observe(seen(person(500), person(600)))
    tracks = tracker.observe(seen(person(600), person(590, hint=1), t=0.1, index=1))
    assert tracks.find(1).seen_s == 0.0 and tracks.find(2).seen_s == 0.1


def test_absence_in_an_incomplete_observation_is_no_evidence() -> None:
    tracker, _ = play(Scene([walker(300, 500, 100), walker(900, 500, 0)]), 1.0)
    for k in range(31, 31 + 120):
        tracker.advance(k / 30, k, None)
        tracker.observe(seen(t=k / 30, index=k, complete=False))
    assert [t.id for t in tracker.tracks.items] == [1, 2]


def test_key_points_move_with_the_box_and_are_dropped_when_old() -> None:
    scene = Scene([walker(300, 500, 240)])
    skeleton = Skeleton(np.full((17, 2), 300, np.float32), np.ones(17, np.float32))
    tracker = Tracker()
    for k in range(40):
        tracker.advance(k / 30, k, scene.field((k - 1) / 30, k / 30) if k else None)
        if k == 0:
            first = scene.observation(0.0, 0).people[0]
            tracker.observe(seen(Detection(first.box, 0.9, skeleton)))
        (track,) = tracker.tracks.items
        if k <= 20:
            assert track.skeleton.xy[0, 0] == pytest.approx(300 + 240 * k / 30, abs=0.5)
        if k >= 22:
            assert track.skeleton is None
    np.testing.assert_array_equal(skeleton.xy, 300)


def test_a_camera_that_pans_takes_everybody_along() -> None:
    tracker = Tracker()
    tracker.observe(seen(person(500)))
    empty = np.zeros((0, 2), np.float32)
    for k in range(1, 16):
        pan = np.array([[1.0, 0.0, 8.0], [0.0, 1.0, 0.0]])
        tracker.advance(k / 30, k, MotionField((k - 1) / 30, k / 30, empty, empty, pan))
    assert tracker.tracks.items[0].box.center.x == pytest.approx(500 + 15 * 8, abs=1e-6)


def test_thirty_people_are_no_problem() -> None:
    people = [
        swinger(100 + 60 * k, 400 + 12 * (k % 5) * 10, 20, 1.5 + 0.1 * k, height=160) for k in range(30)
    ]
    _, shown = play(Scene(people, noise_px=1), 2.0)
    assert {len(t.items) for t in shown[1:]} == {30}
    assert {i.id for t in shown[1:] for i in t.items} == set(range(1, 31))


def test_nobody_survives_a_cut() -> None:
    tracker = Tracker()
    for k in range(6):
        tracker.advance(k / 30, k, None)
        tracker.observe(seen(person(), t=k / 30, index=k))
    before = {t.id for t in tracker.tracks.items}
    empty = np.zeros((0, 2), np.float32)
    tracker.advance(6 / 30, 6, MotionField(5 / 30, 6 / 30, empty, empty, np.eye(2, 3), cut=True))
    assert before and not tracker.tracks.items
    tracker.observe(seen(person(), t=5 / 30, index=5))  # late: of the scene before
    assert not tracker.tracks.items
    tracker.advance(7 / 30, 7, None)
    tracker.observe(seen(person(), t=7 / 30, index=7))
    assert not {t.id for t in tracker.tracks.items} & before

"""An observation that comes late has the same effect as if it had been there in time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.people import Tracks
from engine.tracking import Tracker
from tests.unit.tracking_scenes import Scene, absent, play, swinger, walker

SCENE = Scene(
    [walker(300, 500, 120), swinger(900, 480, 150, 1.6), absent(walker(1500, 520, -90), 0.0, 0.8)], noise_px=5
)


def numbers(tracks: Tracks) -> dict[int, tuple[float, ...]]:
    return {
        t.id: (*t.box.xyxy, t.velocity_x, t.velocity_y, t.seen_s, t.born_s, t.covered) for t in tracks.items
    }


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 40), st.sampled_from([1 / 30, 0.1, 0.2]), st.booleans())
def test_late_equals_on_time_once_delivered(late: int, every_s: float, flow: bool) -> None:
    on_time, _ = play(SCENE, 2.0, every_s=every_s, flow=flow)
    delayed, _ = play(SCENE, 2.0, every_s=every_s, flow=flow, late=late)
    a, b = numbers(on_time.tracks), numbers(delayed.tracks)
    assert a.keys() == b.keys()
    # Five blind observations a second are too few for the dancer; what matters here is the equality.
    assert not flow or set(a) == {1, 2, 3}
    for i in a:
        np.testing.assert_allclose(a[i], b[i], atol=1e-6)
    assert delayed.dropped == 0


def test_the_newly_born_are_carried_to_the_newest_picture() -> None:
    scene = Scene([walker(300, 500, 300)])
    tracker = Tracker()
    for k in range(13):
        tracker.advance(k / 30, k, scene.field((k - 1) / 30, k / 30) if k else None)
    tracks = tracker.observe(scene.observation(0.0, 0))
    assert tracks.index == 12
    assert tracks.items[0].box.center.x == pytest.approx(300 + 300 * 12 / 30, abs=1.0)


def test_with_flow_the_box_does_not_lag_behind_a_late_observation() -> None:
    path = swinger(900, 500, 200, 1.2)
    lag = {}
    for flow in (True, False):
        _, shown = play(Scene([path]), 4.0, late=6, flow=flow)
        lag[flow] = max(abs(t.items[0].box.center.x - path(t.time_s).center.x) for t in shown[30:])
    assert lag[True] < 12 < lag[False]


def test_out_of_order_and_forgotten_observations_are_dropped_and_counted() -> None:
    tracker, _ = play(SCENE, 5.0)
    before = tracker.tracks
    assert tracker.observe(SCENE.observation(4.0, 120)) is before
    assert tracker.observe(SCENE.observation(0.0, 0)) is before
    assert tracker.dropped == 2
    fresh = Tracker()
    fresh.advance(10.0, 300, None)
    fresh.observe(SCENE.observation(1.0, 30))
    assert fresh.dropped == 1 and not fresh.tracks.items


def test_two_observations_of_one_picture_both_count() -> None:
    tracker, _ = play(SCENE, 1.0)
    again = SCENE.observation(1.0, 30, complete=False)
    before = numbers(tracker.tracks)
    after = numbers(tracker.observe(again))
    assert tracker.dropped == 0 and before != after


def test_an_observation_ahead_of_the_newest_picture_advances() -> None:
    tracker = Tracker()
    for k in range(5):
        tracks = tracker.observe(SCENE.observation(k / 10, 3 * k))
        assert (tracks.time_s, tracks.index) == (k / 10, 3 * k)
    assert len(tracks.items) == 2


def test_history_is_remembered_for_three_seconds_as_believed_now() -> None:
    tracker, shown = play(SCENE, 5.0, late=6)
    assert tracker.at(150).index == 150
    assert tracker.at(59) is None and tracker.at(151) is None
    old = tracker.at(100)
    assert old.time_s == shown[100].time_s
    truth = SCENE.people[1](old.time_s)
    # What was shown at picture 100 did not yet know the observations of 97 to 100; the memory does.
    assert old.find(2).box.center.distance(truth.center) <= 8
    assert tracker.at(61).find(1) is not None


def test_a_field_of_another_pair_of_pictures_is_not_used() -> None:
    scene = Scene([walker(300, 500, 0)])
    liar = Scene([walker(300, 500, 900)])
    tracker = Tracker()
    tracker.observe(scene.observation(0.0, 0))
    for k in range(1, 10):
        tracker.advance(k / 30, k, liar.field((k - 2) / 30, (k - 1) / 30))
    assert tracker.tracks.items[0].box.center.x == pytest.approx(300)

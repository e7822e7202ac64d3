from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.geometry import Box
from engine.people import DetectedObject, Detection, MotionField, Observation
from engine.tracking.objects import ObjectConfig, ObjectTracker

BALL, GUITAR = "sports ball", "guitar"
STILL = np.eye(2, 3)


def thing(
    x: float, y: float = 300.0, score: float = 0.7, label: str = BALL, side: float = 40
) -> DetectedObject:
    return DetectedObject(label, Box.from_center(x, y, side, side), score)


def seen(time_s: float, *things: DetectedObject, complete: bool = True) -> Observation:
    return Observation(time_s, round(time_s * 1000), (), complete, things)


def there(x: float, label: str = BALL) -> ObjectTracker:
    """A tracker that has just shown a resting thing, at time 0, first seen at -0.1 s."""
    tracker = ObjectTracker()
    for time_s in (-0.1, 0.0):
        tracker.observe(seen(time_s, thing(x, label=label)))
    return tracker


def searched(tracker: ObjectTracker, time_s: float) -> bool:
    """Whether it is still there, the detector having looked in vain at that time."""
    shown = bool(tracker.advance(time_s, None))
    tracker.observe(seen(time_s))
    return shown


def flow(from_s: float, to_s: float, background=STILL, cut: bool = False, around=None, move=(0.0, 0.0)):
    """No points, or a 5 x 5 grid of points on the box ``around`` that all move by ``move``."""
    points = np.zeros((0, 2), np.float32)
    if around is not None:
        x, y = np.meshgrid(np.linspace(around.x0, around.x1, 7), np.linspace(around.y0, around.y1, 7))
        points = np.stack([x, y], axis=-1).reshape(-1, 2).astype(np.float32)
    return MotionField(from_s, to_s, points, np.full_like(points, move), np.array(background), cut)


def boxes(tracker: ObjectTracker, time_s: float, field: MotionField | None = None) -> dict[str, Box]:
    return {t.label: t.box for t in tracker.advance(time_s, field)}


def test_nothing_before_anything_was_seen() -> None:
    tracker = ObjectTracker()
    assert tracker.advance(0.0, None) == ()
    tracker.observe(seen(0.0))
    assert tracker.advance(0.1, None) == ()


def test_once_is_never_enough_and_weak_findings_need_more() -> None:
    tracker = ObjectTracker()
    shown = []
    for k in range(4):
        tracker.observe(seen(k / 10, thing(500, score=0.99), thing(100, score=0.34, label=GUITAR)))
        shown.append(set(boxes(tracker, k / 10 + 0.05)))
    assert shown == [set(), {BALL}, {BALL, GUITAR}, {BALL, GUITAR}]


def test_what_was_there_but_briefly_is_not_kept_long() -> None:
    tracker = there(500)
    kept_s = next(k / 30 for k in range(1, 60) if not searched(tracker, k / 30))
    assert 0.4 < kept_s < 0.75


def test_weak_findings_alone_start_nothing() -> None:
    tracker = ObjectTracker()
    for k in range(10):
        tracker.observe(seen(k / 10, thing(500, score=0.25)))
        assert tracker.advance(k / 10 + 0.05, None) == ()


def test_best_first_and_one_of_each_label() -> None:
    tracker = ObjectTracker()
    for time_s in (0.0, 0.05):
        tracker.observe(
            seen(time_s, thing(100, score=0.7), thing(900, score=0.9), thing(400, label=GUITAR, score=0.8))
        )
    shown = tracker.advance(0.1, None)
    assert [(t.label, t.score) for t in shown] == [(BALL, 0.9), (GUITAR, 0.8)]


def test_a_better_one_does_not_take_over_while_the_first_is_found() -> None:
    tracker = ObjectTracker(ObjectConfig(speed=1.0))
    for time_s in (-0.2, 0.0):
        tracker.observe(seen(time_s, thing(100)))
    for k in range(1, 20):
        tracker.observe(seen(k / 5, thing(100, score=0.65), thing(900, score=0.95)))
        assert boxes(tracker, k / 5 + 0.1)[BALL].center.x == pytest.approx(100)
    for k in range(20, 24):  # the first is gone
        tracker.observe(seen(k / 5, thing(900, score=0.95)))
    assert boxes(tracker, 4.75)[BALL].center.x == pytest.approx(900)


def test_it_stays_for_a_second_of_looks_in_vain_without_flicker_then_goes() -> None:
    tracker = ObjectTracker()
    for k in range(-10, 1):
        tracker.observe(seen(k / 10, thing(500)))
    shown = []
    for k in range(1, 60):
        shown.append(bool(tracker.advance(k / 30, None)))
        if k % 6 == 0:
            tracker.observe(seen(k / 30))
    gone = shown.index(False)
    assert 0.9 < gone / 30 < 1.4
    assert not any(shown[gone:])


def test_a_perception_that_stalls_takes_nothing_away_at_once() -> None:
    tracker = there(500)
    assert tracker.advance(2.5, None)
    assert not tracker.advance(3.5, None)


def test_a_look_without_the_detector_says_nothing() -> None:
    tracker = there(500)
    for k in range(1, 20):
        tracker.observe(seen(k / 10, complete=False))
    assert tracker.advance(2.0, None)


def test_it_moves_on_for_a_moment_and_comes_to_rest() -> None:
    tracker = ObjectTracker()
    for k in range(4):
        tracker.observe(seen(k / 10, thing(100 + 30 * k)))
    xs = [boxes(tracker, 0.3 + k / 30)[BALL].center.x for k in range(1, 20)]
    assert xs[0] > 195 and (np.diff(xs) >= 0).all()
    reach = 300 * ObjectConfig().coast_s
    assert 190 + 0.9 * reach < xs[-1] < 190 + reach


def test_points_on_it_carry_it() -> None:
    tracker = there(500)
    box = thing(500).box
    for k in range(1, 6):
        field = flow((k - 1) / 30, k / 30, around=box, move=(9.0, -4.0))
        box = boxes(tracker, k / 30, field)[BALL]
        assert (box.center.x, box.center.y) == pytest.approx((500 + 9 * k, 300 - 4 * k))


def test_it_goes_with_the_scene_when_the_camera_moves() -> None:
    tracker = there(500)
    zoom = np.array([[1.1, 0, 20], [0, 1.1, -5]])
    box = boxes(tracker, 0.04, flow(0.0, 0.04, zoom))[BALL]
    assert (box.center.x, box.center.y, box.width) == pytest.approx((570, 325, 44))


def test_a_cut_ends_everything() -> None:
    tracker = there(500)
    assert tracker.advance(0.04, flow(0.0, 0.04, cut=True)) == ()


@pytest.mark.parametrize("delay", [1, 3, 7])
def test_late_observations_count_at_their_own_time(delay: int) -> None:
    """The same looks in time and late give the same things in the end."""
    rng = np.random.default_rng(delay)
    looks = {k: seen(k / 30, thing(200 + 12 * k + rng.normal(0, 2))) for k in range(0, 60, 5)}
    fields = [flow((k - 1) / 30, k / 30, [[1, 0, 0.5], [0, 1, 0]]) for k in range(71)]
    in_time, late = ObjectTracker(), ObjectTracker()
    for k in range(71):
        in_time.advance(k / 30, fields[k])
        late.advance(k / 30, fields[k])
        if k in looks:
            in_time.observe(looks[k])
        if k - delay in looks:
            late.observe(looks[k - delay])
    (a,), (b,) = in_time.advance(2.4, None), late.advance(2.4, None)
    assert b.box.xyxy == pytest.approx(a.box.xyxy)


def test_the_rate_of_pictures_does_not_matter() -> None:
    ends = []
    for fps in (10, 30, 60):
        tracker = ObjectTracker()
        for k in range(2 * fps + 1):
            tracker.advance(k / fps, None)
            if k % (fps // 5) == 0 and k <= fps:
                tracker.observe(seen(k / fps, thing(100 + 200 * k / fps)))
        ends.append(boxes(tracker, 2.05)[BALL].xyxy)
    assert ends[1] == pytest.approx(ends[0]) and ends[2] == pytest.approx(ends[0])


def test_what_is_too_late_or_too_early_is_left_alone() -> None:
    tracker = ObjectTracker()
    for k in range(200):
        tracker.advance(k / 30, None)
    tracker.observe(seen(0.5, thing(500)))
    assert tracker.advance(7.0, None) == ()
    for time_s in (7.9, 8.0):  # of pictures that motion has not come to yet
        tracker.observe(seen(time_s, thing(500)))
    assert tracker.advance(7.5, None) and tracker.advance(8.1, None)


numbers = st.one_of(st.floats(-1e4, 1e4), st.sampled_from([math.nan, math.inf, -math.inf, 0.0]))


@given(
    st.lists(
        st.tuples(
            st.floats(0.001, 0.5) | st.just(math.nan),
            st.booleans(),
            st.lists(st.tuples(numbers, numbers, numbers, numbers, numbers), max_size=3),
            st.sampled_from([None, "none", "nan", "moves", "cut"]),
        ),
        max_size=15,
    )
)
@settings(max_examples=150, deadline=None)
def test_nothing_raises_and_no_bad_number_comes_out(story) -> None:
    tracker, time_s = ObjectTracker(), 0.0
    for step_s, complete, raw, kind in story:
        things = [DetectedObject(BALL, Box(*r[:4]), r[4]) for r in raw]
        field = None
        after_s = time_s + (step_s if math.isfinite(step_s) else 0.1)
        if kind is not None and kind != "none":
            background = np.array([[1.0, 0, 3], [0, 1.0, 0]])
            if kind == "nan":
                background = np.full((2, 3), np.nan)
            field = flow(time_s, after_s, background, kind == "cut", Box(0, 0, 300, 300), (2.0, 1.0))
        tracker.advance(math.nan, None)
        shown = tracker.advance(after_s, field)
        tracker.observe(Observation(after_s, 0, (Detection(Box(0, 0, 1, 1), 0.5),), complete, tuple(things)))
        tracker.observe(Observation(math.nan, 0, (), complete, tuple(things)))
        assert all(t.box.is_finite() and math.isfinite(t.score) and t.box.area > 0 for t in shown)
        assert len({t.label for t in shown}) == len(shown)
        time_s = after_s

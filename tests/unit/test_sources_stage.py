from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import JikcamError
from engine.geometry import Point, Size
from engine.people import Joint
from engine.sources.stage import (
    CHOREOGRAPHIES,
    Painter,
    StageSource,
    parse_stage,
    read_index,
    scene,
)
from tests.unit.stage_kit import hidden_runs_s, moved_pixels_box, person

SMALL = Size(640, 360)
ALL = sorted(CHOREOGRAPHIES)
moments = st.floats(0, 120)


@pytest.mark.parametrize("name", ALL)
@given(time_s=moments, people=st.integers(1, 9), pan=st.sampled_from([0.0, 200.0]))
@settings(max_examples=8, deadline=None)
def test_truth_is_sound_at_any_time(name: str, time_s: float, people: int, pan: float) -> None:
    truth = scene(name, people, SMALL, camera_pan_px_s=pan).truth(time_s)
    assert [p.id for p in truth] == list(range(1, people + 1))
    for p in truth:
        assert p.box.is_finite() and p.box.area > 0
        assert np.isfinite(p.skeleton.xy).all() and p.skeleton.xy.shape == (17, 2)
        assert all(p.box.contains(Point(float(x), float(y))) for x, y in p.skeleton.xy)
        assert 0 <= p.visible_share <= 1
        assert -1 <= p.depth <= 1
        assert p.skeleton.score[5:].min() == 1
        assert p.box.height < SMALL.height


@pytest.mark.parametrize("name", ALL)
def test_motion_does_not_depend_on_the_frame_rate(name: str) -> None:
    slow, quick = scene(name, 4, SMALL, fps=15), scene(name, 4, SMALL, fps=60)
    for index in (0, 20, 77):
        for a, b in zip(slow.truth(index / 15), quick.truth(4 * index / 60), strict=True):
            assert a.box == b.box
            assert np.array_equal(a.skeleton.xy, b.skeleton.xy)


@pytest.mark.parametrize("name", ALL)
def test_nobody_jumps(name: str) -> None:
    made = scene(name, 5, Size(1920, 1080))
    dt_s = 1 / 60
    pelvis = np.array(
        [[b.skeleton.xy[[11, 12]].mean(axis=0) for _, b in made.placed(k * dt_s)] for k in range(60 * 14)]
    )
    speed = np.linalg.norm(np.diff(pelvis, axis=0), axis=2) / dt_s
    assert speed.max() < 1600  # a dash; a jump would be many times that
    assert np.abs(np.diff(pelvis, 2, axis=0)).max() < 9


def test_still_is_still() -> None:
    made = scene("still", 3, SMALL)
    assert all(
        np.array_equal(a.skeleton.xy, b.skeleton.xy)
        for a, b in zip(made.truth(0.0), made.truth(33.3), strict=True)
    )


def test_sway_is_60_px_at_1_2_hz() -> None:
    made = scene("sway", 1)
    x = np.array([person(made, 1, k / 240).skeleton.pelvis.x for k in range(240 * 10)])
    assert np.ptp(x) == pytest.approx(120, abs=18)  # hips move a little on top of the steps
    spectrum = np.abs(np.fft.rfft(x - x.mean()))
    assert np.argmax(spectrum) / 10 == pytest.approx(1.2, abs=0.06)


def test_cross_swaps_places_and_hides_for_a_second_at_most() -> None:
    made = scene("cross", 4)
    at = {t: [person(made, k, t).box.center.x for k in (1, 2, 3, 4)] for t in (0.0, 5.2, 9.7)}
    assert at[0.0] == sorted(at[0.0])
    assert at[5.2][0] == pytest.approx(at[0.0][1], abs=60) and at[5.2][2] == pytest.approx(at[0.0][3], abs=60)
    assert at[9.7] == pytest.approx(at[0.0], abs=60)
    runs = [run for who in (1, 4) for run in hidden_runs_s(made, who, 11)]
    assert len(runs) == 2
    assert 0.3 < max(runs) <= 1.0


def test_everybody_in_a_pair_is_hidden_in_turn() -> None:
    made = scene("cross", 2)
    assert hidden_runs_s(made, 1, 14) and hidden_runs_s(made, 2, 14)


@pytest.mark.parametrize("seconds", [0.4, 1.5, 6.0])
@pytest.mark.parametrize("people", [1, 3])
def test_dropout_hides_the_first_for_as_long_as_asked(seconds: float, people: int) -> None:
    made = scene(f"dropout:{seconds}", people)
    runs = hidden_runs_s(made, 1, 3 + seconds + 5)
    assert runs == [pytest.approx(seconds, abs=0.06)]
    assert person(made, 1, 3 + seconds / 2).visible_share < 0.02
    for other in range(2, people + 1):
        assert hidden_runs_s(made, other, 12) == []


def test_leave_goes_out_of_the_picture_and_comes_back() -> None:
    made = scene("leave", 3)
    away = person(made, 1, 7.0)
    assert away.visible_share == 0 and away.box.x1 < 0
    assert person(made, 1, 12.5).box.center.x == pytest.approx(person(made, 1, 0.0).box.center.x, abs=5)
    assert person(made, 2, 7.0).visible_share > 0.9


def test_dash_is_700_px_in_0_9_s() -> None:
    made = scene("dash", 3)
    x = [person(made, 1, t).skeleton.pelvis.x for t in (1.05, 2.02)]
    assert x[1] - x[0] == pytest.approx(700, abs=15)


def test_turn_hides_the_face_and_shows_the_back() -> None:
    made = scene("turn", 2)
    front, back = person(made, 1, 0.5).skeleton, person(made, 1, 3.0).skeleton
    assert front.score[:5].min() == 1
    assert back.score[[Joint.NOSE, Joint.LEFT_EYE, Joint.RIGHT_EYE]].max() == 0
    left = Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER
    assert front.xy[left[0], 0] > front.xy[left[1], 0]
    assert back.xy[left[0], 0] < back.xy[left[1], 0]


def test_armswide_widens_the_box_while_the_trunk_stays() -> None:
    made = scene("armswide", 1)
    truth = [person(made, 1, k / 20) for k in range(120)]
    widths = [p.box.width for p in truth]
    assert max(widths) > 1.8 * min(widths)
    assert np.ptp([p.skeleton.neck.x for p in truth]) < 1


def test_huddle_brings_all_together() -> None:
    made = scene("huddle", 5)
    boxes = [p.box for p in made.truth(4.5)]
    assert sum(a.iou(b) > 0.2 for k, a in enumerate(boxes) for b in boxes[k + 1 :]) >= 4
    apart = [p.box for p in made.truth(0.0)]
    assert all(a.iou(b) < 0.1 for a, b in pairwise(apart))


def test_fidget_never_rests_and_never_leaves() -> None:
    made = scene("fidget", 3)
    x = np.array([person(made, 2, k / 30).skeleton.pelvis.x for k in range(600)])
    assert 10 < np.ptp(x) < 80
    assert (np.abs(np.diff(x)) < 0.02).mean() < 0.05


def test_twins_wear_the_same_and_differ_in_the_face_unless_plain() -> None:
    looks = [p.costume for p in scene("twins", 4).performers]
    assert len({(c.top, c.bottom, c.hair, c.skin, c.height_m) for c in looks}) == 1
    assert len({c.face_mark for c in looks}) == 4
    assert len({p.costume for p in scene("twins:plain", 4).performers}) == 1
    assert len({p.costume.top for p in scene("still", 9).performers}) == 9


def test_pan_moves_everybody_at_up_to_its_speed() -> None:
    fixed, panned = scene("still", 2), scene("still", 2, camera_pan_px_s=200)
    dt_s = 1 / 100
    x = [person(panned, 1, k * dt_s).box.x0 - person(fixed, 1, k * dt_s).box.x0 for k in range(500)]
    assert np.abs(np.diff(x)).max() / dt_s == pytest.approx(200, rel=0.01)
    # The background goes along: what the pan moved by whole pixels is the same picture.
    painter = Painter(scene("still", 1, SMALL, camera_pan_px_s=200))
    a, b = painter.paint(0.0)[:40], painter.paint(1.0)[:40]
    shift, _ = cv2.phaseCorrelate(a[:, :, 1].astype(np.float32), b[:, :, 1].astype(np.float32))
    assert shift[0] == pytest.approx(-200 * 4 / (2 * np.pi), abs=1.5)


@pytest.mark.parametrize("name", ["still", "armswide", "turn", "dash"])
def test_the_true_box_is_where_the_pixels_are(name: str) -> None:
    made = scene(name, 1, Size(1280, 720), background="plain")
    for time_s in (0.3, 1.6, 3.1):
        drawn, _ = moved_pixels_box(made, 1, time_s)
        assert person(made, 1, time_s).box.clipped(made.size).iou(drawn) > 0.8


def test_a_performer_moves_by_fractions_of_a_pixel() -> None:
    made = scene("sway", 1, Size(1280, 720))
    painter = Painter(made)
    a, b = painter.paint(0.2), painter.paint(0.2 + 1e-4)  # about 0.03 px
    assert np.abs(a.astype(int) - b).sum() > 0
    assert np.abs(a.astype(int) - b).max() < 60


def test_the_nearer_is_drawn_in_front() -> None:
    made = scene("dash", 3)
    near, far = person(made, 1, 1.55), person(made, 2, 1.55)
    assert near.depth > far.depth and near.visible_share == 1 and far.visible_share < 0.9
    assert near.box.y1 > far.box.y1  # the rule of the lower edge


@pytest.mark.parametrize("size", [Size(160, 90), Size(641, 361), Size(1080, 1920), Size(800, 800)])
@pytest.mark.parametrize("name", ["crowd", "dropout:1", "leave"])
def test_any_size_is_drawn(size: Size, name: str) -> None:
    painter = Painter(scene(name, 9, size))
    for k in (0, 100, 200):
        image = painter.frame_image(k)
        assert image.shape == (size.height, size.width, 3) and read_index(image) == k


def test_the_same_stage_is_drawn_twice_and_pictures_are_independent() -> None:
    a, b = (Painter(scene("crowd", 4, SMALL, seed=3)) for _ in range(2))
    first = a.frame_image(7)
    copy = first.copy()
    a.frame_image(8)
    assert np.array_equal(first, copy)
    assert np.array_equal(first, b.frame_image(7))
    assert not np.array_equal(first, Painter(scene("crowd", 4, SMALL, seed=4)).frame_image(7))


def test_fast_stage_numbers_and_ends() -> None:
    source = StageSource(scene("still", 1, SMALL, fps=25), "fast", 0.4)
    frames = [source.read(1.0) for _ in range(10)]
    assert [read_index(f.image) for f in frames] == [f.index for f in frames] == list(range(10))
    assert [f.time_s for f in frames] == pytest.approx([k / 25 for k in range(10)])
    assert source.ended and source.read(1.0) is None and source.frame_count == 10


def test_live_stage_shows_the_moment_it_is_due() -> None:
    source = StageSource(scene("sway", 1, Size(160, 90), fps=60), "live", 0.5)
    frames = []
    while not source.ended:
        frame = source.read(1.0)
        if frame:
            frames.append(frame)
    source.close()
    assert len(frames) >= 3
    for frame in frames:
        assert read_index(frame.image) == frame.index
        lag_s = frame.time_s - frames[0].time_s - frame.index / 60
        assert -1e-6 < lag_s < 0.3


def test_an_unknown_background_is_an_error() -> None:
    with pytest.raises(JikcamError, match="stage, plain"):
        StageSource(parse_stage("stage:still,background=moon")[0])

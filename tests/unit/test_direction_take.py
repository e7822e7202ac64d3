"""The plan of a whole take on scripted people."""

from __future__ import annotations

import numpy as np
import pytest

from engine.direction.operators.feel import Feel
from engine.direction.operators.path import PathConfig
from engine.direction.operators.path_feel import PATHS
from engine.direction.operators.take import plan_take
from engine.direction.want import Want
from engine.geometry import Shot
from tests.unit.path_stage import (
    ASPECT,
    F64,
    HEIGHT,
    KEEP,
    SIZE,
    WIDTH,
    ahead,
    centres,
    jerk_rms,
    minjerk,
    noisy,
    reversals,
    stage_path,
    times,
    wants_of,
)


def planned(t: F64, x: F64, config: PathConfig | None = None) -> F64:
    return centres(plan_take(wants_of(t, x), SIZE, config or PathConfig()))


def test_calmer_than_the_look_ahead_and_everything_inside() -> None:
    t = times(58, 30)
    x = stage_path(t)
    camera = planned(t, x + np.random.default_rng(0).normal(0, 4, len(x)))
    assert jerk_rms(camera, 30) <= 1.8
    assert jerk_rms(camera, 30) < jerk_rms(centres(ahead(wants_of(t, x), 0.5)), 30)
    assert reversals(camera, 30) <= 5
    assert (np.abs(x - camera) <= WIDTH / 2 - KEEP).all()


@pytest.mark.parametrize("feel", list(Feel))
def test_rests_exactly_where_the_subject_stays(feel: Feel) -> None:
    t = times(12, 30)
    x = 900 + 0.5 * PATHS[feel].tolerance_norm * WIDTH * np.sin(2 * np.pi * 1.1 * t)
    camera = planned(t, x, PATHS[feel])
    assert np.ptp(camera) < 1e-6
    assert abs(camera[0] - 900) < 0.03 * WIDTH


def test_rests_between_moves_in_the_middle_of_the_person() -> None:
    t = times(14, 30)
    x = 500 + 500 * minjerk((t - 3) / 1.2) - 300 * minjerk((t - 9) / 1.0)
    camera = planned(t, x)
    for start_s, end_s in ((0.0, 2.0), (5.5, 8.0), (11.5, 14.0)):
        part = (t >= start_s) & (t < end_s)
        assert np.ptp(camera[part]) < 1e-6
        assert np.abs(camera[part] - x[part]).max() < 0.06 * WIDTH
    assert reversals(camera, 30) == 1


@pytest.mark.parametrize("feel", list(Feel))
def test_a_dash_stays_inside(feel: Feel) -> None:
    t = times(6, 30)
    x = 600 + 700 * minjerk((t - 2) / 0.9)
    assert np.abs(x - planned(t, x, PATHS[feel])).max() <= WIDTH / 2 - KEEP


def test_does_not_depend_on_the_frame_rate() -> None:
    fine = times(58, 60)
    paths = {
        fps: np.interp(fine, times(58, fps), planned(times(58, fps), stage_path(times(58, fps))))
        for fps in (15, 30, 60)
    }
    irregular = np.cumsum(np.random.default_rng(0).uniform(0.02, 0.06, 1400))
    irregular -= irregular[0]
    paths[0] = np.interp(fine, irregular, planned(irregular, stage_path(irregular)))
    for fps in (0, 15, 30):
        assert np.sqrt(((paths[fps] - paths[60]) ** 2).mean()) <= 2


def test_time_shift_equivariant() -> None:
    t = times(10, 30)
    x = 600 + 500 * minjerk((t - 3) / 1.0)
    assert np.abs(planned(t, x) - planned(t + 12345.6, x)).max() < 1e-3


def test_gaps_are_bridged_and_long_losses_shown_as_asked() -> None:
    t = times(14, 30)
    x = 600 + 500 * minjerk((t - 2) / 2.0)
    wide = Shot.widest(SIZE, ASPECT)
    asked = [
        Want(w.time_s, wide, None, False) if 2.5 < w.time_s < 3.4 or 7 < w.time_s < 12 else w
        for w in wants_of(t, x, 600.0)
    ]
    shots = plan_take(asked, SIZE, PathConfig())
    shown = np.array([s.height for s in shots])
    assert shown[t < 5.5].max() < 640
    assert shown[(t > 8.5) & (t < 10.5)].min() > 0.85 * wide.height


def test_ten_minutes_at_60_pictures_a_second() -> None:
    t = times(600, 60)
    shots = plan_take(wants_of(t, stage_path(t % 58)), SIZE, PathConfig())
    assert len(shots) == 36000
    assert jerk_rms(centres(shots), 60) < 8


def test_nothing_gives_nothing_and_one_gives_itself() -> None:
    assert plan_take([], SIZE, PathConfig()) == ()
    (shot,) = plan_take([Want(3.0, Shot(700, 540, HEIGHT, ASPECT))], SIZE, PathConfig())
    assert shot.cx == pytest.approx(700, abs=1) and shot.height == pytest.approx(HEIGHT, abs=1)


@pytest.mark.parametrize("seed", range(3))
def test_r7_on_the_stage_path_it_is_smooth_and_the_body_stays_in_the_picture(seed: int) -> None:
    """58 s with rests, sways, walks and a dash; at most 200 px/s^2, the body cut in at most 0.5 %."""
    t = times(58, 30)
    x = stage_path(t)
    camera = planned(t, noisy(x, 4, seed), PATHS[Feel.NORMAL])
    accel = np.gradient(np.gradient(camera, t), t)
    assert np.sqrt((accel**2).mean()) <= 200
    assert (np.abs(x - camera) > WIDTH / 2 - 150).mean() <= 0.005

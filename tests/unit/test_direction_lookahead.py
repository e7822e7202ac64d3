"""The look-ahead operator on scripted people: rests, starts early, moves once, settles."""

from __future__ import annotations

import numpy as np
import pytest

from engine.direction.operators.feel import Feel
from engine.direction.operators.lookahead import Lookahead
from engine.direction.operators.path_feel import PATHS
from engine.direction.want import Want
from engine.geometry import Box, Shot
from tests.unit.path_stage import (
    ASPECT,
    HEIGHT,
    KEEP,
    SIZE,
    WIDTH,
    ahead,
    centres,
    jerk_rms,
    minjerk,
    reversals,
    stage_path,
    times,
    wants_of,
)

FPS = 30.0


def noisy(x: np.ndarray, sigma_px: float, seed: int) -> np.ndarray:
    return x + np.random.default_rng(seed).normal(0, sigma_px, len(x))


@pytest.mark.parametrize("feel", list(Feel))
def test_rests_exactly_while_the_subject_stays_within_the_tolerance(feel: Feel) -> None:
    t = times(10, FPS)
    tolerance_px = PATHS[feel].tolerance_norm * WIDTH
    x = 900 + 0.95 * tolerance_px * np.sin(2 * np.pi * 1.1 * t)
    assert np.ptp(centres(ahead(wants_of(t, x), 0.5, PATHS[feel]))) == 0.0


@pytest.mark.parametrize("feel", list(Feel))
def test_noise_does_not_wake_a_resting_camera(feel: Feel) -> None:
    t = times(10, FPS)
    x = noisy(np.full_like(t, 900.0), 12, 3)
    x[0] = 900
    assert np.ptp(centres(ahead(wants_of(t, x), 0.5, PATHS[feel]))) == 0.0


def test_starts_before_the_subject_has_left_and_never_the_wrong_way() -> None:
    t = times(4, FPS)
    x = 600 + 600 * minjerk((t - 1.5) / 1.2)
    camera = centres(ahead(wants_of(t, x), 0.5))
    left = int(np.argmax(x - 600 > PATHS[Feel.NORMAL].tolerance_norm * WIDTH))
    assert camera[left] - 600 > 15
    assert camera.min() >= 599.5
    gentle = np.abs(np.diff(camera, 2)).max() * FPS**2
    assert gentle < 0.75 * np.abs(np.diff(x, 2)).max() * FPS**2


@pytest.mark.parametrize("way_px", [350, -420, 700])
def test_one_move_that_comes_to_rest_with_the_person_near_the_middle(way_px: float) -> None:
    t = times(8, FPS)
    x = 900 + way_px * minjerk((t - 1) / 1.4)
    camera = centres(ahead(wants_of(t, x), 0.5))
    assert reversals(camera, FPS) == 0
    assert np.ptp(camera[t > 5]) == 0.0
    assert abs(camera[-1] - x[-1]) < 0.17 * WIDTH
    assert (camera * np.sign(way_px)).max() < x[-1] * np.sign(way_px) + 0.12 * WIDTH


@pytest.mark.parametrize("feel", list(Feel))
def test_a_dash_of_700_px_in_0_9_s_stays_inside(feel: Feel) -> None:
    t = times(6, FPS)
    x = 600 + 700 * minjerk((t - 2) / 0.9)
    camera = centres(ahead(wants_of(t, x), 0.5, PATHS[feel]))
    assert np.abs(x - camera).max() <= WIDTH / 2 - KEEP


@pytest.mark.parametrize(("delay_s", "most"), [(0.5, 3.5), (1.0, 2.5)])
def test_calm_on_a_whole_song(delay_s: float, most: float) -> None:
    t = times(58, FPS)
    x = stage_path(t)
    camera = centres(ahead(wants_of(t, noisy(x, 4, 1)), delay_s))
    assert jerk_rms(camera, FPS) <= most
    assert reversals(camera, FPS) <= 9
    assert (np.abs(np.diff(camera)) * FPS < 0.01 * WIDTH).mean() > 0.6
    assert (np.abs(x - camera) <= WIDTH / 2 - KEEP).all()


def test_more_is_known_the_calmer_it_is() -> None:
    t = times(58, FPS)
    jerks = [jerk_rms(centres(ahead(wants_of(t, stage_path(t)), d)), FPS) for d in (0.25, 0.5, 1.0)]
    assert jerks[0] > jerks[1] > jerks[2]


def test_the_path_does_not_depend_on_the_frame_rate() -> None:
    fine = times(58, 60)
    stamps = {fps: times(58, fps) for fps in (15, 30, 60)}
    stamps[0] = np.cumsum(np.random.default_rng(0).uniform(0.02, 0.05, 1700))
    stamps[0] -= stamps[0][0]
    paths = {
        fps: np.interp(fine, t, centres(ahead(wants_of(t, stage_path(t)), 0.5))) for fps, t in stamps.items()
    }
    for fps in (0, 15, 30):
        assert np.sqrt(((paths[fps] - paths[60]) ** 2).mean()) <= 5, fps


@pytest.mark.parametrize(("shift_s", "seed"), [(-3600.0, 0), (0.123, 1), (9999.7, 2)])
def test_time_shift_equivariant(shift_s: float, seed: int) -> None:
    t = times(4, FPS)
    x = noisy(600 + 500 * minjerk((t - 1) / 1.0), 5, seed)
    plain = centres(ahead(wants_of(t, x), 0.5))
    camera = Lookahead(SIZE, PATHS[Feel.NORMAL], Shot(float(x[0]), 540, HEIGHT, ASPECT))
    late = wants_of(t + shift_s, x)
    shifted = [camera.step(late[i : i + 16], 1 / FPS if i else 0.0).cx for i in range(len(late))]
    assert np.abs(plain - np.array(shifted)).max() < 0.05


def test_knows_nothing_beyond_the_window() -> None:
    rng = np.random.default_rng(1)
    t = times(6, FPS)
    x = np.clip(900 + np.cumsum(rng.normal(0, 15, len(t))), 300, 1600)
    y = np.concatenate([x[:120], rng.uniform(300, 1600, len(t) - 120)])
    a, b = (centres(ahead(wants_of(t, v), 0.5)) for v in (x, y))
    assert (a[: 120 - 15] == b[: 120 - 15]).all()
    assert np.abs(a - b).max() > 10


def test_who_is_unseen_for_a_moment_is_passed_over() -> None:
    t = times(6, FPS)
    x = 600 + 500 * minjerk((t - 1) / 2.0)
    wants = wants_of(t, x)
    last = wants[int(1.8 * FPS)].shot
    gap = [Want(w.time_s, last, None, False) if 1.8 < w.time_s < 2.1 else w for w in wants]
    a, b = (centres(ahead(w, 0.5)) for w in (wants, gap))
    assert np.abs(a - b).max() < 0.08 * WIDTH
    assert jerk_rms(b, FPS) < 3.0


def test_a_long_loss_is_shown_as_asked() -> None:
    t = times(8, FPS)
    wants = wants_of(t, np.full_like(t, 700.0), 600.0)
    wide = Shot.widest(SIZE, ASPECT)
    wants = [w if w.time_s < 2 else Want(w.time_s, wide, None, False) for w in wants]
    last = ahead(wants, 0.5)[-1]
    assert last.height > 0.85 * wide.height


def test_zoom_is_slower_than_pan_and_rests() -> None:
    t = times(8, FPS)
    heights = 500 * 1.5 ** minjerk((t - 2) / 2)
    shots = ahead(wants_of(t, np.full_like(t, 900.0), heights), 0.5)
    shown = np.log([s.height for s in shots])
    assert np.ptp(shown[t < 1.2]) == 0.0 and np.ptp(shown[t > 7]) == 0.0
    assert abs(shown[-1] - np.log(750)) < 0.13
    assert np.diff(shown).min() > -1e-3


def test_after_a_cut_it_is_where_it_was_told_and_may_be_under_way() -> None:
    t = times(4, FPS)
    wants = wants_of(t, 500 + 220 * t)
    camera = Lookahead(SIZE, PATHS[Feel.NORMAL], Shot.widest(SIZE, ASPECT))
    camera.cut(wants[0].shot)
    shots = [camera.step(wants[i : i + 16], 1 / FPS if i else 0.0) for i in range(60)]
    assert abs(shots[0].cx - 500) < 0.2 * WIDTH
    assert jerk_rms(centres(shots), FPS) < 3.0


@pytest.mark.parametrize("config", [PATHS[Feel.SPORT], PATHS[Feel.CALM]])
def test_another_feel_takes_over_without_a_jump(config: object) -> None:
    t = times(6, FPS)
    wants = wants_of(t, 600 + 700 * minjerk((t - 1) / 2.0))
    camera = Lookahead(SIZE, PATHS[Feel.NORMAL], wants[0].shot)
    shots = []
    for i in range(len(wants)):
        if i == 55:
            camera.config = config  # type: ignore[assignment]
        shots.append(camera.step(wants[i : i + 16], 1 / FPS if i else 0.0))
    assert jerk_rms(centres(shots), FPS) < 12


def test_works_live_without_any_future() -> None:
    t = times(8, FPS)
    x = 600 + 500 * minjerk((t - 1) / 1.5)
    camera = centres(ahead(wants_of(t, x), 0.0))
    assert abs(camera[-1] - x[-1]) < 0.25 * WIDTH


def test_keep_wider_than_the_shot_changes_nothing() -> None:
    t = times(4, FPS)
    x = 600 + 300 * minjerk((t - 1) / 1.5)
    huge = [Want(w.time_s, w.shot, Box(0, 0, 1920, 1080)) for w in wants_of(t, x)]
    none = [Want(w.time_s, w.shot) for w in wants_of(t, x)]
    assert np.abs(centres(ahead(huge, 0.5)) - centres(ahead(none, 0.5))).max() < 1e-6

"""The live operator on scripted paths: one axis is the 9:16 fancam out of 1080p, 608 pixels wide."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.direction.operators.follower import Follower, FollowerConfig
from engine.direction.want import Want
from engine.geometry import Shot
from tests.unit.path_stage import (
    ASPECT,
    F64,
    FPS,
    HEIGHT,
    SIZE,
    STILL,
    WIDTH,
    minjerk,
    noisy,
    stage_path,
    times,
)
from tests.unit.test_direction_framing import assert_good

Path = Callable[[F64], F64]


def shoot(x: F64, config: FollowerConfig | None = None, fps: float = FPS, height: float = HEIGHT) -> F64:
    """Camera x for a subject at x, a sample per picture."""
    start = Shot(float(x[0]), 540, height, ASPECT)
    follower = Follower(SIZE, config or FollowerConfig(), start)
    return np.array([follower.step([Want(0.0, Shot(float(v), 540, height, ASPECT))], 1 / fps).cx for v in x])


@pytest.mark.parametrize(("sigma_px", "seed"), [(4, 0), (4, 1), (7, 2), (9, 3)])
def test_at_rest_while_the_person_stands_still(sigma_px: float, seed: int) -> None:
    t = times(58)
    camera = shoot(noisy(stage_path(t), sigma_px, seed))
    speed = np.abs(np.gradient(camera, t))
    still = np.zeros(len(t), bool)
    for start_s, end_s in STILL:
        still |= (t >= max(end_s - 2, start_s)) & (t < end_s)
    assert (speed[still] < 3).mean() >= 0.95


@pytest.mark.parametrize(
    ("share", "sigma_px", "seed"), [(1.0, 0, 0), (0.94, 4, 1), (0.94, 4, 2), (0.9, 6, 3)]
)
def test_rests_while_the_person_sways_inside_the_threshold_box(
    share: float, sigma_px: float, seed: int
) -> None:
    t = times(12)
    zone_px = 0.11 * WIDTH
    assert zone_px > 60
    sway = 900 + share * zone_px * np.sin(2 * np.pi * 1.2 * t)
    seen = noisy(sway, sigma_px, seed)
    seen[0] = 900  # the camera rests in the middle of the sway
    camera = shoot(seen, FollowerConfig(deadzone_norm=0.11))
    assert np.ptp(camera) <= 10


@pytest.mark.parametrize("seed", range(4))
def test_finds_rest_in_the_middle_of_a_sway_after_a_move(seed: int) -> None:
    t = times(10)
    x = 500 + 600 * minjerk((t - 1) / 1.2) + 50 * np.sin(2 * np.pi * 1.2 * t) * np.clip(t - 1.5, 0, 1)
    camera = shoot(noisy(x, 4, seed))
    assert np.ptp(camera[-5 * FPS :]) <= 10
    assert abs(camera[-1] - 1100) < 20


def test_a_move_ends_with_the_person_in_the_middle() -> None:
    t = times(6)
    for way_px, length_s in ((300, 2.0), (700, 0.9), (-350, 1.2), (150, 0.6)):
        x = 900 + way_px * minjerk((t - 1) / length_s)
        assert abs(shoot(x)[-1] - x[-1]) < 0.03 * WIDTH


@pytest.mark.parametrize("speed_px_s", [150, 400, 900])
def test_starts_within_150_ms_of_leaving_the_box_and_never_the_wrong_way(speed_px_s: float) -> None:
    t = times(3, 60)
    x = 700 + np.maximum(t - 1, 0) * speed_px_s
    camera = shoot(x, fps=60)
    left_s = t[np.argmax(x - 700 > 0.10 * WIDTH)]
    started_s = t[np.argmax(camera - 700 > 1.0)]
    assert started_s - left_s <= 0.15
    assert camera.min() >= 700 - 1e-6


@pytest.mark.parametrize("seed", range(3))
def test_smooth_and_the_body_inside_on_the_whole_path(seed: int) -> None:
    t = times(58)
    x = stage_path(t)
    camera = shoot(noisy(x, 4, seed))
    accel = np.gradient(np.gradient(camera, t), t)
    assert np.sqrt((accel**2).mean()) <= 600
    assert (np.abs(x - camera) > WIDTH / 2 - 150).mean() <= 0.035


def test_shakes_five_times_less_than_what_it_follows() -> None:
    t = times(58)
    seen = noisy(stage_path(t), 6, 5)
    shake = [np.sqrt((np.diff(p, 2) ** 2).mean()) for p in (seen, shoot(seen))]
    assert shake[0] >= 5 * shake[1]


def test_does_not_overshoot_a_sudden_stop_much() -> None:
    t = times(5)
    camera = shoot(np.clip(600 + (t - 1) * 800, 600, 1300))
    assert camera.max() < 1300 + 0.05 * WIDTH


def test_the_path_does_not_depend_on_the_frame_rate() -> None:
    fine = times(58, 60)
    paths = {
        fps: np.interp(fine, times(58, fps), shoot(stage_path(times(58, fps)), fps=fps))
        for fps in (15, 30, 60)
    }
    for fps in (15, 30):
        assert np.sqrt(((paths[fps] - paths[60]) ** 2).mean()) <= 5


@example(marks=[1316.0, 1272.0, 1161.0], settle_s=1.0, zone=0.1)
@settings(max_examples=15, deadline=None)
@given(
    marks=st.lists(st.floats(400, 1500), min_size=3, max_size=5),
    settle_s=st.floats(0.2, 1.5),
    zone=st.sampled_from([0.0, 0.05, 0.1]),
)
def test_any_smooth_path_agrees_at_15_30_and_60_fps(marks: list[float], settle_s: float, zone: float) -> None:
    config = FollowerConfig(settle_s=settle_s, deadzone_norm=zone)

    def path(t: F64) -> F64:
        x = np.full_like(t, marks[0])
        for i in range(1, len(marks)):
            x += (marks[i] - marks[i - 1]) * minjerk((t - 4 * i) / 1.5)
        return x

    length_s = 4.0 * len(marks) + 1
    fine = times(length_s, 60)
    paths = [
        np.interp(fine, times(length_s, fps), shoot(path(times(length_s, fps)), config, fps))
        for fps in (15, 30, 60)
    ]
    for a in paths[:2]:
        assert np.sqrt(((a - paths[2]) ** 2).mean()) <= 5


def test_zooming_keeps_pace_with_somebody_who_comes_nearer() -> None:
    start = Shot(960, 540, 500, ASPECT)
    follower = Follower(SIZE, FollowerConfig(), start)
    heights = [500 * 1.6 ** min(k / 90, 1) for k in range(150)]
    shown = [follower.step([Want(0.0, Shot(960, 540, h, ASPECT))], 1 / 30).height for h in heights]
    error = np.abs(np.log(np.array(shown) / heights))
    assert error.max() <= 0.10
    assert np.abs(np.diff(np.log(shown))).max() * 30 <= 0.25
    assert error[-1] < 0.06


def test_zoom_rests_inside_its_own_dead_zone() -> None:
    follower = Follower(SIZE, FollowerConfig(), Shot(960, 540, 600, ASPECT))
    rng = np.random.default_rng(0)
    for _ in range(200):
        shot = follower.step(
            [Want(0.0, Shot(960, 540, 600 * math.exp(rng.uniform(-0.05, 0.05)), ASPECT))], 1 / 30
        )
        assert shot.height == pytest.approx(600, rel=1e-3)


def test_nothing_winds_up_against_the_edge() -> None:
    follower = Follower(SIZE, FollowerConfig(deadzone_norm=0.0), Shot(900, 540, HEIGHT, ASPECT))
    for _ in range(120):
        follower.step([Want(0.0, Shot(5000, 540, HEIGHT, ASPECT))], 1 / 30)
    at_edge = follower.step([Want(0.0, Shot(5000, 540, HEIGHT, ASPECT))], 1 / 30)
    assert at_edge.box.x1 == pytest.approx(1920, abs=0.5)
    back = [follower.step([Want(0.0, Shot(1200, 540, HEIGHT, ASPECT))], 1 / 30).cx for _ in range(6)]
    assert back[0] < at_edge.cx and back[-1] < at_edge.cx - 40


def test_causal() -> None:
    rng = np.random.default_rng(1)
    x = 900 + np.cumsum(rng.normal(0, 15, 200))
    y = np.concatenate([x[:120], rng.uniform(300, 1600, 80)])
    assert (shoot(x)[:120] == shoot(y)[:120]).all()


ANY = st.floats(allow_nan=True, allow_infinity=True)


@settings(max_examples=100, deadline=None)
@given(
    goals=st.lists(st.tuples(ANY | st.floats(-500, 2500), ANY, ANY | st.floats(1, 3000), ANY), max_size=12),
    dts=st.lists(st.sampled_from([0.0, -1.0, 1 / 60, 1 / 30, 0.2, 5.0, math.nan, math.inf]), min_size=12),
    zone=st.sampled_from([0.0, 0.1]),
)
def test_every_shot_is_finite_inside_and_of_exact_aspect(
    goals: list[tuple[float, float, float, float]], dts: list[float], zone: float
) -> None:
    follower = Follower(SIZE, FollowerConfig(deadzone_norm=zone), Shot(900, 500, 600, ASPECT))
    for (x, y, h, _), dt in zip(goals, dts, strict=False):
        assert_good(follower.step([Want(0.0, Shot(x, y, h, ASPECT))], dt), SIZE, ASPECT)

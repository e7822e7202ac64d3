"""Up and down: a slow camera that cuts off no head, stays up between jumps and is not shaken by noise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.direction.operators.feel import FOLLOWERS, Feel
from engine.direction.operators.follower import Follower, FollowerConfig
from engine.direction.operators.headroom import STAY_NORM, Headroom, Perch
from engine.direction.want import Want
from engine.geometry import Box, Shot, Size
from tests.unit.path_stage import ASPECT, F64, FPS, HEIGHT, minjerk, noisy, times

ROOM = Size(3840, 3000)
MIDDLE = 1500.0
#: The top of a body that is 80 % of the picture's height.
TOP = MIDDLE - 0.4 * HEIGHT


def film(
    middle: F64, top: F64, config: FollowerConfig | None = None, fps: float = FPS, keep: bool = True
) -> list[Shot]:
    """The shots for somebody whose body has this middle and this upper end; never widened."""
    follower = Follower(
        ROOM, config or FollowerConfig(max_widen=1.0), Shot(1900, float(middle[0]), HEIGHT, ASPECT)
    )
    shots = []
    for i, (y, y0) in enumerate(zip(middle.tolist(), top.tolist(), strict=True)):
        box = Box(1760, y0, 2040, y0 + 0.45 * HEIGHT)
        want = Want(0.0, Shot(1900, y, HEIGHT, ASPECT), box if keep else None)
        shots.append(follower.step([want], 1 / fps if i else 0.0))
    return shots


def arms_up(t: F64) -> tuple[F64, F64]:
    """Out of a crouch, arms up, in 0.5 s: the top by 0.35 of the picture, the middle by half of that."""
    way = 0.35 * HEIGHT * (1 - minjerk((t - 1) / 0.5))
    return MIDDLE + way / 2, TOP + way


@pytest.mark.parametrize("fps", [15, 30, 60])
def test_a_head_that_rises_fast_is_hardly_cut(fps: float) -> None:
    middle, top = arms_up(times(4, fps))
    cut_s, blind_s = (
        sum(s.box.y0 > y0 for s, y0 in zip(film(middle, top, None, fps, keep), top, strict=True)) / fps
        for keep in (True, False)
    )
    assert cut_s <= 0.16
    assert cut_s <= 0.4 * blind_s


def test_stays_up_between_jumps() -> None:
    t = times(12)
    jumps = 0.06 * HEIGHT * np.clip(np.sin(2 * np.pi * t), 0, None) * (t > 2)
    shots = film(MIDDLE - jumps, TOP - jumps, FollowerConfig(deadzone_norm=0.0, max_widen=1.0))
    camera = np.array([s.cy for s in shots])[-4 * FPS :]
    assert np.ptp(camera) <= 0.5 * np.ptp(jumps)
    assert camera.mean() < MIDDLE - jumps.mean()


def test_comes_down_in_the_end_when_somebody_sits_down() -> None:
    t = times(12)
    way = 0.3 * HEIGHT * minjerk((t - 1) / 1.0)
    shots = film(MIDDLE + way, TOP + way)
    assert abs(shots[-1].cy - (MIDDLE + way[-1])) <= 0.06 * HEIGHT
    assert max(s.cy for s in shots) <= MIDDLE + way[-1] + 0.02 * HEIGHT


@pytest.mark.parametrize("feel", Feel)
@pytest.mark.parametrize("seed", range(2))
def test_noise_of_head_and_middle_moves_nothing(feel: Feel, seed: int) -> None:
    """R18, up and down."""
    t = times(20)
    middle = noisy(np.full_like(t, MIDDLE), 3, seed)
    top = noisy(np.full_like(t, TOP), 4, 10 + seed)
    camera = np.array([s.cy for s in film(middle, top, FOLLOWERS[feel])])
    assert (np.abs(np.gradient(camera, t)) < 3).mean() >= 0.95


@settings(max_examples=20, deadline=None)
@given(start=st.floats(-600, 600), zone=st.sampled_from([0.0, 0.05, 0.1]))
def test_a_vertical_path_agrees_at_15_30_and_60_fps(start: float, zone: float) -> None:
    def path(fps: float) -> F64:
        t = times(8, fps)
        middle = MIDDLE + start * minjerk((t - 1) / 1.2) - 300 * minjerk((t - 4) / 1.0)
        config = FollowerConfig(deadzone_norm=zone, max_widen=1.0)
        shots = film(middle, middle - 0.4 * HEIGHT, config, fps)
        return np.interp(times(8, 60), t, [s.cy for s in shots])

    fine = path(60)
    for fps in (15, 30):
        assert np.sqrt(((path(fps) - fine) ** 2).mean()) <= 5


def test_a_face_shot_is_not_pushed_away_by_a_trunk_it_never_showed() -> None:
    t = times(5)
    shots = film(np.full_like(t, MIDDLE), np.full_like(t, MIDDLE - 0.7 * HEIGHT))
    assert max(abs(s.cy - MIDDLE) for s in shots) < 1e-6 * HEIGHT


@given(st.lists(st.floats(0, 3000), min_size=1, max_size=30), st.floats(1 / 120, 0.5))
def test_a_perch_is_never_below_and_never_far_above(ys: list[float], dt_s: float) -> None:
    perch = Perch(ys[0])
    for y in ys:
        shown = perch.step(y, HEIGHT, dt_s)
        assert y - STAY_NORM * HEIGHT - 1e-6 <= shown <= y + 1e-6


def test_headroom_asks_nothing_when_nothing_is_known_and_no_rise_from_it() -> None:
    headroom = Headroom()
    assert headroom.step(None, HEIGHT, 0.8, 560, 1 / 30) == np.inf
    first = headroom.step(TOP, HEIGHT, 0.8, 560, 1 / 30)
    assert first == pytest.approx(headroom.step(TOP, HEIGHT, 0.8, 560, 1 / 30))
    assert headroom.step(TOP - 40, HEIGHT, 0.8, 560, 1 / 30) < first - 50

"""What must hold of the live operator whatever happens."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.direction.operators.feel import FOLLOWERS
from engine.direction.operators.follower import Follower, FollowerConfig
from engine.direction.want import Want
from engine.geometry import Box, Shot, Size
from tests.unit.path_stage import ASPECT, F64, HEIGHT, SIZE, WIDTH, minjerk, stage_path, times
from tests.unit.test_direction_framing import assert_good

ANY = st.floats(allow_nan=True, allow_infinity=True)
SOME = ANY | st.floats(-500, 2500)
CONFIGS = st.builds(
    FollowerConfig,
    settle_s=st.floats(0.2, 1.5),
    deadzone_norm=st.sampled_from([0.0, 0.03, 0.1]),
    lead=st.floats(0, 1),
    max_speed_norm=st.floats(0.2, 5),
    max_accel_norm=st.floats(1, 40),
    max_widen=st.floats(1, 3),
)


@settings(max_examples=150, deadline=None)
@given(
    config=CONFIGS,
    goals=st.lists(st.tuples(SOME, SOME, ANY | st.floats(1, 3000), ANY), max_size=12),
    keeps=st.lists(st.none() | st.tuples(SOME, SOME, SOME, SOME), min_size=12),
    dts=st.lists(
        st.sampled_from([0.0, -1.0, 1e-9, 1 / 240, 1 / 30, 0.2, 5.0, math.nan, math.inf]), min_size=12
    ),
    seen=st.lists(st.booleans(), min_size=12),
)
def test_every_shot_is_finite_inside_and_of_exact_aspect(
    config: FollowerConfig, goals: list[Any], keeps: list[Any], dts: list[float], seen: list[bool]
) -> None:
    follower = Follower(SIZE, config, Shot(900, 500, 600, ASPECT))
    for (x, y, h, _), keep, dt, s in zip(goals, keeps, dts, seen, strict=False):
        wanted = Want(0.0, Shot(x, y, h, ASPECT), Box(*keep) if keep else None, s)
        assert_good(follower.step([wanted], dt), SIZE, ASPECT)


@settings(max_examples=30, deadline=None)
@given(st.tuples(ANY, ANY, ANY, ANY))
def test_starts_somewhere_even_from_nonsense(numbers: tuple[float, float, float, float]) -> None:
    follower = Follower(SIZE, FollowerConfig(), Shot(*numbers))
    assert_good(follower.step([Want(0.0, Shot(900, 500, 600, ASPECT))], 1 / 30), SIZE, ASPECT)


@settings(max_examples=60, deadline=None)
@given(
    way_px=st.floats(-600, 600),
    config=st.sampled_from(list(FOLLOWERS.values())),
    zone=st.booleans(),
    fps=st.sampled_from([15, 24, 30, 60]),
)
def test_a_sudden_step_is_overshot_by_less_than_2_percent(
    way_px: float, config: FollowerConfig, zone: bool, fps: int
) -> None:
    config = config if zone else replace(config, deadzone_norm=0.0)
    follower = Follower(SIZE, config, Shot(960, 540, HEIGHT, ASPECT))
    goal = Want(0.0, Shot(960 + way_px, 540, HEIGHT, ASPECT))
    camera = np.array([follower.step([goal], 1 / fps).cx for _ in range(4 * fps)]) - 960
    assert (camera * np.sign(way_px)).max() <= abs(way_px) * 1.02 + 0.01
    assert (camera * np.sign(way_px)).min() >= -1e-6


@settings(max_examples=30, deadline=None)
@given(factor=st.floats(0.5, 1.7), settle_s=st.floats(0.3, 2.0), fps=st.sampled_from([15, 30, 60]))
def test_a_sudden_zoom_is_overshot_by_less_than_2_percent(factor: float, settle_s: float, fps: int) -> None:
    follower = Follower(SIZE, FollowerConfig(zoom_settle_s=settle_s), Shot(960, 540, 600, ASPECT))
    goal = Want(0.0, Shot(960, 540, 600 * factor, ASPECT))
    way = np.log([follower.step([goal], 1 / fps).height / 600 for _ in range(8 * fps)])
    assert (way * np.sign(math.log(factor))).max() <= abs(math.log(factor)) * 1.02 + 1e-6


@settings(max_examples=30, deadline=None)
@given(
    marks=st.lists(st.floats(300, 1600), min_size=2, max_size=8),
    top=st.floats(0.3, 2.0),
    accel=st.floats(1.0, 8.0),
    settle_s=st.floats(0.3, 1.0),
)
def test_no_faster_than_allowed(marks: list[float], top: float, accel: float, settle_s: float) -> None:
    config = FollowerConfig(settle_s=settle_s, max_speed_norm=top, max_accel_norm=accel, lead=0.6)
    follower = Follower(SIZE, config, Shot(marks[0], 540, HEIGHT, ASPECT))
    x = np.array(
        [
            follower.step([Want(0.0, Shot(m, 540, HEIGHT, ASPECT))], 1 / 60).cx
            for m in marks
            for _ in range(60)
        ]
    )
    speed = np.diff(x) * 60
    assert np.abs(speed).max() <= 1.05 * top * WIDTH
    faster = np.diff(np.abs(speed)) * 60
    same_way = speed[1:] * speed[:-1] > 0
    # Out of a move the other way the brakes and the new start may add up.
    assert faster[same_way].max(initial=0.0) <= 2.0 * accel * WIDTH
    assert faster[:59].max(initial=0.0) <= 1.05 * accel * WIDTH


@pytest.mark.parametrize("seed", range(4))
def test_an_uneven_frame_rate_changes_nothing(seed: int) -> None:
    """R58, with 12 to 75 pictures a second in any order."""

    def path(times_s: F64) -> F64:
        x = stage_path(times_s)
        follower = Follower(SIZE, FollowerConfig(), Shot(float(x[0]), 540, HEIGHT, ASPECT))
        return np.array(
            [
                follower.step([Want(0.0, Shot(float(v), 540, HEIGHT, ASPECT))], float(dt)).cx
                for v, dt in zip(x, np.diff(times_s, prepend=0.0), strict=True)
            ]
        )

    uneven = np.cumsum(np.random.default_rng(seed).uniform(1 / 75, 1 / 12, 1200))
    even = times(float(uneven[-1]), 60)
    assert np.sqrt(((path(even) - np.interp(even, uneven, path(uneven))) ** 2).mean()) <= 5


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(300, 1600), min_size=2, max_size=5), CONFIGS)
def test_left_and_right_are_the_same(marks: list[float], config: FollowerConfig) -> None:
    def path(mirrored: bool) -> F64:
        xs = [m + (marks[0] - m) * float(1 - minjerk(np.array(i / 30))) for m in marks for i in range(40)]
        xs = [1920 - x if mirrored else x for x in xs]
        follower = Follower(Size(1920, 1080), config, Shot(xs[0], 540, 700, ASPECT))
        wants = [Want(0.0, Shot(x, 540, 700, ASPECT), Box(x - 90, 300, x + 90, 560)) for x in xs]
        return np.array([follower.step([w], 1 / 30).cx for w in wants])

    assert np.abs(path(False) + path(True) - 1920).max() < 1e-3

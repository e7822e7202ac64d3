"""The table of feels: from calm to sport everything goes one way."""

from __future__ import annotations

from dataclasses import astuple, fields
from itertools import pairwise

import numpy as np
import pytest

from engine.direction.operators.feel import ALIASES, FOLLOWERS, Feel, feel_of
from engine.direction.operators.follower import FollowerConfig
from engine.errors import JikcamError
from tests.unit.path_stage import STILL, noisy, stage_path, times
from tests.unit.test_direction_follower import shoot

FALLING = ("settle_s", "deadzone_norm", "zoom_settle_s", "zoom_deadzone_norm")


def test_every_feel_has_its_numbers_and_normal_is_the_default() -> None:
    assert list(FOLLOWERS) == list(Feel)
    assert FOLLOWERS[Feel.NORMAL] == FollowerConfig()
    assert len(set(map(astuple, FOLLOWERS.values()))) == len(Feel)


def test_settle_times_and_dead_zones_fall_and_everything_else_grows() -> None:
    for slower, faster in pairwise(FOLLOWERS.values()):
        for field in fields(FollowerConfig):
            a, b = getattr(slower, field.name), getattr(faster, field.name)
            assert a > b if field.name in FALLING else a <= b, field.name


def test_a_quicker_feel_is_nearer_to_the_person_and_less_still() -> None:
    t = times(58)
    x = stage_path(t)
    cameras = [shoot(noisy(x, 4, 0), config) for config in FOLLOWERS.values()]
    offset = [float(np.percentile(np.abs(c - x), 95)) for c in cameras]
    still = [float((np.abs(np.gradient(c, t)) < 6).mean()) for c in cameras]
    accel = [float(np.sqrt((np.gradient(np.gradient(c, t), t) ** 2).mean())) for c in cameras]
    assert offset == sorted(offset, reverse=True)
    assert still == sorted(still, reverse=True)
    assert accel == sorted(accel)


@pytest.mark.parametrize("feel", Feel)
def test_every_feel_rests_while_the_person_stands_still(feel: Feel) -> None:
    """R18: 4 px of jitter in a picture 562 px wide."""
    t = times(58)
    camera = shoot(noisy(stage_path(t), 4, 1), FOLLOWERS[feel])
    still = np.zeros(len(t), bool)
    for start_s, end_s in STILL:
        still |= (t >= max(end_s - 2, start_s)) & (t < end_s)
    assert (np.abs(np.gradient(camera, t))[still] < 3).mean() >= 0.95


@pytest.mark.parametrize(
    ("text", "feel"),
    [(f.value, f) for f in Feel]
    + [("tight", Feel.SPORT), ("balanced", Feel.NORMAL), (" Calm ", Feel.CALM), ("TIGHT", Feel.SPORT)],
)
def test_feels_by_name(text: str, feel: Feel) -> None:
    assert feel_of(text) is feel


@pytest.mark.parametrize("text", ["", "wild", "calm normal"])
def test_an_unknown_feel_is_refused_with_the_words_that_exist(text: str) -> None:
    with pytest.raises(JikcamError) as refused:
        feel_of(text)
    for word in (*Feel, *ALIASES):
        assert word in refused.value.fix

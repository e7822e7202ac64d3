"""Whatever the wants are: shots inside the picture, of exact aspect, finite; look-ahead and whole take."""

from __future__ import annotations

import math
from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.direction.operators.lookahead import Lookahead
from engine.direction.operators.path import PathConfig
from engine.direction.operators.take import plan_take
from engine.direction.want import Want
from engine.geometry import Box, Shot, Size
from tests.unit.test_direction_framing import assert_good

ANY = st.floats(allow_nan=True, allow_infinity=True)
DT = st.sampled_from([0.0, -1.0, 1 / 60, 1 / 30, 0.2, 5.0, 1e9, math.nan, math.inf])
ASPECT = 9 / 16


@st.composite
def wants(draw: st.DrawFn) -> list[Want]:
    """Sensible ones, nonsense, and clocks that run back, stand still or leap."""
    found, now_s = [], draw(st.floats(-1e6, 1e6))
    for _ in range(draw(st.integers(1, 14))):
        step = draw(st.sampled_from([1 / 30, 1 / 30, 1 / 30, 0.0, -0.5, 100.0, math.nan]))
        now_s = now_s + step if math.isfinite(step) else math.nan
        x, y = draw(st.floats(-500, 2500) | ANY), draw(st.floats(-500, 1500) | ANY)
        height = draw(st.floats(50, 1500) | st.sampled_from([0.0, -5.0, 1e-9, 1e12]) | ANY)
        sides = draw(st.none() | st.tuples(ANY, ANY, ANY, ANY) | st.just((0.0, 0.0, 4000.0, 4000.0)))
        keep = Box(*sides) if sides else None
        found.append(Want(now_s, Shot(x, y, height, ASPECT), keep, draw(st.booleans())))
        now_s = now_s if math.isfinite(now_s) else 0.0
    return found


CONFIGS = st.builds(PathConfig, *[st.floats(0.01, 2) | ANY] * 6)


@settings(max_examples=60, deadline=None)
@given(asked=wants(), config=CONFIGS, dts=st.lists(DT, min_size=14, max_size=14), ahead=st.integers(0, 6))
def test_lookahead_never_shows_nonsense(
    asked: list[Want], config: PathConfig, dts: list[float], ahead: int
) -> None:
    size = Size(1920, 1080)
    camera = Lookahead(size, config, Shot(900, 500, 600, ASPECT))
    for i in range(len(asked)):
        assert_good(camera.step(asked[i : i + 1 + ahead], dts[i]), size, ASPECT)


@settings(max_examples=60, deadline=None)
@given(asked=wants(), config=CONFIGS)
def test_a_take_never_shows_nonsense(asked: list[Want], config: PathConfig) -> None:
    size = Size(1280, 720)
    shots = plan_take(asked, size, config)
    assert len(shots) == len(asked)
    aspect = ASPECT if any(w.shot.is_finite() and w.shot.height >= 1 for w in asked) else size.aspect
    for shot in shots:
        assert_good(shot, size, aspect)


def test_a_take_of_four_pictures_stays_near_what_is_wanted() -> None:
    """It is shorter than what lies between two knots, and nothing asks it to rest."""
    config, size = PathConfig(0.4, 1.0, 0.0, 0.5, 1.3828125, 1.0), Size(1280, 720)
    heights = (271.46934284113, 359.0, 1.9, 152.0)
    times_s = list(accumulate([1 / 30] * len(heights), initial=32.0))[1:]
    asked = [Want(t, Shot(0, 0, tall, ASPECT), None, False) for t, tall in zip(times_s, heights, strict=True)]
    for shot in plan_take(asked, size, config):
        assert_good(shot, size, ASPECT)
        assert min(heights) <= shot.height <= max(heights)

"""The live operator with somebody who must stay inside: widening, steps, caps, people not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from engine.direction.operators.follower import Follower, FollowerConfig
from engine.direction.want import Want
from engine.geometry import Box, Shot, Size
from tests.unit.path_stage import ASPECT, F64, FPS, STILL, minjerk, noisy, stage_path, times

#: Room to widen: the crop of 608 pixels out of 4K.
ROOM = Size(3840, 2160)
HEIGHT = 1080.0
WIDTH = HEIGHT * ASPECT
#: Head and trunk of a body that is 80 % of the shot's height (engine.direction.body.CORE_NORM).
HALF_PX = 0.14 * 0.8 * HEIGHT


def want(x: float, *, seen: bool = True, height: float = HEIGHT, keep: bool = True) -> Want:
    """Somebody standing at x, framed from head to feet."""
    box = Box(x - HALF_PX, 1080 - 0.40 * height, x + HALF_PX, 1080 + 0.05 * height)
    return Want(0.0, Shot(x, 1080, height, ASPECT), box if keep else None, seen)


def film(wants: Sequence[Want], config: FollowerConfig | None = None, fps: float = FPS) -> list[Shot]:
    follower = Follower(ROOM, config or FollowerConfig(), wants[0].shot)
    return [follower.step([w], 1 / fps if i else 0.0) for i, w in enumerate(wants)]


def inside(wants: Sequence[Want], shots: Sequence[Shot]) -> float:
    """Share of the pictures that show all of what must be kept, sideways."""
    kept = [
        s.box.x0 <= w.keep.x0 and w.keep.x1 <= s.box.x1
        for w, s in zip(wants, shots, strict=True)
        if w.keep is not None
    ]
    return float(np.mean(kept))


def dash(fps: float = FPS) -> list[Want]:
    """700 px in 0.9 s out of rest, more than a picture's width, and rest."""
    t = times(5, fps)
    return [want(float(x)) for x in 1500 + 700 * minjerk((t - 1) / 0.9)]


@pytest.mark.parametrize("seed", range(3))
def test_head_and_trunk_stay_inside_on_the_whole_path(seed: int) -> None:
    wants = [want(float(x) + 900) for x in noisy(stage_path(times(58)), 4, seed)]
    cut, without = (1 - inside(wants, film(wants, FollowerConfig(max_widen=most))) for most in (1.8, 1.0))
    assert cut <= 0.006
    assert cut <= 0.65 * without


@pytest.mark.parametrize("fps", [15, 30, 60])
def test_widens_for_a_dash_and_comes_back_slowly(fps: float) -> None:
    shots = film(dash(fps), fps=fps)
    factor = np.array([s.height for s in shots]) / HEIGHT
    assert 1.3 < factor.max() <= 1.8 * 1.01
    narrow = film(dash(fps), FollowerConfig(max_widen=1.0), fps)
    assert 1 - inside(dash(fps), shots) <= 0.65 * (1 - inside(dash(fps), narrow))
    speed = np.diff(np.log(factor)) * fps
    assert speed.max() <= 4 * 0.6 * 1.05
    assert speed.min() >= -0.8, "the way back is gentle"
    assert factor[-1] < 1.07
    assert factor[0] == 1.0


def test_widens_no_further_than_the_source_and_lets_go_as_soon_as_it_can() -> None:
    size = Size(1920, 1080)
    follower = Follower(size, FollowerConfig(), Shot(600, 540, 1000, ASPECT))
    shots = [
        follower.step([Want(0.0, Shot(x, 540, 1000, ASPECT), Box(x - 120, 140, x + 120, 600))], 1 / 30)
        for x in 600 + 700 * minjerk((times(6) - 1) / 0.9)
    ]
    heights = np.array([s.height for s in shots])
    assert 1070 < heights.max() <= 1080
    assert heights[-1] < 1010


def test_does_not_widen_for_a_sway_in_the_threshold_box_nor_for_what_the_shot_never_showed() -> None:
    t = times(12)
    sway = [want(1900 + 0.9 * 0.1 * WIDTH * float(np.sin(7.5 * s))) for s in t]
    heights = [s.height for s in film(sway)]
    assert np.ptp(heights) < 1e-6 * HEIGHT
    # A face shot: head and trunk together are larger than what framing wants to show.
    face = [
        Want(
            0.0, Shot(1900 + (w.shot.cx - 1900) * 300 / HEIGHT, 900, 300, ASPECT), Box(1700, 700, 2100, 1400)
        )
        for w in sway
    ]
    assert np.ptp([s.height for s in film(face)]) < 1e-6 * HEIGHT


def test_without_room_for_widening_nothing_changes_but_the_zoom() -> None:
    """Widening never moves the middle of the picture."""
    with_it, without = film(dash()), film(dash(), FollowerConfig(max_widen=1.0))
    assert [s.cx for s in with_it] == pytest.approx([s.cx for s in without])
    assert np.ptp([s.height for s in without]) < 1e-6 * HEIGHT


def test_shakes_little_while_the_person_hardly_moves() -> None:
    """R56: sixty pixels a second, jitter, sway and all."""
    t = times(58)
    camera = np.array([s.cx for s in film([want(float(x) + 900) for x in noisy(stage_path(t), 4, 0)])])
    speed = np.gradient(camera, t)
    hardly = np.zeros(len(t), bool)
    for start_s, end_s in (*STILL, (5, 11), (28, 31), (50, 54)):
        hardly |= (t >= start_s) & (t < end_s)
    assert np.sqrt((speed[hardly] ** 2).mean()) <= 60


def test_knows_nothing_of_the_future() -> None:
    wants = [want(float(x)) for x in 1500 + 700 * minjerk((times(4) - 1) / 0.9)]
    alone = film(wants)
    follower = Follower(ROOM, FollowerConfig(), wants[0].shot)
    told = [follower.step(wants[i : i + 15], 1 / FPS if i else 0.0) for i in range(len(wants))]
    assert told == alone


def test_a_forecast_is_not_led() -> None:
    """For somebody unseen the aim is a guess: the camera goes there without hurrying ahead."""
    t = times(1.2)
    x = 1500 + 900 * np.maximum(t - 0.5, 0)
    config = FollowerConfig(deadzone_norm=0.0)
    seen = film([want(float(v)) for v in x], config)
    guessed = film([want(float(v), seen=s < 0.5) for v, s in zip(x, t, strict=True)], config)
    assert seen[-1].cx > guessed[-1].cx + 50
    assert guessed[-1].cx > 1500


def test_somebody_seen_again_elsewhere_has_not_run_there() -> None:
    config = FollowerConfig(deadzone_norm=0.0)

    def top_speed(hidden: int) -> float:
        wants = [want(1500.0, seen=i < 30) for i in range(30 + hidden)] + [want(1700.0)] * 60
        return float(np.diff([s.cx for s in film(wants, config)]).max() * FPS)

    still = film([want(1500.0)] * 2 + [want(1700.0, seen=False)] * 60, config)
    assert top_speed(10) == pytest.approx(np.diff([s.cx for s in still]).max() * FPS, rel=0.05)
    assert top_speed(0) > top_speed(10)


def test_new_numbers_take_effect_without_a_jump() -> None:
    follower = Follower(ROOM, FollowerConfig(), want(1500).shot)
    x: F64 = 1500 + 400 * minjerk(times(3) / 2)
    shots = []
    for i, v in enumerate(x):
        if i == 30:
            follower.config = replace(follower.config, settle_s=0.45, deadzone_norm=0.0, lead=0.0)
        shots.append(follower.step([want(float(v))], 1 / FPS))
    jump = np.abs(np.diff([s.cx for s in shots], 2))[27:31]
    assert jump.max() < 4.0

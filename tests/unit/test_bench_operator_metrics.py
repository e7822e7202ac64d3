"""The figures of a camera operator against paths whose figures are known by hand."""

from __future__ import annotations

import numpy as np
import pytest

from engine.geometry import Size
from tests.benchmarks.operator.metrics import pooled, score
from tests.benchmarks.operator.paths import F64, CropPath, TruthPath

HZ = 50.0
SIZE = Size(1920, 1080)
#: Of a crop 360 high; 9:16 of it is 202.5 wide.
HEIGHT, WIDTH = 360.0, 202.5


def seconds(length_s: float, rate: float = HZ) -> F64:
    return np.arange(round(length_s * rate)) / rate


def crop(times: F64, cx: F64 | float, cy: F64 | float = 540.0, height: F64 | float = HEIGHT) -> CropPath:
    wide = np.ones_like(times)
    return CropPath(times, cx * wide, cy * wide, height * wide)


def truth(times: F64, cx: F64 | float, cy: F64 | float = 540.0, high: float = 0.8 * HEIGHT) -> TruthPath:
    """A body 80 % as high as the crop and 60 px wide."""
    x, y = cx * np.ones_like(times), cy * np.ones_like(times)
    return TruthPath(times, np.column_stack([x - 30, y - high / 2, x + 30, y + high / 2]), SIZE)


def test_a_camera_that_rests_on_a_resting_person_is_perfect() -> None:
    t = seconds(4)
    m = score(crop(t, 900), truth(t, 900))
    assert (m.head, m.body, m.still) == (100, 100, 100)
    assert m.offset_p95 == m.jerk_rms == m.accel_rms == m.speed_p99 == m.reversals == m.drift == 0
    assert m.headroom_rms == pytest.approx(0, abs=1e-9)
    assert m.minutes == pytest.approx(4 / 60)


def test_a_linear_move_has_speed_but_no_jerk() -> None:
    t = seconds(4)
    m = score(crop(t, 600 + 0.5 * WIDTH * t), truth(t, 600 + 0.5 * WIDTH * t))
    assert m.speed_p99 == pytest.approx(0.5)
    assert m.jerk_rms == pytest.approx(0, abs=1e-6)
    assert m.accel_rms == pytest.approx(0, abs=1e-8)
    assert (m.still, m.reversals) == (0, 0)


def test_speed_is_two_dimensional_and_in_crop_widths() -> None:
    t = seconds(4)
    m = score(crop(t, 600 + 0.3 * WIDTH * t, 400 + 0.4 * WIDTH * t), truth(t, 600))
    assert m.speed_p99 == pytest.approx(0.5)


def test_a_sine_has_the_rms_of_its_derivatives() -> None:
    t = seconds(20, 200)
    w = 2 * np.pi * 0.5
    m = score(crop(t, 900 + 0.2 * WIDTH * np.sin(w * t)), truth(t, 900))
    assert m.accel_rms == pytest.approx(0.2 * w**2 / np.sqrt(2), rel=0.01)
    assert m.jerk_rms == pytest.approx(0.2 * w**3 / np.sqrt(2), rel=0.01)
    # Twice per period of 2 s.
    assert m.reversals == pytest.approx(60, abs=3.1)


@pytest.mark.parametrize("rate", [20.0, 60.0])
def test_figures_hardly_depend_on_the_rate(rate: float) -> None:
    t = seconds(20, rate)
    m = score(crop(t, 900 + 0.2 * WIDTH * np.sin(2 * np.pi * 0.5 * t)), truth(t, 900))
    assert m.jerk_rms == pytest.approx(0.2 * np.pi**3 / np.sqrt(2), rel=0.03)


def test_slow_drift_is_still_but_is_told() -> None:
    t = seconds(10)
    m = score(crop(t, 900 + 0.005 * WIDTH * t), truth(t, 900))
    assert m.still == 100
    assert m.drift == pytest.approx(0.5)


def test_reversals_pass_over_slow_parts_and_small_trembling() -> None:
    t = seconds(6)
    there_and_back = np.interp(t, [0, 2, 4, 6], [0, 100, 100, 0])
    assert score(crop(t, 700 + there_and_back), truth(t, 700)).reversals == pytest.approx(10)
    trembling = 0.0002 * WIDTH * (-1) ** np.arange(len(t))
    assert score(crop(t, 700 + trembling), truth(t, 700)).reversals == 0


def test_offsets_are_shares_of_the_crop() -> None:
    t = seconds(2)
    m = score(crop(t, 900 - 0.1 * WIDTH, 540 - 0.05 * HEIGHT), truth(t, 900))
    assert m.offset_p50 == m.offset_p95 == pytest.approx(0.1)
    assert m.offset_y_p95 == pytest.approx(0.05)
    assert m.headroom_rms == pytest.approx(0.05)


def test_a_head_is_in_the_picture_only_as_a_whole() -> None:
    t = seconds(2)
    half_head = 0.09 * 0.8 * HEIGHT
    edge = WIDTH / 2 - half_head
    assert score(crop(t, 900 + edge - 0.1), truth(t, 900)).head == 100
    assert score(crop(t, 900 + edge + 0.1), truth(t, 900)).head == 0
    assert score(crop(t, 900, 540 + 0.1 * HEIGHT + 0.1), truth(t, 900)).head == 0


def test_a_body_may_lose_five_percent() -> None:
    t = seconds(2)
    cut = WIDTH / 2 - 30
    assert score(crop(t, 900 + cut + 2.9), truth(t, 900)).body == 100
    assert score(crop(t, 900 + cut + 3.1), truth(t, 900)).body == 0


def test_what_lies_outside_the_source_cannot_be_missed() -> None:
    t = seconds(2)
    m = score(crop(t, WIDTH / 2), truth(t, 0.0))
    assert (m.head, m.body) == (100, 100)


def test_gaps_count_for_motion_and_not_for_framing() -> None:
    t = seconds(4)
    person = truth(t, 900)
    gone = t >= 2
    person.boxes[gone] = np.nan
    away = np.where(gone, 900 + WIDTH * (t - 2), 900.0)
    m = score(crop(t, away), person)
    assert (m.head, m.offset_p95) == (100, 0)
    assert m.still == pytest.approx(50, abs=1)
    assert m.speed_p99 == pytest.approx(1)


def test_zoom_breathes() -> None:
    t = seconds(12)
    m = score(crop(t, 900, height=HEIGHT * np.exp(0.1 * np.sin(np.pi * t))), truth(t, 900))
    assert m.breathing == pytest.approx(100 * 0.1 * np.pi / np.sqrt(2), rel=0.01)
    assert m.zoom_reversals == pytest.approx(60, abs=1)


def test_zooming_in_makes_the_same_shake_worse() -> None:
    t = seconds(4)
    shake = 2.0 * (-1) ** np.arange(len(t))
    wide, near = (score(crop(t, 900 + shake, height=h), truth(t, 900)) for h in (HEIGHT, HEIGHT / 2))
    assert near.jerk_rms == pytest.approx(2 * wide.jerk_rms)


def test_lag_is_the_shift_of_the_camera() -> None:
    t = seconds(30)
    person = 900 + 150 * np.sin(0.9 * t) + 60 * np.sin(2.3 * t)
    late = 900 + 150 * np.sin(0.9 * (t - 0.4)) + 60 * np.sin(2.3 * (t - 0.4))
    assert score(crop(t, late), truth(t, person)).lag_s == pytest.approx(0.4, abs=0.03)
    assert score(crop(t, person), truth(t, late)).lag_s == pytest.approx(-0.4, abs=0.03)


def test_lead_room_is_room_in_front() -> None:
    t = seconds(4)
    walk = 500 + WIDTH * t
    assert score(crop(t, walk + 10), truth(t, walk)).lead == 100
    assert score(crop(t, walk - 10), truth(t, walk)).lead == 0


def test_pooling_counts_pictures() -> None:
    short, long = seconds(1), seconds(3)
    good = crop(long, 900), truth(long, 900)
    bad = crop(short, 1200), truth(short, 900)
    m = pooled([good, bad])
    assert m.head == pytest.approx(75)
    assert m.minutes == pytest.approx(4 / 60)


def test_paths_that_cannot_be_compared_are_refused() -> None:
    t = seconds(1)
    with pytest.raises(ValueError, match="not of the same pictures"):
        score(crop(t, 900), truth(t + 1, 900))
    with pytest.raises(ValueError, match="too few"):
        score(crop(t[:3], 900), truth(t[:3], 900))
    with pytest.raises(ValueError, match="no paths"):
        pooled([])

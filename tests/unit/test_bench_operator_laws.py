"""The laws of other programs against single steps worked out by hand from what they publish."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tests.benchmarks.operator.families import Family, grid, peers
from tests.benchmarks.operator.laws.autoflip import AutoFlipKinematic, AutoFlipQuartic
from tests.benchmarks.operator.laws.autoptz import AutoPtz
from tests.benchmarks.operator.laws.dynamic_ema import DynamicEma
from tests.benchmarks.operator.laws.ema import Ema
from tests.benchmarks.operator.laws.kalman import Kalman
from tests.benchmarks.operator.laws.law import Course, Law, held, one_axis
from tests.benchmarks.operator.laws.obs_detect import ObsDetect
from tests.benchmarks.operator.laws.obs_face_tracker import ObsFaceTracker
from tests.benchmarks.operator.laws.one_euro import OneEuro
from tests.benchmarks.operator.laws.raw import Raw
from tests.benchmarks.operator.laws.skt import Skt
from tests.benchmarks.operator.laws.soft_zone import SoftZone
from tests.benchmarks.operator.laws.torch_kpop import TorchSavGol, TorchTrailing

NAN = float("nan")
DT_S = 0.05
FAMILIES = peers()


def run(law: Law, aim: Sequence[float], span: float = 100.0, picture: float = 6000.0) -> list[float]:
    return follow(law, one_axis(aim, DT_S, span, picture))


def follow(law: Law, course: Course) -> list[float]:
    return [float(v) for v in law.follow(course)[:, 0, 0]]


def test_raw_holds_through_gaps() -> None:
    assert run(Raw(), [1, 5, NAN, NAN, 2]) == [1, 5, 5, 5, 2]


def test_ema_goes_its_share_of_the_way() -> None:
    assert run(Ema(0.1), [0, 10, 10]) == pytest.approx([0, 1, 1.9])


def test_fancam_cpu_is_faster_the_farther_it_is_behind() -> None:
    # 300 of 6000: 0.001 + 0.8 * 0.05 = 0.041; 1500 of 6000 would be 0.201 and is held to 0.1.
    assert run(DynamicEma(), [0, 300])[1] == pytest.approx(300 * 0.041)
    assert run(DynamicEma(), [0, 1500])[1] == pytest.approx(150)


def test_skt_is_an_average_of_one_second_behind_ten_pixels() -> None:
    assert run(Skt(), [0, 9.9, 100]) == pytest.approx([0, 0, 5])


def test_one_euro_by_its_formula() -> None:
    # alpha(1 Hz, 0.05 s) = 1 / (1 + 1 / (2 pi 0.05)) = 0.2391
    alpha = 1 / (1 + 1 / (2 * np.pi * DT_S))
    assert run(OneEuro(), [0, 10])[1] == pytest.approx(10 * alpha)
    # Speed: 10 px of a 100 px crop in 0.05 s = 2 /s, low-passed: 2 alpha; the cut-off 1 + 0.5 * 2 alpha.
    cutoff = 1 + 0.5 * 2 * alpha
    expected = 10 / (1 + 1 / (2 * np.pi * cutoff * DT_S))
    assert run(OneEuro(beta=0.5), [0, 10])[1] == pytest.approx(expected)


def test_kalman_first_step_by_the_textbook() -> None:
    # Begun with variances 1 and 1000: P = 1 + dt^2 1000 + q dt^4 / 4 before the first correction.
    p = 1 + DT_S**2 * 1e3 + 30.0**2 * DT_S**4 / 4
    assert run(Kalman(), [0, 10])[1] == pytest.approx(10 * p / (p + 1))


def test_kalman_goes_on_through_a_short_gap_and_waits_in_a_long_one() -> None:
    path = run(Kalman(coast_s=0.5), [*(10.0 * t for t in range(60)), *[NAN] * 60])
    assert path[64] == pytest.approx(640, abs=1)
    assert path[-1] == path[-20] < 720


def test_obs_detect_floors_its_corner_and_drifts_away_when_lost() -> None:
    # 0 + 0.05 * 130 = 6.5; the left edge -43.5 is cut to -44, so that the centre is 6.
    assert run(ObsDetect(), [0, 130])[1] == pytest.approx(6)
    course = one_axis([0, NAN], DT_S, 100, 6000)
    assert follow(ObsDetect(), course)[1] == pytest.approx(0.01 * 3000)


def test_obs_face_tracker_two_steps_by_hand() -> None:
    # Step 1: e = 100; o = 0.95 * 0.05 * 100 = 4.75; i = 0.3 * 0.05 * 100 = 1.5;
    # l = 100 * 0.05 / 2.05 = 2.439; crop = 4.75 + 0.95 * 0.42 * 2.439 = 5.723.
    low_pass = 100 * 0.05 / 2.05
    first = 4.75 + 0.399 * low_pass
    path = run(ObsFaceTracker(), [0, 100, 100])
    assert path[1] == pytest.approx(first)
    e = 100 - first
    second = 4.75 + 0.0475 * (e + 1.5) + 0.399 * (low_pass * 2 + e * 0.05) / 2.05
    assert path[2] == pytest.approx(second)


def test_obs_face_tracker_bands() -> None:
    # One direction: the bands are shares of 1 px here. |e| = 3, d = 1, n = 4: (3 - 1)^2 / 8 = 0.5.
    law = ObsFaceTracker(kp=1, ki=0, td_s=0, dead=1, soft=4)
    assert run(law, [0, 0.9])[1] == 0
    assert run(law, [0, 3])[1] == pytest.approx(0.05 * 0.5)
    assert run(law, [0, 9])[1] == pytest.approx(0.05 * (9 - 1 - 2))


def test_autoptz_holds_follows_and_rounds() -> None:
    # The zone is 4 px: 4 is held, 10 is followed by 0.18; the corner is rounded to whole pixels.
    assert run(AutoPtz(), [0, 4, 10]) == pytest.approx([0, 0, 2])
    # Until within 2 px; the state is not rounded: 10 * 0.18 = 1.8, then 1.8 + 0.18 * 8.2 = 3.276.
    assert run(AutoPtz(), [0, 10, 10]) == pytest.approx([0, 2, 3])


def test_soft_zone_by_its_formula() -> None:
    # R = 6: within 2.7 rests; at 4.35, half way, smoothstep is a half; share = 1 - exp(-12 * 0.32 * 0.05).
    share = 1 - np.exp(-12 * 0.32 * DT_S)
    assert run(SoftZone(), [0, 2.6])[1] == 0
    assert run(SoftZone(), [0, 4.35])[1] == pytest.approx(share * 4.35 / 2)
    assert run(SoftZone(), [0, 50])[1] == pytest.approx(share * 50)


def test_autoflip_kinematic_by_hand() -> None:
    # 6000 px are 60 degrees: 100 px per degree. 110 px = 1.1 degrees: nothing. 200 px = 2 degrees:
    # observed 40 degrees/s, blended by 0.05 / 0.2: 10 degrees/s, in 0.05 s 50 px.
    assert run(AutoFlipKinematic(), [0, 110, 200]) == pytest.approx([0, 0, 50])
    # 8 degrees would be 40 degrees/s and are held to 18: 90 px.
    assert run(AutoFlipKinematic(), [0, 800])[1] == pytest.approx(90)
    # With a window of 1 degree the goal is 1 degree: 20 degrees/s, blended 5, 25 px.
    assert run(AutoFlipKinematic(window_deg=1.0), [0, 200])[1] == pytest.approx(25)


def test_autoflip_median_is_of_the_recent_past() -> None:
    quick = AutoFlipKinematic(least_deg=0, rate_s=0.05, most_deg_s=1e6, median_s=0.1)
    # 0.8 of the way per picture towards the median of three.
    assert run(quick, [0, 0, 500, 0, 0])[2] == 0
    assert run(quick, [0, 0, 500, 500])[3] == pytest.approx(400)


def test_autoflip_quartic_is_exact_on_quartics() -> None:
    t = np.linspace(-1, 1, 90)
    values = 40 + 3 * t - 20 * t**2 + 5 * t**3 + 9 * t**4
    assert run(AutoFlipQuartic(), values.tolist()) == pytest.approx(values.tolist())


def test_torch_as_coded_is_late_by_its_windows() -> None:
    # 0.5 s of 0.05 s are 10 pictures: the median follows a step after 5 of them (the mean of two middle
    # ones), and 0.25 s are 5 to be averaged.
    path = run(TorchTrailing(), [0] * 20 + [10] * 20)
    assert path[20 + 3] == 0
    assert path[20 + 4] == pytest.approx(1)
    assert path[20 + 5] == pytest.approx(3)
    assert path[20 + 9] == pytest.approx(10)


def test_savgol_keeps_parabolas_and_bridges_gaps() -> None:
    t = np.arange(100.0)
    values = 2 + 0.5 * t - 0.01 * t**2
    assert run(TorchSavGol(), values.tolist()) == pytest.approx(values.tolist())
    line = (3 * t).tolist()
    assert run(TorchSavGol(), [*line[:40], *[NAN] * 10, *line[50:]]) == pytest.approx(line)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)
def test_every_law_comes_to_a_still_person_and_stays_finite(family: Family) -> None:
    course = one_axis([0.0] + [400.0] * 60 + [NAN] * 5 + [400.0] * 400, DT_S, 200, 3000)
    for setting in (family.settings[0], family.settings[-1]):
        path = setting.mover.follow(course)  # type: ignore[attr-defined]
        assert np.isfinite(path).all()
        # Degrees, zones and pixels: nobody is asked to come nearer than its own threshold; two settings
        # at the end of grids are slow on purpose.
        assert abs(path[-1, 0, 0] - 400) < 70, setting.label


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)
def test_a_live_law_does_not_know_the_future(family: Family) -> None:
    if family.kind != "live":
        return
    rng = np.random.default_rng(3)
    aim = np.cumsum(rng.normal(0, 20, 80))
    whole = follow(family.settings[0].mover, one_axis(aim.tolist(), DT_S, 200, 3000))  # type: ignore[arg-type]
    part = follow(family.settings[0].mover, one_axis(aim[:50].tolist(), DT_S, 200, 3000))  # type: ignore[arg-type]
    assert whole[:50] == part


def test_grids_are_of_a_similar_size_and_begin_with_the_default() -> None:
    for family in FAMILIES:
        assert len(family.settings) <= 61
        assert family.settings[0].label == "default"
        assert len({s.label for s in family.settings}) == len(family.settings)


def test_grid_is_every_combination() -> None:
    assert grid(a=(1, 2), b=(3,)) == [{"a": 1, "b": 3}, {"a": 2, "b": 3}]


def test_held_fills_forward_in_every_column() -> None:
    values = np.array([[1.0, 2.0], [NAN, 3.0], [NAN, NAN], [4.0, NAN]])
    assert held(values).tolist() == [[1, 2], [1, 3], [1, 3], [4, 3]]

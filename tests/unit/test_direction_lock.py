from __future__ import annotations

import math

import pytest

from engine.direction.lock import Lock, LockConfig, LockReport
from engine.direction.lost import Lost, LostConfig, Phase
from engine.direction.target import LockState
from engine.people import Tracks
from tests.unit.direction_dancer import all_sure, at, dancer


def step(lock: Lock, tracks: Tracks) -> LockReport:
    """One step with everybody surely who they are, as from a tracker alone."""
    return lock.step(tracks, all_sure(tracks))


def held() -> Lock:
    lock = Lock(LockConfig())
    lock.choose(1)
    assert step(lock, at(0.0, dancer(time_s=0.0))).state is LockState.HELD
    return lock


def test_nobody_is_held_before_anybody_is_chosen() -> None:
    report = step(Lock(LockConfig()), at(1.0, dancer(time_s=1.0)))
    assert (report.state, report.track, report.person, report.sure) == (LockState.NOBODY, None, None, 0.0)


@pytest.mark.parametrize(
    ("unseen_s", "state"),
    [
        (0.0, LockState.HELD),
        (0.39, LockState.HELD),
        (0.41, LockState.OCCLUDED),
        (1.49, LockState.OCCLUDED),
        (1.51, LockState.LOST),
    ],
)
def test_state_follows_the_time_unseen(unseen_s: float, state: LockState) -> None:
    assert step(held(), at(unseen_s, dancer(seen_s=0.0))).state is state


def test_a_track_that_is_gone_is_lost_at_once_and_stays_chosen() -> None:
    lock = held()
    report = step(lock, at(0.1, dancer(id=2, time_s=0.1)))
    assert (report.state, report.person, report.track, report.sure) == (LockState.LOST, 1, None, 0.0)
    assert step(lock, at(9.0)).person == 1
    assert step(lock, at(10.0, dancer(time_s=10.0))).state is LockState.FOUND
    assert step(lock, at(10.5, dancer(time_s=10.5))).state is LockState.HELD


def test_covered_means_hidden_although_a_detector_says_otherwise() -> None:
    report = step(held(), at(0.2, dancer(time_s=0.2, covered=0.95)))
    assert report.state is LockState.OCCLUDED
    assert report.unseen_s == pytest.approx(0.2)


def test_sure_falls_with_time_unseen_and_with_cover() -> None:
    lock = held()
    sure = [step(lock, at(t, dancer(seen_s=0.0))).sure for t in (0.0, 0.3, 0.9, 1.4)]
    assert sure == sorted(sure, reverse=True)
    assert sure[0] == 1.0 > sure[1] > sure[2] > sure[3] > 0
    assert 0 < step(held(), at(0.0, dancer(covered=0.5))).sure < 1


def test_for_s_counts_from_the_change_of_state() -> None:
    lock = held()
    assert step(lock, at(0.3, dancer(time_s=0.3))).for_s == pytest.approx(0.3)
    assert step(lock, at(0.8, dancer(seen_s=0.3))).for_s == 0.0
    assert step(lock, at(1.0, dancer(seen_s=0.3))).for_s == pytest.approx(0.2)


def test_a_clock_that_goes_back_does_not_break_the_lock() -> None:
    lock = held()
    step(lock, at(5.0, dancer(time_s=5.0)))
    report = step(lock, at(1.0, dancer(time_s=1.0)))
    assert report.state is LockState.HELD
    assert report.for_s >= 0 and math.isfinite(report.sure)


def phases(unseen: list[tuple[float, bool]], config: LostConfig | None = None) -> dict[float, Phase]:
    """Phase over time at 30 fps; pairs are (until when, seen or not)."""
    lock, lost = Lock(LockConfig()), Lost(config or LostConfig())
    lock.choose(1)
    lost.follow()
    out, seen_s = {}, 0.0
    for k in range(round(unseen[-1][0] * 30)):
        t = k / 30
        if next(seen for until, seen in unseen if t < until):
            seen_s = t
        people = [dancer(seen_s=seen_s)] if t - seen_s < 2.0 else []
        out[t] = lost.step(step(lock, at(t, *people)))
    return out


def test_a_person_hidden_for_less_than_a_second_changes_nothing() -> None:
    for gap_s in (0.2, 0.4, 0.9):
        seen = phases([(1.0, True), (1.0 + gap_s, False), (4.0, True)])
        assert Phase.AWAY not in seen.values()


def test_long_gone_coasts_holds_and_goes_wide_in_that_order() -> None:
    seen = phases([(1.0, True), (4.0, False), (6.0, True)])
    away = [t for t, p in seen.items() if p is Phase.AWAY]
    hold = [t for t, p in seen.items() if p is Phase.HOLD]
    assert min(hold) == pytest.approx(1.3, abs=0.05)
    assert min(away) == pytest.approx(2.3, abs=0.05)
    assert max(away) == pytest.approx(4.0 + LockConfig().confirm_s, abs=0.05)


def test_hold_never_goes_wide() -> None:
    assert Phase.AWAY not in phases([(1.0, True), (8.0, False)], LostConfig(then="hold")).values()


def test_one_flash_of_the_person_does_not_bring_the_view_back() -> None:
    seen = phases([(1.0, True), (4.0, False), (4.04, True), (4.1, False), (8.0, False)])
    assert all(p is Phase.AWAY for t, p in seen.items() if t > 2.4)

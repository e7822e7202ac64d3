"""Reports in, levels out: the receiver's figures are scripted, at the times that real receivers send them."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from virtualcam.webrtc.watch.ladder import ROOM_S, Ladder

SENT_KBPS = (3000.0, 1060.0, 375.0)


def run(
    ladder: Ladder, seconds: float, hears: Callable[[Ladder, float], None], begin_s: float = 0.0
) -> list[int]:
    """Reports once per second, a decision four times per second; the level at each decision."""
    levels = []
    for tick in range(round(seconds * 4)):
        now_s = begin_s + tick / 4
        if tick % 4 == 0:
            hears(ladder, now_s)
        levels.append(ladder.advise(SENT_KBPS[ladder.level], now_s))
    return levels


def good(ladder: Ladder, now_s: float) -> None:
    ladder.loss(0.0, now_s)
    ladder.round_trip(0.02, now_s)
    ladder.estimate(SENT_KBPS[ladder.level] * 1.4, SENT_KBPS[ladder.level], now_s)


def lossy(share: float) -> Callable[[Ladder, float], None]:
    return lambda ladder, now_s: ladder.loss(share, now_s)


def link(kbps: float) -> Callable[[Ladder, float], None]:
    """A link of so many kbit/s, as REMB tells of it: it falls again and again while that is too thin."""
    told = [5000.0]

    def hears(ladder: Ladder, now_s: float) -> None:
        sent = SENT_KBPS[ladder.level]
        told[0] = (
            kbps * 0.85 if sent > kbps and told[0] > kbps else told[0] * 0.96 if sent > kbps else sent * 1.5
        )
        ladder.estimate(told[0], sent, now_s)
        ladder.loss(0.0, now_s)

    return hears


def test_a_good_viewer_stays_at_the_top() -> None:
    assert set(run(Ladder(3), 300, good)) == {0}


@pytest.mark.parametrize("share", [0.02, 0.05, 0.10])
def test_loss_that_retransmission_repairs_moves_nobody(share: float) -> None:
    assert set(run(Ladder(3), 300, lossy(share))) == {0}


def test_one_bad_report_moves_nobody() -> None:
    ladder = Ladder(3)
    ladder.loss(0.2, 5.0)
    assert set(run(ladder, 60, good, begin_s=5.0)) == {0}


def test_heavy_loss_moves_down_within_two_seconds() -> None:
    levels = run(Ladder(3), 3, lossy(0.2))
    assert levels.index(1) / 4 <= 2.0


def test_very_heavy_loss_moves_down_at_the_first_report() -> None:
    assert run(Ladder(3), 1, lossy(0.5))[0] == 1


def test_loss_that_stays_ends_at_the_smallest() -> None:
    levels = run(Ladder(3), 12, lossy(0.3))
    assert levels[-1] == 2 and sorted(levels) == levels


def test_a_thin_link_moves_to_what_fits() -> None:
    levels = run(Ladder(3), 20, link(1500))
    assert levels[:12].count(1) > 0 and levels[-1] == 1


def test_a_round_trip_that_grows_moves_down() -> None:
    ladder = Ladder(3)
    run(ladder, 5, lambda hearing, now_s: hearing.round_trip(0.03, now_s))
    levels = run(ladder, 4, lambda hearing, now_s: hearing.round_trip(0.6, now_s), begin_s=5)
    assert levels[-1] == 1


def test_a_long_but_steady_way_moves_nobody() -> None:
    assert set(run(Ladder(3), 60, lambda ladder, now_s: ladder.round_trip(0.5, now_s))) == {0}


def test_a_low_estimate_of_a_still_picture_moves_nobody() -> None:
    """It is half more than what arrives; when the picture moves again it lags behind, but it rises."""
    ladder = Ladder(3)
    for second, (kbps, sent) in enumerate(
        [(300, 200)] * 20 + [(320, 3000), (600, 3000), (1500, 3000), (4000, 3000)]
    ):
        ladder.estimate(kbps, sent, second)
        assert ladder.advise(sent, second) == 0


def test_after_ten_good_seconds_the_viewer_comes_back_step_by_step() -> None:
    ladder = Ladder(3)
    run(ladder, 12, lossy(0.3))
    levels = run(ladder, 60, good, begin_s=12)
    assert levels.index(1) / 4 >= ROOM_S - 1.25, "the last bad report was a second ago"
    assert levels.index(0) / 4 >= 2 * ROOM_S - 1.25
    assert levels[-1] == 0
    assert ladder.moved == 4


def test_a_link_between_two_renditions_is_tried_ever_more_rarely() -> None:
    ladder = Ladder(3)
    levels = run(ladder, 600, link(1500))
    tries = [n for n, (before, now) in enumerate(itertools.pairwise(levels)) if now < before]
    assert levels.count(0) / len(levels) < 0.06
    gaps = [(b - a) / 4 for a, b in itertools.pairwise(tries)]
    assert gaps == sorted(gaps) and gaps[-1] > 4 * gaps[0]


def test_a_try_that_lasted_makes_the_next_one_as_soon_as_the_first() -> None:
    ladder = Ladder(2)
    run(ladder, 4, lossy(0.3))
    run(ladder, 60, good, begin_s=4)
    run(ladder, 4, lossy(0.3), begin_s=64)
    assert ladder.level == 1
    assert run(ladder, ROOM_S + 3, good, begin_s=68)[-1] == 0


def test_nobody_gets_more_than_was_asked_for() -> None:
    ladder = Ladder(3, first=1)
    assert set(run(ladder, 100, good)) == {1}


def test_what_was_reported_while_we_stood_still_does_not_count() -> None:
    ladder = Ladder(3)
    for now_s in range(10):
        ladder.loss(0.3, float(now_s))
        ladder.forgive()
        assert ladder.advise(3000, float(now_s)) == 0


def test_fewer_renditions_than_the_viewer_is_down() -> None:
    ladder = Ladder(3)
    run(ladder, 12, lossy(0.3))
    ladder.resize(2, 0)
    assert ladder.level == 1


def test_a_view_that_turns_out_larger_than_asked_for_is_shown_in_the_size_that_was() -> None:
    ladder = Ladder(3, first=0)
    ladder.resize(3, 2)
    assert ladder.level == 2
    ladder.resize(3, 1)
    assert ladder.level == 1 and ladder.moved == 0

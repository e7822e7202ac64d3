"""How a chosen person is held, on toy sequences whose answer is plain."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bench.tracking.chosen import Chosen, choices, chosen, held, meetings, total
from tests.unit.bench_tracking_scenes import FPS, said, steady, truth

#: Two people, 100 pictures, 5 s.
TWO = truth(steady(range(1, 101), (1, 0), (2, 5)), 100)
#: Everybody is chosen in picture 3, so 98 pictures count.
COUNTED = 98 / FPS


def test_perfect() -> None:
    result = chosen(TWO, said(steady(range(1, 101), (7, 0), (8, 5))))
    assert (result.ok, result.wrong, result.lost) == pytest.approx((100, 0, 0))
    assert (result.people, result.held, result.steals, result.recovery_s) == (2, 2, 0, 0.0)
    assert result.ok_s == pytest.approx(2 * COUNTED)


def test_swapped_for_good() -> None:
    """After 51 pictures both tracks are on the other person: 49 OK, 49 wrong, one steal each."""
    swapped = steady(range(1, 52), (7, 0), (8, 5)) | steady(range(52, 101), (8, 0), (7, 5))
    result = chosen(TWO, said(swapped))
    assert (result.ok, result.wrong, result.lost) == pytest.approx((50, 50, 0))
    assert (result.steals, result.held) == (2, 0)
    assert result.steals_per_min == pytest.approx(60 / COUNTED)
    assert result.recovery_s == math.inf


def test_lost_and_named_anew() -> None:
    renamed = steady(range(1, 52), (7, 0), (8, 5)) | steady(range(52, 101), (9, 0), (8, 5))
    result = chosen(TWO, said(renamed))
    assert (result.ok, result.wrong, result.lost) == pytest.approx((75, 0, 25))
    assert (result.steals, result.held) == (0, 1)


def test_found_again() -> None:
    """Gone for 10 pictures: half a second."""
    gap = steady(range(1, 41), (7, 0)) | steady(range(51, 101), (7, 0))
    one = truth(steady(range(1, 101), (1, 0)), 100)
    result = chosen(one, said(gap))
    assert result.recoveries_s == (0.5,)
    assert result.lost_s == pytest.approx(0.5)


def test_wrong_lost_and_wrong_again_is_one_steal() -> None:
    tracks = (
        steady(range(1, 21), (7, 0), (8, 5))
        | steady(range(21, 31), (7, 5))
        | steady(range(31, 41), (9, 0))
        | steady(range(41, 61), (7, 5))
        | steady(range(61, 81), (7, 0))
        | steady(range(81, 101), (7, 5))
    )
    met = meetings(TWO, said(tracks))
    first = choices(met, clean=False)[0]
    result = held(met, first, lambda _picture: 7, FPS)
    assert result.steals == 2
    assert (result.ok_s, result.wrong_s, result.lost_s) == pytest.approx((38 / FPS, 50 / FPS, 10 / FPS))
    assert result.recoveries_s == (40 / FPS, math.inf)


def test_only_visible_time_counts_and_away_is_told_apart() -> None:
    """Person 1 leaves after 50 pictures; the track stays on with person 2, who is there throughout."""
    rows = steady(range(1, 51), (1, 0), (2, 5)) | steady(range(51, 101), (2, 5))
    tracks = steady(range(1, 51), (7, 0), (8, 5)) | steady(range(51, 101), (7, 5))
    met = meetings(truth(rows, 100), said(tracks))
    leaver = choices(met, clean=False)[0]
    result = held(met, leaver, lambda _picture: leaver.track, FPS)
    assert (result.ok, result.wrong, result.lost) == pytest.approx((100, 0, 0))
    assert (result.away_s, result.away_wrong, result.steals) == (50 / FPS, 100, 0)


def test_nobody_is_chosen_before_three_pictures_on_one_track() -> None:
    flicker = {f: [(f, 0), (8, 5)] for f in range(1, 101)}
    taps = choices(meetings(TWO, said(flicker)), clean=False)
    assert [(t.person, t.picture, t.track) for t in taps] == [(2, 3, 8)]


def test_a_clean_moment_is_waited_for() -> None:
    """Until picture 20 the two overlap by a third."""
    rows = steady(range(1, 20), (1, 0), (2, 0.5)) | steady(range(20, 41), (1, 0), (2, 5))
    met = meetings(truth(rows, 40), said({f: [(p + 6, s) for p, s in who] for f, who in rows.items()}))
    assert [t.picture for t in choices(met, clean=False)] == [3, 3]
    assert [t.picture for t in choices(met, clean=True)] == [20, 20]


def test_shares_weigh_time_not_sequences() -> None:
    both = total([Chosen(ok_s=30.0, people=1), Chosen(wrong_s=10.0, steals=1, people=1)])
    assert (both.ok, both.wrong, both.people) == (75, 25, 2)
    assert both.steals_per_min == pytest.approx(1.5)


def test_nobody_at_all() -> None:
    nothing = chosen(truth({}, 5), {})
    assert (nothing.people, nothing.ok, nothing.recovery_s) == (0, 0, 0.0)


@given(st.lists(st.sampled_from([None, 0.0, 5.0]), min_size=5, max_size=60))
@settings(max_examples=60, deadline=None)
def test_every_visible_picture_is_ok_wrong_or_lost(slots: list[float | None]) -> None:
    length = len(slots) + 3
    rows = steady(range(1, length + 1), (1, 0), (2, 5))
    tracks = steady(range(1, 4), (7, 0)) | {f: [(7, s)] for f, s in enumerate(slots, 4) if s is not None}
    met = meetings(truth(rows, length), said(tracks))
    result = held(met, choices(met, clean=False)[0], lambda _picture: 7, FPS)
    assert result.ok_s + result.wrong_s + result.lost_s == pytest.approx((len(slots) + 1) / FPS)
    assert result.ok + result.wrong + result.lost == pytest.approx(100)
    assert result.steals <= 1 + sum(a != b for a, b in itertools.pairwise(slots))

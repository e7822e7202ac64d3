from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bench.target.choosers import ByTruth, first_clear
from engine.bench.target.newcomers import arrivals, read_stays, tap_s
from engine.bench.target.passes import groups
from engine.bench.target.record import Entry, Followed
from engine.bench.target.score import Verdict, score
from engine.bench.tracking.sequence import Truth
from engine.direction.target import LockState, TargetKind
from engine.errors import JikcamError
from engine.geometry import Box
from engine.people import Track, Tracks

A, B = Box(100, 100, 200, 400), Box(500, 100, 600, 400)
FPS = 10.0


def truth(pictures: int, there: dict[int, Box], gone: dict[int, range] | None = None) -> dict[int, Truth]:
    """People who stand still; ``gone`` says in which pictures (from 0) somebody is out of sight."""
    gone = gone or {}
    result = {}
    for k in range(pictures):
        seen = {i: b for i, b in there.items() if k not in gone.get(i, ())}
        result[k + 1] = Truth(np.array(list(seen)), np.array([b.xyxy for b in seen.values()]).reshape(-1, 4))
    return result


def entry(index: int, box: Box | None, state: LockState = LockState.HELD, shot: Box = A) -> Entry:
    return Entry(index, state, box, 0.9, "", shot, wide=False)


def followed(boxes: list[Box | None], state: LockState = LockState.HELD) -> Followed:
    """Chosen in picture 0, then these boxes."""
    entries = tuple(entry(k + 1, box, state if box else LockState.LOST) for k, box in enumerate(boxes))
    return Followed(1, 0, entries, FPS)


def test_ok_wrong_and_lost_share_the_visible_time() -> None:
    run = followed([A] * 6 + [B] * 3 + [None] * 1)
    result = score(run, truth(11, {1: A, 2: B}))
    assert (result.held.ok, result.held.wrong, result.held.lost) == pytest.approx((60, 30, 10))
    assert result.held.steals == 1
    assert result.unheld_s == {"held": pytest.approx(0.3), "lost": pytest.approx(0.1)}


@pytest.mark.parametrize("state", [s for s in LockState if s is not LockState.HELD])
def test_only_what_is_held_counts_as_ok_or_wrong(state: LockState) -> None:
    result = score(followed([A, B, A, B], state), truth(5, {1: A, 2: B}))
    assert result.held.lost == 100.0


def test_held_far_from_everybody_is_wrong_and_a_poor_box_on_the_person_is_not() -> None:
    far, half = Box(900, 100, 1000, 400), Box(100, 100, 200, 160)
    result = score(followed([far, half]), truth(3, {1: A, 2: B}))
    assert list(result.verdicts.values()) == [Verdict.WRONG, Verdict.LOST]


def test_a_box_counts_for_whom_it_fits_best() -> None:
    near = A.shifted(40, 0)
    result = score(followed([A.shifted(5, 0), A.shifted(35, 0)]), truth(3, {1: A, 2: near}))
    assert list(result.verdicts.values()) == [Verdict.OK, Verdict.WRONG]


def test_a_steal_lasts_until_the_person_is_held_again() -> None:
    result = score(followed([A, B, None, B, A, B]), truth(7, {1: A, 2: B}))
    assert result.held.steals == 2


def test_recovery_is_counted_from_the_return_and_what_happens_away_apart() -> None:
    run = followed([A] * 4 + [B] * 5 + [None] * 3 + [A] * 3)
    result = score(run, truth(16, {1: A, 2: B}, {1: range(5, 10)}))
    (hidden,) = result.hidden
    assert (hidden.from_s, hidden.to_s, hidden.recovery_s) == (0.5, 1.0, pytest.approx(0.3))
    assert result.held.away_s == pytest.approx(0.5)
    assert result.held.away_wrong_s == pytest.approx(0.5)
    assert result.held.wrong_s == 0


def test_who_never_comes_back_to_the_view_has_no_recovery() -> None:
    run = followed([A] * 4 + [None] * 10)
    assert score(run, truth(15, {1: A}, {1: range(5, 9)})).hidden[0].recovery_s == math.inf


def test_aside_is_the_share_of_a_close_shot_with_its_centre_on_somebody_else() -> None:
    entries = (entry(1, A, shot=A), entry(2, A, shot=B), entry(3, A, shot=Box(300, 100, 400, 400)))
    wide = Entry(4, LockState.HELD, A, 0.9, "", B, wide=True)
    result = score(Followed(1, 0, (*entries, wide), FPS), truth(5, {1: A, 2: B}))
    assert result.aside == pytest.approx(1 / 3)


def test_who_was_never_chosen_has_no_figures() -> None:
    result = score(Followed(1, None, (), FPS), truth(3, {1: A}))
    assert result.chosen_s is None and result.held.people == 0


@given(st.lists(st.sampled_from([A, B, A.shifted(30, 0), None]), min_size=1, max_size=40))
def test_the_shares_always_make_up_the_visible_time(boxes: list[Box | None]) -> None:
    h = score(followed(boxes), truth(len(boxes) + 1, {1: A, 2: B})).held
    assert h.ok_s + h.wrong_s + h.lost_s == pytest.approx(len(boxes) / FPS)
    assert h.steals <= len(boxes) / 2 + 1


def test_the_first_clear_picture_is_the_first_with_nobody_in_front() -> None:
    front = Box(120, 110, 220, 410)
    seen = truth(6, {1: A, 2: front}, {2: range(4, 6)})
    assert first_clear(1, seen) == 4
    assert first_clear(2, seen) == 0


class Shown:
    def __init__(self, *boxes: Box) -> None:
        self.tracks = Tracks(0.0, 0, tuple(Track(k, b, 0, 0, 1, 0, 0) for k, b in enumerate(boxes)))


def test_the_box_is_drawn_once_a_track_has_been_on_the_person_for_a_while() -> None:
    chooser = ByTruth(1, truth(12, {1: A, 2: B}), from_index=2)
    shown = [Shown(A), Shown(A), Shown(), Shown(B), Shown(A, B), Shown(A, B), Shown(B), Shown(A), Shown(A)]
    assert [chooser.wish(k, s) for k, s in enumerate(shown)] == [None] * len(shown)
    wish = chooser.wish(len(shown), Shown(A, B))
    assert wish is not None and wish.kind is TargetKind.BOX and wish.box == A


def test_another_track_on_the_person_counts_anew() -> None:
    chooser = ByTruth(1, truth(9, {1: A, 2: B}), from_index=0)
    for k, s in enumerate([Shown(A), Shown(A), Shown(B, A), Shown(B, A)]):
        assert chooser.wish(k, s) is None
    assert chooser.wish(4, Shown(B, A)) is not None


@given(st.integers(0, 60), st.integers(1, 9))
def test_groups_hold_everybody_once_and_none_is_too_large(people: int, most: int) -> None:
    parts = groups(list(range(people)), most)
    assert sorted(i for part in parts for i in part) == list(range(people))
    assert all(0 < len(part) <= most for part in parts)


def test_stays_are_read_and_a_newcomer_who_is_held_inherits(tmp_path: Path) -> None:
    path = tmp_path / "stays.csv"
    path.write_text("# who is there\n1,0,2\n2,3,5\n1,6,8\n")
    stays = read_stays(path)
    assert tap_s(stays, 1) == 1.0
    held = tuple(
        entry(k, A, LockState.HELD if 30 <= k < 35 or k > 62 else LockState.LOST) for k in range(10, 80)
    )
    came = arrivals(Followed(1, 10, held, FPS), stays)
    assert [(a.comer, a.inherited) for a in came] == [(2, True), (1, False)]
    assert came[0].held_s == pytest.approx(0.5) and came[1].held_s > 1


@pytest.mark.parametrize("text", ["", "1,2\n", "a,1,2\n", "1,5,4\n", "1,-1,4\n", "1,0,inf\n"])
def test_what_is_no_stay_is_refused_with_the_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "stays.csv"
    path.write_text(text)
    with pytest.raises(JikcamError):
        read_stays(path)
    with pytest.raises(JikcamError):
        read_stays(tmp_path / "missing.csv")

"""The lock where the roster is not sure: nobody is held on a guess."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.direction.lock import Lock, LockConfig, LockReport
from engine.direction.target import LockState
from engine.people import Tracks
from engine.roll import Roll, Standing
from tests.unit.direction_dancer import at, dancer, roll, standing

HELD, OCCLUDED, UNSURE = LockState.HELD, LockState.OCCLUDED, LockState.UNSURE
LOST, FOUND, NOBODY = LockState.LOST, LockState.FOUND, LockState.NOBODY
CONFIG = LockConfig()
#: Person 1 is chosen; person 2 is in the same costume. Track 11 is at the left, 12 at the right.
LEFT, RIGHT = 11, 12

Scene = Callable[[float], tuple[Tracks, Roll]]


def two(t: float, *people: Standing, left_seen_s: float | None = None) -> tuple[Tracks, Roll]:
    left = dancer(700, 800, 400, id=LEFT, time_s=t, seen_s=left_seen_s)
    return at(t, left, dancer(1300, 800, 400, id=RIGHT, time_s=t)), roll(t, *people)


def believed(sure: float, track: int | None = LEFT, *, absent: float = 0.0, reason: str = "") -> Scene:
    """Person 1 on ``track`` so surely; person 2 likewise on the other one."""
    other = RIGHT if track == LEFT else LEFT

    def scene(t: float) -> tuple[Tracks, Roll]:
        rival = 1.0 - sure - absent
        one = standing(1, track, sure, rival=rival, absent=absent, reason=reason)
        return two(t, one, standing(2, other, sure, rival=rival))

    return scene


def follow(lock: Lock, scene: Scene, start_s: float, end_s: float, fps: float = 30.0) -> list[LockReport]:
    return [lock.step(*scene(k / fps)) for k in range(round(start_s * fps), round(end_s * fps))]


def held() -> Lock:
    lock = Lock(CONFIG)
    lock.choose(1)
    assert {r.state for r in follow(lock, believed(0.95), 0, 1)} == {HELD}
    return lock


def test_held_down_to_seven_tenths_of_the_value_for_on_air() -> None:
    lock = held()
    assert follow(lock, believed(0.57), 1, 2)[-1].state is HELD
    doubt = follow(lock, believed(0.55, reason="crossed person 2"), 2, 3)[-1]
    assert (doubt.state, doubt.track, doubt.person) == (UNSURE, None, 1)
    assert doubt.sure == pytest.approx(0.55) and doubt.reason == "crossed person 2"
    assert [t.id for t in doubt.candidates] == [LEFT, RIGHT]


@pytest.mark.parametrize("sure", [0.55, 0.7, 0.79])
def test_who_was_in_doubt_needs_the_full_value(sure: float) -> None:
    lock = held()
    follow(lock, believed(0.5), 1, 2)
    assert {r.state for r in follow(lock, believed(sure), 2, 6)} == {UNSURE}


def test_found_comes_before_held_and_lasts() -> None:
    lock = held()
    follow(lock, believed(0.5), 1, 2)
    back = follow(lock, believed(0.9), 2, 3)
    states = [r.state for r in back]
    assert states == [FOUND] * states.count(FOUND) + [HELD] * states.count(HELD)
    assert states.count(FOUND) / 30 == pytest.approx(CONFIG.confirm_s, abs=0.04)
    assert back[0].reason == "seen again, making sure" and back[0].candidates == ()


def test_a_flash_of_sureness_confirms_nothing() -> None:
    lock = held()
    follow(lock, believed(0.5), 1, 2)
    for k in range(20):
        blink = follow(lock, believed(0.9), 2 + k, 2.2 + k) + follow(lock, believed(0.6), 2.2 + k, 3 + k)
        assert HELD not in {r.state for r in blink}


def test_a_source_that_starts_again_is_no_reason_to_wait_for_its_old_time() -> None:
    lock = held()
    follow(lock, believed(0.5), 100, 101)
    follow(lock, believed(0.9), 101, 101.2)
    states = [r.state for r in follow(lock, believed(0.9), 0, 1)]
    assert states[0] is FOUND and states[-1] is HELD


def test_the_forecast_of_a_track_confirms_nothing() -> None:
    lock = held()
    follow(lock, believed(0.5), 1, 2)
    coasting = [lock.step(*two(2 + k / 30, standing(1, LEFT, 0.9), left_seen_s=2.0)) for k in range(60)]
    assert HELD not in {r.state for r in coasting}
    assert coasting[-1].state is not FOUND


def test_another_body_is_looked_at_first_however_sure_the_roster_is() -> None:
    lock = held()
    states = [r.state for r in follow(lock, believed(0.99, RIGHT), 1, 2)]
    assert states[:2] == [FOUND, FOUND] and states[-1] is HELD
    assert states.count(FOUND) / 30 == pytest.approx(CONFIG.confirm_s, abs=0.04)


def test_hidden_behind_somebody_names_them_and_nobody_else_is_taken() -> None:
    lock = held()
    for named, words in (("", "behind person 2"), ("Mina", "behind Mina")):
        hidden = dancer(700, 800, 400, id=LEFT, time_s=1.2, covered=0.95)
        front = dancer(710, 830, 420, id=RIGHT, time_s=1.2)
        people = roll(1.2, standing(1, LEFT, 0.6, rival=0.4), standing(2, RIGHT, 0.6, rival=0.4, name=named))
        report = lock.step(at(1.2, hidden, front), people)
        assert (report.state, report.reason) == (OCCLUDED, words)
        assert report.track is not None and report.track.id == LEFT


def test_a_belief_that_spreads_over_a_hidden_track_keeps_the_place_for_a_while() -> None:
    """In the end half of the belief is on their own track, which nobody sees; half on the one in front."""
    lock = held()

    def behind(t: float) -> tuple[Tracks, Roll]:
        sure = max(0.52, 0.95 - (t - 1))
        people = standing(1, LEFT, sure, rival=1 - sure), standing(2, RIGHT, sure, rival=1 - sure)
        return two(t, *people, left_seen_s=1.0)

    states = {k: r.state for k, r in enumerate(follow(lock, behind, 1, 3))}
    assert all(states[k] is OCCLUDED for k in range(15, 44))
    assert states[59] in (LOST, UNSURE)


def test_whom_somebody_else_is_likelier_to_be_is_not_just_hidden() -> None:
    """Their track is unseen, but half of the belief has gone to one that is seen."""
    lock = held()

    def gone(t: float) -> tuple[Tracks, Roll]:
        return two(t, standing(1, RIGHT, 0.5, rival=0.3, absent=0.2), left_seen_s=1.0)

    assert follow(lock, gone, 1.5, 2)[-1].state is UNSURE


def test_who_is_surely_somebody_else_is_no_candidate() -> None:
    lock = held()
    tracks, people = believed(0.5)(1.0)
    third = dancer(1000, 800, 400, id=13, time_s=1.0)
    for sure, ids in ((0.9, [LEFT, RIGHT]), (0.7, [LEFT, 13, RIGHT])):
        report = lock.step(at(1.0, *tracks.items, third), roll(1.0, *people.people, standing(3, 13, sure)))
        assert [t.id for t in report.candidates] == ids


def test_absent_and_nobody_is_left_means_lost() -> None:
    lock = held()
    report = follow(lock, believed(0.1, absent=0.9, reason="left the picture"), 1, 3)[-1]
    assert (report.state, report.sure, report.reason) == (LOST, 0.0, "left the picture")
    alone = roll(3.0, standing(1, None, 0.0, absent=1.0))
    assert lock.step(at(3.0), alone).reason == "out of sight"


def test_whom_the_roster_does_not_know_is_lost() -> None:
    lock = Lock(CONFIG)
    lock.choose(7)
    report = lock.step(*believed(0.9)(0.0))
    assert (report.state, report.person, report.track, report.candidates) == (LOST, 7, None, ())


def test_a_person_chosen_by_a_rule_needs_the_full_value_and_one_shown_by_hand_does_not() -> None:
    for by_hand, state in ((False, UNSURE), (True, HELD)):
        lock = Lock(CONFIG)
        lock.choose(1, by_hand=by_hand)
        assert lock.step(*believed(0.7)(0.0)).state is state
        assert lock.step(*believed(0.5)(0.1)).state is UNSURE, "nobody is held on less than the value to stay"


def test_showing_the_person_ends_the_doubt_at_once() -> None:
    lock = held()
    follow(lock, believed(0.5), 1, 2)
    lock.choose(1, by_hand=True)
    assert lock.step(*believed(0.95, RIGHT)(2.0)).state is HELD


def test_the_value_for_on_air_is_the_presets() -> None:
    careful = Lock(LockConfig(sure_norm=0.97))
    careful.choose(1)
    assert careful.step(*believed(0.95)(0.0)).state is UNSURE


@pytest.mark.parametrize("fps", [15.0, 60.0])
def test_the_rate_of_the_pictures_changes_nothing(fps: float) -> None:
    def story(fps: float) -> list[tuple[float, LockState]]:
        lock = Lock(CONFIG)
        lock.choose(1)
        acts = [(0.95, 0.0, 1), (0.5, 0.0, 2), (0.9, 0.0, 3), (0.1, 0.9, 5), (0.9, 0.0, 7)]
        out, start_s = [], 0.0
        for sure, absent, end_s in acts:
            reports = follow(lock, believed(sure, absent=absent), start_s, end_s, fps)
            out += [(start_s + k / fps, r.state) for k, r in enumerate(reports)]
            start_s = end_s
        return [(t, state) for (_, before), (t, state) in pairwise(out) if before is not state]

    usual, other = story(30.0), story(fps)
    assert [s for _, s in usual] == [s for _, s in other]
    assert all(abs(a - b) <= 0.1 for (a, _), (b, _) in zip(usual, other, strict=True))


Moment = tuple[int | None, float, float, bool, bool, float, str, int]
shares = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.559, 0.561, 0.8, 1.0, math.nan]))
moments = st.tuples(
    st.sampled_from([LEFT, RIGHT, None]),  # where person 1 is believed
    shares,
    shares,  # absent
    st.booleans(),  # the left one is seen
    st.booleans(),  # the right one exists
    st.sampled_from([0.0, 0.5, 0.95]),  # how much of the left one is covered
    st.sampled_from(["", "", "", "", "rule", "hand"]),  # chosen anew
    st.integers(1, 20),  # pictures
)


@settings(max_examples=200, deadline=None)
@given(st.lists(moments, min_size=1, max_size=10))
def test_whatever_the_roster_says(
    script: list[tuple[int | None, float, float, bool, bool, float, str, int]],
) -> None:
    lock = Lock(CONFIG)
    lock.choose(1)
    k, seen_s, before = 0, 0.0, NOBODY
    found_s, doubted, track_before = 0.0, False, None
    for track, sure, absent, seen, right, covered, wish, pictures in script:
        if wish:
            lock.choose(1, by_hand=wish == "hand")
            if wish == "hand":
                doubted, before, track_before = False, NOBODY, None
        for _ in range(pictures):
            t = k / 30
            k += 1
            seen_s = t if seen else seen_s
            people = [dancer(700, 800, 400, id=LEFT, time_s=t, seen_s=seen_s, covered=covered)]
            people += [dancer(1300, 800, 400, id=RIGHT, time_s=t)] if right else []
            report = lock.step(at(t, *people), roll(t, standing(1, track, sure, absent=absent)))
            assert report.person == 1 and report.for_s >= 0 and report.unseen_s >= 0
            assert 0 <= report.sure <= 1
            assert (report.state is UNSURE) == bool(report.candidates)
            if report.state is HELD:
                assert sure >= CONFIG.keep_norm, "held on a guess"
                assert report.track is not None and report.track.id == track
                assert track_before in (None, track) or before is FOUND, "jumped to another body"
                if doubted:
                    assert before in (FOUND, HELD, OCCLUDED)
                    assert before is not FOUND or t - found_s >= CONFIG.confirm_s - 1e-6
                doubted, track_before = False, track
            if report.state is FOUND:
                assert sure >= CONFIG.sure_norm
                found_s = found_s if before is FOUND else t
            if report.state in (UNSURE, LOST):
                assert report.state is not UNSURE or report.track is None
                doubted = True
            if report.state is OCCLUDED:
                assert not doubted, "hidden is only who was held"
            before = report.state


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1920), st.integers(1, 40), st.booleans()), min_size=1, max_size=8))
def test_a_newcomer_never_inherits(script: list[tuple[float, int, bool]]) -> None:
    """The chosen one leaves for good; others come and go, also on the very spot."""
    lock = held()
    k = 30
    for number, (x, pictures, on_the_spot) in enumerate(script):
        for _ in range(pictures):
            t = k / 30
            k += 1
            new = dancer(700 if on_the_spot else x, 800, 400, id=100 + number, time_s=t)
            gone, other = standing(1, None, 0.0, absent=1.0), standing(50 + number, new.id, 1.0)
            report = lock.step(at(t, new), roll(t, gone, other))
            assert (report.state, report.person, report.track) == (LOST, 1, None)

"""What must hold of the roster in any show: sums, one place each, no rise from doubt alone, any rate."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.identity.roster import Roster
from engine.people import Swap
from tests.unit.identity_show import Costume, checked, fusion, play


@given(st.integers(0, 10_000), st.integers(0, 12))
@settings(max_examples=25, deadline=None)
def test_any_show_keeps_the_rules(seed: int, most: int) -> None:
    rng, costume = np.random.default_rng(seed), Costume(seed, people=13)
    roster, tracks, next_id, now_s = Roster(), dict[int, float](), 1, 0.0
    for _ in range(60):
        now_s += float(rng.choice([0.0, 0.03, 0.1, 0.7]))
        tracks = {t: s for t, s in tracks.items() if rng.random() > 0.05}
        while len(tracks) < most and rng.random() < 0.5:
            tracks[next_id] = float(rng.integers(0, 20)) / 2
            next_id += 1
        ids = list(tracks)
        seen = {t: s for t, s in tracks.items() if rng.random() > 0.2}
        hidden = {t: s for t, s in tracks.items() if t not in seen}
        swaps = [Swap(*sorted((int(a), int(b))), float(rng.uniform(0, 0.5))) for a, b in
                 (rng.choice(ids, 2, replace=False) for _ in range(len(ids) // 2))]  # fmt: skip
        looks = {t: costume.look(t % 13, face=rng.random() < 0.3) for t in seen}
        roll = checked(roster.observe(fusion(now_s, seen, looks, swaps, hidden)))
        assert {p.track for p in roll.people} - {None} <= set(tracks)
        if ids and rng.random() < 0.1:
            track = int(rng.choice(ids))
            person = roster.person_on(track)
            standing = checked(roster.claim(person, track)).find(person)
            assert standing is not None and standing.track == track and standing.sure > 0.9


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_exchanges_alone_make_nobody_surer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tracks = {i: float(i) for i in range(1, 6)}
    roster = Roster()
    roll = play(roster, 0.0, 2.0, tracks)
    best = max(p.sure for p in roll.people)
    for step in range(30):
        a, b = sorted(rng.choice(5, 2, replace=False) + 1)
        roll = roster.observe(
            fusion(2.0 + step / 20, tracks, swaps=[Swap(int(a), int(b), rng.uniform(0, 0.5))])
        )
        assert max(p.sure for p in roll.people) <= best + 1e-9
        best = max(p.sure for p in roll.people)


@pytest.mark.parametrize("hz", [5.0, 10.0, 60.0])
def test_the_rate_of_observations_does_not_matter(hz: float) -> None:
    def after(rate: float) -> float:
        roster, costume = Roster(), Costume(3, apart=0.3)
        people = {1: (costume, 0, False), 2: (costume, 1, False)}
        play(roster, 0.0, 6.0, {1: 0.0, 2: 2.0}, rate, people)
        person = roster.person_on(1)
        roster.observe(fusion(6.0, {1: 0.5, 2: 0.6}, swaps=[Swap(1, 2, 0.5), Swap(1, 2, 0.5)]))
        roll = play(roster, 6.2, 1.2, {1: 0.0, 2: 2.0}, rate, people)
        standing = roll.find(person)
        assert standing is not None and standing.track == 1
        return math.log(standing.sure / (1.0 - standing.sure))

    assert after(hz) == pytest.approx(after(20.0), abs=1.5)


def test_late_and_broken_times_are_ignored() -> None:
    roster = Roster()
    roll = play(roster, 5.0, 1.0, {1: 0.0})
    for time_s in (1.0, math.nan, -math.inf):
        assert roster.observe(fusion(0.0, {})) is roll
        broken = fusion(0.0, {1: 0.0, 2: 1.0})
        object.__setattr__(broken.tracks, "time_s", time_s)
        assert roster.observe(broken) is roll


def test_nobody_is_no_trouble() -> None:
    roster = Roster()
    for step in range(5):
        assert checked(roster.observe(fusion(step / 10, {}))).people == ()


def test_forty_people_fit() -> None:
    costume, roster = Costume(people=40), Roster()
    tracks = {i: float(i) for i in range(1, 41)}
    roll = play(roster, 0.0, 1.5, tracks, 10.0, {i: (costume, i - 1, False) for i in tracks})
    assert len(checked(roll).people) == 40 and min(p.sure for p in roll.people) > 0.9

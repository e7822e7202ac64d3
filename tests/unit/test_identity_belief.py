"""The soft permutation keeps its sums, whatever is done to it."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.identity import belief as soft

F64 = NDArray[np.float64]


@st.composite
def tables(draw: st.DrawFn) -> F64:
    people, tracks = draw(st.integers(1, 12)), draw(st.integers(2, 12))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    sharp = draw(st.sampled_from([0.1, 1.0, 20.0]))
    weights = rng.gamma(1.0 / sharp, 1.0, (people, tracks)) + 1e-300
    return soft.balanced(weights, rng.random(people), rng.random(tracks), np.ones(people, bool))


def holds(belief: F64) -> None:
    assert np.isfinite(belief).all() and (belief >= 0.0).all()
    assert (belief.sum(axis=0) <= 1.0 + 1e-9).all()
    np.testing.assert_allclose(belief.sum(axis=1) + soft.absence(belief), 1.0, atol=1e-9)


@given(tables())
@settings(max_examples=60, deadline=None)
def test_balanced_tables_are_soft_permutations(belief: F64) -> None:
    holds(belief)


@given(tables(), st.integers(0, 10_000), st.floats(0.0, 0.5))
@settings(max_examples=60, deadline=None)
def test_mixing_keeps_the_sums_and_makes_nobody_surer(belief: F64, seed: int, probability: float) -> None:
    a, b = np.random.default_rng(seed).permutation(belief.shape[1])[:2]
    after = soft.mixed(belief, int(a), int(b), probability)
    holds(after)
    np.testing.assert_allclose(after.sum(axis=1), belief.sum(axis=1), atol=1e-9)
    assert (after.max(axis=1) <= belief.max(axis=1) + 1e-12).all()


@given(tables(), st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_a_claim_is_believed_and_keeps_the_sums(belief: F64, seed: int) -> None:
    rng = np.random.default_rng(seed)
    person, track = int(rng.integers(belief.shape[0])), int(rng.integers(belief.shape[1]))
    after = soft.claimed(belief, person, track, 0.95)
    holds(after)
    assert after[person, track] >= 0.95 - 1e-9
    assert np.delete(after[:, track], person).sum() <= 0.05 + 1e-9


@given(tables(), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_the_order_of_people_and_tracks_does_not_matter(belief: F64, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(belief.shape[0]), rng.permutation(belief.shape[1])
    firm, absent, unknown = np.ones(len(rows), bool), soft.absence(belief), soft.strangers(belief)
    straight = soft.balanced(belief, absent, unknown, firm)
    shuffled = soft.balanced(belief[np.ix_(rows, columns)], absent[rows], unknown[columns], firm)
    np.testing.assert_allclose(straight[np.ix_(rows, columns)], shuffled, atol=1e-9)


@given(tables())
@settings(max_examples=40, deadline=None)
def test_nobody_shares_a_track(belief: F64) -> None:
    on = soft.standing(belief, 0.15)
    taken = on[on >= 0]
    assert len(set(taken.tolist())) == len(taken)
    assert (belief[np.flatnonzero(on >= 0), taken] > 0.15).all()


def test_who_stood_on_a_claimed_track_moves_to_where_the_claimed_one_was_believed() -> None:
    after = soft.claimed(np.array([[0.9, 0.1], [0.1, 0.9]]), 0, 1, 0.95)
    assert after[1, 0] > 0.85 and after[1, 1] < 0.06


def test_a_possible_person_does_not_have_to_exist() -> None:
    belief = soft.balanced(
        np.array([[0.9], [1e-6]]), np.array([0.1, 1.0]), np.zeros(1), np.array([True, False])
    )
    assert belief[1, 0] < 0.01 and belief[0, 0] > 0.85

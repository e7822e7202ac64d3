from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.perception.sampling import BestSamples, Candidate


def sampler(every_s: float = 0.2) -> BestSamples:
    return BestSamples(every_s, clean=0.85, least=0.4, fallback_s=0.5)


def test_nobody_is_read_more_often_than_agreed_at_any_rate() -> None:
    for fps in (5, 10, 30, 60):
        samples = sampler()
        times = [n / fps for n in range(4 * fps) if samples.take(n / fps, [Candidate(1, 1.0)], 1)]
        assert np.diff(times).min() >= 0.2 - 1e-6
        assert len(times) == 20


def test_a_clean_moment_is_waited_for() -> None:
    samples = sampler()
    quality = [0.5] * 9 + [0.95] + [0.5] * 10
    read = [n for n, q in enumerate(quality) if samples.take(n / 30, [Candidate(1, q)], 1)]
    assert read == [9]


def test_without_a_clean_moment_a_doubtful_one_is_taken_and_a_hopeless_one_never() -> None:
    """R127: at least one sample per track-second when there is anything to see."""
    doubtful, hopeless = sampler(), sampler()
    times = [n / 30 for n in range(300) if doubtful.take(n / 30, [Candidate(1, 0.5)], 1)]
    assert times[0] == pytest.approx(0.5)
    assert np.diff(times).max() <= 1.0
    assert not any(hopeless.take(n / 30, [Candidate(1, 0.2)], 1) for n in range(300))


def test_in_doubt_before_chosen_before_new_before_the_rest() -> None:
    samples = sampler()
    crowd = [Candidate(1, 1.0, 3), Candidate(2, 1.0, 2), Candidate(3, 1.0, 1), Candidate(4, 1.0, 0)]
    assert samples.take(0.0, crowd, 2) == [4, 3]
    assert samples.take(0.05, crowd, 2) == [2, 1]
    assert samples.take(0.10, crowd, 2) == []


def test_nobody_starves_behind_the_urgent() -> None:
    """Four in doubt take the whole budget, and the calm ones still come within little more than a second."""
    samples = sampler()
    crowd = [Candidate(i, 1.0, 0 if i <= 4 else 3) for i in range(1, 10)]
    last = dict.fromkeys(range(1, 10), 0.0)
    for n in range(200):
        for track in samples.take(n / 20, crowd, 1):
            last[track] = n / 20
        assert all(n / 20 - s <= 1.7 for s in last.values())


@given(st.integers(1, 12), st.integers(0, 5), st.integers(5, 60), st.integers(0, 99))
def test_the_number_is_kept_and_turns_are_fair(people: int, number: int, fps: int, seed: int) -> None:
    samples, turns, rng = sampler(), Counter[int](), np.random.default_rng(seed)
    for n in range(3 * fps):
        crowd = [Candidate(int(i), 1.0, 3) for i in rng.permutation(people)]
        chosen = samples.take(n / fps, crowd, number)
        assert len(chosen) <= number and len(set(chosen)) == len(chosen)
        turns.update(chosen)
    if number:
        assert max(turns.values()) - min(turns[i] for i in range(people)) <= 1


def test_a_film_that_begins_again_is_read_again() -> None:
    samples = sampler()
    assert samples.take(100.0, [Candidate(1, 1.0)], 1) == [1]
    assert samples.take(0.0, [Candidate(1, 1.0)], 1) == [1]
    assert samples.take(0.1, [Candidate(1, 1.0)], 1) == []
    assert samples.take(50.0, [Candidate(1, 0.5)], 1) == []
    assert samples.take(0.3, [Candidate(1, 0.5)], 1) == []
    assert samples.take(0.7, [Candidate(1, 0.5)], 1) == []
    assert samples.take(0.8, [Candidate(1, 0.5)], 1) == [1]


def test_who_left_is_forgotten() -> None:
    samples = sampler()
    samples.take(0.0, [Candidate(1, 1.0), Candidate(2, 1.0)], 2)
    samples.keep_only({2})
    assert not samples.was_read(1) and samples.was_read(2)

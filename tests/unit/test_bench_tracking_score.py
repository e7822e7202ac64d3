"""HOTA, IDF1 and CLEAR on cases worked out by hand, and against TrackEval where it is installed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bench.tracking.score import score, total
from engine.bench.tracking.sequence import Hypotheses, Sequence, Truth
from engine.geometry import Size
from tests.unit.bench_tracking_scenes import boxes, said, steady, truth

TWO = truth(steady(range(1, 11), (1, 0), (2, 5)), 10)


def test_the_truth_itself_is_perfect() -> None:
    perfect = score(TWO, said(steady(range(1, 11), (7, 0), (8, 5))))
    assert perfect.hota == perfect.deta == perfect.assa == perfect.idf1 == perfect.mota == pytest.approx(100)
    assert perfect.switches == 0


def test_nobody_said_is_nothing() -> None:
    nothing = score(TWO, {})
    assert nothing.hota == nothing.idf1 == nothing.mota == 0
    assert nothing.misses == 20


def test_ids_exchanged_half_way() -> None:
    """Both are found always; each (person, track) pair lasts 5 of 10: association 5 / (10 + 10 - 5)."""
    swapped = steady(range(1, 6), (1, 0), (2, 5)) | steady(range(6, 11), (2, 0), (1, 5))
    result = score(TWO, said(swapped))
    assert result.deta == pytest.approx(100)
    assert result.assa == pytest.approx(100 / 3)
    assert result.hota == pytest.approx(100 / np.sqrt(3))
    assert result.idf1 == pytest.approx(50)
    assert result.switches == 2
    assert result.mota == pytest.approx(90)


def test_one_of_two_found_with_alarms() -> None:
    result = score(TWO, said(steady(range(1, 11), (1, 0), (9, 8))))
    assert result.deta == pytest.approx(100 * 10 / 30)
    assert result.assa == pytest.approx(100)
    assert result.idf1 == pytest.approx(50)
    assert (result.found, result.misses, result.alarms) == (10, 10, 10)


def test_half_overlap_counts_up_to_its_alpha() -> None:
    """Shifted by half a width the IoU is 1/3: found for alpha 0.05 to 0.3, six of nineteen."""
    one = truth(steady(range(1, 5), (1, 0)), 4)
    result = score(one, said(steady(range(1, 5), (1, 0.5))))
    assert result.hota == pytest.approx(100 * 6 / 19)
    assert result.found == 0


def test_sequences_add_up_by_their_counts() -> None:
    long = score(TWO, said(steady(range(1, 11), (7, 0), (8, 5))))
    empty = score(truth(steady(range(1, 11), (1, 0), (2, 5)), 10), {})
    both = total([long, empty])
    assert both.deta == pytest.approx(50)
    assert both.assa == pytest.approx(100)
    assert both.idf1 == pytest.approx(100 * 20 / (20 + 10))


def test_what_sits_on_somebody_ignored_counts_neither_way() -> None:
    ignoring = replace(TWO, ignored={f: boxes([8]) for f in range(1, 11)})
    with_extra = said(steady(range(1, 11), (7, 0), (8, 5), (9, 8)))
    assert score(ignoring, with_extra).deta == pytest.approx(100)
    assert score(TWO, with_extra).deta == pytest.approx(100 * 20 / 30)


def test_broken_and_doubled_hypotheses_are_left_out() -> None:
    rows = np.concatenate([boxes([0, 5, 5]), [[np.nan, 0, 1, 1]]])
    odd = {f: Hypotheses(np.array([7, 8, 8, 9]), rows) for f in range(1, 11)}
    assert score(TWO, odd).hota == pytest.approx(100)


def test_an_empty_sequence_scores_nothing_and_is_finite() -> None:
    nothing = score(truth({}, 3), {})
    assert all(np.isfinite(v) for v in (nothing.hota, nothing.deta, nothing.assa, nothing.idf1, nothing.mota))


def crowd(seed: int) -> tuple[Sequence, dict[int, Hypotheses]]:
    """People who drift and a tracker that misses, invents, jitters and exchanges."""
    rng = np.random.default_rng(seed)
    people, length = int(rng.integers(1, 7)), int(rng.integers(1, 40))
    spot = rng.uniform(0, 300, (people, 2))
    names = rng.permutation(100)[:people]
    real, hypotheses = {}, {}
    for f in range(1, length + 1):
        spot += rng.normal(0, 8, spot.shape)
        where = np.column_stack([spot, spot + np.array([60, 150])])
        there = rng.random(people) < 0.9
        real[f] = Truth(np.flatnonzero(there), where[there])
        if rng.random() < 0.1:
            names = rng.permutation(100)[:people]
        found = rng.random(people) < 0.85
        guess = (where + rng.normal(0, 10, where.shape))[found]
        ids = names[found]
        if rng.random() < 0.3:
            guess = np.concatenate([guess, [[500.0, 0, 560, 150]]])
            ids = np.append(ids, 100 + f % 3)
        hypotheses[f] = Hypotheses(ids, guess)
    return Sequence(f"crowd{seed}", 20.0, Size(640, 480), length, {}, real), hypotheses


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_figures_stay_between_0_and_100(seed: int) -> None:
    result = score(*crowd(seed))
    for value in (result.hota, result.deta, result.assa, result.idf1):
        assert 0 <= value <= 100 + 1e-9
    assert result.mota <= 100
    assert result.found + result.misses == result.matched[0] + result.missed[0]


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_names_of_tracks_do_not_matter(seed: int, shuffle: int) -> None:
    sequence, hypotheses = crowd(seed)
    new = np.random.default_rng(shuffle).permutation(1000)
    renamed = {f: Hypotheses(new[h.ids], h.boxes) for f, h in hypotheses.items()}
    assert score(sequence, renamed).hota == pytest.approx(score(sequence, hypotheses).hota)

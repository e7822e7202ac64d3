"""Learning the pair cost: the fit finds what is there, labels are true, calibration is honest."""

from __future__ import annotations

import numpy as np

from engine.bench.dancers import DanceConfig
from engine.bench.learning.calibrate import Steps, fitted, mix
from engine.bench.learning.fit import fit
from engine.bench.learning.lessons import Scene, collected, pairs, pairs_among_rivals, scenes
from engine.bench.learning.walk import NOBODY, observed, walk
from engine.people import Swap
from engine.tracking import TrackerConfig
from engine.tracking.swaps import Kind, chances

SHORT = Scene(5, DanceConfig(seconds=3.0, fps=10.0, people=5, looks=None), poses=True, gaps_hz=0.3)


def test_a_small_network_learns_what_no_line_can_separate() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (20_000, 2)).astype(np.float32)
    y = (x[:, 0] * x[:, 1] > 0).astype(np.float32)
    network, loss = fit(x, y, np.ones(len(y), np.float32), (16, 16), 30, rng)
    assert loss < 0.35
    assert ((network(x) > 0) == (y > 0.5)).mean() > 0.95


def test_the_teacher_never_mistakes_anybody() -> None:
    seen = 0
    for glance in walk(
        SHORT.sequence(), None, TrackerConfig(), np.random.default_rng(0), 0.3, on_policy=False
    ):
        rows, columns = glance.decided.rows, glance.decided.columns
        assert (glance.owner[rows] == glance.shows[columns]).all()
        known = glance.owner[glance.owner != NOBODY]
        assert len(set(known.tolist())) == len(known)
        positive = glance.decided.pair_rows[glance.label]
        assert len(set(positive.tolist())) == len(positive)
        seen += len(rows)
    assert seen > 60


def test_findings_show_whom_they_overlap() -> None:
    sequence = SHORT.sequence()
    observation, shows = observed(sequence, 10)
    truth = sequence.truth[10]
    for detection, person in zip(observation.people, shows.tolist(), strict=True):
        if person != NOBODY:
            box = truth.boxes[truth.ids == person][0]
            centre = detection.box.center
            assert box[0] < centre.x < box[2] and box[1] < centre.y < box[3]


def test_lessons_do_not_depend_on_the_number_of_processes_and_teach() -> None:
    which = [SHORT, Scene(6, SHORT.config, poses=False, gaps_hz=0.0)]
    lessons = collected(which, None, 1)
    again = collected(which, None, 2)
    x, y, w = pairs(lessons)
    for mine, theirs in zip((x, y, w), pairs(again), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert np.isfinite(x).all() and 0.02 < y.mean() < 0.9
    first, loss = fit(x, y, w, (16,), 200, np.random.default_rng(0))
    assert loss < 0.35
    assert len(pairs_among_rivals(lessons, first)) == len(y)


def test_scenes_are_stages_and_streets_at_many_rates() -> None:
    which = scenes(0, 40, 5.0)
    assert {s.config.scene for s in which} == {"stage", "street"}
    assert min(s.config.fps for s in which) <= 5 and max(s.config.fps for s in which) >= 30
    assert {s.poses for s in which} == {True, False}


def test_the_curves_find_the_probabilities_that_made_the_data() -> None:
    rng = np.random.default_rng(1)
    true = np.array([[0.6, 0.3, -1.5], [0.4, -0.2, -2.0], [0.5, 0.1, -2.5]])
    kind = rng.integers(0, len(Kind), 60_000)
    inputs = np.stack([rng.uniform(-2, 12, len(kind)), rng.uniform(0, 3, len(kind))], axis=1)
    happened = (rng.random(len(kind)) < chances(kind, inputs, true)).astype(float)
    np.testing.assert_allclose(fitted(Steps(kind, inputs, happened)), true, atol=0.25)


def test_mixing_keeps_everybody_somewhere() -> None:
    belief = np.eye(3)
    mix(belief, {7: 0, 8: 1, 9: 2}, [Swap(7, 8, 0.3), Swap(8, 9, 0.5), Swap(1, 7, 0.4)])
    np.testing.assert_allclose(belief.sum(axis=0), 1.0)
    np.testing.assert_allclose(belief.sum(axis=1), 1.0)
    np.testing.assert_allclose(belief[0], [0.7, 0.15, 0.15])

"""The roster and the lock on toy sequences: what goes on air after one tap per person."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.bench.tracking.chosen import Chosen, choices, meetings
from engine.bench.tracking.named import name, named_chosen
from engine.bench.tracking.ours import Followed, follow, observations
from engine.bench.tracking.sequence import Looks, Sequence
from engine.direction.lock import LockConfig
from engine.tracking import TrackerConfig
from tests.unit.bench_tracking_scenes import steady, truth

TWO = truth(steady(range(1, 101), (1, 0), (2, 5)), 100)


def followed(sequence: Sequence) -> Followed:
    return follow(sequence, TrackerConfig(cost="general"))


def on_air(sequence: Sequence, sure: float) -> Chosen:
    made = followed(sequence)
    met = meetings(sequence, made.tracks)
    named = name(made.fusions, met, choices(met, clean=False))
    return named_chosen(met, made.fusions, named, sequence.fps, replace(LockConfig(), sure_norm=sure))


def test_people_apart_are_held_from_the_tap_on() -> None:
    result = on_air(TWO, 0.8)
    assert (result.people, result.wrong, result.steals) == (2, 0, 0)
    assert result.ok > 95


def test_everybody_tapped_is_somebody_else() -> None:
    made = followed(TWO)
    met = meetings(TWO, made.tracks)
    named = name(made.fusions, met, choices(met, clean=False))
    assert [e.picture for e in named.enrolled.values() if e is not None] == [3, 3]
    assert len({e.person for e in named.enrolled.values() if e is not None}) == 2
    assert len(named.rolls) == TWO.length


def test_a_newcomer_never_inherits_who_left() -> None:
    """Person 1 leaves for good; a stranger comes two seconds later at the other end of the stage."""
    rows = steady(range(1, 61), (1, 0), (2, 5)) | steady(range(61, 101), (2, 5))
    rows |= steady(range(101, 201), (2, 5), (3, 8))
    result = on_air(truth(rows, 200), 0.8)
    assert result.away_wrong == 0
    assert result.steals == 0


def test_more_sureness_never_shows_more() -> None:
    """Two people pass through one another twice; the surer one must be, the less is on air."""
    rows = {}
    for f in range(1, 161):
        phase = 2.0 * np.sin(f * np.pi / 40)
        rows[f] = [(1, 3 + phase), (2, 3 - phase)]
    sequence = truth(rows, 160)
    shown = [r.ok_s + r.wrong_s for r in (on_air(sequence, sure) for sure in (0.5, 0.7, 0.9, 0.99))]
    assert shown == sorted(shown, reverse=True)


def test_only_who_was_found_is_written() -> None:
    """Person 2 is hidden from picture 41 on: predicted for a while, but not said to be there."""
    rows = steady(range(1, 41), (1, 0), (2, 5)) | steady(range(41, 61), (1, 0))
    tracks = followed(truth(rows, 60)).tracks
    assert [len(tracks[f].ids) for f in (40, 41, 60)] == [2, 1, 1]


def test_looks_come_with_their_detections() -> None:
    body = np.eye(2, 4, dtype=np.float32)
    none = np.zeros((2, 4), dtype=np.float32)
    part = np.array([0.9, 0.0], dtype=np.float32)
    looks = Looks(np.stack([body[0], none[0]]), part, none, part * 0, part * 0)
    sequence = replace(TWO, looks={1: looks})
    first, second, *_ = observations(sequence)
    seen = [p.appearance for p in first.people]
    assert seen[0] is not None and seen[1] is not None
    assert seen[0].body is not None and seen[1].body is None and seen[0].face is None
    assert seen[0].body_quality == pytest.approx(0.9)
    assert all(p.appearance is None for p in second.people)
    assert (first.time_s, second.time_s, first.index) == (0.0, 1 / TWO.fps, 1)

"""A doubtful crossing is reported as doubtful, a clear one is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.geometry import Box
from engine.people import Detection, Fusion, Observation
from engine.tracking import Tracker, TrackerConfig
from engine.tracking.swaps import HANDMADE_ODDS, LEAST, Kind, chances
from tests.unit.tracking_scenes import Path, Scene, absent, swinger, walker


def fusions(
    people: list[Path], seconds: float, noise_px: float = 3.0, rate_hz: float = 15.0, cost: str = "stage"
) -> list[Fusion]:
    scene, tracker = Scene(people, noise_px=noise_px), Tracker(TrackerConfig(cost=cost))
    result = []
    for k in range(round(seconds * rate_hz)):
        tracker.observe(scene.observation(k / rate_hz, k))
        assert tracker.fusion is not None
        result.append(tracker.fusion)
    return result


def doubt(found: list[Fusion], a: int, b: int) -> float:
    """How probable it is in the end that the two are exchanged, mixed by every report."""
    same = 1.0
    for fusion in found:
        for swap in fusion.swaps:
            if (swap.a, swap.b) == (a, b):
                same = same * (1 - swap.probability) + (1 - same) * swap.probability
    return 1 - same


def turning(from_x: float, by_px: float, at_s: float, lasts_s: float) -> Path:
    """Walks to a place, dances there for a while, and goes back or on: nobody can tell from boxes."""
    inward, outward = walker(from_x, 500, by_px / at_s), walker(from_x + by_px, 500, -by_px / at_s)

    def path(t: float) -> Box:
        if t < at_s:
            return inward(t)
        if t < at_s + lasts_s:
            return inward(at_s).shifted(25 * np.sin(7 * t + from_x), 0)
        return outward(t - at_s - lasts_s)

    return path


@pytest.mark.parametrize("cost", ["stage", "general"])
def test_people_far_apart_are_never_in_doubt(cost: str) -> None:
    for fusion in fusions([walker(200, 500, 60), swinger(1500, 480, 80, 2.0)], 3.0, cost=cost):
        assert fusion.swaps == ()


@pytest.mark.parametrize("cost", ["stage", "general"])
def test_two_who_meet_and_part_are_in_more_doubt_than_two_who_pass_side_by_side(cost: str) -> None:
    meet = [turning(300, 350, 1.5, 0.8), turning(1050, -350, 1.5, 0.8)]
    beside = [walker(300, 500, 60), walker(700, 500, 60)]
    assert doubt(fusions(beside, 4.0, cost=cost), 1, 2) < 0.05
    assert doubt(fusions(meet, 4.0, noise_px=6, cost=cost), 1, 2) > 0.05


def test_who_vanishes_behind_another_may_have_become_them() -> None:
    front, back = walker(760, 520, 0, height=420), absent(walker(700, 500, 20), 1.0, 9.0)
    found = fusions([front, back], 2.5)
    assert sum(s.probability for f in found[15:] for s in f.swaps if (s.a, s.b) == (1, 2)) > 2 * LEAST


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.floats(300, 900), st.floats(300, 700), st.floats(-90, 90)), min_size=2, max_size=6)
)
def test_reports_are_probabilities_of_known_tracks_in_order(people: list[tuple[float, float, float]]) -> None:
    for fusion in fusions([walker(x, y, v) for x, y, v in people], 0.8, noise_px=10):
        ids = {t.id for t in fusion.tracks.items}
        pairs = [(s.a, s.b) for s in fusion.swaps]
        assert pairs == sorted(set(pairs)) and all(a < b for a, b in pairs)
        assert all(LEAST <= s.probability <= 0.5 for s in fusion.swaps)
        assert {i for pair in pairs for i in pair} <= ids


def test_the_order_of_findings_does_not_change_the_reports() -> None:
    spots, results = [(500, 500), (560, 520), (620, 490)], []
    for turn in (1, -1):
        tracker, reports = Tracker(), []
        jitter = np.random.default_rng(4).normal(0, 12, (12, 3, 2))
        for k in range(12):
            people = [
                Detection(Box.from_center(x + dx, y + dy, 150, 400), 0.9)
                for (x, y), (dx, dy) in zip(spots, jitter[k].tolist(), strict=True)
            ]
            tracker.observe(Observation(k * 0.1, k, tuple(people[::turn]), True))
            assert tracker.fusion is not None
            reports += [(s.a, s.b, s.probability) for s in tracker.fusion.swaps]
        results.append(reports)
    assert results[0] == results[1]


def test_a_larger_margin_is_a_smaller_chance() -> None:
    margin = np.linspace(-4, 16, 30)
    for kind in Kind:
        inputs = np.stack([margin, np.full(30, 0.7)], axis=1)
        chance = chances(np.full(30, kind), inputs, HANDMADE_ODDS)
        assert (np.diff(chance) < 0).all() and (chance > 0).all() and (chance < 1).all()

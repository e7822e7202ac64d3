"""The learned pair cost: what it is told, that it fits, that it ships."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.people import MotionField, Skeleton
from engine.tracking import Tracker
from engine.tracking.features import WIDTH, pair_features
from engine.tracking.findings import findings
from engine.tracking.learned import WEIGHTS, shipped
from engine.tracking.network import Network
from engine.tracking.poses import jumps, pose_agreement
from engine.tracking.prediction import predicted, with_scene
from engine.tracking.rivals import LIMIT, rival_features
from engine.tracking.state import State
from tests.unit.tracking_scenes import Scene, swinger, walker

PEOPLE = [walker(500, 500, 120), swinger(640, 520, 80, 1.5), walker(900, 470, -60)]


def scaled(people: list, factor: float) -> list:
    def larger(path):
        def at(t):
            b = path(t)
            return replace(b, x0=b.x0 * factor, y0=b.y0 * factor, x1=b.x1 * factor, y1=b.y1 * factor)

        return at

    return [larger(p) for p in people]


def pairs(people: list, rate_hz: float = 10.0) -> tuple[State, np.ndarray]:
    """The state before the last observation of a second, and all pairs described."""
    tracker, scene = Tracker(), Scene(people)
    last = round(rate_hz)
    for k in range(last):
        tracker.observe(scene.observation(k / rate_hz, k))
    moment = tracker._history.newest
    state = predicted(moment.state, None, moment.time_s, 1.0, tracker._config)
    found = findings(scene.observation(1.0, last), 0.1)
    rows, columns = np.divmod(np.arange(len(state) * len(found)), len(found))
    return state, pair_features(state, found, rows, columns, 1.0)


def test_pairs_look_the_same_in_a_picture_of_any_size() -> None:
    small, large = pairs(scaled(PEOPLE, 0.5))[1], pairs(scaled(PEOPLE, 2.0))[1]
    assert small.shape == (9, WIDTH)
    np.testing.assert_allclose(small, large, atol=1e-3)


def test_a_better_pair_has_higher_odds() -> None:
    state, described = pairs(PEOPLE)
    odds = shipped().first(described).reshape(len(state), 3)
    assert (odds.argmax(axis=1) == odds.argmax(axis=0)).all()
    assert (odds.max(axis=1) > 0).all()


def test_the_shipped_weights_are_small_and_finite() -> None:
    assert WEIGHTS.stat().st_size < 100_000
    cost = shipped()
    assert cost.second is not None and len(cost.first.mean) == WIDTH
    for network in (cost.first, cost.second):
        assert all(np.isfinite(w).all() for w in (*network.weights, *network.biases, network.mean))
        assert (network.scale > 0).all()
    assert cost.swap.shape == (3, 3) and (cost.swap[:, 0] > 0).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**30))
def test_rivals_do_not_depend_on_the_order_of_pairs(n: int, m: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, columns = np.nonzero(rng.random((n, m)) < 0.7)
    logits = rng.normal(0, 6, len(rows)).astype(np.float32)
    moved = rng.normal(0, 0.3, (len(rows), 2))
    once = rival_features(logits, rows, columns, (n, m), moved)
    order = rng.permutation(len(rows))
    again = rival_features(logits[order], rows[order], columns[order], (n, m), moved[order])
    assert np.isfinite(once).all() and np.abs(once[:, 0]).max(initial=0) <= LIMIT / 4
    np.testing.assert_allclose(once[order], again, atol=1e-5)


def test_a_rival_with_a_better_claim_is_seen() -> None:
    rows, columns = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    among = rival_features(np.array([3, -2, 1, 4], np.float32), rows, columns, (2, 2), np.zeros((4, 2)))
    stay_minus_exchange = among[:, 5] * 4
    assert stay_minus_exchange[0] > 0 > stay_minus_exchange[2]


def test_a_network_is_stored_and_read_back() -> None:
    rng = np.random.default_rng(0)
    net = Network(
        np.zeros(3, np.float32),
        np.ones(3, np.float32),
        (rng.normal(size=(3, 4)).astype(np.float32), rng.normal(size=(4, 1)).astype(np.float32)),
        (np.ones(4, np.float32), np.ones(1, np.float32)),
    )
    x = rng.normal(size=(5, 3)).astype(np.float32)
    np.testing.assert_allclose(Network.from_arrays(net.arrays("n"), "n")(x), net(x))
    with pytest.raises(KeyError):
        Network.from_arrays({}, "n")


def test_a_panning_camera_takes_the_memory_along() -> None:
    state, _ = pairs(PEOPLE)
    pan = np.array([[1.0, 0.0, 80.0], [0.0, 1.0, -20.0]])
    moved = with_scene(state, pan)
    for name in ("seen_box", "past_box"):
        np.testing.assert_allclose(
            getattr(moved, name) - getattr(state, name), [[80, -20, 80, -20]] + 0 * getattr(state, name)
        )
    np.testing.assert_allclose(moved.clear_centre - state.clear_centre, [[80, -20]] * len(state))
    np.testing.assert_array_equal(moved.velocity, state.velocity)


def skeleton(x: float, y: float) -> Skeleton:
    rng = np.random.default_rng(2)
    return Skeleton(
        (rng.uniform(-60, 60, (17, 2)) * [1, 3] + [x, y]).astype(np.float32), np.ones(17, np.float32)
    )


def test_a_track_does_not_jump_to_the_skeleton_of_its_neighbour() -> None:
    scene = Scene([walker(500, 500, 0), walker(600, 500, 0)])
    tracker = Tracker()
    first = scene.observation(0.0, 0)
    people = tuple(replace(d, skeleton=skeleton(d.box.center.x, 500)) for d in first.people)
    tracker.observe(replace(first, people=people))
    state = tracker._history.newest.state
    found = findings(replace(first, people=people), 0.1)
    rows, columns = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    agreement = pose_agreement(state, found, rows, columns, 0.1)
    own = found.boxes[columns, 0] == state.seen_box[rows, 0]
    assert (agreement[own, 0] > 0.9).all() and (agreement[~own, 0] < 0.3).all()
    agreement[~own, 0] = 0.0
    np.testing.assert_array_equal(jumps(agreement, rows, 2), ~own)


def test_flow_carries_a_runner_whom_no_dancer_taught() -> None:
    tracker, scene = Tracker(), Scene([swinger(900, 500, 350, 1.2)])
    for k in range(60):
        field: MotionField | None = scene.field((k - 1) / 30, k / 30) if k else None
        tracker.advance(k / 30, k, field)
        if k % 3 == 0:
            tracker.observe(scene.observation(k / 30, k))
    assert [t.id for t in tracker.tracks.items] == [1]

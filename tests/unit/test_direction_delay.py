"""Pictures that leave later than they came: none lost, none doubled, each with what may be known then."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.direction.delay import DelayLine
from engine.direction.lock import LockReport
from engine.direction.plan import Plan
from engine.direction.target import LockState
from engine.direction.want import Want
from engine.geometry import Shot, Size
from engine.people import Tracks

SIZE = Size(1920, 1080)
WIDE = Shot.widest(SIZE, 9 / 16)
NOBODY = LockReport(LockState.NOBODY, None, None, for_s=0.0, sure=0.0, unseen_s=0.0)


def plan(
    index: int, time_s: float, dt_s: float = 1 / 30, *, away: bool = False, begins: bool = False
) -> Plan:
    want = Want(time_s, WIDE)
    return Plan(Tracks(time_s, index), NOBODY, dt_s, want, WIDE if away else None, begins, None)


@settings(max_examples=60, deadline=None)
@given(
    fps=st.sampled_from([15.0, 25.0, 30.0, 60.0]),
    delay_s=st.floats(0.25, 1.5),
    jitter=st.lists(st.floats(-0.2, 0.2), min_size=150, max_size=150),
)
def test_with_an_unpunctual_camera_exactly_one_picture_is_due_at_a_time(
    fps: float, delay_s: float, jitter: list[float]
) -> None:
    line, out = DelayLine(), []
    times = [(k + jitter[k]) / fps for k in range(150)]
    counts = []
    for k, time_s in enumerate(times):
        line.push(plan(k, time_s, 1 / fps))
        came = [p for p, _ in line.due(delay_s)]
        out += [p.tracks.index for p in came]
        counts.append(len(came))
        for p in came:
            assert abs(time_s - p.time_s - delay_s) <= 1.1 / fps
    out += [p.tracks.index for p, _ in line.due(0.0)]
    assert out == list(range(150))
    assert max(counts) <= 2


def test_a_punctual_camera_has_one_due_per_picture_once_the_delay_is_full() -> None:
    line, counts = DelayLine(), []
    for k in range(60):
        line.push(plan(k, 100 + k / 30))
        counts.append(len(list(line.due(0.5))))
    assert counts == [0] * 15 + [1] * 45


def test_a_dropped_picture_brings_two_at_once_and_none_where_it_is_missing() -> None:
    line, counts, before_s = DelayLine(), {}, 100.0
    for k in range(60):
        if k in (34, 50):
            continue
        time_s = 100 + k / 30
        line.push(plan(k, time_s, time_s - before_s))
        counts[k] = [p.tracks.index for p, _ in line.due(0.5)]
        before_s = time_s
    assert counts[35] == [19, 20] and counts[36] == [21] and counts[49] == []
    assert counts[51] == [35, 36] and counts[52] == [37]
    assert all(len(came) == 1 for k, came in counts.items() if k >= 15 and k not in (35, 49, 51))


def test_without_a_delay_every_picture_is_due_at_once_and_knows_only_itself() -> None:
    line = DelayLine()
    for k in range(5):
        line.push(plan(k, k / 30))
        ((due, wants),) = line.due(0.0)
        assert due.tracks.index == k and wants == [due.want]


def test_the_future_ends_where_the_operator_begins_anew_or_nobody_is_followed() -> None:
    line = DelayLine()
    for k in range(12):
        line.push(plan(k, k / 30, away=k in (8, 9), begins=k in (0, 4, 10)))
    lengths = [len(wants) for _, wants in line.due(0.0)]
    assert lengths == [4, 3, 2, 1, 4, 3, 2, 1, 1, 1, 2, 1]


def test_a_whole_take_comes_out_at_the_end_with_every_stretch_known_at_its_begin() -> None:
    line = DelayLine()
    for k in range(12):
        line.push(plan(k, k / 30, away=k in (8, 9), begins=k in (0, 4, 10)))
        assert not list(line.due(math.inf))
    rest = [(p.tracks.index, len(wants)) for p, wants in line.rest()]
    assert [index for index, _ in rest] == list(range(12))
    assert [n for _, n in rest] == [4, 1, 1, 1, 4, 1, 1, 1, 1, 1, 2, 1]


def test_a_clock_that_turns_back_lets_go_what_came_before() -> None:
    line = DelayLine()
    for k in range(10):
        line.push(plan(k, 50 + k / 30))
    line.push(plan(10, 0.0))
    assert [p.tracks.index for p, _ in line.due(0.5)] == list(range(10))

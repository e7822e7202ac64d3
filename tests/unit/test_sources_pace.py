from __future__ import annotations

import threading
import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.geometry import Size
from engine.sources.fit import fitted
from engine.sources.pace import InOrder, OnTime
from engine.sources.rising import MediaTime, rising
from tests.unit.sources_kit import picture

GREY = picture(4, 4, 9)
stamps = st.one_of(st.none(), st.floats(-1e6, 1e6), st.just(float("nan")))


@given(st.lists(stamps, min_size=1, max_size=40), st.sampled_from([1 / 60, 1 / 25, 0.5]))
@settings(max_examples=60, deadline=None)
def test_media_time_always_rises_from_zero(raw: list[float | None], step_s: float) -> None:
    clock = MediaTime(step_s)
    times = [clock.at(stamp) for stamp in raw]
    assert times[0] == 0
    assert all(b > a for a, b in pairwise(times))
    assert np.isfinite(times).all()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ([5.0, 5.1, 5.4], [0, 0.1, 0.4]),  # starts anywhere, varies
        ([0.0, None, 0.08], [0, 0.04, 0.08]),  # missing
        ([0.0, 0.04, 0.04, 0.08], [0, 0.04, 0.0401, 0.08]),  # stands still
        ([100.0, 100.04, 0.0, 0.04], [0, 0.04, 0.08, 0.12]),  # the sender was restarted
        ([0.0, 0.04, 5000.0, 5000.04], [0, 0.04, 0.08, 0.12]),  # leaps ahead
        ([0.0, 3.0], [0, 3.0]),  # a real pause is kept
    ],
)
def test_media_time_follows_the_stamps(raw: list[float | None], expected: list[float]) -> None:
    clock = MediaTime(0.04)
    assert [clock.at(stamp) for stamp in raw] == pytest.approx(expected)


def test_media_time_goes_on_in_a_new_round() -> None:
    clock = MediaTime(0.04)
    first = [clock.at(t) for t in (1.0, 1.04)]
    clock.new_line()
    assert first + [clock.at(t) for t in (1.0, 1.04)] == pytest.approx([0, 0.04, 0.08, 0.12])


def test_rising_steps_over_a_clock_that_stands() -> None:
    assert rising(1.0, None) == 1.0
    assert rising(1.0, 1.0) > 1.0
    assert rising(0.5, 1.0) > 1.0


def feed(out: InOrder | OnTime, media_s: list[float]) -> threading.Thread:
    def run() -> None:
        for k, t in enumerate(media_s):
            if not out.put(GREY, t, k):
                return
        out.finish()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_in_order_loses_nothing_and_holds_few() -> None:
    out = InOrder(depth=2)
    thread = feed(out, [k / 10 for k in range(20)])
    time.sleep(0.05)
    assert thread.is_alive()  # it waits for the reader instead of filling memory
    frames = [out.get(1.0) for _ in range(20)]
    assert [(f.index, f.time_s) for f in frames if f] == [(k, k / 10) for k in range(20)]
    assert out.get(1.0) is None
    assert out.drained
    thread.join(1)


def test_on_time_gives_each_picture_when_it_is_due() -> None:
    out = OnTime()
    media_s = [0.0, 0.05, 0.06, 0.2]
    thread = feed(out, media_s)
    frames = []
    while not out.drained:
        frame = out.get(1.0)
        if frame:
            frames.append(frame)
            assert frame.time_s <= time.monotonic()
    assert frames[0].index == 0
    assert frames[-1].index == 3
    for frame in frames:  # exact times, whatever the scheduling
        assert frame.time_s - frames[0].time_s == pytest.approx(media_s[frame.index], abs=1e-6)
    thread.join(1)


def test_on_time_skips_what_a_slow_reader_missed() -> None:
    out = OnTime()
    thread = feed(out, [k / 100 for k in range(200)])
    first = out.get(1.0)
    time.sleep(0.5)
    late = out.get(1.0)
    assert first and late
    assert late.index >= 45  # not the next one, and not one of the three made ahead
    assert late.time_s - first.time_s == pytest.approx(late.index / 100, abs=1e-6)
    out.close()
    thread.join(1)
    assert not thread.is_alive()


def test_the_clock_starts_with_the_first_reader() -> None:
    out = OnTime()
    thread = feed(out, [k / 50 for k in range(100)])
    time.sleep(0.3)  # loading models
    frame = out.get(1.0)
    assert frame and frame.index == 0
    out.close()
    thread.join(1)


def test_a_maker_too_slow_does_not_fall_behind_for_ever() -> None:
    now = [0.0]
    out = OnTime(clock=lambda: now[0])
    out.put(GREY, 0.0, 0)
    assert out.get(0.0)
    now[0] = 10.0  # decoding the next picture took ten seconds
    out.put(GREY, 0.04, 1)
    frame = out.get(0.0)
    assert frame and frame.time_s == pytest.approx(10.0)
    out.put(GREY, 0.08, 2)
    assert out.get(0.0) is None
    now[0] = 10.05
    frame = out.get(0.0)
    assert frame and frame.time_s == pytest.approx(10.04)


@pytest.mark.parametrize("out", [InOrder(), OnTime()])
def test_close_frees_a_waiting_maker_and_reader(out: InOrder | OnTime) -> None:
    thread = feed(out, [k / 30 for k in range(100)])
    threading.Timer(0.05, out.close).start()
    while out.get(0.02):
        pass
    thread.join(5)
    assert not thread.is_alive()
    assert out.drained
    assert out.get(0.0) is None


@pytest.mark.parametrize(("width", "height"), [(64, 48), (128, 96), (32, 24), (48, 64), (7, 3), (200, 10)])
def test_fitted_keeps_the_whole_picture_in_the_promised_size(width: int, height: int) -> None:
    image = fitted(picture(width, height, 200), Size(64, 48))
    assert image.shape == (48, 64, 3)
    lit = (image[:, :, 0] > 100).nonzero()
    got = (lit[1].max() - lit[1].min() + 1) / (lit[0].max() - lit[0].min() + 1)
    assert got == pytest.approx(width / height, rel=0.15)


def test_fitted_gives_a_grey_picture_three_channels() -> None:
    assert fitted(np.full((48, 64), 7, np.uint8), Size(64, 48)).shape == (48, 64, 3)

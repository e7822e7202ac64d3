from __future__ import annotations

import pytest

from engine.timing import StageTimes


def test_percentiles_come_from_the_newest_samples_only() -> None:
    times = StageTimes(kept=100)
    for _ in range(50):
        times.add("warp", 9.0)
    for ms in range(1, 101):
        times.add("warp", ms / 1e3)
    (stage,) = times.summary()
    assert stage.name == "warp"
    assert stage.count == 150
    assert stage.p50_ms == pytest.approx(50.5)
    assert stage.max_ms == pytest.approx(100.0)


def test_a_block_is_measured_even_when_it_fails() -> None:
    times = StageTimes()
    with pytest.raises(ValueError), times.measure("look"):
        raise ValueError
    assert times.summary()[0].count == 1

"""The measurements of Views measure what they say."""

from __future__ import annotations

import math

import pytest

from engine.bench import views as bench
from engine.bench.live import WARM_UP_S, Case, Ticks, _figures
from engine.bench.source import LoopedSource
from engine.commands.bench_views import _counts
from engine.errors import JikcamError


@pytest.fixture(scope="module")
def stage() -> bench.Stage:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench, "DRAWN_S", 0.1)
        return bench.Stage(8)


@pytest.mark.parametrize("operator", ["live", "lookahead"])
def test_every_view_is_decided_and_rendered_for_every_picture(
    stage: bench.Stage, operator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[tuple[float, ...]] = []
    paint = bench.View.paint

    def counted(view: bench.View) -> None:
        paint(view)
        painted.append((view.direction.shot.cx, view.direction.tracks.index))

    monkeypatch.setattr(bench.View, "paint", counted)
    line = bench.measure(bench.ViewsCase(2, operator, 1, 2, 8), stage)  # type: ignore[arg-type]
    assert len(painted) == 2 * (bench.WARM_UP + 8)
    # Two people, two shots; the look-ahead shows what was half a second ago.
    (a, index), (b, _) = sorted(painted[-2:])
    assert abs(a - b) > 1
    assert index == bench.WARM_UP + 7 - (15 if operator == "lookahead" else 0)
    assert all(v > 0 and math.isfinite(v) for k, v in line.items() if k.endswith("_ms"))
    assert line["all_p50_ms"] >= max(line["direct_p50_ms"], line["render_p50_ms"])
    assert line["size"] == "720x1280"


def test_the_look_ahead_alone_is_timed_once_per_picture_and_person(stage: bench.Stage) -> None:
    took = bench.solves_ms(stage, bench.OUTPUTS[0])
    assert len(took) == 0 or took.min() > 0
    assert len(took) <= 8 * bench.MOST_VIEWS


@pytest.mark.parametrize("text", ["0", "10", "two", "", "1,,2"])
def test_nonsense_is_refused_and_says_what_to_write(text: str) -> None:
    with pytest.raises(JikcamError, match="write it as"):
        _counts(text)
    assert _counts("all") == list(range(1, 10)) and _counts("9,1") == [1, 9]


class Due:
    """A source of which only the time of its first picture counts."""

    due_s = 100.0


def test_the_worst_view_counts_and_a_wanted_delay_is_not_late() -> None:
    case = Case("engine", 2, 30.0, 2.0, 4, "standard", 2, "lookahead")
    source: LoopedSource = Due()  # type: ignore[assignment]
    in_time, late = Ticks("a"), Ticks("b")
    for i in range(round((case.seconds + WARM_UP_S - case.delay_s) * case.fps)):
        due_s = source.due_s + i / case.fps  # type: ignore[operator]
        in_time.came.append((i, due_s, due_s + case.delay_s + 0.01))
        late.came.append((i, due_s, due_s + case.delay_s + (0.01 if i % 2 else 0.05)))
    figures = _figures(case, source, [in_time, late], 0.0, 0.0)
    assert figures["on_tick_views"] == [1.0, pytest.approx(0.5, abs=0.02)]
    assert figures["on_tick"] == min(figures["on_tick_views"])
    assert figures["latency_p50_ms"] == pytest.approx(10.0, abs=0.1)

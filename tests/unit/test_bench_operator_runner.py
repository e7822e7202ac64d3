"""The runner of the camera-operator benchmark on a few made-up walkers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.bench.tracking.sequence import Truth
from engine.direction.operators.feel import FOLLOWERS, Feel
from engine.errors import JikcamError
from engine.geometry import Size
from tests.benchmarks.operator import sweep
from tests.benchmarks.operator.families import Family, Setting
from tests.benchmarks.operator.laws.ema import Ema
from tests.benchmarks.operator.laws.raw import Raw
from tests.benchmarks.operator.ours import FEELS, Live, wants
from tests.benchmarks.operator.paths import F64, TruthPath
from tests.benchmarks.operator.plot import draw, frontier
from tests.benchmarks.operator.report import (
    BEGIN,
    END,
    documented_table,
    equal_table,
    transfer_table,
    write_between,
    write_json,
)
from tests.benchmarks.operator.subjects import Subject, people_of
from tests.benchmarks.operator.sweep import Bench, Measured, calmest, nearest, promising
from tests.benchmarks.operator.task import task

SIZE = Size(1920, 1080)
HZ = 20.0


def walker(name: str, x: F64, high: F64 | float = 400.0, gap: slice | None = None) -> Subject:
    half, top = 60.0, 300.0
    boxes = np.column_stack([x - half, np.full_like(x, top), x + half, np.broadcast_to(top + high, x.shape)])
    if gap:
        boxes[gap] = np.nan
    return Subject(name, TruthPath(np.arange(len(x)) / HZ, boxes, SIZE))


def people() -> tuple[Subject, ...]:
    t = np.arange(100) / HZ
    return (
        walker("swaying", 900 + 60 * np.sin(2 * t)),
        walker("walking", 400 + 100 * t[:60]),
        walker("hidden", 1200 + 40 * np.sin(t), gap=slice(60, 70)),
    )


class OneByOne:
    """A pool of this process alone."""

    def imap(self, work: Callable[[Any], Any], jobs: Iterable[Any]) -> Iterator[Any]:
        return map(work, jobs)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    emas = tuple(Setting(f"alpha {a:g}", Ema(a)) for a in (0.1, 0.3, 0.6, 0.9))
    lives = tuple(Setting(f"feel {f}", Live(FOLLOWERS[f])) for f in FEELS)
    families = (
        Family("raw", "live", False, (Setting("default", Raw()),)),
        Family("EMA", "live", False, emas),
        Family("jikcam live", "live", True, lives, documented=1, promising=1),
    )
    monkeypatch.setattr(sweep, "families", lambda: families)
    monkeypatch.setattr(sweep, "subjects", lambda name, every=1: people()[::every])
    sweep.screened.cache_clear()
    return Bench(OneByOne(), "fixed")  # type: ignore[arg-type]


def test_the_crop_asked_for_holds_the_upright_body_at_80_percent() -> None:
    high = np.r_[np.full(94, 400.0), np.full(6, 500.0)]
    subject = walker("jumper", np.full(100, 900.0), high)
    fixed, follow = task(subject, "fixed"), task(subject, "follow")
    assert fixed.heights == pytest.approx(np.full(100, 500 / 0.8))
    assert follow.heights == pytest.approx(high / 0.8)
    assert task(walker("giant", np.full(9, 900.0), 1000.0), "follow").heights == pytest.approx([1080.0] * 9)


def test_wants_rest_unseen_in_gaps() -> None:
    asked = wants(task(people()[2], "fixed"))
    assert [w.seen for w in asked[58:72]] == [True] * 2 + [False] * 10 + [True] * 2
    assert asked[65].shot == asked[59].shot
    assert asked[65].keep is None
    keep = asked[0].keep
    assert keep is not None and keep.y0 == 300 and keep.height == pytest.approx(0.55 * 400)


def test_laws_side_by_side_are_the_laws_one_by_one() -> None:
    tasks = [task(s, "follow") for s in people()]
    together = Ema(0.3).paths(tasks)
    for one, alone in zip(together, [Ema(0.3).paths([t])[0] for t in tasks], strict=True):
        assert one.cx == pytest.approx(alone.cx)
        assert one.height == pytest.approx(alone.height)


def test_documented_rows_stand_in_the_order_of_families(bench: Bench) -> None:
    rows = bench.documented("anybody", [0, 1, 2])
    assert [(r.family, r.setting) for r in rows] == [
        ("raw", "default"),
        ("EMA", "alpha 0.1"),
        ("jikcam live", "feel normal"),
    ]
    assert rows[0].metrics.offset_p95 == 0
    assert [name for name, _ in rows[0].people] == ["swaying", "walking", "hidden"]


def test_a_sweep_tries_all_of_the_cheap_and_the_promising_of_the_dear(bench: Bench) -> None:
    rows = bench.swept("anybody", [1, 2])
    assert [r.setting for r in rows if r.family == "EMA"] == [
        "alpha 0.1",
        "alpha 0.3",
        "alpha 0.6",
        "alpha 0.9",
    ]
    assert 1 <= len([r for r in rows if r.ours]) <= 2
    assert replace(bench, every=2).documented("anybody", [0])[0].people[1][0] == "hidden"


def test_equal_framing_takes_the_calmest_that_frames_well_enough(bench: Bench) -> None:
    rows = bench.swept("anybody", [1])
    best = calmest(rows)
    assert best is not None and best.equal
    assert all(r.metrics.jerk_rms >= best.metrics.jerk_rms for r in rows if r.equal)
    bad = [replace(r, metrics=replace(r.metrics, head=80.0 + i)) for i, r in enumerate(rows)]
    assert calmest(bad) is None
    assert nearest(bad) == bad[-1]


def test_promising_are_the_calmest_by_the_limit_and_by_stricter_ones(bench: Bench) -> None:
    one = bench.documented("anybody", [0])[0].metrics
    heads_and_jerks = [(98.0, 1.0), (99.1, 2.0), (99.4, 3.0), (99.7, 4.0), (99.9, 50.0)]
    tried = [replace(one, head=h, jerk_rms=j) for h, j in heads_and_jerks]
    assert promising(tried, 3) == [1, 2, 3]
    assert promising(tried, 1) == [1]
    assert len(promising(tried, 9)) == len(tried)


def test_tables(bench: Bench) -> None:
    rows = bench.swept("anybody", [0, 1, 2])
    best = calmest(r for r in rows if not r.ours)
    assert best is not None
    table = equal_table(rows)
    assert len(table) == 2 + 3
    assert any(f"| {best.family} | {best.setting} |" in line and "| 1.00 |" in line for line in table)
    assert {line.count("|") for line in table} == {10}
    for zoom in ("fixed", "follow"):
        told = documented_table([r for r in rows if r.documented], zoom)  # type: ignore[arg-type]
        assert len({line.count("|") for line in told}) == 1
    chosen = {best.family: best}
    assert "**" not in transfer_table(chosen, chosen)[-1]


def test_frontier_has_nobody_who_is_beaten_at_both(bench: Bench) -> None:
    rows = bench.swept("anybody", [1])
    edge = frontier(rows)
    for m in rows:
        assert any(
            e.metrics.offset_p95 <= m.metrics.offset_p95 and e.metrics.jerk_rms <= m.metrics.jerk_rms
            for e in edge
        )
    assert [e.metrics.jerk_rms for e in edge] == sorted((e.metrics.jerk_rms for e in edge), reverse=True)


def test_plot_json_and_page(bench: Bench, tmp_path: Path) -> None:
    rows: list[Measured] = bench.documented("anybody", [0, 1, 2])
    draw(tmp_path / "docs" / "frontier.png", "walkers", rows)
    assert (tmp_path / "docs" / "frontier.png").stat().st_size > 10_000
    write_json(tmp_path / "all.json", {"walkers": rows})
    data = json.loads((tmp_path / "all.json").read_text())
    assert data["walkers"][0]["people"]["hidden"]["head"] == 100
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write_between(page, ["new"])
    assert page.read_text() == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    page.write_text("no marks")
    with pytest.raises(JikcamError, match="no place for tables"):
        write_between(page, ["new"])


def test_feels_are_all_of_them() -> None:
    assert set(FEELS) == set(Feel)


def test_people_are_those_who_are_there_long_enough_from_first_to_last() -> None:
    box = np.array([100.0, 100.0, 160.0, 300.0])
    there = {1: range(1, 101), 2: [*range(5, 50), *range(55, 96)], 3: range(1, 70), 7: range(1, 101)}
    truth = {}
    for picture in range(1, 101):
        ids = [who for who, pictures in there.items() if picture in pictures]
        truth[picture] = Truth(np.array(ids), np.tile(box, (len(ids), 1)))
    found = people_of("hall", truth, 100, HZ, SIZE, without=(7,))
    assert [s.name for s in found] == ["hall/1", "hall/2"]
    assert len(found[1].truth.times) == 91
    assert found[1].truth.there.tolist() == [True] * 45 + [False] * 5 + [True] * 41
    # Whose own time only must be full, as in short clips; but two seconds of it.
    assert [s.name for s in people_of("clip", truth, 100, HZ, SIZE, present=0.0)][-2:] == ["clip/3", "clip/7"]
    assert people_of("clip", truth, 100, 60.0, SIZE) == []

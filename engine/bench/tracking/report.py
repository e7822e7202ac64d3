"""The outcomes as tables for people and as JSON for programs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rich.box import MARKDOWN
from rich.table import Table

from engine.bench.tracking import chosen as viewing
from engine.bench.tracking import score as scoring
from engine.bench.tracking.contest import OURS, Outcome
from engine.bench.tracking.speed import CROWDS

#: Formations of up to so many dancers are told apart as a set of their own.
FEW = 9

Rates = Mapping[str, Mapping[int, float]]


def totals(outcomes: list[Outcome], rates: Rates) -> list[dict[str, Any]]:
    """One row per tracker over all its sequences, by HOTA, ours last; shares are percent."""
    rows = []
    for tracker in sorted({o.tracker for o in outcomes}):
        mine = [o for o in outcomes if o.tracker == tracker]
        rows.append(
            {
                "tracker": tracker,
                "sequences": len(mine),
                **_scores(scoring.total(o.score for o in mine)),
                **_views(viewing.total(o.chosen for o in mine)),
                "updates_per_s": sum(o.updates for o in mine) / max(sum(o.cpu_s for o in mine), 1e-9),
                **{f"updates_per_s_{n}": rates.get(tracker, {}).get(n) for n in CROWDS},
            }
        )
    return sorted(rows, key=lambda r: (r["tracker"].startswith(OURS), r["hota"], r["tracker"]))


def by_sequence(outcomes: list[Outcome]) -> list[dict[str, Any]]:
    """One row per tracker and sequence."""
    return [
        {
            "tracker": o.tracker,
            "sequence": o.sequence,
            "people": o.people,
            **_scores(o.score),
            **_views(o.chosen),
        }
        for o in sorted(outcomes, key=lambda o: (o.sequence, o.tracker))
    ]


def curve(outcomes: list[Outcome]) -> list[dict[str, Any]]:
    """How the chosen are held, over the belief that it takes to go on air."""
    beliefs = sorted({belief for o in outcomes for belief in o.curve})
    return [
        {"sure": b, **_views(viewing.total(o.curve[b] for o in outcomes if b in o.curve))} for b in beliefs
    ]


def few(outcomes: list[Outcome]) -> list[Outcome]:
    """Those of sequences with up to FEW people; nothing when that is all or none of them."""
    small = [o for o in outcomes if o.people <= FEW]
    return small if len(small) < len(outcomes) else []


def table(rows: list[dict[str, Any]], title: str) -> Table:
    """The rows of `totals` for a terminal."""
    heads = ("HOTA", "DetA", "AssA", "IDF1", "IDSW", *_VIEW_HEADS, *(f"{n}: upd/s" for n in CROWDS))
    result = Table(title=title, title_justify="left", box=MARKDOWN)
    result.add_column("tracker", no_wrap=True)
    for head in heads:
        result.add_column(head, justify="right", no_wrap=True)
    for r in rows:
        rates = [r[f"updates_per_s_{n}"] for n in CROWDS]
        result.add_row(
            r["tracker"],
            *(f"{r[key]:.1f}" for key in ("hota", "deta", "assa", "idf1")),
            str(r["idsw"]),
            *_view_cells(r),
            *("" if rate is None else f"{rate:.0f}" for rate in rates),
        )
    return result


def curve_table(rows: list[dict[str, Any]], title: str) -> Table:
    """The rows of `curve` for a terminal."""
    result = Table(title=title, title_justify="left", box=MARKDOWN)
    for head in ("sure", *_VIEW_HEADS):
        result.add_column(head, justify="right", no_wrap=True)
    for r in rows:
        result.add_row(f"{r['sure']:.2f}", *_view_cells(r))
    return result


_VIEW_HEADS = ("OK %", "WRONG %", "LOST %", "away %", "steals/min", "back s", "held")


def _view_cells(row: dict[str, Any]) -> list[str]:
    shares = [f"{row[key]:.1f}" for key in ("ok", "wrong", "lost", "away_wrong")]
    recovery = row["recovery_s"]
    back = "never" if recovery is None else f"{recovery:.2f}"
    return [*shares, f"{row['steals_per_min']:.2f}", back, f"{row['held']}/{row['chosen']}"]


def _scores(score: scoring.Score) -> dict[str, Any]:
    return {
        "hota": score.hota, "deta": score.deta, "assa": score.assa, "idf1": score.idf1, "mota": score.mota,
        "idsw": score.switches,
    }  # fmt: skip


def _views(chosen: viewing.Chosen) -> dict[str, Any]:
    recovery = chosen.recovery_s
    return {
        "ok": chosen.ok, "wrong": chosen.wrong, "lost": chosen.lost, "away_wrong": chosen.away_wrong,
        "steals_per_min": chosen.steals_per_min, "held": chosen.held, "chosen": chosen.people,
        "recovery_s": recovery if math.isfinite(recovery) else None,
    }  # fmt: skip

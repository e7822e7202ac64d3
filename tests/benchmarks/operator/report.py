"""The tables of the camera-operator benchmark, and the page they stand on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.errors import JikcamError
from tests.benchmarks.operator.sweep import LEAST_HEAD, MOST_OFFSET, Measured, by_family, calmest, nearest
from tests.benchmarks.operator.task import Zoom

BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"


def documented_table(rows: Sequence[Measured], zoom: Zoom) -> list[str]:
    """Every law at the numbers its makers name."""
    zoomed = " breathing %/s | zoom rev/min |" if zoom == "follow" else ""
    head = (
        "| operator | numbers | head % | body % | p50 | p95 | headroom | jerk | accel | p99 speed | rev/min "
        f"| still % | drift | lag s | lead % |{zoomed}"
    )
    lines = [head, "|---|---|" + "--:|" * (head.count("|") - 3)]
    for row in rows:
        m = row.metrics
        cells = [
            f"{m.head:.1f}",
            f"{m.body:.1f}",
            f"{m.offset_p50:.3f}",
            f"{m.offset_p95:.3f}",
            f"{m.headroom_rms:.3f}",
            f"{m.jerk_rms:.1f}",
            f"{m.accel_rms:.2f}",
            f"{m.speed_p99:.2f}",
            f"{m.reversals:.1f}",
            f"{m.still:.0f}",
            f"{m.drift:.2f}",
            f"{m.lag_s:.2f}",
            f"{m.lead:.0f}",
        ]
        if zoom == "follow":
            cells += [f"{m.breathing:.1f}", f"{m.zoom_reversals:.1f}"]
        lines.append(f"| {_name(row)} | {row.setting} | " + " | ".join(cells) + " |")
    return lines


def equal_table(rows: Sequence[Measured]) -> list[str]:
    """Every family at the setting with the lowest jerk that frames well enough, calmest last."""
    families = by_family(rows)
    best = {name: calmest(tried) for name, tried in families.items()}
    rivals = [m.metrics.jerk_rms for m in best.values() if m and not m.ours and m.kind == "live"]
    rival = min(rivals) if rivals else None
    lines = [
        "| operator | setting | head % | p95 | jerk | of best live peer | rev/min | still % | lag s |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    shown = sorted((m for m in best.values() if m), key=lambda m: -m.metrics.jerk_rms)
    for row in shown:
        m = row.metrics
        lines.append(
            f"| {_name(row)} | {row.setting} | {m.head:.1f} | {m.offset_p95:.3f} | {m.jerk_rms:.1f} "
            f"| {_ratio(m.jerk_rms, rival)} | {m.reversals:.1f} | {m.still:.0f} | {m.lag_s:.2f} |"
        )
    for name, tried in families.items():
        if best[name] is None:
            row = nearest(tried)
            m = row.metrics
            lines.append(
                f"| {_name(row)} | none of {len(tried)}; nearest: {row.setting} | {m.head:.1f} "
                f"| {m.offset_p95:.3f} | ({m.jerk_rms:.1f}) | - | {m.reversals:.1f} | {m.still:.0f} "
                f"| {m.lag_s:.2f} |"
            )
    return lines


def transfer_table(chosen: Mapping[str, Measured], there: Mapping[str, Measured]) -> list[str]:
    """Settings chosen on synthetic dancers, and what they do on other people."""
    lines = [
        "| operator | setting | jerk (dancers) | head % | p95 | jerk | rev/min | still % |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, row in chosen.items():
        m = there[name].metrics
        lines.append(
            f"| {_name(row)} | {row.setting} | {row.metrics.jerk_rms:.1f} | {m.head:.1f} "
            f"| {m.offset_p95:.3f} | {m.jerk_rms:.1f} | {m.reversals:.1f} | {m.still:.0f} |"
        )
    return lines


def _ratio(jerk: float, rival: float | None) -> str:
    return f"{jerk / rival:.2f}" if rival else "-"


def _name(row: Measured) -> str:
    name = f"**{row.family}**" if row.ours else row.family
    return name if row.kind != "offline" else f"{name} (offline)"


def limits() -> str:
    """What counts as equal framing, in words."""
    return f"head in frame >= {LEAST_HEAD:g} % and p95 offset <= {MOST_OFFSET:g} crop widths"


def write_between(path: Path, lines: Sequence[str]) -> None:
    """Replace what stands between the two marks of a page.

    Raises:
        JikcamError: the page is missing or has no marks.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise JikcamError(f"cannot read {path}: {error.strerror}", "run it in the repository") from None
    before, begun, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (begun and ended):
        raise JikcamError(f"{path} has no place for tables", f"put {BEGIN} and {END} into it")
    body = "\n".join(lines).strip("\n")
    path.write_text(f"{before}{BEGIN}\n\n{body}\n\n{END}{after}", encoding="utf-8")


def write_json(path: Path, results: Mapping[str, Sequence[Measured]]) -> None:
    """Everything that was measured; per person for the documented numbers."""
    data: dict[str, Any] = {}
    for title, rows in results.items():
        data[title] = [
            {
                "family": r.family,
                "kind": r.kind,
                "setting": r.setting,
                "documented": r.documented,
                "metrics": asdict(r.metrics),
                "people": {name: asdict(m) for name, m in r.people},
            }
            for r in rows
        ]
    path.write_text(json.dumps(data, indent=1), encoding="utf-8")

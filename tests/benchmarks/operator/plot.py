"""The frontier: what each law can trade between following closely and moving calmly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

from tests.benchmarks.operator.sweep import LEAST_HEAD, MOST_OFFSET, Measured, by_family

STYLES = {"live": "-", "lookahead": "--", "offline": ":"}
WORDS = {"live": "live", "lookahead": "look-ahead", "offline": "offline"}
MOST_SHOWN = 0.45
OURS = ("#c00020", "#ef6c6c", "#6a1b9a", "#283593", "#1976d2", "#00acc1", "#000000")
PEERS = (
    "#b0b0b0",
    "#8c8c5a",
    "#d8a35d",
    "#c7a2c9",
    "#8fb98f",
    "#a67c52",
    "#d7899b",
    "#7fa6b8",
    "#c2b280",
    "#9a86a4",
    "#2e7d32",
    "#e0912f",
    "#5d9c7f",
    "#9e9e9e",
)


def frontier(tried: Sequence[Measured]) -> list[Measured]:
    """The settings that no other one of the family beats at both, by offset."""
    found: list[Measured] = []
    for m in sorted(tried, key=lambda m: (m.metrics.offset_p95, m.metrics.jerk_rms)):
        if not found or m.metrics.jerk_rms < found[-1].metrics.jerk_rms:
            found.append(m)
    return found


def draw(path: Path, title: str, rows: Sequence[Measured]) -> None:
    """One line per family; solid dots keep the head in frame as equal framing asks."""
    figure, axes = pyplot.subplots(figsize=(11, 7.5), dpi=110)
    fronts = {name: frontier(tried) for name, tried in by_family(rows).items()}
    colours = _colours({name: front[0].ours for name, front in fronts.items()})
    # The legend stands in the order of the lines where framing is equal.
    for name, front in sorted(fronts.items(), key=lambda item: -_calmest_within(item[1])):
        points = [m.metrics for m in front if m.metrics.offset_p95 <= MOST_SHOWN]
        own, kind = front[0].ours, front[0].kind
        axes.plot(
            [m.offset_p95 for m in points],
            [m.jerk_rms for m in points],
            STYLES[kind],
            color=colours[name],
            linewidth=2.6 if own else 1.2,
            label=f"{name} ({WORDS[kind]})",
            zorder=3 if own else 2,
        )
        for kept in (True, False):
            chosen = [m for m in points if (m.head >= LEAST_HEAD) is kept]
            axes.plot(
                [m.offset_p95 for m in chosen],
                [m.jerk_rms for m in chosen],
                "o",
                color=colours[name],
                markersize=6 if own else 4,
                fillstyle="full" if kept else "none",
                zorder=4,
            )
    axes.axvline(MOST_OFFSET, color="0.5", linewidth=1)
    axes.set_yscale("log")
    axes.set_xlim(0, MOST_SHOWN)
    axes.annotate(
        " equal framing: left of this", (MOST_OFFSET, 1), xycoords=("data", "axes fraction"), va="top"
    )
    axes.set_xlabel("p95 offset of the person from the middle, crop widths (closer is left)")
    axes.set_ylabel("RMS jerk of the camera, crop widths / s³ (calmer is down)")
    axes.set_title(f"{title}; filled: head wholly in frame ≥ {LEAST_HEAD:g} % of the time")
    axes.grid(True, which="both", color="0.92")
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    pyplot.close(figure)


def _calmest_within(front: Sequence[Measured]) -> float:
    near = [m.metrics.jerk_rms for m in front if m.metrics.offset_p95 <= MOST_OFFSET]
    return min(near, default=front[-1].metrics.jerk_rms)


def _colours(families: Mapping[str, bool]) -> dict[str, str]:
    """Strong colours for jikcam's operators (True), pale ones for the peers."""
    own, others = cycle(OURS), cycle(PEERS)
    return {name: next(own) if ours else next(others) for name, ours in families.items()}

"""Said sure against was right: a calibration as a table and as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Edges of what was said; finer at both ends, where decisions are taken.
EDGES = np.array([0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98, 1.0])
SIDE_PX, MARGIN_PX = 480, 70
COLOURS = ((200, 90, 30), (40, 120, 230), (60, 160, 60), (150, 60, 150), (90, 90, 90))
#: Bins with a smaller share of the trials are noise, and are not drawn.
LEAST_DRAWN = 0.005


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """Bins of what was said.

    Attributes:
        said, right: (B,) mean probability said, and share that was right; NaN in empty bins.
        share: (B,) of all trials, same and different counting one half each.
        error: mean distance of said and right, weighted by share (expected calibration error).
    """

    said: F64
    right: F64
    share: F64
    error: float


def reliability(ratio: F64, same: Bools, weight: F64) -> Reliability:
    """How a log-likelihood ratio keeps its word when both answers are as likely beforehand."""
    probability = 1.0 / (1.0 + np.exp(-ratio))
    place = np.clip(np.digitize(probability, EDGES) - 1, 0, len(EDGES) - 2)

    def total(values: F64) -> F64:
        return np.bincount(place, values, len(EDGES) - 1)

    share = total(weight)
    known = np.where(share > 0, share, np.nan)
    said, right = total(weight * probability) / known, total(weight * same) / known
    return Reliability(said, right, share / weight.sum(), float(np.nansum(np.abs(said - right) * share)))


def rows(curves: Mapping[str, Reliability]) -> list[str]:
    """Markdown: what was said, and how often it was right."""
    head = "| said % | " + " | ".join(f"{name}: right % | of trials %" for name in curves) + " |"
    found = [head, "|---|" + "--:|--:|" * len(curves)]
    for i in range(len(EDGES) - 1):
        cells = [
            f"{100 * c.right[i]:.1f} | {100 * c.share[i]:.1f}" if c.share[i] > 0 else "- | 0.0"
            for c in curves.values()
        ]
        found.append(f"| {100 * EDGES[i]:.0f} to {100 * EDGES[i + 1]:.0f} | " + " | ".join(cells) + " |")
    errors = " | ".join(f"{100 * c.error:.1f} | " for c in curves.values())
    return [*found, f"| mean error | {errors} |"]


def draw(path: Path, title: str, curves: Mapping[str, Reliability]) -> None:
    """The curves as a picture; the diagonal is a calibration that keeps its word."""
    whole = SIDE_PX + 2 * MARGIN_PX
    image = np.full((whole, whole, 3), 255, np.uint8)

    def at(x: float, y: float) -> tuple[int, int]:
        return round(MARGIN_PX + x * SIDE_PX), round(MARGIN_PX + (1 - y) * SIDE_PX)

    def write(text: str, place: tuple[int, int], colour: tuple[int, int, int] = (60, 60, 60)) -> None:
        cv2.putText(image, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, 1, cv2.LINE_AA)

    for v in (0.0, 0.25, 0.5, 0.75, 1.0):
        cv2.line(image, at(v, 0), at(v, 1), (225, 225, 225), 1)
        cv2.line(image, at(0, v), at(1, v), (225, 225, 225), 1)
        write(f"{100 * v:.0f}", (at(v, 0)[0] - 12, at(v, 0)[1] + 22))
        write(f"{100 * v:.0f}", (at(0, v)[0] - 38, at(0, v)[1] + 5))
    cv2.line(image, at(0, 0), at(1, 1), (150, 150, 150), 1, cv2.LINE_AA)
    write(title, (MARGIN_PX, 40))
    write("said: the same person, %", (whole // 2 - 90, whole - 14))
    write("was right, %", (6, MARGIN_PX - 14))
    for (name, curve), colour in zip(curves.items(), COLOURS * len(curves), strict=False):
        points = [
            (at(float(x), float(y)), s)
            for x, y, s in zip(curve.said, curve.right, curve.share, strict=True)
            if s >= LEAST_DRAWN
        ]
        for (a, _), (b, _) in pairwise(points):
            cv2.line(image, a, b, colour, 2, cv2.LINE_AA)
        for place, share in points:
            cv2.circle(image, place, round(3 + 14 * float(np.sqrt(share))), colour, 2, cv2.LINE_AA)
        row = MARGIN_PX + 24 + 22 * list(curves).index(name)
        write(f"{name}, off by {100 * curve.error:.1f} points", (MARGIN_PX + 14, row), colour)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), image):
        raise OSError(f"{path} can't be written")

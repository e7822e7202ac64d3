"""Toy sequences for the tests of the scorer: people who stand still, far from one another."""

from __future__ import annotations

import numpy as np

from engine.bench.tracking.sequence import Hypotheses, Sequence, Truth
from engine.geometry import Size

FPS = 20.0


def place(slot: float) -> list[float]:
    """A box of its own for every whole slot; slots half apart overlap by a third."""
    return [100.0 * slot, 50.0, 100.0 * slot + 100.0, 250.0]


def truth(rows: dict[int, list[tuple[int, float]]], length: int, fps: float = FPS) -> Sequence:
    """Picture -> (person, slot); detections are the same boxes with score 0.9."""
    people = {
        f: Truth(np.array([p for p, _ in who], dtype=np.int64), boxes([s for _, s in who]))
        for f, who in rows.items()
    }
    found = {f: np.column_stack([t.boxes, np.full(len(t.ids), 0.9)]) for f, t in people.items()}
    return Sequence("toy", fps, Size(1000, 300), length, found, people)


def said(rows: dict[int, list[tuple[int, float]]]) -> dict[int, Hypotheses]:
    """Picture -> (track, slot)."""
    return {
        f: Hypotheses(np.array([t for t, _ in who], dtype=np.int64), boxes([s for _, s in who]))
        for f, who in rows.items()
    }


def boxes(slots: list[float]) -> np.ndarray:
    return np.array([place(s) for s in slots], dtype=np.float64).reshape(-1, 4)


def steady(pictures: range, *who: tuple[int, float]) -> dict[int, list[tuple[int, float]]]:
    return {f: list(who) for f in pictures}

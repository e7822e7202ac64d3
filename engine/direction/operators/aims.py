"""Wants as numbers over time: without gaps and readable at any time, whatever the wants were."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.direction.want import Want
from engine.geometry import Size

F64 = NDArray[np.float64]

#: Somebody who is seen again within this time is passed over meanwhile; a longer loss is shown as the wants
#: ask (hold, wide, ...).
GAP_S = 1.5
#: What is known of such a gap counts that much, and what is only forecast or asked for unseen.
GAP_TRUST, FORECAST_TRUST = 0.3, 0.5
#: A subject is expected to slow down with this time constant after the last want; its speed is that of the
#: last moments.
SLOWING_S, RECENT_S = 0.05, 0.25
#: Longest step between two pictures that counts.
LONGEST_S = 5.0
#: Stands for a side on which nothing must be kept.
FAR_PX = 1e7
#: A knot stands for the time up to half way to its neighbours; it is read at these shares of the distance.
PARTS = np.array([-1 / 3, 0.0, 1 / 3])


@dataclass(frozen=True, slots=True, eq=False)
class Aims:
    """T moments of what is wanted, T >= 0.

    Attributes:
        time_s: (T,) rising.
        aim: (3, T) centre x, y in pixels and the logarithm of the height; inside the source picture.
        keep: (4, T) left, top, right, bottom of what must not be cut, in pixels, as far as the wanted shot
            shows it; inside out where there is nothing.
        trust: (T,) 0 to 1.
    """

    time_s: F64
    aim: F64
    keep: F64
    trust: F64

    @classmethod
    def nothing(cls) -> Aims:
        """T = 0."""
        return cls(np.zeros(0), np.zeros((3, 0)), np.zeros((4, 0)), np.zeros(0))

    def later(self, by_s: float) -> Aims:
        """The same by a clock that began ``by_s`` earlier."""
        return Aims(self.time_s + by_s, self.aim, self.keep, self.trust)

    def between(self, start_s: float, end_s: float) -> Aims:
        """Only the moments from start to end, both included."""
        part = (self.time_s >= start_s) & (self.time_s <= end_s)
        return Aims(self.time_s[part], self.aim[:, part], self.keep[:, part], self.trust[part])

    def until(self, end_s: float) -> Aims:
        """As if nothing were known of what comes after ``end_s``."""
        if not len(self.time_s) or end_s >= self.time_s[-1] or end_s <= self.time_s[0]:
            return self
        # Two moments that differ by rounding only would count twice.
        times = np.append(self.time_s[self.time_s < end_s - 1e-6], end_s)
        table = self._at(times)
        return Aims(times, table[:3], table[3:7], table[7])

    def _at(self, time_s: F64) -> F64:
        """Aim, keep and trust at any times (K,), rows of (8, K), by straight lines."""
        table = np.concatenate([self.aim, self.keep, self.trust[None]])
        place = np.interp(time_s, self.time_s, np.arange(len(self.time_s), dtype=np.float64))
        first = place.astype(np.intp)
        after = np.minimum(first + 1, len(self.time_s) - 1)
        return np.asarray(table[:, first] + (table[:, after] - table[:, first]) * (place - first))

    def sample(self, time_s: F64, knot_s: float) -> Aims:
        """At other times, each standing for ``knot_s`` around it; forecast after the end."""
        fine = (time_s[:, None] + knot_s * PARTS).ravel()
        end_s = float(self.time_s[-1])
        beyond = np.maximum(fine - end_s, 0.0)
        level, speed = self._course()
        table = self._at(fine)
        glide = level[:, None] + speed[:, None] * SLOWING_S * (1.0 - np.exp(-beyond / SLOWING_S))
        aim = np.where(beyond > 0, glide, table[:3])
        keep = table[3:7] + np.where(beyond > 0, aim - table[:3], 0.0)[[0, 1, 0, 1]]
        trust = np.where(time_s > end_s + 1e-9, FORECAST_TRUST, table[7, 1::3])
        keep = keep.reshape(4, len(time_s), len(PARTS))
        return Aims(
            time_s,
            aim.reshape(3, len(time_s), len(PARTS)).mean(axis=2),
            np.concatenate([keep[:2].min(axis=2), keep[2:].max(axis=2)]),
            trust,
        )

    def _course(self) -> tuple[F64, F64]:
        """Place and speed at the end, each (3,): a straight line through the last moments."""
        last = self.time_s >= self.time_s[-1] - RECENT_S - 1e-9
        t = self.time_s[last] - self.time_s[-1]
        y = self.aim[:, last]
        if len(t) < 3:
            return self.aim[:, -1], np.zeros(3)
        off = t - t.mean()
        speed = (y * off).sum(axis=1) / (off**2).sum()
        return y.mean(axis=1) - speed * t.mean(), speed


def is_shot(want: Want) -> bool:
    """Whether a camera can go by it: finite, a pixel high or more, of some aspect."""
    return want.shot.is_finite() and want.shot.height >= 1.0 and want.shot.aspect > 0.0


def clock(wants: Sequence[Want]) -> F64:
    """Seconds since the first want, never falling; steps that make no sense count as none or as 5 s."""
    stamps = np.array([want.time_s for want in wants])
    with np.errstate(invalid="ignore", over="ignore"):
        steps = np.diff(stamps, prepend=stamps[:1])
    steps = np.where(np.isfinite(steps), steps, 0.0)
    return np.asarray(np.cumsum(np.clip(steps, 0.0, LONGEST_S)))


class Reader:
    """Reads windows of wants that overlap, each want once."""

    def __init__(self, size: Size) -> None:
        self._size = size
        self._read: dict[int, tuple[Want, tuple[float, ...] | None]] = {}

    def read(self, wants: Sequence[Want], before: Aims) -> Aims:
        """The wants as numbers, after ``before``; nothing when there is none of either.

        Args:
            wants: of one segment, the first at time 0. What is no shot is left out, and who is unseen only
                for a moment is passed over.
            before: what was wanted until then, at negative times.
        """
        # The memory holds on to the wants, so no other object can have the name of one of them.
        self._read = {
            id(want): self._read.get(id(want)) or (want, _numbers(want, self._size)) for want in wants
        }
        rows: list[tuple[float, ...]] = []
        last_s = -math.inf
        for time_s, want in zip(clock(wants).tolist(), wants, strict=True):
            numbers = self._read[id(want)][1]
            if time_s > last_s and numbers:
                rows.append((time_s, *numbers))
                last_s = time_s
        return _joined(before, rows) if rows else before


def _joined(before: Aims, rows: list[tuple[float, ...]]) -> Aims:
    table = np.array(rows).T
    known = Aims(
        np.concatenate([before.time_s, table[0]]),
        np.concatenate([before.aim, table[1:4]], axis=1),
        np.concatenate([before.keep, table[4:8]], axis=1),
        np.concatenate([before.trust, np.where(table[8] > 0, 1.0, FORECAST_TRUST)]),
    )
    seen = np.concatenate([np.ones(len(before.time_s)), table[8]]) > 0
    return _bridged(known, seen)


def _numbers(want: Want, size: Size) -> tuple[float, ...] | None:
    """Centre, logarithm of the height, sides to keep, seen; None when it is no shot."""
    if not is_shot(want):
        return None
    shot = want.shot.inside(size)
    keep = want.keep.intersection(shot.box) if want.keep is not None and want.keep.is_finite() else None
    sides = keep.xyxy if keep is not None and keep.area > 0 else (FAR_PX, FAR_PX, -FAR_PX, -FAR_PX)
    return shot.cx, shot.cy, math.log(shot.height), *sides, float(want.seen)


def _bridged(known: Aims, seen: NDArray[np.bool_]) -> Aims:
    """With straight lines over the short gaps between two seen moments."""
    if seen.all():
        return known
    stays = np.ones(len(seen), bool)
    marks = np.flatnonzero(seen)
    for i, j in zip(marks[:-1].tolist(), marks[1:].tolist(), strict=True):
        if j - i > 1 and known.time_s[j] - known.time_s[i] <= GAP_S:
            stays[i + 1 : j] = False
    at = known.time_s[stays]
    return Aims(
        known.time_s,
        np.stack([np.interp(known.time_s, at, row[stays]) for row in known.aim]),
        np.stack([np.interp(known.time_s, at, row[stays]) for row in known.keep]),
        np.where(stays, known.trust, GAP_TRUST),
    )

"""What the laws have in common. A law moves many cameras side by side, which is what makes sweeps quick."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from tests.benchmarks.operator.paths import ASPECT, F64, CropPath
from tests.benchmarks.operator.task import Task, side_by_side

#: live: from this picture and earlier ones; lookahead: also from some later ones; offline: from all.
Kind = Literal["live", "lookahead", "offline"]


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """One quantity of S cameras over T pictures, in A directions: pan (A = 2) or crop height (A = 1).

    Attributes:
        aim: (T, S, A) where the camera should be, within low and high; NaN where nobody was seen.
        span: (T, S, A) length of the crop in that direction; for the height the height itself.
        low, high: (T, S, A) where the camera may be.
        picture: (S, A) length of the source picture in that direction.
        dt_s: (S, 1) time between two pictures.
    """

    aim: F64
    span: F64
    low: F64
    high: F64
    picture: F64
    dt_s: F64

    @property
    def held(self) -> F64:
        """(T, S, A) the aim; where nobody was seen, the last one."""
        return held(self.aim)

    @property
    def lengths(self) -> list[int]:
        """Pictures of each camera up to the last one in which somebody was seen."""
        seen = np.isfinite(self.aim[..., 0])
        return [int(np.flatnonzero(column)[-1]) + 1 for column in seen.T]


def held(values: F64) -> F64:
    """Values along the first axis, each NaN replaced by the last number before it."""
    known = np.isfinite(values)
    at = np.where(known, np.arange(len(values)).reshape(-1, *[1] * (values.ndim - 1)), 0)
    return np.asarray(np.take_along_axis(values, np.maximum.accumulate(at, axis=0), axis=0))


def bridged(values: F64) -> F64:
    """(T,) values, each gap bridged by a straight line: for laws that know the whole take."""
    known = np.flatnonzero(np.isfinite(values))
    return np.interp(np.arange(len(values)), known, values[known])


class Law(ABC):
    """A law of motion; its parameters are its fields. Subclasses say how an aim is followed.

    Attributes:
        kind: what it has to know.
    """

    kind: ClassVar[Kind] = "live"

    @abstractmethod
    def follow(self, course: Course) -> F64:
        """(T, S, A) where the cameras are; the first aim is where they start."""

    def zoom(self, course: Course) -> F64:
        """(T, S, 1) crop heights; the pan's law unless the program has one of its own."""
        return self.follow(course)

    def paths(self, tasks: Sequence[Task]) -> list[CropPath]:
        """What the camera showed of each task."""
        dt_s = np.array([[t.subject.dt_s] for t in tasks])
        size = np.stack([t.size for t in tasks])
        highest = np.array([[t.highest] for t in tasks])
        wanted = side_by_side([t.heights[:, None] for t in tasks])
        heights = held(wanted)
        if tasks[0].zoom == "follow":
            least = np.ones_like(heights)
            most = np.broadcast_to(highest, heights.shape)
            shown = self.zoom(Course(wanted, heights, least, most, size[:, 1:], dt_s))
            heights = np.clip(shown, least, most)
        span = heights * np.array([ASPECT, 1.0])
        low, high = span / 2, size - span / 2
        # A crop as high as the picture leaves one place only, give or take rounding.
        high = np.maximum(high, low)
        aim = np.clip(side_by_side([t.centres for t in tasks]), low, high)
        shown = np.clip(self.follow(Course(aim, span, low, high, size, dt_s)), low, high)
        return [_path(t, shown[:, s], heights[:, s, 0]) for s, t in enumerate(tasks)]


def _path(task: Task, centres: F64, heights: F64) -> CropPath:
    count = len(task.centres)
    times = task.subject.truth.times
    return CropPath(times, centres[:count, 0], centres[:count, 1], heights[:count])


def one_axis(aim: Sequence[float], dt_s: float = 1 / 30, span: float = 1.0, picture: float = 1e9) -> Course:
    """A course of one camera in one direction without limits: for looking at a law by hand."""
    values = np.asarray(aim, dtype=np.float64)[:, None, None]
    wide = np.full_like(values, picture)
    return Course(values, np.full_like(values, span), -wide, wide, wide[0], np.array([[dt_s]]))

"""The path of the camera that made a finished crop video, found by laying it over its wide master.

The search begins at what the last two pictures lead to expect, then at the last picture, then anywhere. A
picture that nowhere fits stays a gap: it is never guessed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.geometry import Size
from tests.benchmarks.operator.paths import F64, CropPath, Flags
from tests.benchmarks.operator.register import (
    LEVELS,
    Fit,
    Grey,
    Placement,
    aligned,
    likeness,
    trust_of,
)
from tests.benchmarks.operator.register_features import crop_features, placed, wide_features
from tests.benchmarks.operator.register_film import Skimmed, Window, one_by_one, skim
from tests.benchmarks.operator.register_time import SMALL_PX, InStep, in_step

#: Alike to this much is found.
FOUND = 0.5
#: A neighbour in time must be alike by this much more to be what the crop shows.
PLAINLY = 0.01
#: At equal rates every so many pictures the neighbours in time are looked at too.
TIME_EVERY = 10
SAME_RATE = 1e-3
#: Shortest stretch between gaps that is judged.
SHORTEST = 8


@dataclass(frozen=True, slots=True, eq=False)
class Registered:
    """What was found, picture by picture of the crop.

    Attributes:
        times: (T,) seconds by the crop's clock.
        master: (T,) number of the wide picture that is shown.
        cx, cy, height: (T,) in wide pixels; NaN in gaps.
        alike: (T,) correlation of fine detail, -1 to 1.
        step: how the two films fit together.
        wide, crop: sizes of the pictures.
    """

    times: F64
    master: np.ndarray
    cx: F64
    cy: F64
    height: F64
    alike: F64
    step: InStep
    wide: Size
    crop: Size

    @property
    def found(self) -> Flags:
        return np.isfinite(self.cx)

    def stretches(self) -> list[tuple[slice, CropPath]]:
        """The paths between gaps, evenly timed at the mean rate; short ones are left out."""
        edges = np.flatnonzero(np.diff(np.concatenate([[False], self.found, [False]]).astype(int)))
        hz = (len(self.times) - 1) / float(self.times[-1] - self.times[0])
        out = []
        for first, end in edges.reshape(-1, 2):
            if end - first >= SHORTEST:
                part = slice(int(first), int(end))
                times = np.arange(first, end) / hz
                out.append(
                    (part, CropPath(times, self.cx[part], self.cy[part], self.height[part], self.crop.aspect))
                )
        return out


def register(wide_path: Path, crop_path: Path, search_s: float = 3.0) -> Registered:
    """Lay the crop over its master.

    Args:
        search_s: how much the beginnings of the two films may differ.

    Raises:
        JikcamError: a film can't be read, or the crop shows no part of the wide one.
    """
    wide, crop = skim(wide_path, SMALL_PX), skim(crop_path, SMALL_PX)
    step = in_step(wide_path, wide, crop_path, crop, search_s)
    follower = _Follower(wide_path, wide, step, abs(wide.hz / crop.hz - 1) < SAME_RATE)
    rows: list[tuple[float, ...]] = []
    sizes = Size(1, 1)
    for j, image in enumerate(one_by_one(crop_path)):
        sizes = Size(image.shape[1], image.shape[0])
        picture = np.ascontiguousarray(image[:, ::-1] if step.mirrored else image)
        fit, master = follower.step(j, float(crop.times[j]), picture)
        shot = fit.placement.shot(sizes) if fit and fit.alike >= FOUND else None
        place = (shot.cx, shot.cy, shot.height) if shot else (math.nan,) * 3
        rows.append((*place, fit.alike if fit else 0.0, master))
    cx, cy, height, alike, master_of = np.array(rows).T
    return Registered(
        crop.times, master_of.astype(int), cx, cy, height, alike, step, follower.size, sizes
    )  # fmt: skip


class _Follower:
    """Goes through a crop from picture to picture."""

    def __init__(self, path: Path, film: Skimmed, step: InStep, same_rate: bool) -> None:
        self._film = film
        self._window = Window(path)
        self._shift_s = step.shift_s
        self._same_rate = same_rate
        self._past: list[Placement] = []
        self._unsteady = True
        first = self._window.get(0)
        assert first is not None
        self.size = Size(first.shape[1], first.shape[0])

    def step(self, j: int, time_s: float, picture: np.ndarray) -> tuple[Fit | None, int]:
        """Where crop picture ``j`` lies, and in which picture of the master."""
        crop = picture.astype(np.float32)
        wanted_s = time_s + self._shift_s
        index = self._film.nearest(wanted_s)
        fit = self._search(index, crop, picture)
        if fit is None or fit.alike < FOUND:
            self._past = []
            return fit, index
        if self._unsteady or not self._same_rate or j % TIME_EVERY == 0:
            fit, better = self._beside(index, crop, fit)
            self._unsteady = better != index
            # Two clocks may drift apart; one picture alone may be wrong.
            self._shift_s += 0.2 * float(self._film.times[better] - self._film.times[index])
            index = better
        self._past = [*self._past[-1:], fit.placement]
        return fit, index

    def _search(self, index: int, crop: Grey, picture: np.ndarray) -> Fit | None:
        wide = self._window.get(index)
        if wide is None:
            return None
        trust = trust_of(wide, self._window.beside(index))
        best: Fit | None = None
        for start in self._expected():
            fit = aligned(wide, crop, trust, start)
            if fit is not None and (best is None or fit.alike > best.alike):
                best = fit
            if best is not None and best.alike >= FOUND:
                return best
        vote = placed(wide_features(wide.astype(np.uint8)), crop_features(picture), picture.shape)
        return aligned(wide, crop, trust, vote.placement) if vote else best

    def _expected(self) -> list[Placement]:
        if len(self._past) < 2:
            return self._past[-1:]
        a, b = self._past
        return [Placement(2 * b.x0 - a.x0, 2 * b.y0 - a.y0, b.scale**2 / a.scale), b]

    def _beside(self, index: int, crop: Grey, fit: Fit) -> tuple[Fit, int]:
        """The fit to the picture before or after, where the crop is plainly more like that one."""
        # Who moves tells the time, so here everything counts.
        now = self._window.get(index)
        best, at = fit, index
        least = (likeness(now, crop, fit.placement) if now is not None else -1.0) + PLAINLY
        for beside in (index - 1, index + 1):
            wide = self._window.get(beside)
            if wide is None:
                continue
            trust = trust_of(wide, self._window.beside(beside))
            other = aligned(wide, crop, trust, fit.placement, LEVELS[1:])
            if other is None or other.alike < FOUND:
                continue
            alike = likeness(wide, crop, other.placement)
            if alike > least:
                best, at, least = other, beside, alike
        return best, at

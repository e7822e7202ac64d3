"""Films as grey pictures with their times: skimmed small, by number, or one after another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from engine.errors import JikcamError
from engine.sources.frame import Image
from tests.benchmarks.operator.register import Grey

#: How many pictures round the present one stay in memory.
KEPT = 8


@dataclass(frozen=True, slots=True, eq=False)
class Skimmed:
    """All of a film at a glance.

    Attributes:
        times: (T,) seconds from its first picture.
        small: its pictures, grey, of one small size.
        shrunk: full pixels per small one.
    """

    times: NDArray[np.float64]
    small: tuple[Image, ...]
    shrunk: float

    @property
    def hz(self) -> float:
        """Pictures per second."""
        return (len(self.times) - 1) / float(self.times[-1] - self.times[0])

    def nearest(self, time_s: float) -> int:
        """The picture shown nearest to that time; the first or last one beyond the ends."""
        after = int(np.clip(np.searchsorted(self.times, time_s), 1, len(self.times) - 1))
        before_nearer = time_s - self.times[after - 1] <= self.times[after] - time_s
        return after - 1 if before_nearer else after


def skim(path: Path, width: int) -> Skimmed:
    """The film at about ``width`` pixels.

    Raises:
        JikcamError: it can't be read as a video, or has fewer than four pictures.
    """
    times, small, shrunk = [], [], 1.0
    for frame in _frames(path):
        shrunk = max(round(frame.width / width), 1)
        size = {"width": frame.width // int(shrunk), "height": frame.height // int(shrunk)}
        small.append(frame.reformat(format="gray", interpolation="AREA", **size).to_ndarray())
        times.append(float(frame.time or 0.0))
    if len(times) < 4:
        raise JikcamError(f"{path} has {len(times)} pictures", "a camera's motion shows in four or more")
    when = np.array(times) - times[0]
    if not (np.diff(when) > 0).all():
        raise JikcamError(f"the times of {path} do not rise", "remux it, for instance with ffmpeg -c copy")
    return Skimmed(when, tuple(small), float(shrunk))


def full(path: Path, indices: set[int]) -> dict[int, Image]:
    """Those pictures in full size, (H, W) uint8 grey."""
    found = {}
    for index, frame in enumerate(_frames(path)):
        if index in indices:
            found[index] = frame.to_ndarray(format="gray")
        if index >= max(indices):
            break
    return found


def one_by_one(path: Path) -> Iterator[Image]:
    """Every picture in full size, (H, W) uint8 grey."""
    for frame in _frames(path):
        yield frame.to_ndarray(format="gray")


class Window:
    """The pictures of a film round one that only moves forwards, float32."""

    def __init__(self, path: Path) -> None:
        self._rest = one_by_one(path)
        self._seen: dict[int, Grey] = {}
        self._next = 0

    def get(self, index: int) -> Grey | None:
        """Picture ``index``; None beyond the ends, or when it is long gone."""
        while self._next <= index:
            image = next(self._rest, None)
            if image is None:
                break
            self._seen[self._next] = image.astype(np.float32)
            self._seen.pop(self._next - KEPT, None)
            self._next += 1
        return self._seen.get(index)

    def beside(self, index: int) -> tuple[Grey, ...]:
        """The pictures before and after, as far as there are."""
        beside = (self.get(index - 1), self.get(index + 1))
        return tuple(image for image in beside if image is not None)


def _frames(path: Path) -> Iterator[av.VideoFrame]:
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            yield from container.decode(stream)
    except (av.FFmpegError, IndexError) as error:
        raise JikcamError(
            f"{path} can't be read as a video ({error})", "is it a finished recording?"
        ) from error

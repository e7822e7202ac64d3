"""When and how the benchmark's user taps on somebody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.bench.target.score import boxes_at, fits
from engine.bench.tracking.score import FOUND_IOU
from engine.bench.tracking.sequence import Truth
from engine.direction.target import TargetKind, TargetRequest
from engine.geometry import Box
from engine.show import Show

#: In a clear picture nobody in front (with a lower bottom edge) covers more of the identity's box than this.
CLEAR_SHARE = 0.3
#: For so many pictures, one after the other, a track must have been on somebody to be theirs.
ON_THEM = 3


class ByTruth:
    """Draws the true box of an identity, once they are clearly to be seen and a track is on them.

    A user who sees that somebody else is framed draws again; here the box is drawn when it will do: when a
    track has fitted them best, and well, for ON_THEM pictures.

    Args:
        truth: picture number, from 1 -> who is there.
        from_index: no earlier than in the picture of this index.
    """

    def __init__(self, person: int, truth: Mapping[int, Truth], from_index: int) -> None:
        self._person, self._truth, self._from_index = person, truth, from_index
        self._on_them: tuple[int, int] | None = None

    def wish(self, index: int, show: Show) -> TargetRequest | None:
        there = boxes_at(self._truth, index)
        box = there.get(self._person)
        track = self._track_on(box, there, show) if box is not None and index >= self._from_index else None
        if track is None:
            self._on_them = None
            return None
        if self._on_them is None or self._on_them[0] != track:
            self._on_them = track, index
        return TargetRequest(TargetKind.BOX, box=box) if index - self._on_them[1] + 1 >= ON_THEM else None

    def _track_on(self, box: Box, there: Mapping[int, Box], show: Show) -> int | None:
        """The track that the drawn box would choose, if it is on the person."""
        nearest = max(show.tracks.items, key=lambda track: track.box.iou(box), default=None)
        if nearest is None or nearest.box.iou(box) < FOUND_IOU or fits(nearest.box, there) != self._person:
            return None
        return nearest.id


def first_clear(person: int, truth: Mapping[int, Truth]) -> int:
    """Index of the first picture that shows the identity clearly; without any, of the clearest."""
    shown = [n - 1 for n in sorted(truth) if person in truth[n].ids]
    covered = [_covered(boxes_at(truth, index), person) for index in shown]
    clear = (index for index, share in zip(shown, covered, strict=True) if share <= CLEAR_SHARE)
    return next(clear, shown[covered.index(min(covered))] if shown else 0)


def _covered(boxes: Mapping[int, Box], person: int) -> float:
    own = boxes[person]
    others = (own.intersection(box).area for box in boxes.values() if box.y1 > own.y1)
    return max(others, default=0.0) / max(own.area, 1.0)


@dataclass(frozen=True, slots=True)
class WhoIsThere:
    """Takes the largest person in the picture from a given time on."""

    from_index: int

    def wish(self, index: int, show: Show) -> TargetRequest | None:
        if index < self.from_index or not show.tracks.items:
            return None
        return TargetRequest(TargetKind.LARGEST)

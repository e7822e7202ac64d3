"""When and how the benchmark's user taps on somebody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.bench.target.score import boxes_at, fits
from engine.bench.tracking.sequence import Truth
from engine.direction.target import TargetKind, TargetRequest
from engine.geometry import Box
from engine.show import Show

#: In a clear picture nobody in front (with a lower bottom edge) covers more of the identity's box than this.
CLEAR_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class ByTruth:
    """Draws the true box of an identity, once they are clearly to be seen and a track is on them.

    A user who sees that somebody else is framed draws again; here the box is drawn when it will do.
    """

    person: int
    truth: Mapping[int, Truth]
    from_index: int

    def wish(self, index: int, show: Show) -> TargetRequest | None:
        there = boxes_at(self.truth, index)
        box = there.get(self.person)
        if index < self.from_index or box is None or not show.tracks.items:
            return None
        nearest = max(show.tracks.items, key=lambda track: track.box.iou(box))
        if fits(nearest.box, there) != self.person:
            return None
        return TargetRequest(TargetKind.BOX, box=box)


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

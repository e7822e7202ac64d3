"""Where to look for things: a small ball is found in a square of the picture's height, not in the whole."""

from __future__ import annotations

import math

from engine.geometry import Box, Point, Size
from engine.people import DetectedObject, Tracks
from engine.perception.protocols import ObjectFinder
from engine.sources.frame import Image

#: A picture up to this much longer than high is searched whole.
NEARLY_SQUARE = 1.4
#: Neighbouring squares share at least this part of their side.
OVERLAP = 0.25


class ThingSearch:
    """Looks at one square of the picture at a time, as high (or wide) as the picture. Used by one thread.

    The model's input is square: a wide picture would fill half of it and show everything smaller. While all
    that is wanted was found the last time, its own squares are looked at in turn; else every second look
    goes through the whole picture, and the others go where something was, or beside the chosen person.
    """

    def __init__(self, finder: ObjectFinder) -> None:
        self._finder = finder
        self._looks = self._elsewhere = 0
        self._found: tuple[DetectedObject, ...] = ()

    def look(self, image: Image, tracks: Tracks, targets: frozenset[int]) -> tuple[DetectedObject, ...]:
        """What is found in this look, best first.

        Args:
            tracks: people and things as believed at about this picture.
            targets: ids of the chosen people.
        """
        area = self._area(Size(image.shape[1], image.shape[0]), tracks, targets)
        self._looks += 1
        self._found = tuple(self._finder.find_objects(image, area))
        return self._found

    def _area(self, size: Size, tracks: Tracks, targets: frozenset[int]) -> Box:
        areas = covering(size)
        things = tracks.objects or self._found
        places = [thing.box.center for thing in things]
        known = {thing.label for thing in things} if self._found else set()
        if not places:
            places = [t.box.center for t in tracks.items if t.id in targets]
        if len(areas) > 1 and places and (known >= self._finder.labels or self._looks % 2 == 0):
            return square_around(places[self._looks // 2 % len(places)], size)
        self._elsewhere += 1
        return areas[self._elsewhere % len(areas)]


def covering(size: Size) -> list[Box]:
    """As few squares as cover the picture with some overlap; the picture itself when nearly square."""
    short, long = min(size.width, size.height), max(size.width, size.height)
    if long <= NEARLY_SQUARE * short:
        return [Box(0, 0, size.width, size.height)]
    count = math.ceil((long - short) / (short * (1 - OVERLAP))) + 1
    starts = [round((long - short) * k / (count - 1)) for k in range(count)]
    if size.width >= size.height:
        return [Box(s, 0, s + short, short) for s in starts]
    return [Box(0, s, short, s + short) for s in starts]


def square_around(place: Point, size: Size) -> Box:
    """The square of the picture's shorter side with ``place`` as near to its middle as the picture allows."""
    side = min(size.width, size.height)
    x, y = place.x if math.isfinite(place.x) else 0.0, place.y if math.isfinite(place.y) else 0.0
    left = round(min(max(x - side / 2, 0.0), size.width - side))
    top = round(min(max(y - side / 2, 0.0), size.height - side))
    return Box(left, top, left + side, top + side)

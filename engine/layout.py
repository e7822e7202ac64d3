"""Where the tiles of a picture lie: grids, splits, and a picture of another aspect inside its place.

All places have even positions and sizes: chroma has half the resolution in 4:2:0, and a tile's edge in the
middle of a chroma pixel would bleed.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

from engine.errors import JikcamError
from engine.geometry import Size

#: Gap between tiles as a share of the picture's smaller side.
GAP_NORM = 1 / 180
#: People are tall: halves of about this aspect suit one person.
HALF_ASPECT = 0.75


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a picture: left, top, width and height in whole, even pixels."""

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def whole(cls, size: Size) -> Place:
        """All of a picture of that size."""
        return cls(0, 0, size.width, size.height)

    @property
    def size(self) -> Size:
        return Size(self.width, self.height)


def inscribed(place: Place, aspect: float) -> Place:
    """The largest part of ``place`` that has that aspect as nearly as even pixels can, in its middle."""
    width, height = place.width // 2, place.height // 2
    inner_width = max(min(width, round(height * aspect)), 1)
    inner_height = max(min(height, round(width / aspect)), 1)
    return Place(
        place.x + 2 * ((width - inner_width) // 2),
        place.y + 2 * ((height - inner_height) // 2),
        2 * inner_width,
        2 * inner_height,
    )


@functools.lru_cache(maxsize=64)
def grid(place: Place, aspects: tuple[float, ...]) -> tuple[Place, ...]:
    """Tiles of those aspects in rows from the top left, as large as they can be; a short row is centred.

    Args:
        place: the picture or a part of it.
        aspects: width over height of each tile, at least one.

    Raises:
        JikcamError: so many tiles have no room.
    """
    count = len(aspects)
    choices = []
    for columns in range(1, count + 1):
        rows = math.ceil(count / columns)
        tiles = _rows(place, aspects, columns, rows) if (rows - 1) * columns < count else None
        if tiles is not None:
            choices.append(tiles)
    if not choices:
        raise JikcamError(
            f"{count} tiles have no room in {place.width}x{place.height} pixels",
            "make the View larger or show fewer",
        )
    # Of equally large ones the first, which has the fewest columns and so the fewest empty cells.
    return max(choices, key=lambda tiles: sum(t.width * t.height for t in tiles))


def split(place: Place) -> tuple[Place, Place]:
    """Two halves that fill ``place`` but for a thin gap: side by side, above one another when it is tall."""
    gap = _gap(place)
    if place.width / place.height >= HALF_ASPECT:
        first = (place.width // 2 - gap) // 2
        rest = place.width // 2 - gap - first
        return (
            Place(place.x, place.y, 2 * first, place.height),
            Place(place.x + 2 * (first + gap), place.y, 2 * rest, place.height),
        )
    first = (place.height // 2 - gap) // 2
    rest = place.height // 2 - gap - first
    return (
        Place(place.x, place.y, place.width, 2 * first),
        Place(place.x, place.y + 2 * (first + gap), place.width, 2 * rest),
    )


def _rows(place: Place, aspects: tuple[float, ...], columns: int, rows: int) -> tuple[Place, ...] | None:
    """The tiles, so many in a row and of one height there; None when there is no room. In pairs of pixels."""
    gap, width, height = _gap(place), place.width // 2, place.height // 2
    room = (height - (rows - 1) * gap) // rows
    heights, widths = [], []
    for begin in range(0, len(aspects), columns):
        row = aspects[begin : begin + columns]
        free = width - (len(row) - 1) * gap
        tall = min(room, math.ceil(free / sum(row)))
        while sum(round(tall * aspect) for aspect in row) > free:
            tall -= 1
        heights.append(tall)
        widths.append([round(tall * aspect) for aspect in row])
    if min(heights) < 1 or min(min(row) for row in widths) < 1:
        return None
    placed = []
    y = (height - sum(heights) - (rows - 1) * gap) // 2
    for tall, wides in zip(heights, widths, strict=True):
        x = (width - sum(wides) - (len(wides) - 1) * gap) // 2
        for wide in wides:
            placed.append(Place(place.x + 2 * x, place.y + 2 * y, 2 * wide, 2 * tall))
            x += wide + gap
        y += tall + gap
    return tuple(placed)


def _gap(place: Place) -> int:
    """The gap between tiles, in pairs of pixels."""
    return round(GAP_NORM * min(place.width, place.height) / 2)

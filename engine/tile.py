"""From Directions to a finished picture: each tile is cut straight out of the source into its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.direction.view import Direction
from engine.geometry import Shot, Size
from engine.layout import Place
from engine.render import Renderer, draw_label, draw_skeleton
from engine.sources.frame import Image

#: What is seen between tiles, BGR.
GROUND_BGR = (18, 16, 16)


@dataclass(frozen=True, slots=True)
class Overlay:
    """What is drawn on the picture besides the picture."""

    label: bool = False
    skeleton: bool = False
    mirror: bool = False

    def __or__(self, other: Overlay) -> Overlay:
        """What either of them draws."""
        return Overlay(
            self.label or other.label, self.skeleton or other.skeleton, self.mirror or other.mirror
        )


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """One person's part of a picture.

    Attributes:
        place: has the aspect of the shot as nearly as even pixels can.
        words: to be written on it when the overlay has a label; may be empty.
    """

    place: Place
    direction: Direction
    words: str
    overlay: Overlay

    def paint(self, source: Image, out: Image | None = None) -> Image:
        """Its picture of ``place.size``, (H, W, 3); a new array, or ``out``."""
        shot = trimmed(self.direction.shot, self.place.width / self.place.height)
        mirror = self.overlay.mirror
        image = Renderer(self.place.size, mirror=mirror).render(source, shot, out)
        track = self.direction.lock.track
        if self.overlay.skeleton and track and track.skeleton:
            draw_skeleton(image, track.skeleton, shot, mirror=mirror)
        if self.overlay.label and self.words:
            draw_label(image, self.words)
        return image


def trimmed(shot: Shot, aspect: float) -> Shot:
    """The largest part of ``shot`` that has exactly that aspect, in its middle: nothing is stretched."""
    if aspect == shot.aspect:
        return shot
    return Shot(shot.cx, shot.cy, min(shot.height, shot.width / aspect), aspect)


def paint(size: Size, tiles: Sequence[Tile], source: Image) -> tuple[Image, str]:
    """The picture of all tiles, (H, W, 3) uint8, and what went wrong in it (empty: nothing).

    A tile that can't be painted stays dark; the others are painted.

    Raises:
        Exception: the only tile of a picture can't be painted.
    """
    if len(tiles) == 1 and tiles[0].place == Place.whole(size):
        return tiles[0].paint(source), ""
    canvas = np.empty((size.height, size.width, 3), dtype=np.uint8)
    canvas[:] = GROUND_BGR
    fault = ""
    for tile in tiles:
        at = tile.place
        part = canvas[at.y : at.y + at.height, at.x : at.x + at.width]
        try:
            tile.paint(source, part)
        except Exception as error:  # whatever broke in it, the other tiles are shown
            part[:] = GROUND_BGR
            fault = fault or f"a tile failed: {type(error).__name__}: {error}"
    return canvas, fault

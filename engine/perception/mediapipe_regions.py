"""Where to point the pose network: windows that cover a picture, and a region around one person.

The network shrinks whatever it is given to 224 pixels, so a person who is small in the whole picture is
only found in a part of it. Pure geometry.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from engine.geometry import Box, Size
from engine.people import JOINT_VISIBLE
from engine.perception.blazepose import BlazePose

#: How much work a search may be.
Search = Literal["quick", "thorough"]

#: Up to this aspect the whole picture is as good as a square of its height.
_NEARLY_SQUARE = 1.4
#: Neighbouring windows share at least this part of their side, so that an upright person is whole in one.
_OVERLAP = {"quick": 0.2, "thorough": 0.5}
#: Side of the small windows of a thorough search, in picture heights.
_SMALL = 0.62
_SMALL_OVERLAP = 0.3
#: A region is this much larger than the person's box.
_REGION = 1.4
#: Narrowest region, as width over height: BlazePose's own regions are square.
_REGION_ASPECT = 0.7
#: A landmark this near to the window's edge (part of its side) counts as cut.
_EDGE = 0.02


def _starts(length_px: int, side_px: int, overlap: float) -> list[int]:
    """Even left edges of windows of ``side_px`` that cover ``length_px``."""
    if length_px <= side_px:
        return [0]
    count = math.ceil((length_px - side_px) / (side_px * (1 - overlap)) - 1e-9) + 1
    return [round(float(v)) for v in np.linspace(0, length_px - side_px, count)]


def squares(size: Size, side_px: int, overlap: float) -> list[Box]:
    """Square windows of whole pixels that cover the picture; those at the edge stay inside."""
    wide, high = min(side_px, size.width), min(side_px, size.height)
    return [
        Box(x, y, x + wide, y + high)
        for y in _starts(size.height, side_px, overlap)
        for x in _starts(size.width, side_px, overlap)
    ]


def windows(size: Size, search: Search) -> list[Box]:
    """The windows to search, in whole pixels, largest first; together they cover the picture.

    ``quick``: squares as high (or wide) as the picture, or the whole picture when it is nearly square.
    ``thorough``: the whole picture, more such squares, and squares of about 0.6 of its height.
    """
    short, long = min(size.width, size.height), max(size.width, size.height)
    whole = Box(0, 0, size.width, size.height)
    if long / short <= _NEARLY_SQUARE:
        found = [whole]
    else:
        found = squares(size, short, _OVERLAP[search])
        if search == "thorough":
            found.insert(0, whole)
    if search == "thorough":
        found += squares(size, round(_SMALL * short), _SMALL_OVERLAP)
    return found


def region(box: Box, size: Size, grow: float = _REGION) -> Box:
    """The window around a person's box: larger, not too narrow, whole pixels, inside the picture.

    Its area is 0 when the box lies outside the picture or is not finite.
    """
    if not box.is_finite():
        return Box(0, 0, 0, 0)
    height = box.height * grow
    width = max(box.width * grow, height * _REGION_ASPECT)
    # a box wider than high is a person lying or cut: give it room above and below too
    height = max(height, width * _REGION_ASPECT)
    around = Box.from_center(box.center.x, box.center.y, width, height).clipped(size)
    return Box(math.floor(around.x0), math.floor(around.y0), math.ceil(around.x1), math.ceil(around.y1))


def is_cut(pose: BlazePose, window: Box, size: Size) -> bool:
    """Whether the window's edge, where the picture goes on, cuts through the body."""
    seen = pose.score >= JOINT_VISIBLE
    if not seen.any():
        return False
    edge = _EDGE * max(window.width, window.height)
    # limbs beyond the edge score low but are guessed; near the body's seen part the guess is good
    reach = Box.around(pose.xy[np.isfinite(pose.xy).all(axis=1)])
    return (
        (window.x0 > 0 and reach.x0 < window.x0 + edge)
        or (window.y0 > 0 and reach.y0 < window.y0 + edge)
        or (window.x1 < size.width and reach.x1 > window.x1 - edge)
        or (window.y1 < size.height and reach.y1 > window.y1 - edge)
    )

"""What a preset says about where on the picture people count, and about the camera's lens."""

from __future__ import annotations

import math
from typing import Any

from pydantic import Field, field_validator

from engine.area import AreaConfig, Corner, Polygon
from engine.errors import JikcamError
from engine.presets.table import Table

Corners = tuple[Corner, ...]
#: Finer than anybody draws by hand. Looking for edges that cross takes the square of it: half a minute for
#: the 3,000 that fit into what the control API takes.
MOST_CORNERS = 64
_FIX = "write it as [[0.1, 0.2], [0.9, 0.2], [0.9, 1.0]], in shares of the picture's width and height"


class AreaPreset(Table):
    """Where people count. Corners are shares of the wide picture, 0 to 1, from its top left."""

    exclude: tuple[Corners, ...] = Field(
        default=(),
        strict=False,
        max_length=50,
        title="Excluded",
        description="a list of polygons: who stands in one is nobody; for LED walls, posters, the audience",
    )
    inside: Corners | None = Field(
        default=None,
        strict=False,
        title="Stage",
        description="one polygon: who stands elsewhere is nobody; left out: everywhere",
    )

    @field_validator("exclude", mode="before")
    @classmethod
    def _polygons(cls, value: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise ValueError(f"a list of polygons is wanted; {_FIX}, inside one more [ ]")
        return tuple(_polygon(entry).corners for entry in value)

    @field_validator("inside", mode="before")
    @classmethod
    def _stage(cls, value: Any) -> Any:
        return None if value is None else _polygon(value).corners

    def config(self) -> AreaConfig:
        """What the engine goes by."""
        inside = None if self.inside is None else Polygon(self.inside)
        return AreaConfig(tuple(Polygon(corners) for corners in self.exclude), inside)


class LensPreset(Table):
    """The lens of a wide-angle camera: its picture is straightened. 0 and 0 = as it is."""

    k1: float = Field(
        default=0.0,
        ge=-2,
        le=2,
        title="First coefficient",
        description="how much the lens bends straight lines, below 0 outwards: usually -0.05 to -0.4",
    )
    k2: float = Field(
        default=0.0,
        ge=-2,
        le=2,
        title="Second coefficient",
        description="the same, felt near the corners only; try k1 alone first",
    )


def _polygon(value: Any) -> Polygon:
    if not isinstance(value, list | tuple) or not all(_is_corner(corner) for corner in value):
        raise ValueError(f"a polygon is a list of corners; {_FIX}")
    if len(value) > MOST_CORNERS:
        raise ValueError(f"a polygon of {len(value)} corners is too fine; {MOST_CORNERS} are enough")
    try:
        return Polygon(tuple((float(x), float(y)) for x, y in value))
    except JikcamError as error:
        raise ValueError(str(error)) from None


def _is_corner(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in value)
    )

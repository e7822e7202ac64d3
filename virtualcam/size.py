"""The size of a picture as sinks want it told; the engine's own Size fits."""

from __future__ import annotations

from typing import Protocol


class PictureSize(Protocol):
    """Width and height in whole pixels, both even."""

    @property
    def width(self) -> int: ...

    @property
    def height(self) -> int: ...

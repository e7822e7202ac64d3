"""What a source gives: pictures with their capture time. The latest wins; nothing queues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Size

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One source picture.

    Attributes:
        image: (H, W, 3) uint8 BGR; treated as read-only by everybody.
        time_s: capture time in seconds on a monotonic clock (media played as fast as possible: its own
            time stamps); strictly rising.
        index: 0, 1, 2, ... in the order of capture; a number may be missing when pictures were dropped.
    """

    image: Image
    time_s: float
    index: int


@runtime_checkable
class Source(Protocol):
    """A camera, a video or a scripted stage. Used by one thread; ``close`` may come from another.

    ``size`` and ``fps`` are known once the constructor returned. A source that can't be opened at all
    raises JikcamError from its constructor; one that is lost later keeps trying by itself, ``read``
    gives None and ``status`` says why. Nothing but the constructor raises.
    """

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> Size: ...

    @property
    def fps(self) -> float: ...

    @property
    def status(self) -> str:
        """Empty when all is well, else one line for the user."""
        ...

    @property
    def ended(self) -> bool:
        """No picture will come any more (end of a file)."""
        ...

    def read(self, timeout_s: float) -> Frame | None:
        """The next picture, or None when none came within ``timeout_s`` or the source has ended."""
        ...

    def close(self) -> None: ...

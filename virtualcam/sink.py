"""Where pictures go: one small protocol. This package knows pictures and times, nothing of people."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, runtime_checkable

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Picture:
    """One finished picture of a View.

    Attributes:
        image: (H, W, 3) uint8 BGR, H and W even; read-only.
        time_s: capture time of the source picture it was made from.
        index: number of that source picture.
    """

    image: NDArray[np.uint8] = field(repr=False)
    time_s: float
    index: int

    @cached_property
    def i420(self) -> NDArray[np.uint8]:
        """(H * 3 / 2, W) planar YUV 4:2:0, BT.601 limited range; converted once for all sinks."""
        converted: NDArray[np.uint8] = cv2.cvtColor(self.image, cv2.COLOR_BGR2YUV_I420)  # type: ignore[assignment]
        return converted


class SinkError(Exception):
    """A sink can't open or can't go on; one line that says what to do."""


@runtime_checkable
class Sink(Protocol):
    """Takes pictures. Opened by its constructor, which raises SinkError.

    ``send`` is called by one thread; it must not wait for a consumer. It may raise SinkError once the
    sink is broken; the show goes on without it. ``close`` may be called twice and never raises.
    """

    @property
    def name(self) -> str: ...

    @property
    def status(self) -> str:
        """Empty when all is well, else one line for the user."""
        ...

    @property
    def watched(self) -> bool:
        """Somebody takes its pictures; while nobody does, none need be made. Quick, from any thread."""
        ...

    @property
    def resizable(self) -> bool:
        """A picture may have another size than the one before; else ``send`` refuses it."""
        ...

    def send(self, picture: Picture) -> None: ...

    def rest(self) -> None:
        """No pictures come for now: whoever begins to watch gets the next one, and no old one before."""
        ...

    def close(self) -> None: ...

"""What is remembered of one person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One embedding of unit length and how good the crop was, 0 to 1."""

    vector: F32
    quality: float


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """An enrolled person.

    Attributes:
        name: as shown to the user; unique.
        faces: from pictures and shows; they stay valid.
        bodies: clothes change, so they are of this show only.
        group: the group (band, team) this person belongs to; empty when none.
    """

    name: str
    faces: tuple[Sample, ...] = ()
    bodies: tuple[Sample, ...] = ()
    group: str = ""

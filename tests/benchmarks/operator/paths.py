"""Where a camera looked and where the person was: what the figures of a camera operator are made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Size

F64 = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Of a picture that stands upright, as phones show it.
ASPECT = 9 / 16


@dataclass(frozen=True, slots=True, eq=False)
class CropPath:
    """What a camera showed, picture by picture.

    Attributes:
        times: (T,) seconds, evenly spaced.
        cx, cy, height: (T,) of the crop, source pixels.
        aspect: width over height of the crop.
    """

    times: F64
    cx: F64
    cy: F64
    height: F64
    aspect: float = ASPECT

    @property
    def width(self) -> F64:
        return self.height * self.aspect


@dataclass(frozen=True, slots=True, eq=False)
class TruthPath:
    """Where the person really was.

    Attributes:
        times: (T,) seconds, those of the crop path.
        boxes: (T, 4) x0, y0, x1, y1 in source pixels; rows of NaN where the person is not there.
        size: of the source picture.
    """

    times: F64
    boxes: F64
    size: Size

    @property
    def there(self) -> Flags:
        """(T,) whether there is a person to be shown."""
        return np.asarray(np.isfinite(self.boxes).all(axis=1), dtype=np.bool_)

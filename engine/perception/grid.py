"""The points at which a one-stage detector predicts."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Size


@lru_cache(maxsize=8)
def grid_points(size: Size, strides: tuple[int, ...]) -> NDArray[np.float32]:
    """Rows x, y, stride of every cell's top left corner in input pixels, shape (points, 3).

    Finest grid first, row by row. A side that is no multiple of a stride has a cell more.
    """
    grids = []
    for stride in strides:
        rows, columns = -(-size.height // stride), -(-size.width // stride)
        y, x = np.mgrid[:rows, :columns].reshape(2, -1) * stride
        grids.append(np.stack([x, y, np.full_like(x, stride)], axis=1))
    points = np.concatenate(grids).astype(np.float32)
    points.flags.writeable = False
    return points

"""Pictures of another size, or without colour, made to fit the size a source promised."""

from __future__ import annotations

import cv2
import numpy as np

from engine.geometry import Size
from engine.sources.frame import Image


def size_of(image: Image) -> Size:
    """Width and height of a picture."""
    return Size(int(image.shape[1]), int(image.shape[0]))


def fitted(image: Image, size: Size) -> Image:
    """``image`` as (H, W, 3) of ``size``: unchanged when it fits, else scaled whole, with black bars.

    A camera that comes back after a replug, and a stream whose sender was restarted, may have another size;
    everything behind the source relies on the first one.
    """
    if image.ndim == 2:
        image = np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    have = size_of(image)
    if have == size:
        return image
    scale = min(size.width / have.width, size.height / have.height)
    width = min(max(round(have.width * scale), 1), size.width)
    height = min(max(round(have.height * scale), 1), size.height)
    out = np.zeros((size.height, size.width, 3), np.uint8)
    x, y = (size.width - width) // 2, (size.height - height) // 2
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    out[y : y + height, x : x + width] = cv2.resize(image, (width, height), interpolation=how)
    return out

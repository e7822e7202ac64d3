"""The picture's number, written in its bottom left corner and read back.

Tests know from it which moment a picture shows, and how long it was under way.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.sources.frame import Image

CELL_PX = 4
#: 24 bits of the number and 8 that check it, most significant first.
CELLS = 32
_NUMBERS = 1 << 24
_GRID = np.arange(CELLS - 1, -1, -1, dtype=np.uint32)


def write_index(image: Image, index: int) -> None:
    """Draw ``index`` (modulo 2**24) into the 128 x 4 pixels of the bottom left corner."""
    number = index % _NUMBERS
    bits = ((number << 8 | _check(number)) >> _GRID) & 1
    image[-CELL_PX:, : CELLS * CELL_PX] = np.repeat(bits * 255, CELL_PX)[None, :, None]


def read_index(image: Image, cell_px: float = CELL_PX) -> int | None:
    """The number drawn into ``image``, or None where there is none or it can't be read.

    Args:
        image: (H, W, 3) BGR.
        cell_px: size of a cell; CELL_PX times the scale for a picture that was resized as a whole.
    """
    height, width = image.shape[:2]
    y = int(height - cell_px / 2)
    if y < 1 or width < CELLS * cell_px:
        return None
    x = ((np.arange(CELLS) + 0.5) * cell_px).astype(int)
    # The mean of the two by two pixels in a cell's middle survives lossy coding.
    cells: NDArray[np.float64] = image[y - 1 : y + 1, np.stack([x - 1, x])].mean(axis=(0, 1, 3))
    if ((cells > 90) & (cells < 165)).any():
        return None
    code = sum(1 << int(shift) for shift, cell in zip(_GRID, cells, strict=True) if cell > 127)
    number = code >> 8
    return number if code & 0xFF == _check(number) else None


def _check(number: int) -> int:
    """CRC-8 (polynomial 0x07) of the 24 bits; never 0 for 0, so that a black corner is no number."""
    crc = 0xA5
    for shift in (16, 8, 0):
        crc ^= number >> shift & 0xFF
        for _ in range(8):
            crc = (crc << 1 ^ 0x07 if crc & 0x80 else crc << 1) & 0xFF
    return crc

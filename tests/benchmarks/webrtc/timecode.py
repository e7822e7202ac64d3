"""A time code that survives video coding: 64 black and white cells along the top of a picture.

Bits, first to last: 8 of a fixed pattern, 24 of wall-clock milliseconds, 16 of the picture's number, 8 of a
check sum, 8 unused. ``page.js`` reads it back.
"""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

CELLS = 64
PATTERN = 0xAA
#: The wall clock is told modulo this many milliseconds (four and a half hours).
WRAP_MS = 1 << 24
DARK, BRIGHT = 0, 255


def band_px(height: int) -> int:
    """How many rows of a picture of that height the code takes."""
    return max(16, height // 36)


def draw(image: NDArray[np.uint8], number: int, now_s: float | None = None) -> None:
    """Write the present time and ``number`` into ``image``, (H, W) or (H, W, 3) uint8, in place.

    Args:
        now_s: seconds since 1970; None = now.
    """
    ms = int((time.time() if now_s is None else now_s) * 1000) % WRAP_MS
    counter = number & 0xFFFF
    check = (ms ^ (ms >> 8) ^ (ms >> 16) ^ counter ^ (counter >> 8)) & 0xFF
    value = PATTERN << 48 | ms << 24 | counter << 8 | check
    bits = [(value >> (55 - i)) & 1 for i in range(56)] + [0] * 8
    cell_px = image.shape[1] // CELLS
    row = np.repeat(np.array([BRIGHT if bit else DARK for bit in bits], np.uint8), cell_px)
    rows = image[: band_px(image.shape[0]), : row.size]
    rows[:] = row if image.ndim == 2 else row[:, None]


def read(image: NDArray[np.uint8]) -> tuple[int, int] | None:
    """(milliseconds modulo WRAP_MS, number) of a (H, W) or (H, W, 3) picture; None where it can't be read."""
    gray = image if image.ndim == 2 else image[:, :, 1]
    band, cell_px = band_px(gray.shape[0]), gray.shape[1] // CELLS
    inner = gray[band // 4 : band * 3 // 4, : CELLS * cell_px].reshape(-1, CELLS, cell_px)
    bits = (inner.mean(axis=(0, 2)) > 127).astype(int)
    value = int("".join(map(str, bits[:56])), 2)
    ms, counter = value >> 24 & 0xFFFFFF, value >> 8 & 0xFFFF
    check = (ms ^ (ms >> 8) ^ (ms >> 16) ^ counter ^ (counter >> 8)) & 0xFF
    return (ms, counter) if value >> 48 == PATTERN and value & 0xFF == check else None

"""The picture that goes through the virtual camera: colour bars, its number, and when it was sent."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]

#: BGR, from left to right: the corners of the RGB cube but black, and a dark grey.
BARS: tuple[Colour, ...] = (
    (255, 255, 255), (0, 255, 255), (255, 255, 0), (0, 255, 0),
    (255, 0, 255), (0, 0, 255), (255, 0, 0), (32, 32, 32),
)  # fmt: skip
#: Another camera's picture: never the same colour at the same place.
BARS_REVERSED = BARS[::-1]
#: The stamp: one row of black and white cells along the lower edge; 16 bits of the number, 24 of the time,
#: and 8 that check both.
_CELLS, _CELL_PX = 48, 12
_SHIFTS = np.arange(_CELLS - 1, -1, -1, dtype=np.uint64)


def chart(width: int, height: int, bars: tuple[Colour, ...] = BARS) -> Image:
    """(height, width, 3) BGR: the bars, side by side; at least 576 wide."""
    columns = np.array(bars, np.uint8)[np.arange(width) * len(bars) // width]
    return np.repeat(columns[None], height, axis=0)


def stamp(image: Image, number: int) -> None:
    """Write the number (16 bits) and this moment into the bottom left corner, grey (H, W) or BGR."""
    words = (number & 0xFFFF) << 24 | now_ms()
    bits = (np.uint64(words << 8 | words % 251) >> _SHIFTS) & np.uint64(1)
    row = np.repeat(bits * 255, _CELL_PX).astype(np.uint8)
    image[-_CELL_PX:, : len(row)] = row if image.ndim == 2 else row[:, None]


def now_ms() -> int:
    """The monotonic clock, which all processes of a machine share; in ms, as much as a stamp holds."""
    return int(time.monotonic() * 1000) % (1 << 24)


def read_stamp(image: Image) -> tuple[int, int] | None:
    """(number, ms when sent) of a picture of the original size, grey (H, W) or BGR; None: unreadable."""
    row = image[-_CELL_PX // 2, _CELL_PX // 2 : _CELLS * _CELL_PX : _CELL_PX]
    cells = row if row.ndim == 1 else row[:, 1]
    code = int("".join("01"[int(cell) > 127] for cell in cells), 2)
    words = code >> 8
    return (words >> 24, words & 0xFFFFFF) if code & 0xFF == words % 251 else None


def worst_error(image: Image, bars: tuple[Colour, ...] = BARS) -> float:
    """The largest difference of any channel in any bar's middle, in levels; BGR, any size."""
    height, width = image.shape[:2]
    worst = 0.0
    for index, bar in enumerate(bars):
        x = (2 * index + 1) * width // (2 * len(bars))
        shown = image[height // 4 : height // 2, x - 3 : x + 3].reshape(-1, 3).mean(axis=0)
        worst = max(worst, float(np.abs(shown - bar).max()))
    return round(worst, 1)


def decoded_as_709(colour: Colour) -> Colour:
    """What a colour (BGR), coded by BT.601, looks like to who decodes it by BT.709; rounded."""
    coded = _matrix(0.299, 0.114) @ np.array(colour[::-1], float)
    red, green, blue = np.clip(np.linalg.inv(_matrix(0.2126, 0.0722)) @ coded, 0, 255).round().astype(int)
    return int(blue), int(green), int(red)


def _matrix(red: float, blue: float) -> NDArray[np.float64]:
    """RGB to YCbCr (ITU-R BT.601 and BT.709, section 3: the same form, other weights)."""
    green = 1 - red - blue
    cb, cr = 2 * (1 - blue), 2 * (1 - red)
    return np.array(
        [
            [red, green, blue],
            [-red / cb, -green / cb, (1 - blue) / cb],
            [(1 - red) / cr, -green / cr, -blue / cr],
        ]
    )

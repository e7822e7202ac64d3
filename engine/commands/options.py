"""Option values that several commands share."""

from __future__ import annotations

import re

from engine.errors import JikcamError
from engine.geometry import Size

#: --style: forehead in the middle of the picture, or a body that moves in it.
STYLES = ("face", "natural")


def parse_size(text: str) -> Size:
    """``"1280x720"`` as a Size.

    Raises:
        JikcamError: not two whole numbers of 16 to 8192.
    """
    found = re.fullmatch(r"(\d+)[xX](\d+)", text.strip())
    width, height = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (16 <= width <= 8192 and 16 <= height <= 8192):
        raise JikcamError(f"size {text!r} is not a picture size", "write it as WIDTHxHEIGHT, e.g. 1280x720")
    return Size(width, height)

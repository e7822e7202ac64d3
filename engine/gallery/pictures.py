"""JPEG and PNG from anybody: measured before they are decoded, so that a small file can't fill the memory."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import numpy as np

from engine.errors import JikcamError
from engine.gallery.private import read_file
from engine.geometry import Size
from engine.sources.frame import Image

MAX_FILE_BYTES = 64_000_000
MAX_PIXELS = 64_000_000
#: Longer sides are stored smaller: no embedder looks closer.
STORED_SIDE_PX = 384

_JPEG_QUALITY = 95
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
# Start-of-frame markers (ITU-T T.81, table B.1): C0 to CF without DHT, JPG and DAC.
_FRAME_MARKERS = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Markers that stand alone, without a length: TEM, RST0 to RST7, SOI.
_BARE_MARKERS = {0x01, *range(0xD0, 0xD9)}


def read_picture(path: Path, *, follow: bool = False) -> Image:
    """The picture, upright as its camera says, (H, W, 3) uint8 BGR.

    Args:
        path: a JPEG or PNG file.
        follow: a link is followed; otherwise it is refused.

    Raises:
        JikcamError: absent, unreadable, empty, no JPEG or PNG, damaged, or too large to be decoded.
    """
    data = read_file(path, MAX_FILE_BYTES, follow=follow)
    size = picture_size(data)
    if size is None:
        raise JikcamError(f"{path} is not a JPEG or PNG picture", "save it as JPEG or PNG")
    if size.width * size.height > MAX_PIXELS:
        raise JikcamError(
            f"{path} has {size.width}x{size.height} pixels, more than {MAX_PIXELS / 1e6:g} million",
            "make it smaller",
        )
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # sizes that its header and its body do not agree on
        image = None
    if image is None or image.size == 0:
        raise JikcamError(f"{path} is damaged", "save it again, or use another picture")
    return np.asarray(image, dtype=np.uint8)


def picture_size(data: bytes) -> Size | None:
    """What the header of a JPEG or PNG says about its size; None for anything else."""
    if data.startswith(_PNG) and data[12:16] == b"IHDR" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return Size(width, height) if width and height else None
    return _jpeg_size(data) if data.startswith(_JPEG) else None


def jpeg(image: Image) -> bytes:
    """The picture as JPEG, made smaller when it is larger than anybody looks at.

    Args:
        image: (H, W, 3) uint8 BGR.
    """
    height, width = image.shape[:2]
    scale = STORED_SIDE_PX / max(height, width)
    if scale < 1:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not done:
        raise JikcamError(f"a picture of {image.shape} can't be stored as JPEG", "use another picture")
    return bytes(data)


def _jpeg_size(data: bytes) -> Size | None:
    at = 2
    while at + 9 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF or marker in _BARE_MARKERS:  # filling bytes are allowed before a marker
            at += 1 if marker == 0xFF else 2
        elif marker in _FRAME_MARKERS:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return Size(width, height) if width and height else None
        elif marker in (0xD9, 0xDA):  # the end, or pixels before any size
            return None
        else:
            at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    return None

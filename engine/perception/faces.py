"""YuNet (Wu et al. 2023, "YuNet: a tiny millisecond-level face detector"), as OpenCV runs it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from engine.errors import JikcamError
from engine.geometry import Box, Size
from engine.perception.protocols import Face
from engine.sources.frame import Image

#: An area is brought to this side: a head that fills a quarter of it is then 40 pixels high, which is
#: where more pixels stop to bring more faces, and 1.6 ms.
SIDE_PX = 160
#: The network halves its input five times.
MULTIPLE = 32
#: Candidates before those that overlap are put together.
MOST = 50
MAX_IOU = 0.3


class YuNet:
    """Finds faces with five points in parts of pictures.

    Args:
        path: the ONNX file.
        min_score: report from here on.

    Raises:
        JikcamError: no such file, or it is not YuNet.
    """

    name = "yunet"

    def __init__(self, path: Path, *, min_score: float = 0.5) -> None:
        try:
            weights = np.frombuffer(path.read_bytes(), np.uint8)
        except OSError as error:
            raise JikcamError(f"model file {path} can't be read ({error.strerror})", _FIX) from error
        start = (SIDE_PX, SIDE_PX)
        try:
            with _silent():
                self._network = cv2.FaceDetectorYN.create(
                    "onnx", weights, np.empty(0, np.uint8), start, min_score, MAX_IOU, MOST
                )
                # What is an ONNX file, but not YuNet, shows when it is used.
                self._network.detect(np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8))
        except cv2.error as error:
            raise JikcamError(f"model file {path} is not a YuNet face detector", _FIX) from error

    def detect(self, image: Image, area: Box, side_px: int = SIDE_PX) -> list[Face]:
        if not area.is_finite():
            return []
        part = area.clipped(Size(image.shape[1], image.shape[0]))
        x0, y0, x1, y1 = math.floor(part.x0), math.floor(part.y0), math.ceil(part.x1), math.ceil(part.y1)
        if x1 - x0 < 2 or y1 - y0 < 2:
            return []
        cut = image[y0:y1, x0:x1]
        scale = side_px / max(x1 - x0, y1 - y0)
        while scale < 0.5:
            cut, scale = _halved(cut), scale * 2
        size = max(1, round(cut.shape[1] * scale)), max(1, round(cut.shape[0] * scale))
        canvas = np.zeros((_up(size[1]), _up(size[0]), 3), np.uint8)
        cv2.resize(cut, size, canvas[: size[1], : size[0]], interpolation=cv2.INTER_LINEAR)
        self._network.setInputSize((canvas.shape[1], canvas.shape[0]))
        _, rows = self._network.detect(canvas)
        if rows is None:
            return []
        back = np.array([(x1 - x0) / size[0], (y1 - y0) / size[1]])
        found = [_face(row, back, np.array([x0, y0])) for row in rows if np.isfinite(row).all()]
        return sorted(found, key=lambda face: -face.score)


_FIX = "fetch the model pack again"


def _face(row: np.ndarray, back: np.ndarray, corner: np.ndarray) -> Face:
    """From x, y, width, height, five points, score in the canvas to pixels of the picture."""
    (left, top), (width, height) = row[:2] * back + corner, row[2:4] * back
    points = (row[4:14].reshape(5, 2) * back + corner).astype(np.float32)
    box = Box(float(left), float(top), float(left + width), float(top + height))
    return Face(box, points, float(np.clip(row[14], 0.0, 1.0)))


def _up(side: int) -> int:
    return -(-side // MULTIPLE) * MULTIPLE


def _halved(picture: Image) -> Image:
    size = max(1, picture.shape[1] // 2), max(1, picture.shape[0] // 2)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


@contextmanager
def _silent() -> Iterator[None]:
    """OpenCV's own complaints kept off the user's terminal; what matters is raised."""
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(0)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(level)

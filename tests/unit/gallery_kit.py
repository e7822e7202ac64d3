"""People who are squares of one colour on grey, and a reader that knows them by it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from engine.gallery import Models, Picture
from engine.geometry import Box
from engine.identity.member import Member, Sample
from engine.people import Appearance, Skeleton
from engine.perception.protocols import Face
from engine.sources.frame import Image

GREY = 127
FACE, BODY, OTHER = "a" * 64, "b" * 64, "c" * 64
MODELS = Models(FACE, BODY)
RED, BLUE, GREEN = (20, 20, 240), (240, 20, 20), (20, 240, 20)


def vector(seed: int, length: int = 32) -> np.ndarray:
    """Of unit length, the same for the same seed."""
    v = np.random.default_rng(seed).normal(size=length)
    return (v / np.linalg.norm(v)).astype(np.float32)


def sample(seed: int, quality: float = 0.5, length: int = 32) -> Sample:
    return Sample(vector(seed, length), quality)


def member(name: str, *seeds: int, group: str = "", bodies: Sequence[int] = ()) -> Member:
    return Member(name, tuple(sample(s) for s in seeds), tuple(sample(s, 0.9) for s in bodies), group)


def picture(colour: tuple[int, int, int] = RED, index: int | None = 0) -> Picture:
    return Picture("face", portrait((50, colour)), index)


def portrait(*squares: tuple[int, tuple[int, int, int]]) -> Image:
    """Squares of (side, colour) in a row on grey."""
    image = np.full((160, 200 * max(1, len(squares)), 3), GREY, np.uint8)
    for place, (side, colour) in enumerate(squares):
        x = 100 + 200 * place - side // 2
        image[80 - side // 2 : 80 + side // 2, x : x + side] = colour
    return image


def seed_of(colour: np.ndarray) -> int:
    """Robust against what JPEG does to a colour."""
    return int(np.dot(np.round(np.asarray(colour, float) / 64), (1, 10, 100)))


class SquareReader:
    """The largest square is the best face; its colour says who it is, its side how good it is."""

    def __init__(self, length: int = 32) -> None:
        self.length = length
        self.reads = 0

    def best_face(self, image: Image) -> Appearance | None:
        self.reads += 1
        found = self.detect(image, box(0, 0, image.shape[1], image.shape[0]), 0)
        if not found:
            return None
        where = max(found, key=lambda face: face.box.area).box
        x0, y0, x1, y1 = (int(v) for v in where.xyxy)
        colour = image[y0 + 1 : y1 - 1, x0 + 1 : x1 - 1].reshape(-1, 3).mean(axis=0)
        numbers = vector(seed_of(colour), self.length)
        return Appearance(None, 0.0, numbers, 0.9, min(1.0, where.width / 100), where)

    def detect(self, image: Image, area: Box, side_px: int) -> list[Face]:
        away = (np.abs(image.astype(int) - GREY).max(axis=2) > 60).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(away)
        points = np.zeros((5, 2), np.float32)
        return [Face(box(*row[:4]), points, 0.9) for row in stats[1:] if min(row[2:4]) >= 4]

    def read(
        self, image: Image, boxes: Sequence[Box], skeletons: Sequence[Skeleton | None] | None = None
    ) -> list[Appearance]:
        found = []
        for one in boxes:
            x0, y0, x1, y1 = (max(0, int(v)) for v in one.xyxy)
            face = self.best_face(image[y0:y1, x0:x1])
            body = vector(1000 + seed_of(image[y0:y1, x0:x1].reshape(-1, 3).mean(axis=0)), self.length)
            if face is None or face.face_box is None:
                found.append(Appearance(body=body, body_quality=0.8))
            else:
                found.append(
                    Appearance(body, 0.8, face.face, 0.9, face.face_quality, face.face_box.shifted(x0, y0))
                )
        return found


def box(x: float, y: float, width: float, height: float) -> Box:
    return Box(float(x), float(y), float(x + width), float(y + height))

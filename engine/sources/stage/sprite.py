"""Photographic performers: a cut-out picture of a person, moved, scaled, mirrored and tinted as a whole."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import JikcamError
from engine.geometry import Box
from engine.people import F32, Skeleton
from engine.sources.frame import Image
from engine.sources.stage.body import Pose
from engine.sources.stage.view import PERSON_M, StageView

#: Sprites are stored this tall at most: the nearest a performer comes to a 1080 line camera, and some.
MOST_HEIGHT_PX = 720
#: COCO-17 rows after left and right changed sides.
_SWAPPED = [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]


@dataclass(frozen=True, eq=False)
class Sprite:
    """A cut-out; its lowest visible row stands on the floor.

    Attributes:
        image: (H, W, 4) uint8 BGRA, alpha 255 on the person.
        pose: the person's key points in pixels of ``image``.
        tint: factors for blue, green, red.
        mirrored: show it the other way round.
        height_m: body height from the lowest to the highest visible row.

    Raises:
        JikcamError: nothing in the picture is opaque.
    """

    image: NDArray[np.uint8]
    pose: Skeleton
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    mirrored: bool = False
    height_m: float = PERSON_M

    def __post_init__(self) -> None:
        if self.image.ndim != 3 or self.image.shape[2] != 4 or not (self.image[:, :, 3] > 127).any():
            raise JikcamError("the cut-out shows nobody", "use a BGRA picture with an opaque person")

    @cached_property
    def cut(self) -> Cut:
        """The sprite trimmed, tinted and scaled once for all pictures."""
        ys, xs = np.nonzero(self.image[:, :, 3] > 127)
        x0, y0, x1, y1 = int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1
        part = self.image[y0:y1, x0:x1].astype(np.float32)
        xy = self.pose.xy - np.array([x0, y0], np.float32)
        scale = min(MOST_HEIGHT_PX / part.shape[0], 1.0)
        size = (max(round(part.shape[1] * scale), 1), max(round(part.shape[0] * scale), 1))
        alpha = part[:, :, 3:] / 255
        lit = np.clip(part[:, :, :3] * np.array(self.tint, np.float32), 0, 255) * alpha
        light = np.asarray(cv2.resize(lit, size, interpolation=cv2.INTER_AREA))
        alpha = np.asarray(cv2.resize(alpha[:, :, 0], size, interpolation=cv2.INTER_AREA))
        xy = xy * np.array([size[0] / part.shape[1], size[1] / part.shape[0]], np.float32)
        score = self.pose.score
        if self.mirrored:
            light, alpha = light[:, ::-1], alpha[:, ::-1]
            xy = (np.array([size[0], 0], np.float32) + xy * np.array([-1, 1], np.float32))[_SWAPPED]
            score = score[_SWAPPED]
        picture = np.rint(np.dstack([light, alpha * 255]))
        return Cut(np.ascontiguousarray(picture, dtype=np.uint8), xy.astype(np.float32), score)

    def place(self, pose: Pose, view: StageView, time_s: float) -> PlacedSprite:
        flip = math.cos(pose.yaw) < 0
        scale = view.px_per_m(pose.depth) * self.height_m / self.cut.picture.shape[0]
        return PlacedSprite(
            self.cut, pose.depth, scale, view.x_px(pose.x, time_s), view.floor_px(pose.depth), flip
        )


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A sprite ready to be placed: (H, W, 4) colours times alpha, and alpha; key points."""

    picture: NDArray[np.uint8]
    xy: F32
    score: F32


@dataclass(frozen=True, eq=False)
class PlacedSprite:
    """A sprite in one picture: ``scale`` source pixels per cut pixel, feet at (x, floor)."""

    cut: Cut
    depth: float
    scale: float
    x: float
    floor: float
    flipped: bool

    @cached_property
    def _matrix(self) -> NDArray[np.float64]:
        """(2, 3) from the cut's pixels to source pixels."""
        h, w = self.cut.picture.shape[:2]
        s = -self.scale if self.flipped else self.scale
        return np.array([[s, 0.0, self.x - s * w / 2], [0.0, self.scale, self.floor - self.scale * h]])

    @cached_property
    def box(self) -> Box:
        h, w = self.cut.picture.shape[:2]
        return Box(
            self.x - self.scale * w / 2,
            self.floor - self.scale * h,
            self.x + self.scale * w / 2,
            self.floor,
        )

    @cached_property
    def skeleton(self) -> Skeleton:
        xy = self.cut.xy @ self._matrix[:, :2].T + self._matrix[:, 2]
        # Turned round it is the same face seen in a mirror: what was left is now right.
        rows = _SWAPPED if self.flipped else slice(None)
        return Skeleton(xy[rows].astype(np.float32), self.cut.score[rows])

    def paint(self, canvas: Image) -> None:
        h, w = canvas.shape[:2]
        x0, y0 = max(math.floor(self.box.x0), 0), max(math.floor(self.box.y0), 0)
        x1, y1 = min(math.ceil(self.box.x1) + 1, w), min(math.ceil(self.box.y1) + 1, h)
        if x1 <= x0 or y1 <= y0:
            return
        matrix = self._matrix.copy()
        matrix[:, 2] -= (x0, y0)
        # One warp of all four channels costs half of one for the colours and one for alpha.
        warped = cv2.warpAffine(self.cut.picture, matrix, (x1 - x0, y1 - y0))
        light = cv2.cvtColor(warped, cv2.COLOR_BGRA2BGR)
        solid = cv2.cvtColor(cv2.extractChannel(warped, 3), cv2.COLOR_GRAY2BGR)
        part = canvas[y0:y1, x0:x1]
        cv2.subtract(part, cv2.multiply(part, solid, scale=1 / 255), dst=part)
        cv2.add(part, light, dst=part)

    def silhouette(self, box: Box, scale: float) -> NDArray[np.uint8]:
        size = (max(round(box.width * scale), 1), max(round(box.height * scale), 1))
        matrix = self._matrix.copy()
        matrix[:, 2] -= (box.x0, box.y0)
        alpha = cv2.warpAffine(self.cut.picture[:, :, 3], matrix * scale, size)
        return np.where(alpha > 127, 255, 0).astype(np.uint8)

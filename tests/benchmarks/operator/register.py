"""Where one cropped picture lies in the wide picture it was cut from, to a few hundredths of a pixel.

Direct alignment (Lucas and Kanade 1981; weights by Tukey's biweight, gradients of both pictures as in Malis
2004) with three unknowns of place, scale and shift, and two of light, gain and offset. Both pictures are
blurred by the same length, so that it does not matter which scaler, codec or grading made the crop. Pixels
are areas: pixel i covers i to i + 1, as in engine.render.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.geometry import Shot, Size

Grey = NDArray[np.float32]

#: Coarse to fine: blur and least distance of the compared points in wide pixels, and the most points.
Level = tuple[float, float, int]
LEVELS: tuple[Level, ...] = ((6.0, 5.0, 6_000), (2.0, 2.0, 24_000), (1.0, 1.0, 90_000))
ITERATIONS, SETTLED_PX = 12, 0.002
#: Tukey's constant for 95 % efficiency on normal noise; times 1.4826 the median deviation is a sigma.
BIWEIGHT, MAD_SIGMA = 4.685, 1.4826
#: Grey levels by which a pixel changes to the next picture and is half trusted: it moves, so that the
#: smallest error in time would move it.
MOVING_LEVELS = 12.0
#: In front of a bare wall the people are all there is to go by.
LEAST_TRUST = 0.03
#: Points within which the mean is taken away before two pictures are compared.
BAND_POINTS = 8.0


@dataclass(frozen=True, slots=True)
class Placement:
    """Crop pixel (u, v) shows wide pixel (x0 + scale u, y0 + scale v)."""

    x0: float
    y0: float
    scale: float

    def shot(self, crop: Size) -> Shot:
        """As a shot of the wide picture."""
        cx, cy = self.x0 + self.scale * crop.width / 2, self.y0 + self.scale * crop.height / 2
        return Shot(cx, cy, self.scale * crop.height, crop.aspect)

    @classmethod
    def of_shot(cls, shot: Shot, crop: Size) -> Placement:
        """The placement of a crop of that size that shows ``shot``."""
        return cls(shot.box.x0, shot.box.y0, shot.height / crop.height)


@dataclass(frozen=True, slots=True)
class Fit:
    """A placement and how alike the two pictures are there: correlation of their fine detail, -1 to 1."""

    placement: Placement
    alike: float


def trust_of(wide: Grey, neighbours: tuple[Grey, ...]) -> Grey:
    """(H, W) 0 to 1: little where the wide picture moves, against the pictures before and after it."""
    if not neighbours:
        return np.ones_like(wide)
    change = np.maximum.reduce([cv2.absdiff(wide, n) for n in neighbours])
    change = cv2.dilate(cv2.blur(change, (5, 5)), np.ones((9, 9), np.uint8))
    # A camera that moves changes everything: that much says nothing.
    change = np.maximum(change - np.median(change), 0.0)
    return np.asarray(LEAST_TRUST + (1 - LEAST_TRUST) / (1 + (change / MOVING_LEVELS) ** 2), dtype=np.float32)


def aligned(
    wide: Grey, crop: Grey, trust: Grey, start: Placement, levels: tuple[Level, ...] = LEVELS
) -> Fit | None:
    """The placement near ``start``; None when it runs away.

    Args:
        wide, crop: (H, W) float32 grey, 0 to 255.
        trust: as ``trust_of``, of the wide picture.
        start: off by less than about twice the blur of the first level.
    """
    fit: Fit | None = Fit(start, 0.0)
    for blur_px, spacing_px, most in levels:
        fit = _level(wide, crop, trust, fit.placement, blur_px, spacing_px, most)
        if fit is None:
            return None
    return fit


def likeness(wide: Grey, crop: Grey, placement: Placement) -> float:
    """How alike the pictures are at that placement, -1 to 1, where everything counts, also what moves."""
    blur_px, spacing_px, most = LEVELS[1]
    grid = _Grid.of(crop, placement, spacing_px, most)
    goal = grid.of_crop(crop, placement, blur_px)
    there = grid.of_wide(wide, placement, blur_px)
    return _correlation(there, goal, np.ones_like(goal))


@dataclass(frozen=True, slots=True)
class _Grid:
    """Points that lie evenly over the crop."""

    columns: int
    rows: int
    crop: Size

    @classmethod
    def of(cls, crop: Grey, placement: Placement, spacing_px: float, most: int) -> _Grid:
        height, width = crop.shape
        step = max(spacing_px / placement.scale, 1.0, math.sqrt(width * height / most))
        return cls(max(round(width / step), 8), max(round(height / step), 8), Size(width, height))

    @property
    def spacing(self) -> tuple[float, float]:
        """Crop pixels from point to point."""
        return self.crop.width / self.columns, self.crop.height / self.rows

    def of_crop(self, crop: Grey, placement: Placement, blur_px: float) -> Grey:
        blurred = cv2.GaussianBlur(crop, (0, 0), blur_px / placement.scale)
        return self._sampled(blurred, Placement(0.0, 0.0, 1.0))

    def of_wide(self, wide: Grey, placement: Placement, blur_px: float) -> Grey:
        """Only the part that is needed is blurred."""
        height, width = wide.shape
        shot = placement.shot(self.crop).box
        far = 4 * blur_px + 3
        x0, y0 = (min(max(math.floor(v - far), 0), m - 2) for v, m in ((shot.x0, width), (shot.y0, height)))
        x1, y1 = (max(math.ceil(v + far), low + 2) for v, low in ((shot.x1, x0), (shot.y1, y0)))
        part = wide[y0:y1, x0:x1]
        blurred = cv2.GaussianBlur(part, (0, 0), blur_px) if blur_px else part
        return self._sampled(blurred, Placement(placement.x0 - x0, placement.y0 - y0, placement.scale))

    def _sampled(self, image: Grey, placement: Placement) -> Grey:
        sx, sy = (placement.scale * s for s in self.spacing)
        matrix = np.array(
            [[sx, 0, placement.x0 + 0.5 * sx - 0.5], [0, sy, placement.y0 + 0.5 * sy - 0.5]], np.float64
        )
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        out = cv2.warpAffine(
            image, matrix, (self.columns, self.rows), flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(out, dtype=np.float32)


def _level(
    wide: Grey, crop: Grey, trust: Grey, start: Placement, blur_px: float, spacing_px: float, most: int
) -> Fit | None:
    grid = _Grid.of(crop, start, spacing_px, most)
    goal = grid.of_crop(crop, start, blur_px)
    trusted = grid.of_wide(trust, start, 0.0)
    sx, sy = grid.spacing
    u = ((np.arange(grid.columns) + 0.5) * sx - grid.crop.width / 2)[None, :]
    v = ((np.arange(grid.rows) + 0.5) * sy - grid.crop.height / 2)[:, None]
    goal_x, goal_y = _slopes(goal, sx, sy)
    there, placement = goal, start
    for _ in range(ITERATIONS):
        there = grid.of_wide(wide, placement, blur_px)
        step = _step(there, goal, trusted, (goal_x, goal_y), (sx, sy), (u, v))
        if step is None:
            return None
        grow, du, dv = step
        # The step is in crop pixels about the crop's middle.
        scale = placement.scale * math.exp(min(max(grow, -0.1), 0.1))
        shot = placement.shot(grid.crop)
        cx, cy = shot.cx + du * placement.scale, shot.cy + dv * placement.scale
        placement = Placement(
            cx - scale * grid.crop.width / 2, cy - scale * grid.crop.height / 2, scale
        )  # fmt: skip
        moved = (abs(du) + abs(dv) + abs(grow) * grid.crop.height / 2) * placement.scale
        if not _sensible(placement, start, wide.shape, grid.crop):
            return None
        if moved < SETTLED_PX * spacing_px:
            break
    # Pictures of the same moment are alike in what moves too; of different ones in the rest.
    alike = max(_correlation(there, goal, weight) for weight in (trusted, np.ones_like(trusted)))
    return Fit(placement, alike)


def _step(
    there: Grey,
    goal: Grey,
    trusted: Grey,
    goal_slopes: tuple[Grey, Grey],
    spacing: tuple[float, float],
    uv: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> tuple[float, float, float] | None:
    """One Gauss-Newton step: growth, and shift in crop pixels; None when the picture does not say."""
    there_x, there_y = _slopes(there, *spacing)
    gain = float(goal.std() / max(float(there.std()), 1e-3))
    gx, gy = (gain * there_x + goal_slopes[0]) / 2, (gain * there_y + goal_slopes[1]) / 2
    flat = there.ravel()
    light = np.stack([flat, np.ones_like(flat)])
    moves = np.stack([(gx * uv[0] + gy * uv[1]).ravel(), gx.ravel(), gy.ravel()])
    rows = np.concatenate([moves, light]).astype(np.float64)
    weight = trusted.ravel().astype(np.float64)
    # Gain and offset first, from all points, so that the residuals tell outliers.
    found = _solved(light.astype(np.float64), weight, goal.ravel().astype(np.float64))
    if found is None:
        return None
    rest = goal.ravel() - found @ light
    sigma = max(MAD_SIGMA * float(np.median(np.abs(rest))), 0.5)
    inside = np.clip(1 - (rest / (BIWEIGHT * sigma)) ** 2, 0.0, None) ** 2
    solution = _solved(rows, weight * inside, goal.ravel().astype(np.float64))
    if solution is None:
        return None
    return float(solution[0]), float(solution[1]), float(solution[2])


def _solved(
    rows: NDArray[np.float64], weight: NDArray[np.float64], goal: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """Weighted least squares; ``rows`` is (unknowns, points)."""
    weighted = rows * weight
    normal = weighted @ rows.T
    scale = np.sqrt(np.maximum(np.diag(normal), 1e-12))
    normal = normal / np.outer(scale, scale)
    if not np.isfinite(normal).all() or np.linalg.cond(normal) > 1e8:
        return None
    return np.asarray(np.linalg.solve(normal, (weighted @ goal) / scale) / scale)


def _slopes(image: Grey, sx: float, sy: float) -> tuple[Grey, Grey]:
    """Rise per crop pixel across and down."""
    across = cv2.Sobel(image, cv2.CV_32F, 1, 0, ksize=3) / (8 * sx)
    down = cv2.Sobel(image, cv2.CV_32F, 0, 1, ksize=3) / (8 * sy)
    return np.asarray(across, np.float32), np.asarray(down, np.float32)


def _sensible(now: Placement, start: Placement, wide: tuple[int, ...], crop: Size) -> bool:
    """Not beyond the wide picture, nor far from where it began."""
    shot, then = now.shot(crop), start.shot(crop)
    if not shot.is_finite() or not 0.6 < shot.height / then.height < 1.6:
        return False
    inside = -0.1 * wide[1] < shot.cx < 1.1 * wide[1] and -0.1 * wide[0] < shot.cy < 1.1 * wide[0]
    return inside and abs(shot.cx - then.cx) + abs(shot.cy - then.cy) < 0.5 * then.height


def _correlation(a: Grey, b: Grey, weight: Grey) -> float:
    """Weighted correlation of what is finer than BAND_POINTS."""
    a, b = (image - cv2.GaussianBlur(image, (0, 0), BAND_POINTS) for image in (a, b))
    top = float((weight * a * b).sum())
    low = math.sqrt(float((weight * a * a).sum()) * float((weight * b * b).sum()))
    return top / low if low > 0 else 0.0

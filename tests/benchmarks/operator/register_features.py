"""Where a cropped picture lies in a wide one when nothing is known of it: SIFT (Lowe 2004) and RANSAC."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.sources.frame import Image
from tests.benchmarks.operator.register import Placement

F64 = NDArray[np.float64]

WIDE_FEATURES, CROP_FEATURES = 4000, 1500
#: A crop is shrunk to this height first: what was blown up has no finer detail anyway.
CROP_HEIGHT_PX = 640
#: Lowe's ratio test.
RATIO = 0.8
#: A camera that does not roll keeps every angle.
ANGLE_DEG = 12.0
TRIALS = 800
#: Wide pixels.
NEAR_PX = 2.5
#: Pairs count by the cells of the crop in which they lie, so that one textured dancer cannot outvote the
#: stage round them.
CELLS = 10
#: Crop pixels shown per wide pixel: beyond it nobody would call it a picture.
SCALES = (0.04, 4.0)
FEWEST_CELLS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Points of interest.

    Attributes:
        xy: (N, 2) pixels as areas.
        angle_deg: (N,).
        descriptors: (N, 128).
    """

    xy: F64
    angle_deg: F64
    descriptors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Vote:
    """A placement and in how many cells of the crop it is borne out."""

    placement: Placement
    cells: int


def wide_features(image: Image) -> Features:
    """Of an (H, W) grey wide picture."""
    return _features(image, 1.0, WIDE_FEATURES)


def crop_features(image: Image) -> Features:
    """Of an (H, W) grey crop."""
    factor = max(image.shape[0] / CROP_HEIGHT_PX, 1.0)
    size = (round(image.shape[1] / factor), round(image.shape[0] / factor))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA) if factor > 1 else image
    return _features(np.asarray(small, np.uint8), image.shape[0] / small.shape[0], CROP_FEATURES)


def _features(image: Image, factor: float, most: int) -> Features:
    sift = cv2.SIFT_create(nfeatures=most, contrastThreshold=0.02)
    points, descriptors = sift.detectAndCompute(image, None)
    if descriptors is None:
        return Features(np.zeros((0, 2)), np.zeros(0), np.zeros((0, 128), np.float32))
    xy = (np.array([p.pt for p in points], np.float64) + 0.5) * factor
    return Features(xy, np.array([p.angle for p in points]), np.asarray(descriptors, np.float32))


def placed(wide: Features, crop: Features, crop_size: tuple[int, int], seed: int = 0) -> Vote | None:
    """Where the crop lies, by most cells; None when too few agree.

    Args:
        crop_size: (height, width) of the crop in pixels.
        seed: of the trials.
    """
    ours, theirs = _pairs(wide, crop)
    if len(ours) < FEWEST_CELLS:
        return None
    cell = _cells(theirs, crop_size)
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, len(ours), (2, TRIALS))
    apart = np.linalg.norm(theirs[a] - theirs[b], axis=1) > 0.05 * crop_size[0]
    a, b = a[apart], b[apart]
    across = theirs[b] - theirs[a]
    scales = ((ours[b] - ours[a]) * across).sum(axis=1) / (across**2).sum(axis=1)
    sound = (scales > SCALES[0]) & (scales < SCALES[1])
    a, b, scales = a[sound], b[sound], scales[sound]
    corners = (ours[a] + ours[b]) / 2 - scales[:, None] * (theirs[a] + theirs[b]) / 2
    best, near = 0, np.zeros(len(ours), np.bool_)
    for scale, corner in zip(scales, corners, strict=True):
        inside = np.abs(ours - corner - scale * theirs).max(axis=1) < NEAR_PX
        count = len(np.unique(cell[inside]))
        if count > best:
            best, near = count, inside
    if best < FEWEST_CELLS:
        return None
    return Vote(_least_squares(ours[near], theirs[near]), best)


def _pairs(wide: Features, crop: Features) -> tuple[F64, F64]:
    """(N, 2) wide and (N, 2) crop points that look alike, and like nothing else."""
    if len(wide.xy) < 2 or len(crop.xy) < 2:
        return np.zeros((0, 2)), np.zeros((0, 2))
    ours, theirs = (
        f.descriptors / np.linalg.norm(f.descriptors, axis=1, keepdims=True) for f in (wide, crop)
    )
    # Of unit vectors the squared distance is 2 - 2 cos; one matrix product is far faster than a matcher.
    distance = 2 - 2 * (theirs @ ours.T)
    nearest = np.argpartition(distance, 1, axis=1)[:, :2]
    squared = np.maximum(np.take_along_axis(distance, nearest, axis=1), 0.0)
    # argpartition puts the nearest first and the second at place 1.
    c = np.flatnonzero(squared[:, 0] < RATIO**2 * squared[:, 1])
    w = nearest[c, 0]
    turned = (crop.angle_deg[c] - wide.angle_deg[w] + 180) % 360 - 180
    upright = np.abs(turned) < ANGLE_DEG
    return wide.xy[w[upright]], crop.xy[c[upright]]


def _cells(xy: F64, size: tuple[int, int]) -> NDArray[np.int64]:
    side = max(size) / CELLS
    column, row = np.floor(xy / side).astype(np.int64).T
    return np.asarray(row * CELLS + column)


def _least_squares(wide: F64, crop: F64) -> Placement:
    """The placement that leaves the smallest squares."""
    w, c = wide.mean(axis=0), crop.mean(axis=0)
    scale = float(((wide - w) * (crop - c)).sum() / max(float(((crop - c) ** 2).sum()), 1e-9))
    x0, y0 = w - scale * c
    return Placement(float(x0), float(y0), scale)

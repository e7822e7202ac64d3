"""A face turned upright and brought to the place where an embedder expects eyes, nose and mouth."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.sources.frame import Image

F64 = NDArray[np.float64]

#: Five points (right eye, left eye, nose, corners of the mouth) as shares of the picture's side, as Intel's
#: face-reidentification-retail-0095 was trained.
RETAIL_TEMPLATE: F64 = np.array(
    [[0.3156, 0.4616], [0.6826, 0.4616], [0.5003, 0.6405], [0.3495, 0.8247], [0.6534, 0.8247]]
)
#: The same for ArcFace (Deng et al. 2019, arXiv 1801.07698) and SFace: pixels of 112 x 112.
ARCFACE_TEMPLATE: F64 = (
    np.array(
        [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
    )
    / 112.0
)
#: Finer than this no face is read: the points lie on one another.
LEAST_SPREAD_PX = 1.0


def similarity(source: NDArray[np.floating], target: NDArray[np.floating]) -> F64 | None:
    """The turn, scale and shift that brings ``source`` nearest to ``target``, without mirroring.

    Args:
        source, target: (N, 2), N >= 2.

    Returns:
        (2, 3) for ``target = M @ [x, y, 1]``; None when the source points coincide or are not finite.

    Source: Umeyama 1991, "Least-squares estimation of transformation parameters", for two dimensions, where
    a complex number is turn and scale at once.
    """
    a = source[:, 0].astype(np.float64) + 1j * source[:, 1]
    b = target[:, 0].astype(np.float64) + 1j * target[:, 1]
    if not np.isfinite(a).all():
        return None
    a0, b0 = a - a.mean(), b - b.mean()
    spread = float((np.abs(a0) ** 2).sum())
    if spread < LEAST_SPREAD_PX**2:
        return None
    turn = complex((np.conj(a0) * b0).sum()) / spread
    shift = complex(b.mean()) - turn * complex(a.mean())
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def aligned(image: Image, points: NDArray[np.floating], template: F64, side_px: int) -> Image | None:
    """The face as (side_px, side_px, 3); None where the five ``points`` (5, 2) are no face."""
    matrix = similarity(points, template * side_px)
    if matrix is None:
        return None
    # A face much larger than the template is made smaller without aliasing: blur by area first.
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    source, offset = _shrunk(image, points, scale)
    if source is None:
        return None
    factor, left, top = offset
    # Pixel middles: source (x + .5) = (x' + .5) * factor + corner.
    to_full = np.array([[factor, 0.0, (factor - 1) / 2 + left], [0.0, factor, (factor - 1) / 2 + top]])
    whole = matrix[:, :2] @ to_full
    whole[:, 2] += matrix[:, 2]
    return np.asarray(cv2.warpAffine(source, whole, (side_px, side_px)), np.uint8)


def _shrunk(
    image: Image, points: NDArray[np.floating], scale: float
) -> tuple[Image | None, tuple[float, float, float]]:
    """The picture around the face, halved while the face is twice too large, and where it lies."""
    height, width = image.shape[:2]
    middle, reach = points.mean(axis=0), 4.0 * float(np.ptp(points, axis=0).max()) + 2.0
    left, top = (max(0, int(v - reach)) for v in middle)
    right, bottom = min(width, int(middle[0] + reach) + 1), min(height, int(middle[1] + reach) + 1)
    if right - left < 2 or bottom - top < 2:
        return None, (1.0, 0.0, 0.0)
    part: Image = image[top:bottom, left:right]
    factor = 1
    while scale * factor < 0.5 and min(part.shape[:2]) >= 4:
        # An even number of pixels, so that halving is an exact mean of four.
        part = part[: part.shape[0] // 2 * 2, : part.shape[1] // 2 * 2]
        half = part.shape[1] // 2, part.shape[0] // 2
        part = np.asarray(cv2.resize(part, half, interpolation=cv2.INTER_AREA), np.uint8)
        factor *= 2
    return part, (float(factor), float(left), float(top))

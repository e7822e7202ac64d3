"""Straight lines out of a wide angle: a Source around another one that takes the lens's curvature away."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import JikcamError
from engine.geometry import Size
from engine.sources.frame import Frame, Image, Source

F64 = NDArray[np.float64]

#: Where a lens squeezes the radius more than this the corrected picture would be smeared; it ends before.
LEAST_SLOPE = 0.2
#: A correction that leaves less of the picture than this share of its width is a mistyped one.
LEAST_SCALE = 0.5
#: Places along each edge of the picture that must have a source pixel.
EDGE_STEPS = 129


@dataclass(frozen=True, slots=True)
class Lens:
    """Radial distortion of a lens, Brown (1966) with Conrady's terms left out, as OpenCV has it.

    A place at radius r in the straight picture is found at ``r * (1 + k1 r^2 + k2 r^4)`` in the bent one.
    Radii are measured from the middle of the picture in halves of its diagonal: 0 in the middle, 1 in the
    corners. So the numbers hold at every resolution of one camera mode, and 0, 0 is no lens at all. Wide
    angles bulge (barrel): k1 below 0, usually -0.05 to -0.4, with a smaller k2 above 0.

    From an OpenCV calibration with focal length f (pixels) of a picture with half diagonal d (pixels) and the
    optical axis in the middle: ``k1 * (d / f)**2`` and ``k2 * (d / f)**4``.

    Attributes:
        k1, k2: without unit.

    Raises:
        JikcamError: not numbers, or so far from 0 that hardly a picture is left.
    """

    k1: float = 0.0
    k2: float = 0.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.k1) and np.isfinite(self.k2)):
            raise JikcamError(f"the lens k1={self.k1}, k2={self.k2} is no number", "use 0 for none")
        if abs(self.k1) > 2 or abs(self.k2) > 2 or self.scale(Size(16, 9)) < LEAST_SCALE:
            raise JikcamError(
                f"the lens k1={self.k1:g}, k2={self.k2:g} leaves hardly any picture",
                "use values nearer to 0; wide angles have k1 from -0.4 to 0",
            )

    @property
    def is_straight(self) -> bool:
        """Nothing to correct."""
        return self.k1 == 0.0 and self.k2 == 0.0

    def bent(self, places: F64) -> F64:
        """Where places (..., 2) of the straight picture lie in the bent one; both in half diagonals."""
        square = (places**2).sum(axis=-1, keepdims=True)
        moved: F64 = places * (1 + square * (self.k1 + self.k2 * square))
        return moved

    def scale(self, size: Size) -> float:
        """How far the corrected picture reaches, as a multiple of the picture itself.

        The largest one of the same shape without black borders: each of its pixels exists in the bent
        picture, and nothing is smeared.
        """
        corner = np.array([size.width, size.height]) / np.hypot(size.width, size.height)
        edge = np.linspace(-1.0, 1.0, EDGE_STEPS)
        ones = np.ones_like(edge)
        border = np.concatenate([np.stack([edge, ones], axis=1), np.stack([ones, edge], axis=1)])
        low, high = 0.0, 2.0
        for _ in range(60):
            scale = (low + high) / 2
            inside = bool((np.abs(self.bent(scale * border * corner)) <= corner * (1 + 1e-12)).all())
            low, high = (scale, high) if inside and self._is_steep(scale) else (low, scale)
        return low

    def _is_steep(self, radius: float) -> bool:
        """Whether the bent radius rises clearly all the way to ``radius``."""
        square = np.linspace(0.0, radius, EDGE_STEPS) ** 2
        return bool((1 + square * (3 * self.k1 + 5 * self.k2 * square) >= LEAST_SLOPE).all())


def bent_pixels(lens: Lens, size: Size) -> F64:
    """(H, W, 2) where each pixel of the corrected picture lies in the source, x and y in pixel centres."""
    half_diagonal = float(np.hypot(size.width, size.height)) / 2
    middle = np.array([size.width - 1, size.height - 1]) / 2
    x, y = np.meshgrid(np.arange(size.width) - middle[0], np.arange(size.height) - middle[1])
    straight = np.stack([x, y], axis=-1) * (lens.scale(size) / half_diagonal)
    return lens.bent(straight) * half_diagonal + middle


class Undistorted:
    """A Source that gives the corrected pictures of another one, at the same size, time and number.

    Everything behind it (areas, boxes, shots) is in pixels of the corrected picture.

    Args:
        source: closed together with this one.
        lens: a straight one gives the pictures on as they are.
    """

    def __init__(self, source: Source, lens: Lens) -> None:
        self._source = source
        self._correct = None if lens.is_straight else _Correction(lens, source.size)

    @property
    def name(self) -> str:
        return self._source.name

    @property
    def size(self) -> Size:
        return self._source.size

    @property
    def fps(self) -> float:
        return self._source.fps

    @property
    def frame_count(self) -> int | None:
        """How many pictures will come, about; None when the source does not say."""
        count: int | None = getattr(self._source, "frame_count", None)
        return count

    @property
    def status(self) -> str:
        return self._source.status

    @property
    def ended(self) -> bool:
        return self._source.ended

    def read(self, timeout_s: float) -> Frame | None:
        frame = self._source.read(timeout_s)
        if frame is None or self._correct is None:
            return frame
        return Frame(self._correct(frame.image), frame.time_s, frame.index)

    def close(self) -> None:
        self._source.close()


class _Correction:
    """The maps of one lens and size, made once, and room to work in.

    OpenCV 5 remaps four channels with two float maps in 7.5 ms at 1080p on one core, three channels with
    the fixed-point maps (CV_16SC2) of older versions in 14 ms; the conversions take 1.2 ms.
    """

    def __init__(self, lens: Lens, size: Size) -> None:
        places = bent_pixels(lens, size)
        self._x = places[..., 0].astype(np.float32)
        self._y = places[..., 1].astype(np.float32)
        self._bent, self._straight = (np.empty((size.height, size.width, 4), np.uint8) for _ in range(2))

    def __call__(self, image: Image) -> Image:
        """The corrected picture, a new array."""
        cv2.cvtColor(image, cv2.COLOR_BGR2BGRA, dst=self._bent)
        # Rounding may step outside by less than a pixel, never further: the edge is repeated there.
        cv2.remap(
            self._bent,
            self._x,
            self._y,
            cv2.INTER_LINEAR,
            dst=self._straight,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(cv2.cvtColor(self._straight, cv2.COLOR_BGRA2BGR), dtype=np.uint8)

"""From a uint8 picture to the float planes a model reads, in buffers that are made once."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.geometry import Size
from engine.perception.letterbox import Letterbox
from engine.sources.frame import Image

F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Channels:
    """What a model expects of its three channels: (value - mean) / std, in the model's own order."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    rgb: bool


#: ImageNet statistics as mmdetection and nanodet use them: blue, green, red.
IMAGENET_BGR = Channels((103.53, 116.28, 123.675), (57.375, 57.12, 58.395), rgb=False)
#: The same as PaddleDetection uses them: red, green, blue.
IMAGENET_RGB = Channels((123.675, 116.28, 103.53), (58.395, 57.12, 57.375), rgb=True)
#: YOLOX: blue, green, red as they are, 0 to 255.
PLAIN_BGR = Channels((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), rgb=False)


class PlaneWriter:
    """Writes pictures of one size as normalised planes.

    Splitting first and scaling plane by plane takes a third of the time of ``cv2.dnn.blobFromImage``, which
    also makes a new array every time and has no room for one standard deviation per channel.
    """

    def __init__(self, size: Size, channels: Channels) -> None:
        self._planes = [np.empty((size.height, size.width), np.uint8) for _ in range(3)]
        self._order = (2, 1, 0) if channels.rgb else (0, 1, 2)
        self._gain = [1.0 / s for s in channels.std]
        self._bias = [-m / s for m, s in zip(channels.mean, channels.std, strict=True)]

    def write(self, picture: Image, out: F32) -> None:
        """Fill ``out`` (3, H, W) from ``picture`` (H, W, 3) BGR."""
        cv2.split(picture, self._planes)
        for i, source in enumerate(self._order):
            plane = self._planes[source]
            cv2.addWeighted(plane, self._gain[i], plane, 0.0, self._bias[i], out[i], cv2.CV_32F)


def halvings(source: Size, inner: Size) -> int:
    """How often the picture can be halved before it is smaller than ``inner``."""
    ratio = min(source.width / inner.width, source.height / inner.height)
    return max(0, int(np.log2(ratio) + 1e-9))


class LetterboxInput:
    """Letter-boxes pictures into a tensor (1, 3, H, W).

    The picture is halved while it is twice too large or more, and only then brought to size: bilinear
    halving is an exact mean of four pixels, so that nothing aliases, and is ten times faster than
    ``INTER_AREA`` in one go. Buffers are kept until a picture of another size comes.
    """

    def __init__(self, channels: Channels, *, pad: int, centered: bool = False) -> None:
        self._channels = channels
        self._pad = pad
        self._centered = centered
        self._box: Letterbox | None = None

    def __call__(self, picture: Image, into: Size) -> tuple[F32, Letterbox]:
        """The tensor, good until the next call, and where the picture lies in it."""
        source = Size(picture.shape[1], picture.shape[0])
        box = self._box
        if box is None or box.source != source or box.into != into:
            box = self._prepare(source, into)
        for half in self._halves:
            cv2.resize(picture, half.shape[1::-1], half, interpolation=cv2.INTER_LINEAR)
            picture = half
        cv2.resize(picture, self._inner.shape[1::-1], self._inner, interpolation=cv2.INTER_LINEAR)
        self._writer.write(self._canvas, self._tensor[0])
        return self._tensor, box

    def _prepare(self, source: Size, into: Size) -> Letterbox:
        box = self._box = Letterbox.fit(source, into, centered=self._centered)
        self._canvas = np.full((into.height, into.width, 3), self._pad, np.uint8)
        self._inner = self._canvas[
            box.top : box.top + box.inner.height, box.left : box.left + box.inner.width
        ]
        count = halvings(source, box.inner)
        self._halves = [
            np.empty((source.height >> i, source.width >> i, 3), np.uint8) for i in range(1, count + 1)
        ]
        self._writer = PlaneWriter(into, self._channels)
        self._tensor = np.empty((1, 3, into.height, into.width), np.float32)
        return box

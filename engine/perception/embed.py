"""Embedders: a crop in, a direction in some hundred dimensions out; who looks alike points alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.assets.verify import hash_file
from engine.geometry import Box, Size
from engine.perception.align import ARCFACE_TEMPLATE, RETAIL_TEMPLATE, aligned
from engine.perception.protocols import Face
from engine.perception.runtime import Network
from engine.perception.tensor import IMAGENET_RGB, PLAIN_BGR, Channels, PlaneWriter
from engine.sources.frame import Image

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

#: Crops of one run; more only take memory.
BATCH = 8
#: A vector shorter than this has no direction.
LEAST_LENGTH = 1e-6


@dataclass(frozen=True, slots=True)
class FaceInput:
    """How a face goes in: where its five points lie (5, 2), 0 to 1, and the colours."""

    template: F64
    channels: Channels


#: Intel's face-reidentification-retail-0095.
RETAIL = FaceInput(RETAIL_TEMPLATE, PLAIN_BGR)
#: OpenCV's SFace: ArcFace's alignment; red, green, blue as they are.
SFACE = FaceInput(ARCFACE_TEMPLATE, Channels((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), rgb=True))


class Embedding:
    """A network that turns pictures of one fixed size into unit vectors.

    Args:
        path: ONNX with one picture in, (N, 3, H, W) or (N, H, W, 3), and one vector out, (N, D).
        channels: how the pixels go in; None: red, green, blue by ImageNet's statistics where the planes
            come first (torchreid), else blue, green, red as they are (Intel).

    Raises:
        JikcamError: the file is broken or no such network.
    """

    def __init__(self, path: Path, threads: int, channels: Channels | None = None) -> None:
        self._network = Network(path, threads)
        shape, outputs = self._network.input_shape, self._network.output_shapes
        self._planes_last = shape[3] == 3 and shape[1] != 3
        height, width = shape[1:3] if self._planes_last else shape[2:4]
        flat = len(outputs) == 1 and len(outputs[0]) >= 2 and all(d in (1, None) for d in outputs[0][2:])
        self._length = (outputs[0][1] or 0) if flat else 0
        if not height or not width or not self._length:
            raise self._network.unfit("an input of fixed size and one vector as output")
        self.size = Size(width, height)
        self.model = hash_file(path).sha256
        self._fixed_batch = shape[0]
        self._writer = PlaneWriter(self.size, channels or (PLAIN_BGR if self._planes_last else IMAGENET_RGB))
        self._tensor = np.zeros((self._fixed_batch or BATCH, 3, height, width), np.float32)

    def vectors(self, pictures: Sequence[Image | None]) -> F32:
        """(N, D) rows of unit length for pictures of ``size``; a row of zeros for None."""
        rows = np.zeros((len(pictures), self._length), np.float32)
        there = [(i, picture) for i, picture in enumerate(pictures) if picture is not None]
        step = len(self._tensor)
        for start in range(0, len(there), step):
            chosen = there[start : start + step]
            for planes, (_, picture) in zip(self._tensor, chosen, strict=False):
                self._writer.write(picture, planes)
            batch = self._tensor if self._fixed_batch else self._tensor[: len(chosen)]
            rows[[i for i, _ in chosen]] = self._run(batch)[: len(chosen)]
        return unit_rows(rows)

    def unfit(self, expected: str) -> Exception:
        """The error to raise when the network does not suit its part."""
        return self._network.unfit(expected)

    def _run(self, planes: F32) -> F32:
        tensor = np.ascontiguousarray(planes.transpose(0, 2, 3, 1)) if self._planes_last else planes
        return np.asarray(self._network.run(tensor)[0], np.float32).reshape(len(planes), -1)


class FaceEmbedding:
    """Faces, turned upright by their five points.

    Args:
        path: the ONNX file.
        face: what the network was trained with.

    Raises:
        JikcamError: the file is broken or does not take square pictures.
    """

    name = "embed"

    def __init__(self, path: Path, threads: int, face: FaceInput = RETAIL) -> None:
        self._embedding = Embedding(path, threads, face.channels)
        self._template = face.template
        if self._embedding.size.width != self._embedding.size.height:
            raise self._embedding.unfit("square pictures as input, as embedders of faces have")
        self.model = self._embedding.model

    def embed(self, image: Image, faces: Sequence[Face]) -> F32:
        side = self._embedding.size.width
        return self._embedding.vectors([aligned(image, face.points, self._template, side) for face in faces])


class BodyEmbedding:
    """Whole people: OSNet (Zhou et al. 2019, arXiv 1905.00953), person-reidentification-retail and kin.

    A crop is stretched to the input, as in training: what little the aspect differs matters less than
    grey bars would.

    Args:
        path: the ONNX file.

    Raises:
        JikcamError: the file is broken or no embedder.
    """

    name = "embed"

    def __init__(self, path: Path, threads: int) -> None:
        self._embedding = Embedding(path, threads)
        self.model = self._embedding.model

    def embed(self, image: Image, boxes: Sequence[Box]) -> F32:
        return self._embedding.vectors([_cut(image, box, self._embedding.size) for box in boxes])


def unit_rows(rows: F32) -> F32:
    """Rows brought to length 1; those that have no direction, or are not finite, are all zeros."""
    finite = np.isfinite(rows).all(axis=1, keepdims=True)
    # In double precision no square of a float can overflow.
    clean = np.where(finite, rows, np.float32(0.0)).astype(np.float64)
    length = np.linalg.norm(clean, axis=1, keepdims=True)
    unit = np.where(length > LEAST_LENGTH, clean / np.maximum(length, LEAST_LENGTH), 0.0)
    return unit.astype(np.float32)


def _cut(image: Image, box: Box, size: Size) -> Image | None:
    """The part of the box that is in the picture, stretched to ``size``; None when there is none."""
    if not box.is_finite():
        return None
    part = box.clipped(Size(image.shape[1], image.shape[0]))
    x0, y0, x1, y1 = math.floor(part.x0), math.floor(part.y0), math.ceil(part.x1), math.ceil(part.y1)
    if x1 - x0 < 2 or y1 - y0 < 2:
        return None
    crop = image[y0:y1, x0:x1]
    smaller = crop.shape[0] > size.height and crop.shape[1] > size.width
    way = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(crop, (size.width, size.height), interpolation=way), np.uint8)

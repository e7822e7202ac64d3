"""Top-down pose from heat maps (PP-TinyPose and everything that gives COCO-17 heat maps)."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.geometry import Box, Size
from engine.people import Joint, Skeleton
from engine.perception.runtime import Network
from engine.perception.tensor import IMAGENET_RGB, PlaneWriter
from engine.sources.frame import Image

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

JOINTS = len(Joint)
#: The model sees the box enlarged by this factor, as in training.
PADDING = 1.25
#: Input pixels per run: one person at 256 x 192, four at 128 x 96. Larger batches leave the cache: four
#: people at 256 x 192 take a third longer together than one by one.
BATCH_PX = 256 * 192
#: Keeps the logarithm finite.
FLOOR = 1e-6


class HeatmapPose:
    """Estimates 17 key points per box, the boxes in small batches side by side.

    Each run stays on one thread, and threads work on different people. The operators are so short that
    handing out their parts costs more than it saves: one person at 256 x 192 takes 16 ms with one thread
    inside the operators, 21 with two and 24 with three (workers that do not spin).

    Args:
        path: the ONNX file: input (N, 3, H, W), an output (N, 17, h, w); other outputs are not asked for.
        threads: people worked on at the same time.

    Raises:
        JikcamError: the file is broken or gives no heat maps of 17 joints.
    """

    name = "heatmap"

    def __init__(self, path: Path, threads: int) -> None:
        self._network = Network(path, threads=1)
        batch, _, height, width = self._network.input_shape
        if not height or not width:
            raise self._network.unfit("an input of fixed height and width")
        maps = [
            name
            for name, shape in zip(self._network.output_names, self._network.output_shapes, strict=True)
            if len(shape) == 4 and shape[1] in (JOINTS, None)
        ]
        if not maps:
            raise self._network.unfit(f"heat maps of {JOINTS} joints as output")
        self._output = (maps[0],)
        self._size = Size(width, height)
        self._writer = PlaneWriter(self._size, IMAGENET_RGB)
        self._crop = np.empty((height, width, 3), np.uint8)
        self._fixed_batch = batch
        self._tensor = np.empty((0, 3, height, width), np.float32)
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="jikcam-pose")

    def estimate(self, image: Image, boxes: Sequence[Box]) -> list[Skeleton]:
        usable = [i for i, box in enumerate(boxes) if box.is_finite() and box.area > 0]
        skeletons = [_nobody(box) for box in boxes]
        if usable:
            found = self._estimate(image, [padded_to(boxes[i], self._size.aspect, PADDING) for i in usable])
            for i, skeleton in zip(usable, found, strict=True):
                skeletons[i] = skeleton
        return skeletons

    def _estimate(self, image: Image, areas: list[Box]) -> list[Skeleton]:
        batch = self._fixed_batch or self._batch(len(areas))
        starts = range(0, len(areas), batch)
        if len(self._tensor) < len(starts) * batch:
            self._tensor = np.zeros((len(starts) * batch, *self._tensor.shape[1:]), np.float32)
        for planes, area in zip(self._tensor, areas, strict=False):
            self._writer.write(self._cut(image, area), planes)
        last = len(self._tensor) if self._fixed_batch else len(areas)
        runs = [self._tensor[start : min(start + batch, last)] for start in starts]
        maps = np.concatenate(list(self._pool.map(self._run, runs)))[: len(areas)]
        xy, scores = decode_heatmaps(maps)
        # Heat-map cell i stands for input pixel i * 4, whose middle is half a pixel further.
        inside = xy * (self._size.width / maps.shape[3]) + 0.5
        return [
            Skeleton(
                (points * (area.width / self._size.width) + (area.x0, area.y0)).astype(np.float32), score
            )
            for points, score, area in zip(inside, scores, areas, strict=True)
        ]

    def _run(self, tensor: F32) -> F32:
        maps: F32 = self._network.run(tensor, self._output)[0]
        return maps

    def _batch(self, people: int) -> int:
        """People per run: shared out evenly, and no more than the cache holds."""
        most = max(1, BATCH_PX // (self._size.width * self._size.height))
        return min(most, -(-people // self._threads))

    def _cut(self, image: Image, area: Box) -> Image:
        scale = self._size.width / area.width
        # warpAffine works on pixel middles: source middle x + .5 goes to (x + .5 - x0) * scale.
        shift = (scale - 1) / 2
        matrix = np.array(
            [[scale, 0.0, shift - area.x0 * scale], [0.0, scale, shift - area.y0 * scale]], np.float64
        )
        cut = cv2.warpAffine(image, matrix, (self._size.width, self._size.height), self._crop)
        return np.asarray(cut, np.uint8)


def padded_to(box: Box, aspect: float, padding: float) -> Box:
    """The box enlarged about its centre to ``aspect`` (width over height) and then by ``padding``."""
    width = max(box.width, box.height * aspect)
    center = box.center
    return Box.from_center(center.x, center.y, width * padding, width / aspect * padding)


def decode_heatmaps(maps: F32) -> tuple[F64, F32]:
    """Peaks of heat maps with sub-pixel accuracy.

    The logarithm of a Gaussian is a parabola, so three cells give its middle exactly (the Taylor step of
    Zhang et al. 2020, "Distribution-aware coordinate representation", axis by axis).

    Args:
        maps: (N, J, h, w).

    Returns:
        Positions (N, J, 2) in cells, cell i at i, and peak values (N, J) clipped to 0..1; a map that is not
        finite has score 0.
    """
    n, joints, height, width = maps.shape
    raw = np.nan_to_num(maps, nan=0.0, posinf=0.0, neginf=0.0).reshape(n * joints, height, width)
    flat = _smoothed(raw)
    which = np.arange(len(flat))
    y, x = np.unravel_index(flat.reshape(len(flat), -1).argmax(axis=1), (height, width))
    peak = flat[which, y, x]

    def refined(position: NDArray[np.intp], last: int, before: F32, after: F32) -> F64:
        low, top, high = (np.log(np.maximum(v, FLOOR, dtype=np.float64)) for v in (before, peak, after))
        bend = low - 2 * top + high
        sharp = (position > 0) & (position < last) & (bend < 0) & (peak > FLOOR)
        offset = np.where(sharp, (low - high) / (2 * np.where(sharp, bend, -1.0)), 0.0)
        return position.astype(np.float64) + offset

    fx = refined(
        x, width - 1, flat[which, y, np.maximum(x - 1, 0)], flat[which, y, np.minimum(x + 1, width - 1)]
    )
    fy = refined(
        y, height - 1, flat[which, np.maximum(y - 1, 0), x], flat[which, np.minimum(y + 1, height - 1), x]
    )
    positions = np.stack([fx, fy], axis=1).reshape(n, joints, 2)
    return positions, np.clip(raw[which, y, x], 0.0, 1.0).reshape(n, joints).astype(np.float32)


def _smoothed(maps: F32) -> F32:
    """Maps (M, h, w) after a 1-2-1 filter on both axes.

    As in Zhang et al.; a joint then trembles 7 % (256 x 192) to 15 % (128 x 96) less when the box does.
    """
    half, quarter = np.float32(0.5), np.float32(0.25)
    down: F32 = maps * half
    down[:, 1:] += maps[:, :-1] * quarter
    down[:, :-1] += maps[:, 1:] * quarter
    both: F32 = down * half
    both[:, :, 1:] += down[:, :, :-1] * quarter
    both[:, :, :-1] += down[:, :, 1:] * quarter
    return both


def _nobody(box: Box) -> Skeleton:
    center = box.center
    middle = (center.x, center.y) if box.is_finite() else (0.0, 0.0)
    return Skeleton(np.full((JOINTS, 2), middle, np.float32), np.zeros(JOINTS, np.float32))

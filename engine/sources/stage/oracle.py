"""Perception that knows the answer, with as much noise as wanted: all other logic runs without a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.geometry import Box
from engine.people import DetectedObject, Detection, Skeleton
from engine.sources.frame import Image
from engine.sources.stage.ball import LABEL
from engine.sources.stage.barcode import read_index
from engine.sources.stage.scene import PerformerTruth, Scene

#: Somebody of whom less is seen is not found.
LEAST_VISIBLE = 0.35
#: Pose estimators need less: they were told where to look.
LEAST_POSED = 0.15
#: Overlap of a box with somebody's true box to be a question about them.
LEAST_IOU = 0.3


class GroundTruthDetector:
    """A Detector, PoseEstimator and ObjectFinder that answers from the scene's truth.

    Which moment a picture shows is read from the number in its corner; a picture without one is empty. The
    answer to the same picture is always the same.

    Args:
        scene: what the pictures show.
        noise_px: standard deviation of box edges and joints in source pixels.
        miss_p: chance to overlook somebody in a picture.
        outlier_p: chance that a joint lies anywhere in the box, and that a box holds only half the body.
        seed: of noise and chance.
    """

    def __init__(
        self,
        scene: Scene,
        noise_px: float = 0.0,
        miss_p: float = 0.0,
        outlier_p: float = 0.0,
        seed: int = 0,
    ) -> None:
        self._scene = scene
        self._noise_px = noise_px
        self._miss_p = miss_p
        self._outlier_p = outlier_p
        self._seed = seed

    @property
    def name(self) -> str:
        return "ground truth"

    def truth_of(self, image: Image) -> tuple[PerformerTruth, ...]:
        """Everybody in that picture as it really is; empty without a number in the corner."""
        index = read_index(image)
        return () if index is None else self._truth(index)

    def _truth(self, index: int) -> tuple[PerformerTruth, ...]:
        return self._scene.truth(index / self._scene.fps)

    def detect(self, image: Image) -> list[Detection]:
        index = read_index(image)
        if index is None:
            return []
        found = []
        for person in self._truth(index):
            if person.visible_share < LEAST_VISIBLE:
                continue
            rng = self._rng(index, person.id, 0)
            if rng.random() < self._miss_p:
                continue
            box = self._blurred_box(person.box, rng).clipped(self._scene.size)
            if box.width >= 2 and box.height >= 2:
                found.append(Detection(box, 0.5 + 0.45 * person.visible_share))
        return sorted(found, key=lambda detection: -detection.score)

    def estimate(self, image: Image, boxes: Sequence[Box]) -> list[Skeleton]:
        index = read_index(image)
        people = () if index is None else self._truth(index)
        return [self._posed(index or 0, box, people) for box in boxes]

    @property
    def labels(self) -> frozenset[str]:
        """Kinds of things on this stage."""
        return frozenset({LABEL} if self._scene.balls else ())

    def find_objects(self, image: Image, area: Box) -> list[DetectedObject]:
        index = read_index(image)
        things = () if index is None else self._scene.things(index / self._scene.fps)
        found = []
        for k, thing in enumerate(things):
            rng = self._rng(index or 0, k, 2)
            seen = thing.score >= LEAST_VISIBLE and area.contains(thing.box.center)
            if rng.random() < self._miss_p or not seen:
                continue
            edges = np.array(thing.box.xyxy) + rng.normal(0.0, 1.0, 4) * self._noise_px
            box = Box(*edges.tolist()).clipped(self._scene.size)
            if box.width >= 2 and box.height >= 2:
                found.append(DetectedObject(thing.label, box, 0.5 + 0.45 * thing.score))
        return sorted(found, key=lambda thing: -thing.score)

    def _posed(self, index: int, box: Box, people: tuple[PerformerTruth, ...]) -> Skeleton:
        seen = [p for p in people if p.visible_share >= LEAST_POSED and p.box.iou(box) >= LEAST_IOU]
        if not seen:
            return Skeleton(np.zeros((17, 2), np.float32), np.zeros(17, np.float32))
        person = max(seen, key=lambda p: p.box.iou(box))
        rng = self._rng(index, person.id, 1)
        xy = person.skeleton.xy + rng.normal(0.0, 1.0, (17, 2)) * self._noise_px
        lost = rng.random(17) < self._outlier_p
        anywhere = np.array([box.x0, box.y0]) + rng.random((17, 2)) * [box.width, box.height]
        xy[lost] = anywhere[lost]
        score = np.asarray(person.skeleton.score * (0.6 + 0.35 * person.visible_share), dtype=np.float32)
        return replace(person.skeleton, xy=xy.astype(np.float32), score=score)

    def _blurred_box(self, box: Box, rng: np.random.Generator) -> Box:
        edges = np.array(box.xyxy) + rng.normal(0.0, 1.0, 4) * self._noise_px
        if rng.random() < self._outlier_p:
            edges[3] = edges[1] + (edges[3] - edges[1]) * 0.5  # legs not recognised as part of the person
        x0, y0, x1, y1 = (float(v) for v in edges)
        return Box(x0, y0, max(x1, x0 + 1), max(y1, y0 + 1))

    def _rng(self, index: int, person: int, what: int) -> np.random.Generator:
        """Chance that depends on nothing but the picture and the person, not on who asked before."""
        return np.random.default_rng((self._seed, index, person, what))

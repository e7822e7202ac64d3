"""People of real clips with truth, as the embedders see them."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from engine.geometry import Box
from engine.people import Appearance
from engine.perception.appearance import AppearanceReader
from engine.perception.embed import BodyEmbedding, FaceEmbedding
from engine.perception.faces import YuNet
from engine.perception.heatmap import HeatmapPose
from engine.perception.rtmdet import RtmDet
from engine.sources.frame import Image

SHARED = Path(__file__).resolve().parents[3] / "shared"
DATA = Path(os.environ.get("JIKCAM_DATA") or SHARED / "data")
MODELS = Path(os.environ.get("JIKCAM_MODELS") or SHARED / "models")
WEBCAM = "webcam_asl"
#: A finding is the person of the truth from this overlap on; weaker findings are nobody.
SAME_IOU, LEAST_SCORE = 0.6, 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One person in one picture.

    Attributes:
        film: looks of one film have the same clothes, light and place.
    """

    film: str
    person: int
    time_s: float
    appearance: Appearance


class Readers:
    """The models of the standard pack, read from MODELS.

    Args:
        body: file of the body embedder, without .onnx.
    """

    def __init__(self, threads: int = 2, body: str = "osnet_x0_25_msmt17") -> None:
        self.detector = RtmDet(MODELS / "rtmdet_nano_person.onnx", threads)
        self.pose = HeatmapPose(MODELS / "tinypose_256x192.onnx", threads)
        self.reader = AppearanceReader(
            YuNet(MODELS / "yunet_2023mar.onnx"),
            FaceEmbedding(MODELS / "face_reid_0095.onnx", threads),
            BodyEmbedding(MODELS / f"{body}.onnx", threads),
        )

    def look(self, image: Image, faces: bool = True) -> list[tuple[Box, Appearance]]:
        """Everybody found in the picture, best first."""
        boxes = [d.box for d in self.detector.detect(image) if d.score >= LEAST_SCORE]
        skeletons = self.pose.estimate(image, boxes)
        seen = self.reader.read(image, boxes, skeletons, faces=None if faces else ())
        return list(zip(boxes, seen, strict=True))


def webcam_people() -> dict[str, int]:
    """Film of the webcam set -> person in it; only films that are there."""
    with (DATA / "clips" / WEBCAM / "persons.csv").open() as file:
        rows = {row["file"]: int(row["person"]) for row in csv.DictReader(file)}
    return {film: person for film, person in rows.items() if _webcam_path(film).is_file()}


def webcam_looks(
    readers: Readers, step: int = 3, worse: Callable[[Image], Image] = lambda image: image
) -> list[Look]:
    """The person of each webcam film; every ``step``-th picture, made ``worse`` first."""
    looks = []
    for film, person in webcam_people().items():
        for time_s, _, image in pictures(_webcam_path(film), step):
            seen = readers.look(worse(image))
            if seen:
                looks.append(Look(film, person, time_s, seen[0][1]))
    return looks


def clip_looks(readers: Readers, clip: str, step: int = 3, faces: bool = True) -> list[Look]:
    """Everybody of a clip whom the detector found where the truth has them."""
    truth: dict[int, list[tuple[int, Box]]] = {}
    for row in np.loadtxt(DATA / "gt" / clip / "gt.txt", delimiter=","):
        if row[6]:
            box = Box(row[2], row[3], row[2] + row[4], row[3] + row[5])
            truth.setdefault(int(row[0]), []).append((int(row[1]), box))
    looks = []
    for time_s, number, image in pictures(DATA / "clips" / f"{clip}.mp4", step):
        seen = readers.look(image, faces)
        for person, box in truth.get(number, []):
            best = max(seen, key=lambda one: one[0].iou(box), default=None)
            if best is not None and best[0].iou(box) >= SAME_IOU:
                looks.append(Look(clip, person, time_s, best[1]))
    return looks


def pictures(path: Path, step: int) -> Iterator[tuple[float, int, Image]]:
    """Time, number (from 1) and every ``step``-th picture of a film."""
    film = cv2.VideoCapture(str(path))
    fps, number = film.get(cv2.CAP_PROP_FPS) or 30.0, 0
    while True:
        ok, image = film.read()
        if not ok:
            return
        number += 1
        if number % step == 0:
            yield (number - 1) / fps, number, np.asarray(image, np.uint8)


def _webcam_path(film: str) -> Path:
    return DATA / "clips" / WEBCAM / f"{film}.mkv"

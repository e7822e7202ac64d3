"""How well real crops tell people apart: what the simulated looks of `engine.bench.dancers.quality` rest on.

    python -m tests.benchmarks.crop_quality [--models FOLDER] [--data FOLDER] [--every-s 0.1]

Bodies: osnet_x0_25_msmt17 on the truth boxes of clips in which people keep their clothes. Faces: YuNet and
face_reid_0095 on a dance and on webcams. Per clip, for looks of at least a quality: AUC = how often the
cosine with the same person 1 to 3 s later is above that with somebody else at any time; means and spreads of
both; the mean cosine of one person's looks by the time between them, whose fall is the lag-correlation of the
noise; and AUC and means of simulated looks.
"""

from __future__ import annotations

import argparse
import csv
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.bench.dancers import EASY, HARD, MEASURED, MEDIUM, DanceConfig, dance, separability, with_looks
from engine.geometry import Box, Size
from engine.perception.coverage import body_quality
from engine.perception.embed import BodyEmbedding, FaceEmbedding
from engine.perception.face_quality import face_quality
from engine.perception.faces import YuNet
from engine.sources.frame import Image

SHARED = Path(__file__).resolve().parents[3] / "shared"
BODY_CLIPS = ("sam3_dance4", "street_hug5", "TUD-Campus", "PETS09-S2L1")
FACE_CLIPS = ("sam3_dance4", "webcam_cuts5")
LATER_S = (1.0, 3.0)
LAGS_S = ((0.05, 0.15), (0.15, 0.3), (0.3, 0.6), (0.6, 1.0), (1.0, 2.0), (2.0, 4.0), (4.0, 8.0))
FACE_SIDE_PX = 320
SIMULATED = 4


@dataclass(frozen=True)
class Looks:
    """L looks: times (L,), people (L,), qualities (L,), vectors (L, D)."""

    time_s: NDArray[np.float64]
    person: NDArray[np.int64]
    quality: NDArray[np.float64]
    vector: NDArray[np.float32]

    def at_least(self, quality: float) -> Looks:
        good = (self.quality >= quality) & self.vector.any(axis=1)
        return Looks(self.time_s[good], self.person[good], self.quality[good], self.vector[good])


class Collected:
    """Looks put together one by one."""

    def __init__(self) -> None:
        self._rows: list[tuple[float, int, float, NDArray[np.float32]]] = []

    def add(self, time_s: float, person: int, quality: float, vector: NDArray[np.float32]) -> None:
        self._rows.append((time_s, person, quality, vector))

    def looks(self) -> Looks:
        time_s, person, quality, vector = zip(*self._rows, strict=True)
        return Looks(np.array(time_s), np.array(person), np.array(quality), np.array(vector))


def pictures(path: Path, every_s: float) -> Iterator[tuple[int, float, Image]]:
    """Index, time and picture, thinned to one in ``every_s``."""
    video = cv2.VideoCapture(str(path))
    fps = video.get(cv2.CAP_PROP_FPS)
    due_s, index = 0.0, 0
    while True:
        there, image = video.read()
        if not there:
            return
        if index / fps >= due_s - 1e-6:
            due_s = index / fps + every_s
            yield index, index / fps, image
        index += 1


def truth(path: Path) -> dict[int, list[tuple[int, Box, bool]]]:
    """Picture from 0 -> person, box, whether they are visible."""
    found: dict[int, list[tuple[int, Box, bool]]] = defaultdict(list)
    for line in path.read_text().split():
        frame, person, x, y, w, h, conf = (float(v) for v in line.split(",")[:7])
        found[int(frame) - 1].append((int(person), Box(x, y, x + w, y + h), conf > 0))
    return found


def bodies(data: Path, clip: str, every_s: float, embedder: BodyEmbedding) -> Looks:
    boxes = truth(data / "gt" / clip / "gt.txt")
    collected = Collected()
    for index, time_s, image in pictures(data / "clips" / f"{clip}.mp4", every_s):
        there = boxes.get(index, [])
        size = Size(image.shape[1], image.shape[0])
        quality = body_quality([box for _, box, _ in there], size)
        seen = [k for k, (_, _, visible) in enumerate(there) if visible]
        vectors = embedder.embed(image, [there[k][1] for k in seen])
        for k, vector in zip(seen, vectors, strict=True):
            collected.add(time_s, there[k][0], float(quality[k]), vector)
    return collected.looks()


def faces(
    path: Path,
    owners: dict[int, list[tuple[int, Box, bool]]] | int,
    every_s: float,
    detector: YuNet,
    embedder: FaceEmbedding,
    start_s: float,
    collected: Collected,
) -> None:
    """Adds the faces of one film; ``owners``: its true boxes, or the one person in it."""
    for index, time_s, image in pictures(path, every_s):
        whole = Box(0.0, 0.0, float(image.shape[1]), float(image.shape[0]))
        for face in detector.detect(image, whole, FACE_SIDE_PX):
            if isinstance(owners, int):
                who = [owners]
            else:
                middle = face.box.center
                who = [
                    person
                    for person, box, _ in owners.get(index, [])
                    if box.x0 <= middle.x <= box.x1 and box.y0 <= middle.y <= box.y1
                ]
            if len(who) == 1:
                vector = embedder.embed(image, [face])[0]
                collected.add(start_s + time_s, who[0], face_quality(image, face), vector)


def report(name: str, looks: Looks, least_quality: float) -> None:
    """One line of figures, one of cosines by lag."""
    looks = looks.at_least(least_quality)
    cosine = looks.vector @ looks.vector.T
    lag_s = looks.time_s[None] - looks.time_s[:, None]
    same = looks.person[:, None] == looks.person[None]
    mine = same & (lag_s >= LATER_S[0]) & (lag_s <= LATER_S[1])
    others = np.sort(cosine[~same])
    if not mine.any() or not len(others):
        print(f"{name:24s} quality {least_quality:.1f}: too few looks")
        return
    wins = [
        np.searchsorted(np.sort(row[~s]), row[m]) / max((~s).sum(), 1)
        for row, s, m in zip(cosine, same, mine, strict=True)
        if m.any()
    ]
    auc = float(np.concatenate(wins).mean())
    print(
        f"{name:24s} quality {least_quality:.1f}  looks {len(looks.time_s):5d}  people "
        f"{len(np.unique(looks.person)):2d}  AUC {auc:.3f}  same {cosine[mine].mean():.2f} "
        f"+- {cosine[mine].std():.2f}  other {others.mean():.2f} +- {others.std():.2f}"
    )
    by_lag = []
    for low, high in LAGS_S:
        chosen = same & (lag_s > low) & (lag_s <= high)
        if chosen.sum() > 10:
            by_lag.append(f"{high:g} s {cosine[chosen].mean():.2f}")
    print(f"{'':24s} same person, up to: {', '.join(by_lag)}")


def simulated() -> None:
    """The same figures of the named qualities, on synthetic dances."""
    dances = [dance(seed, DanceConfig(looks=None)) for seed in range(SIMULATED)]
    for name, quality in {"EASY": EASY, "MEDIUM": MEDIUM, "HARD": HARD, "MEASURED": MEASURED}.items():
        dressed = [with_looks(sequence, quality, k) for k, sequence in enumerate(dances)]
        for least in (0.0, 0.5, 0.8):
            auc, same, other = np.mean([separability(s, least_quality=least) for s in dressed], axis=0)
            print(f"{name:24s} quality {least:.1f}  AUC {auc:.3f}  same {same:.2f}  other {other:.2f}")
    auc, same, other = np.mean([separability(s, face=True, least_quality=0.3) for s in dressed], axis=0)
    print(f"{'faces':24s} quality 0.3  AUC {auc:.3f}  same {same:.2f}  other {other:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=Path, default=os.environ.get("JIKCAM_MODELS") or SHARED / "models")
    parser.add_argument("--data", type=Path, default=os.environ.get("JIKCAM_DATA") or SHARED / "data")
    parser.add_argument("--every-s", type=float, default=0.1)
    arguments = parser.parse_args()
    models, data, every_s = Path(arguments.models), Path(arguments.data), arguments.every_s
    cv2.setNumThreads(1)

    print("bodies, osnet_x0_25_msmt17")
    embedder = BodyEmbedding(models / "osnet_x0_25_msmt17.onnx", 1)
    for clip in BODY_CLIPS:
        looks = bodies(data, clip, every_s, embedder)
        for least in (0.5, 0.8):
            report(clip, looks, least)

    print("faces, YuNet and face_reid_0095")
    detector, embed = YuNet(models / "yunet_2023mar.onnx"), FaceEmbedding(models / "face_reid_0095.onnx", 1)
    for clip in FACE_CLIPS:
        collected = Collected()
        boxes = truth(data / "gt" / clip / "gt.txt")
        faces(data / "clips" / f"{clip}.mp4", boxes, every_s, detector, embed, 0.0, collected)
        report(clip, collected.looks(), 0.3)
    collected = Collected()
    who = csv.DictReader((data / "clips" / "webcam_asl" / "persons.csv").read_text().splitlines())
    for number, row in enumerate(who):
        film = data / "clips" / "webcam_asl" / f"{row['file']}.mkv"
        if film.exists():
            faces(film, int(row["person"]), every_s, detector, embed, 1000.0 * number, collected)
    report("webcam_asl", collected.looks(), 0.3)

    print("simulated, bodies (1 to 3 s apart)")
    simulated()


if __name__ == "__main__":
    main()

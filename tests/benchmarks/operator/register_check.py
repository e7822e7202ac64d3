"""How well a camera's path is read from its picture: paths that are known, rendered, encoded and read again.

    python -m tests.benchmarks.operator.register_check [--pictures 150]

Prints a Markdown table: clips with a still and with a moving camera, a scripted stage; x264 at CRF 23 and 28;
a label, a mirror, another beginning and half the rate.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from engine.bench.tracking.mot import read_truth
from engine.cast import photographic_cast
from engine.geometry import Size
from engine.sources.frame import Image
from engine.sources.stage import Painter, scene
from tests.benchmarks.operator.crop_video import judged
from tests.benchmarks.operator.metrics import Metrics, score
from tests.benchmarks.operator.paths import F64, CropPath, TruthPath
from tests.benchmarks.operator.register_known import Making, cropped, film, followed, write_film
from tests.benchmarks.operator.register_video import Registered, register
from tests.benchmarks.operator.subjects import DATA

UPRIGHT, SMALL = Size(720, 1280), Size(406, 720)
FIGURES = ("jerk_rms", "accel_rms", "speed_p99", "reversals", "still", "breathing")
STAGE_CRF = 16


@dataclass(frozen=True, slots=True)
class Check:
    """One crop video: of whom, how large the body is in it, how it is made."""

    wide: str
    person: int
    body: float
    output: Size
    how: Making


CHECKS = (
    Check("PETS09-S2L1", 9, 0.35, SMALL, Making(23)),
    Check("PETS09-S2L1", 9, 0.35, SMALL, Making(28, "Karina", mirror=True, skip=5)),
    Check("sam3_dance4", 1, 0.8, SMALL, Making(23, "Karina")),
    Check("sam3_dance4", 1, 0.8, SMALL, Making(28, "Karina", mirror=True, skip=7)),
    Check("sam3_dance4", 2, 1.6, UPRIGHT, Making(28, "Karina")),
    Check("stage:dash", 1, 0.8, UPRIGHT, Making(23, "Karina")),
    Check("stage:cross", 1, 1.5, UPRIGHT, Making(28, "Karina", mirror=True, skip=11)),
    Check("stage:cross", 1, 0.8, SMALL, Making(28, "Karina", skip=4, every=2)),
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=150, help="of each master")
    parser.add_argument("--only", default="", help="masters whose name holds this")
    wanted = parser.parse_args()
    cv2.setNumThreads(1)
    columns = (
        "master",
        "crop",
        "found",
        "place p50, p95 px",
        "height p50, p95 px",
        *FIGURES,
    )
    print(f"| {' | '.join(columns)} |")
    print("|---|---|" + "--:|" * (len(columns) - 2))
    for check in CHECKS:
        if wanted.only in check.wide:
            print(row(check, wanted.pictures), flush=True)


def row(check: Check, pictures: int) -> str:
    """One line of the table; figures as known / as read."""
    with tempfile.TemporaryDirectory() as folder:
        wide, hz, size, boxes = _master(check, pictures, Path(folder))
        images = list(film(wide, pictures))
        shots = followed(boxes[: len(images)], hz, size, check.output.aspect, check.body)
        crop = Path(folder) / "crop.mp4"
        write_film(crop, cropped(images, shots, check.output, check.how), hz / check.how.every, check.how.crf)
        found = register(wide, crop)
    how = check.how
    rows = [shots[how.skip + how.every * k] for k in range(len(found.times))]
    at = np.array([(s.cx, s.cy, s.height) for s in rows]).T
    there = found.found
    place = np.hypot(found.cx - at[0], found.cy - at[1])[there]
    height = np.abs(found.height - at[2])[there]
    known, read = _known(found, at, hz / how.every), judged(found)
    figures = "".join(f" {getattr(known, f):.3g} / {getattr(read, f):.3g} |" for f in FIGURES)
    words = [f"CRF {how.crf}", *(["label"] if how.label else []), *(["mirrored"] if how.mirror else [])]
    words += [f"from picture {how.skip}"] if how.skip else []
    words += [f"every {how.every}."] if how.every > 1 else []
    expected = how.skip + how.every * np.arange(len(found.times))
    if (found.master != expected)[there].any() or found.step.mirrored != how.mirror:
        words.append("**wrong time or side**")
    zoom = check.output.height / float(np.median(at[2]))
    return (
        f"| {check.wide} | 1:{zoom:.1f}, {', '.join(words)} | {there.mean():.1%} "
        f"| {np.median(place):.3f}, {np.percentile(place, 95):.3f} "
        f"| {np.median(height):.3f}, {np.percentile(height, 95):.3f} |{figures}"
    )


def _known(found: Registered, at: F64, hz: float) -> Metrics:
    times = np.arange(len(found.times)) / hz
    nobody = TruthPath(times, np.full((len(times), 4), np.nan), found.wide)
    return score(CropPath(times, at[0], at[1], at[2], found.crop.aspect), nobody)


def _master(check: Check, pictures: int, folder: Path) -> tuple[Path, float, Size, F64]:
    """The film, its rate and size, and (T, 4) where the person is."""
    if check.wide.startswith("stage:"):
        stage = scene(check.wide[6:], 3, Size(1920, 1080), 30.0, costumes=photographic_cast(3))
        path, painter = folder / "wide.mp4", Painter(stage)
        painted: Iterable[Image] = (painter.paint(k / stage.fps) for k in range(pictures))
        write_film(path, painted, stage.fps, STAGE_CRF)
        seen = [stage.truth(k / stage.fps)[check.person - 1].box.xyxy for k in range(pictures)]
        return path, stage.fps, stage.size, np.array(seen)
    path = DATA / "clips" / f"{check.wide}.mp4"
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        hz, size = float(stream.average_rate or 30), Size(stream.width, stream.height)
    boxes = np.full((pictures, 4), np.nan)
    truth, _ = read_truth(DATA / "gt" / check.wide / "gt.txt")
    for picture, there in truth.items():
        mine = there.boxes[there.ids == check.person]
        if len(mine) and picture <= pictures:
            boxes[picture - 1] = mine[0]
    return path, hz, size, boxes


if __name__ == "__main__":
    main()

"""How well a chosen person is held on a real clip with truth.

    python -m tests.benchmarks.target_held CLIP:ID [CLIP:ID ...] [--pack standard] [--out FOLDER]

The person is chosen by their truth box in the first picture in which they are visible (which must be
picture 0: nobody helps later), then followed with `jikcam run --fast` in a 9:16 view of the dance-stage
preset. Held: share of the pictures in which the truth says they are visible and in which the centre of
the shot lies in their truth box. Elsewhere: share in which it lies in the box of somebody else and not in
theirs, while the lock says held.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from engine.geometry import Box, Point

DATA = Path(os.environ.get("JIKCAM_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")


@dataclass(frozen=True)
class Held:
    visible: int
    held: float
    elsewhere: float
    wide: float


def read_truth(clip: str) -> dict[int, dict[int, Box]]:
    """Picture index (from 0) -> person -> box, visible people only."""
    truth: dict[int, dict[int, Box]] = defaultdict(dict)
    for line in (DATA / "gt" / clip / "gt.txt").read_text().split():
        frame, person, x, y, w, h, conf = (float(v) for v in line.split(",")[:7])
        if conf:
            truth[int(frame) - 1][int(person)] = Box(x, y, x + w, y + h)
    return truth


def follow(clip: str, target: str, pack: str, log: Path, movie: Path | None) -> None:
    """Run jikcam over the clip as a user would."""
    command = [
        sys.executable,
        "-m",
        "engine.cli",
        "run",
        "--fast",
        "--preset",
        "dance-stage",
        "--no-control",
        "--aspect",
        "9:16",
    ]
    command += ["--source", str(DATA / "clips" / f"{clip}.mp4"), "--target", target, "--pack", pack]
    command += ["--log", str(log)] + (["--out", str(movie)] if movie else [])
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def score(truth: dict[int, dict[int, Box]], person: int, log: Path) -> Held:
    """Hold the shot log against the truth."""
    visible = held = elsewhere = wide = 0
    for line in log.read_text().splitlines():
        record = json.loads(line)
        boxes = truth.get(record["index"], {})
        if person not in boxes:
            continue
        x, y, w, h = record["shot"]
        center = Point(x + w / 2, y + h / 2)
        on_person = boxes[person].contains(center)
        on_other = any(b.contains(center) for p, b in boxes.items() if p != person)
        visible += 1
        held += on_person
        elsewhere += record["lock"] == "held" and on_other and not on_person
        wide += record["lock"] in ("lost", "nobody")
    return Held(visible, held / visible, elsewhere / visible, wide / visible)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("targets", nargs="+", metavar="CLIP:ID")
    parser.add_argument("--pack", default="standard")
    parser.add_argument("--out", type=Path, help="keep movies and logs in this folder")
    options = parser.parse_args()
    print(f"{'clip':16s} {'id':>3s} {'visible':>8s} {'held':>7s} {'elsewhere':>10s} {'lost':>7s}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.out or Path(scratch)
        folder.mkdir(exist_ok=True)
        for item in options.targets:
            clip, person = item.split(":")
            truth = read_truth(clip)
            box = truth[0][int(person)]
            target = "box:" + ",".join(f"{v:.0f}" for v in box.xyxy)
            log = folder / f"{clip}-{person}.jsonl"
            follow(clip, target, options.pack, log, folder / f"{clip}-{person}.mp4" if options.out else None)
            result = score(truth, int(person), log)
            print(
                f"{clip:16s} {person:>3s} {result.visible:8d} {result.held:7.1%} "
                f"{result.elsewhere:10.1%} {result.wide:7.1%}",
                flush=True,
            )


if __name__ == "__main__":
    main()

"""The whole engine on the virtual camera, twice, while one reader stays.

    python -m tests.guest.inside.engine_show PICTURES CLOSE_PX

A run lasts until the reader has that many pictures of it, somebody was held, and the shot, all of the stage
at first, is less high than that, in pixels of the source. Perception is the stage's own truth: a model would
take seconds per picture under emulation. Even so a look comes every few seconds, so whoever is unseen counts
as hidden and lost later than on a computer. All else is what `jikcam run --source stage:sway --device jikcam`
does (engine/commands/run.py).
"""

from __future__ import annotations

import math
import multiprocessing
import sys
import time
from multiprocessing.connection import Connection
from typing import Any

import cv2
import numpy as np

from engine.assemble import assemble
from engine.direction.target import LockState
from engine.geometry import Size
from engine.live import LiveEngine
from engine.perception.scheduler import Perception
from engine.presets import check_preset
from engine.sources.stage import GroundTruthDetector, StageSource
from engine.sources.stage.request import parse_stage
from tests.guest.inside.report import record
from virtualcam import v4l2

STAGE = "stage:sway,people=1,size=640x360,fps=8,seed=1"
PICTURE = Size(320, 180)
_FORK = multiprocessing.get_context("fork")
_PATIENCE_S = 120.0
#: A guest on a busy machine makes a picture or two a second.
_RUN_PATIENCE_S = 300.0
#: Two pictures differ when the mean of their differences is more.
_MOVED_LEVELS = 1.0


def engine_run(pipe: Connection, begun: Any, height: Any) -> None:
    """One `jikcam run` from start to end; tells how it was.

    And all the time whether it has begun to write, and how high the lowest shot was.
    """
    stage, _ = parse_stage(STAGE)
    view = {
        "name": "main",
        "width": PICTURE.width,
        "height": PICTURE.height,
        "shot": "upper",
        "target": "largest",
        "lost": {"occluded_after_s": 10.0, "lost_after_s": 60.0},
        "sink": [{"kind": "device", "device": "jikcam"}],
    }
    preset = check_preset({"schema": 1, "name": "guest", "view": [view]}, "the guest's preset")
    source = StageSource(stage, "live")
    parts = assemble(preset, source, wait_for_sinks=False)
    truth = GroundTruthDetector(stage)
    build = lambda: Perception(truth, truth)  # noqa: E731  # LiveEngine calls it in the thread that uses it
    engine = LiveEngine(preset, source, build, parts.show, parts.streams, parts.times)
    engine.start()
    locks: set[LockState] = set()
    heights = []
    while not pipe.poll(0.1):
        view = engine.state().views[0]
        if engine.metrics().pictures:
            begun.set()
        locks.add(view.lock)
        heights.append(view.shot.height)
        if LockState.HELD in locks:
            height.value = min(heights)
    engine.stop()
    pipe.send(
        {
            "pictures": engine.metrics().pictures,
            "locks": sorted(map(str, locks)),
            "shot_height": [min(heights), max(heights)],
            "sinks": engine.state().views[0].sinks,
        }
    )


def read_until(pipe: Connection, path: str) -> None:
    """Read all the time; on "count" tell how many pictures came since, and in how many something moved."""
    capture = cv2.VideoCapture(path, cv2.CAP_V4L2)
    pictures = moved = 0
    last: Any = None
    while True:
        good, picture = capture.read()
        if good:
            pictures += 1
            moved += last is not None and float(np.abs(picture.astype(int) - last).mean()) > _MOVED_LEVELS
            last = picture.astype(int)
        if pipe.poll():
            pipe.recv()
            pipe.send({"pictures": pictures, "moved": int(moved), "size": [capture.get(3), capture.get(4)]})
            pictures = moved = 0


def main(pictures: int, close_px: float) -> None:
    """Engine, reader, engine away, engine again."""
    path = v4l2.find("jikcam").path
    ours, theirs = _FORK.Pipe()
    reader = None
    for number in (1, 2):
        control, end = _FORK.Pipe()
        begun, height = _FORK.Event(), _FORK.Value("d", math.inf)
        engine = _FORK.Process(target=engine_run, args=(end, begun, height), daemon=True)
        engine.start()
        if reader is None:
            wait_for_pictures(path)
            reader = _FORK.Process(target=read_until, args=(theirs, path), daemon=True)
            reader.start()
        begun.wait(_PATIENCE_S)
        counted(ours)  # while nobody wrote the device repeated its last picture
        seen = {"pictures": 0, "moved": 0, "size": []}
        until_s = time.monotonic() + _RUN_PATIENCE_S
        while (seen["pictures"] < pictures or height.value >= close_px) and time.monotonic() < until_s:
            time.sleep(1.0)
            more = counted(ours)
            if more is None:
                break
            seen = {
                "pictures": seen["pictures"] + more["pictures"],
                "moved": seen["moved"] + more["moved"],
                "size": more["size"],
            }
        control.send("stop")
        told = control.recv() if control.poll(_PATIENCE_S) else None
        engine.join()
        record(f"run {number}", {"reader": seen, "engine": told})


def counted(reader: Connection) -> dict[str, Any] | None:
    """What came since it was asked the last time; None when the reader says nothing."""
    reader.send("count")
    return reader.recv() if reader.poll(_PATIENCE_S) else None


def wait_for_pictures(path: str) -> None:
    """Until the engine has written its first picture."""
    until_s = time.monotonic() + _PATIENCE_S
    while not v4l2.capabilities(path) & v4l2.CAP_VIDEO_CAPTURE and time.monotonic() < until_s:
        time.sleep(0.1)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))

"""Real pixels: boxes seen every third picture, three pictures late, carried by optical flow in between."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from engine.geometry import Size
from engine.motion import MotionEstimator
from engine.people import Observation
from engine.sources.frame import Frame
from engine.tracking import Tracker
from engine.tracking.overlap import iou
from tests.real.tracking_truth import detections, rows_by_frame, visible

pytestmark = pytest.mark.real


def overlaps(data_dir: Path, clip: str, fps: float, every: int, late: int, flow: bool) -> np.ndarray:
    """IoU with the best track of every visible person in every picture; 0 when there is none."""
    folder = data_dir / "gt" / clip
    truth, found = rows_by_frame(folder / "gt.txt"), rows_by_frame(folder / "det.txt")
    video = cv2.VideoCapture(str(data_dir / "clips" / f"{clip}.mp4"))
    tracker, motion, result = Tracker(), None, []
    waiting: list[Observation] = []
    index = 0
    while True:
        ok, image = video.read()
        if not ok:
            return np.array(result)
        motion = motion or MotionEstimator(Size(image.shape[1], image.shape[0]))
        frame = Frame(image, index / fps, index)
        field = motion.update(frame, [t.box for t in tracker.tracks.items]) if flow else None
        tracker.advance(frame.time_s, index, field)
        if index % every == 0:
            people = detections(found.get(index + 1))
            waiting.append(Observation(frame.time_s, index, people, True))
        while waiting and waiting[0].index <= index - late:
            tracker.observe(waiting.pop(0))
        _, boxes = visible(truth.get(index + 1))
        shown = np.array([t.box.xyxy for t in tracker.tracks.items]).reshape(-1, 4)
        common = iou(boxes, shown)
        best = np.zeros(len(boxes))
        r, c = linear_sum_assignment(-common)
        best[r] = common[r, c]
        if index >= late:
            result += best.tolist()
        index += 1


def test_dancers_filmed_by_a_moving_camera(data_dir: Path) -> None:
    carried = overlaps(data_dir, "sam3_dance4", 30.0, every=3, late=3, flow=True)
    assert np.median(carried) > 0.70
    assert (carried > 0.5).mean() > 0.70


def test_flow_halves_the_loss_of_overlap_in_a_crowd(data_dir: Path) -> None:
    exact = np.median(overlaps(data_dir, "street_hug5", 50.0, every=1, late=0, flow=True))
    carried = np.median(overlaps(data_dir, "street_hug5", 50.0, every=5, late=5, flow=True))
    blind = np.median(overlaps(data_dir, "street_hug5", 50.0, every=5, late=5, flow=False))
    assert exact - carried < (exact - blind) / 2

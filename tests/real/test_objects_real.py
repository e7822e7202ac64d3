"""A juggler's ball found by the real model and carried to every picture, looks coming seldom and late."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.assets import load_pack
from engine.errors import JikcamError
from engine.geometry import Box, Size
from engine.motion import MotionEstimator
from engine.people import DetectedObject, Observation
from engine.perception.build import build_perception
from engine.perception.scheduler import Perception
from engine.sources.frame import Frame
from engine.tracking import Tracker
from engine.tracking.objects import ObjectTracker

pytestmark = pytest.mark.real

BALL = "sports ball"
#: Looks per second of a two-core laptop; each is known one look later. The detector runs in every third.
LOOK_HZ = 15.0


@dataclass(frozen=True)
class Followed:
    """One picture of a clip: the things shown there, and what a detector look saw."""

    number: int
    shown: tuple[DetectedObject, ...]
    seen: tuple[DetectedObject, ...] | None


def follow(clip: Path, fps: float, most: int, perception: Perception) -> list[Followed]:
    capture, followed = cv2.VideoCapture(str(clip)), []
    tracker, objects, motion = Tracker(), ObjectTracker(), None
    waiting: deque[tuple[float, Observation]] = deque()
    shown: tuple[DetectedObject, ...] = ()
    free_at_s = 0.0
    while len(followed) < most:
        ok, image = capture.read()
        if not ok:
            break
        frame = Frame(image, len(followed) / fps, len(followed))
        motion = motion or MotionEstimator(Size(image.shape[1], image.shape[0]))
        while waiting and waiting[0][0] <= frame.time_s + 1e-6:
            _, late = waiting.popleft()
            tracker.observe(late)
            objects.observe(late)
        field = motion.update(frame, [t.box for t in tracker.tracks.items] + [t.box for t in shown])
        tracks = tracker.advance(frame.time_s, frame.index, field)
        shown = objects.advance(frame.time_s, field)
        seen = None
        if frame.time_s >= free_at_s - 1e-6:
            chosen = frozenset(t.id for t in tracks.items[:1])
            look = perception.look(frame, replace(tracks, objects=shown), chosen, False)
            seen = look.objects if look.complete else None
            free_at_s = frame.time_s + 1 / LOOK_HZ
            waiting.append((free_at_s, look))
        followed.append(Followed(frame.index + 1, shown, seen))
    assert followed, f"{clip} can't be read"
    return followed


@pytest.fixture
def perception(models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Perception:
    monkeypatch.setenv("JIKCAM_MODELS", str(models_dir))
    return build_perception(load_pack("standard", fetch=False), 2, objects=frozenset({BALL}))


def test_a_juggled_ball_is_found_and_carried(perception: Perception, data_dir: Path) -> None:
    rows = np.loadtxt(data_dir / "gt" / "ball_juggle" / "gt.txt", delimiter=",")
    truth = {int(r[0]): Box(r[2], r[3], r[2] + r[4], r[3] + r[5]) for r in rows if r[1] == 2}
    followed = follow(data_dir / "clips" / "ball_juggle.mp4", 24, 180, perception)
    looks = [f for f in followed if f.seen is not None]
    hits = [any(o.box.iou(truth[f.number]) >= 0.3 for o in f.seen or ()) for f in looks]
    assert np.mean(hits) >= 0.75
    first = next(k for k, f in enumerate(followed) if f.shown)
    assert first <= 12
    later = followed[first:]
    assert all(len(f.shown) == 1 for f in later)  # no flicker
    off = np.array(
        [f.shown[0].box.center.distance(truth[f.number].center) / truth[f.number].width for f in later]
    )
    assert np.median(off) <= 0.4
    assert (off <= 1).mean() >= 0.8 and (off <= 2).mean() >= 0.92


def test_dancers_have_no_ball(perception: Perception, data_dir: Path) -> None:
    followed = follow(data_dir / "clips" / "sam3_dance4.mp4", 30, 120, perception)
    assert np.mean([bool(f.shown) for f in followed]) <= 0.05


def test_the_embedded_pack_says_that_it_finds_people_only(
    models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIKCAM_MODELS", str(models_dir))
    with pytest.raises(JikcamError, match="people only, no sports ball; use the standard pack"):
        build_perception(load_pack("embedded", fetch=False), 1, objects=frozenset({BALL}))

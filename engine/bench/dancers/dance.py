"""Synthetic sequences of detections with truth: choreographed dancers on a stage, or walkers on a street."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.bench.dancers.body import skeletons_m
from engine.bench.dancers.camera import View, clipped, rustled, seen_by, stage_camera, street_camera
from engine.bench.dancers.choreography import choreography
from engine.bench.dancers.config import DanceConfig
from engine.bench.dancers.detector import STAGE_DETECTOR, STREET_DETECTOR, Found, detect
from engine.bench.dancers.looks import with_looks
from engine.bench.dancers.moves import dancing, walking
from engine.bench.dancers.overlap import Cover, cover
from engine.bench.dancers.pose_reader import skeletons
from engine.bench.dancers.street import steadied, street
from engine.bench.tracking.sequence import Sequence, Truth
from engine.geometry import Size

F64 = NDArray[np.float64]

#: Less of somebody to be seen than this is not annotated, as in DanceTrack.
ANNOTATED = 0.12
STREET_SIZES = (Size(1920, 1080), Size(1280, 720), Size(768, 576), Size(640, 480))


def dance(seed: int, config: DanceConfig | None = None) -> Sequence:
    """A synthetic sequence; the same seed and config give the same one, other rates the same motion.

    Args:
        seed: any whole number from 0.
        config: length, rate, scene, people, difficulty; `DanceConfig()` when None.

    Returns:
        Detections, truth (everybody of whom something is visible), skeletons, and looks where asked for.
    """
    config = config or DanceConfig()
    length = max(1, round(config.seconds * config.fps))
    time_s = np.arange(length) / config.fps
    # Each part draws from its own stream, so that none changes what another one draws.
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence([seed, 20]).spawn(4)]
    motion, lens, detector, pose = streams
    last_s = config.seconds
    if config.scene == "stage":
        view, size = _stage(motion, lens, time_s, last_s, config)
        traits = STAGE_DETECTOR
    else:
        view, size = _street(motion, lens, time_s, last_s, config)
        traits = STREET_DETECTOR
    covered = cover(view)
    found = detect(detector, time_s, last_s, view, covered, size, traits.varied(detector))
    joints = skeletons(pose, time_s, last_s, view, covered)
    name = f"{config.scene}-{seed:05d}"
    sequence = _sequence(name, config.fps, size, view, covered, found, joints)
    return with_looks(sequence, config.looks, seed) if config.looks else sequence


def _stage(
    motion: np.random.Generator, lens: np.random.Generator, time_s: F64, last_s: float, config: DanceConfig
) -> tuple[View, Size]:
    people = config.people or int(np.clip(round(3 + motion.gamma(2.0, 3.0)), 3, 20))
    floor = choreography(motion, time_s, last_s, people, config.difficulty)
    moves = dancing(motion, time_s, last_s, people, floor.beat_s)
    joints_m = skeletons_m(moves, floor.places_m, _heights(motion, people, 0.06))
    size = config.size or Size(1920, 1080)
    camera = stage_camera(lens, time_s, last_s, floor.half_width_m, floor.half_depth_m, size)
    return rustled(lens, seen_by(camera, joints_m, moves.yaw), time_s, last_s), size


def _street(
    motion: np.random.Generator, lens: np.random.Generator, time_s: F64, last_s: float, config: DanceConfig
) -> tuple[View, Size]:
    in_sight = config.people or int(np.clip(round(3 + motion.gamma(2.0, 3.0)), 3, 20))
    half_m = motion.uniform(2.5, 6.0) * np.sqrt(max(in_sight, 4) / 8.0) / np.sqrt(config.difficulty)
    walkers = street(motion, time_s, last_s, in_sight, half_m, 1.2 * half_m)
    people = walkers.walked_m.shape[1]
    moves = walking(motion, time_s, walkers.walked_m, walkers.heading)
    joints_m = skeletons_m(moves, walkers.places_m, _heights(motion, people, 0.08))
    size = config.size or STREET_SIZES[int(lens.integers(len(STREET_SIZES)))]
    camera = street_camera(lens, time_s, last_s, half_m, size)
    return steadied(seen_by(camera, joints_m, moves.yaw), size.height), size


def _heights(rng: np.random.Generator, people: int, spread_m: float) -> F64:
    return np.asarray(rng.normal(1.70, spread_m, people), dtype=np.float64)


def _sequence(
    name: str, fps: float, size: Size, view: View, covered: Cover, found: Found, joints: F64
) -> Sequence:
    """The pictures 1 to T as a sequence; true boxes end at the edge of the picture, as annotated ones do."""
    boxes = clipped(view.boxes, size)
    there = view.inside & (covered.visible > ANNOTATED)
    joints = joints.astype(np.float32)
    detections: dict[int, F64] = {}
    truth: dict[int, Truth] = {}
    poses: dict[int, NDArray[np.float32]] = {}
    for t in range(len(boxes)):
        kept = np.flatnonzero(found.kept[t])
        kept = kept[np.argsort(-found.scores[t, kept], kind="stable")]
        ids = np.flatnonzero(there[t])
        detections[t + 1] = np.column_stack([found.boxes[t, kept], found.scores[t, kept]])
        truth[t + 1] = Truth(ids + 1, boxes[t, ids])
        poses[t + 1] = joints[t, found.body[t, kept]]
    return Sequence(name, fps, size, len(boxes), detections, truth, poses)

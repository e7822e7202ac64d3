"""A pinhole camera before the stage: standing still, or panning and zooming slowly, a little unsteady."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.bench.dancers.body import JOINT_RADIUS_M
from engine.bench.dancers.processes import lagging, wandering
from engine.geometry import Size

F64 = NDArray[np.float64]

#: Nearer than this the camera sees nobody.
NEAREST_M = 1.2
#: Edges of outlines move by so much of the height.
OUTLINE = 0.0075


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """One camera over T times: focal length and pan in pixels and metres, height and distance in metres."""

    size: Size
    focal_px: F64
    pan_m: F64
    shake_px: F64
    height_m: float
    distance_m: float
    horizon_px: float


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What the camera sees of N people at T times.

    Attributes:
        joints: (T, N, 17, 2) pixels.
        boxes: (T, N, 4) whole bodies, x0, y0, x1, y1, not cut at the edge of the picture.
        depth_m: (T, N) from the camera.
        scale: (T, N) pixels a metre.
        facing: (T, N) cosine between where they look and the camera; 1 = frontal.
        inside: (T, N) enough of the box lies in the picture.
    """

    joints: F64
    boxes: F64
    depth_m: F64
    scale: F64
    facing: F64
    inside: NDArray[np.bool_]


def stage_camera(
    rng: np.random.Generator, time_s: F64, last_s: float, half_width_m: float, deep_m: float, size: Size
) -> Camera:
    """Frames a stage of that half width; half of the cameras move."""
    distance_m = max(half_width_m * rng.uniform(1.0, 1.9), 4.0) + deep_m
    focal_px = size.width / 2 / half_width_m * distance_m * rng.uniform(0.8, 1.05)
    moves = float(rng.random() < 0.5)
    pan_m = moves * 0.1 * half_width_m * wandering(rng, time_s, last_s, (), 3.0)
    zoom = np.exp(moves * 0.07 * wandering(rng, time_s, last_s, (), 3.5))
    shake_px = (0.4 + 3.0 * moves) * wandering(rng, time_s, last_s, (2,), 0.5)
    height_m = rng.uniform(1.2, 4.0)
    horizon_px = 0.55 * size.height - focal_px * (height_m - 0.9) / distance_m
    return Camera(size, focal_px * zoom, pan_m, shake_px, height_m, distance_m, horizon_px)


def street_camera(
    rng: np.random.Generator, time_s: F64, last_s: float, half_width_m: float, size: Size
) -> Camera:
    """Looks across a street, from eye level up to a first floor; a third is carried along."""
    height_m = rng.uniform(1.5, 5.0)
    distance_m = half_width_m * rng.uniform(1.2, 2.4)
    focal_px = size.width / 2 / half_width_m * distance_m
    moves = float(rng.random() < 0.33)
    pan_m = moves * 0.25 * half_width_m * wandering(rng, time_s, last_s, (), 4.0)
    shake_px = (0.2 + 5.0 * moves) * wandering(rng, time_s, last_s, (2,), 0.4)
    horizon_px = 0.62 * size.height - focal_px * (height_m - 0.9) / (1.3 * distance_m)
    focal = np.broadcast_to(np.float64(focal_px), time_s.shape)
    return Camera(size, focal, pan_m, shake_px, height_m, distance_m, horizon_px)


def seen_by(camera: Camera, joints_m: F64, yaw: F64) -> View:
    """The people of ``joints_m`` (T, N, 17, 3), facing ``yaw`` (T, N), in the camera's picture."""
    depth = joints_m[..., 2] + camera.distance_m
    clear = np.maximum(depth, NEAREST_M)
    ratio = camera.focal_px[:, None, None] / clear
    x = camera.size.width / 2 + ratio * (joints_m[..., 0] - camera.pan_m[:, None, None])
    y = camera.horizon_px - ratio * (joints_m[..., 1] - camera.height_m)
    joints = np.stack([x, y], axis=-1) + camera.shake_px[:, None, None]
    radius = (ratio * JOINT_RADIUS_M)[..., None]
    boxes = np.concatenate([(joints - radius).min(axis=2), (joints + radius).max(axis=2)], axis=-1)
    middle = depth.mean(axis=-1)
    scale = camera.focal_px[:, None] / np.maximum(middle, NEAREST_M)
    cut = clipped(boxes, camera.size)
    area = np.prod(boxes[..., 2:] - boxes[..., :2], axis=-1)
    inside = (np.prod(cut[..., 2:] - cut[..., :2], axis=-1) > 0.15 * area) & (depth.min(axis=-1) > NEAREST_M)
    sideways = np.arctan2(joints_m[..., 0].mean(axis=-1) - camera.pan_m[:, None], clear.mean(axis=-1))
    return View(joints, boxes, middle, scale, np.cos(yaw + sideways), inside)


def rustled(rng: np.random.Generator, view: View, time_s: F64, last_s: float) -> View:
    """The view with outlines as clothes, hair and annotators make them: a little in motion at every edge."""
    noise = OUTLINE * lagging(rng, time_s, last_s, view.boxes.shape[1:], 0.06)
    return replace(view, boxes=view.boxes + noise * (view.boxes[..., 3:] - view.boxes[..., 1:2]))


def clipped(boxes: F64, size: Size) -> F64:
    """Boxes (..., 4) cut at the edges of the picture."""
    limit = np.array([size.width, size.height, size.width, size.height], dtype=np.float64)
    return np.clip(boxes, 0.0, limit)

"""Optical flow between consecutive pictures: how the people moved, and whether the camera did.

Pyramidal Lucas-Kanade (Bouguet 2000) on a picture reduced to about 480 columns, at few points: a coarse grid
over everything, a denser one on the upper bodies. Budget: 2.5 ms for a 1080p picture on one core.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.geometry import Box, Size
from engine.people import MotionField
from engine.sources.frame import Frame, Image

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

REDUCED_WIDTH_PX = 480
#: On the coarsest of the levels the window spans 72 reduced pixels, further than anybody jumps in 1/15 s.
#: 11 px costs a quarter more and carries boxes no better (measured on three clips).
WINDOW_PX = 9
LEVELS = 3
STEPS = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 10, 0.03)
#: Least eigenvalue of the gradient matrix per pixel: flat cloth and walls move nowhere in particular.
LEAST_TEXTURE = 1e-3
#: Mean grey difference of the found patch: more means that something else came there.
MOST_DIFFERENCE = 20.0

BACKGROUND_GRID = (8, 6)
PEOPLE_POINTS = 120
#: Rows and columns on one body, at most and at least.
BODY_GRID, LEAST_BODY_GRID = (5, 4), (3, 2)
#: Where on a box the points go: left, top, right, bottom as shares; legs and arms move by themselves.
BODY = (0.27, 0.1, 0.73, 0.58)

LEAST_BACKGROUND_POINTS = 10
#: Reduced pixels. A camera that moves less is fixed: its noise must never reach the crop.
STILL_PX = 0.06
RANSAC_PX = 0.75

#: A cut: fewer points than this are found again, and the small pictures before and after are less alike than
#: that and differ by more grey levels (people who cross and cameras that pan stay above .82 on eight clips).
#: A black picture says nothing.
LEAST_FOUND = 0.6
THUMBNAIL = (48, 27)
LEAST_ALIKE, LEAST_CHANGE, LEAST_CONTRAST = 0.78, 15.0, 8.0


class MotionEstimator:
    """Flow from each picture to the next. Used by one thread; the pictures are not kept or changed."""

    def __init__(self, size: Size) -> None:
        self._size = size
        self._scale = max(1.0, size.width / REDUCED_WIDTH_PX)
        self._reduced = Size(
            max(1, round(size.width / self._scale)), max(1, round(size.height / self._scale))
        )
        columns, rows = BACKGROUND_GRID
        self._background_points = _grid(Box(0, 0, self._reduced.width, self._reduced.height), columns, rows)
        self._previous: tuple[float, Image] | None = None

    def reset(self) -> None:
        """Forget the last picture: the next one has nothing to do with it (a cut)."""
        self._previous = None

    def update(self, frame: Frame, boxes: Sequence[Box]) -> MotionField | None:
        """Motion from the picture before to ``frame``.

        Args:
            frame: the next picture.
            boxes: people in the picture *before* it, source pixels.

        Returns:
            None for the first picture, after ``reset``, and when the picture's size is not the
            constructor's, or time did not advance.
        """
        height, width = frame.image.shape[:2]
        if (width, height) != (self._size.width, self._size.height):
            self._previous = None
            return None
        # Bilinear reads four pixels of each 4 x 4 block: four times cheaper than INTER_AREA, and LK does
        # not mind the little aliasing.
        target = (self._reduced.width, self._reduced.height)
        small = cv2.resize(frame.image, target, interpolation=cv2.INTER_LINEAR)
        grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
        previous, self._previous = self._previous, (frame.time_s, grey)
        if previous is None or frame.time_s <= previous[0]:
            return None
        # Pixel centres: source = (reduced + 0.5) * scale - 0.5.
        scale = np.array([width / target[0], height / target[1]])
        points, people = self._points(boxes, scale)
        moved, found = _follow(previous[1], grey, points)
        if found.mean() < LEAST_FOUND and _is_cut(previous[1], grey):
            nothing = np.zeros((0, 2), np.float32)
            return MotionField(previous[0], frame.time_s, nothing, nothing, np.eye(2, 3), cut=True)
        start, shift, outside = points[found], (moved - points)[found], ~people[found]
        background = _background(start[outside], shift[outside], self._reduced)
        return MotionField(
            from_s=previous[0],
            to_s=frame.time_s,
            points=((start + 0.5) * scale - 0.5).astype(np.float32),
            displacement=(shift * scale).astype(np.float32),
            background=_in_source(background, scale),
        )

    def _points(self, boxes: Sequence[Box], scale: F64) -> tuple[F32, NDArray[np.bool_]]:
        """(N, 2) points in the reduced picture and (N,) whether they lie in a person's box."""
        frame = Box(0, 0, self._size.width, self._size.height)
        shown = [b for b in boxes if b.is_finite() and b.intersection(frame).area > 0]
        everywhere = self._background_points
        on_people = np.zeros(len(everywhere), bool)
        if not shown:
            return everywhere, on_people
        rows, columns = BODY_GRID if len(shown) * BODY_GRID[0] * BODY_GRID[1] <= PEOPLE_POINTS else (4, 3)
        if len(shown) * rows * columns > PEOPLE_POINTS:
            rows, columns = LEAST_BODY_GRID
        rim = 0.5 / scale[0]
        edges = np.array([b.xyxy for b in shown]) / np.concatenate([scale, scale])
        x, y = everywhere[None, :, 0], everywhere[None, :, 1]
        inside = (x >= edges[:, :1] - rim) & (x <= edges[:, 2:3] + rim)
        inside &= (y >= edges[:, 1:2] - rim) & (y <= edges[:, 3:] + rim)
        on_people = inside.any(axis=0)
        bodies = _body_points(edges, rows, columns)
        bodies = bodies[
            (bodies[:, 0] >= 0)
            & (bodies[:, 0] < self._reduced.width)
            & (bodies[:, 1] >= 0)
            & (bodies[:, 1] < self._reduced.height)
        ]
        # Grid points inside a box but outside its body part serve nobody.
        points = np.concatenate([everywhere[~on_people], bodies])
        return points, np.arange(len(points)) >= int((~on_people).sum())


def _is_cut(before: Image, after: Image) -> bool:
    """Whether two grey pictures show different scenes."""
    small = [
        cv2.resize(p, THUMBNAIL, interpolation=cv2.INTER_AREA).astype(np.float64) for p in (before, after)
    ]
    if np.abs(small[0] - small[1]).mean() < LEAST_CHANGE:
        return False
    spread = [float(p.std()) for p in small]
    if min(spread) < LEAST_CONTRAST:
        return False
    first, second = small[0] - small[0].mean(), small[1] - small[1].mean()
    return float((first * second).mean()) < LEAST_ALIKE * spread[0] * spread[1]


def _grid(area: Box, columns: int, rows: int) -> F32:
    """(columns * rows, 2) cell centres of ``area``."""
    x = area.x0 + (np.arange(columns) + 0.5) * area.width / columns
    y = area.y0 + (np.arange(rows) + 0.5) * area.height / rows
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2).astype(np.float32)


def _body_points(edges: F64, rows: int, columns: int) -> F32:
    """(N * rows * columns, 2) points on the upper bodies of (N, 4) boxes."""
    unit = _grid(Box(*BODY), columns, rows)
    size = edges[:, 2:] - edges[:, :2]
    points = edges[:, None, :2] + unit[None] * size[:, None]
    return points.reshape(-1, 2).astype(np.float32)


def _follow(before: Image, after: Image, points: F32) -> tuple[F32, NDArray[np.bool_]]:
    """Where ``points`` (N, 2) went, and (N,) which were found again inside the picture."""
    ends, status, difference = cv2.calcOpticalFlowPyrLK(
        before,
        after,
        points[:, None],
        np.empty_like(points[:, None]),
        winSize=(WINDOW_PX, WINDOW_PX),
        maxLevel=LEVELS,
        criteria=STEPS,
        minEigThreshold=LEAST_TEXTURE,
    )
    moved = np.asarray(ends, np.float32).reshape(-1, 2)
    found = (status.ravel() == 1) & (difference.ravel() <= MOST_DIFFERENCE)
    height, width = after.shape
    found &= (moved >= 0).all(axis=1) & (moved[:, 0] < width) & (moved[:, 1] < height)
    return moved, found


def _background(points: F32, shift: F32, size: Size) -> F64:
    """(2, 3) motion of the scene in reduced pixels; exactly the identity when it stands still."""
    still = np.eye(2, 3)
    if len(points) < LEAST_BACKGROUND_POINTS:
        return still
    if np.abs(np.median(shift, axis=0)).max() < STILL_PX and np.median(np.abs(shift)) < STILL_PX:
        return still
    affine, agreeing = cv2.estimateAffinePartial2D(
        points, points + shift, method=cv2.RANSAC, ransacReprojThreshold=RANSAC_PX, maxIters=100
    )
    if affine is None or int(agreeing.sum()) < LEAST_BACKGROUND_POINTS // 2 + len(points) // 3:
        return still
    corners = np.array([[0, 0], [size.width, 0], [0, size.height], [size.width, size.height]], float)
    travel = corners @ affine[:, :2].T + affine[:, 2] - corners
    return still if np.abs(travel).max() < STILL_PX else np.asarray(affine, np.float64)


def _in_source(affine: F64, scale: F64) -> F64:
    """The affine motion in source pixels."""
    if np.array_equal(affine, np.eye(2, 3)):
        return affine
    turn = affine[:, :2] * scale[:, None] / scale[None]
    # source = (reduced + 0.5) * scale - 0.5 on both sides.
    half = (scale - 1) / 2
    shift = affine[:, 2] * scale + half - turn @ half
    return np.concatenate([turn, shift[:, None]], axis=1)

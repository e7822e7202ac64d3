"""The figures of a camera operator: how well the person was framed, and how the camera moved.

Lengths are shares of the crop (its width across, its height up and down), so that zooming in on a shaky
camera makes it shakier. Framing counts only pictures in which the person is there; motion counts all.
Derivatives are plain differences at the rate of the path; across and up-and-down together are the Euclidean
norm, in crop widths. The crop's size at a difference is the mean over the pictures it spans.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tests.benchmarks.operator.paths import F64, CropPath, TruthPath

#: The head is the top 15 % of the box, and as wide as 0.18 of its height, round the middle of the box.
HEAD_SHARE, HEAD_WIDTH = 0.15, 0.18
#: A body is in the picture when this share of its box is.
BODY_SHARE = 0.95
#: Air over the head that is asked for, share of the crop's height: a body of 80 % in the middle.
HEADROOM = 0.10
#: Crop widths per second: slower is still, faster counts as a direction. Shares per second for the zoom.
STILL, MOVING, ZOOMING = 0.01, 0.02, 0.01
#: A person faster than this, crop widths per second over half a second, asks for room in front.
TRAVELLING, TRAVEL_S = 0.3, 0.5
LAGS_S = np.arange(-0.7, 2.0001, 0.025)


@dataclass(frozen=True, slots=True)
class Metrics:
    """Figures of one path, or of many pooled by pictures.

    Attributes:
        head, body: % of pictures with the head wholly, with >= 95 % of the body's box in the crop. Parts
            outside the source picture cannot be shown and do not count.
        offset_p50, offset_p95: how far the body's middle is beside the crop's, crop widths.
        offset_y_p95: the same up and down, crop heights.
        headroom_rms: air over the head against the 10 % asked for, crop heights.
        jerk_rms: crop widths per s^3.
        accel_rms: crop widths per s^2.
        speed_p99: crop widths per s.
        reversals: changes of direction across per minute, both ways faster than 2 % of the width per s.
        still: % of the time slower than 1 % of the width per s.
        drift: RMS speed in that time, % of the width per s.
        breathing: RMS of d log(height) / dt, % per s.
        zoom_reversals: changes of zoom direction per minute, both ways faster than 1 % per s.
        lag_s: the shift at which the camera's sideways speed is most like the person's; > 0 is late.
        lead: % of pictures with a travelling person in which there is more room in front than behind.
        minutes: of video.
    """

    head: float
    body: float
    offset_p50: float
    offset_p95: float
    offset_y_p95: float
    headroom_rms: float
    jerk_rms: float
    accel_rms: float
    speed_p99: float
    reversals: float
    still: float
    drift: float
    breathing: float
    zoom_reversals: float
    lag_s: float
    lead: float
    minutes: float


@dataclass(frozen=True, slots=True, eq=False)
class _Samples:
    """What the figures are pooled from; one row per picture or difference."""

    head: F64
    body: F64
    offset: F64
    offset_y: F64
    headroom: F64
    jerk: F64
    accel: F64
    speed: F64
    zoom_speed: F64
    lead: F64
    reversals: int
    zoom_reversals: int
    together: F64
    minutes: float


def score(path: CropPath, truth: TruthPath) -> Metrics:
    """The figures of one path.

    Raises:
        ValueError: fewer than four pictures, or path and truth are not of the same pictures.
    """
    return pooled([(path, truth)])


def pooled(pairs: Sequence[tuple[CropPath, TruthPath]]) -> Metrics:
    """The figures of many paths as if they were one long one; each counts by its pictures.

    Raises:
        ValueError: see ``score``; or nothing is given.
    """
    if not pairs:
        raise ValueError("no paths to be judged")
    parts = [_samples(path, truth) for path, truth in pairs]

    def every(name: str) -> F64:
        return np.concatenate([getattr(p, name) for p in parts])

    minutes = sum(p.minutes for p in parts)
    speed = every("speed")
    still = speed < STILL
    together = sum(p.together for p in parts)
    return Metrics(
        head=100 * _mean(every("head")),
        body=100 * _mean(every("body")),
        offset_p50=_percentile(every("offset"), 50),
        offset_p95=_percentile(every("offset"), 95),
        offset_y_p95=_percentile(every("offset_y"), 95),
        headroom_rms=_rms(every("headroom")),
        jerk_rms=_rms(every("jerk")),
        accel_rms=_rms(every("accel")),
        speed_p99=_percentile(speed, 99),
        reversals=sum(p.reversals for p in parts) / minutes,
        still=100 * _mean(still.astype(np.float64)),
        drift=100 * _rms(speed[still]),
        breathing=100 * _rms(every("zoom_speed")),
        zoom_reversals=sum(p.zoom_reversals for p in parts) / minutes,
        lag_s=float(LAGS_S[int(np.argmax(together))]) if np.any(together > 0) else float("nan"),
        lead=100 * _mean(every("lead")),
        minutes=minutes,
    )


def _samples(path: CropPath, truth: TruthPath) -> _Samples:
    count = len(path.times)
    if count < 4:
        raise ValueError(f"{count} pictures are too few: a jerk needs four")
    if count != len(truth.times) or abs(path.times - truth.times).max() > 1e-6:
        raise ValueError("the path and the truth are not of the same pictures")
    rate = (count - 1) / float(path.times[-1] - path.times[0])
    there = truth.there
    boxes = truth.boxes[there]
    cx, cy, height = path.cx[there], path.cy[there], path.height[there]
    width = height * path.aspect
    crop = np.column_stack([cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2])
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    centre = np.column_stack([path.cx, path.cy])
    moved = np.diff(centre, axis=0) * rate
    across = moved[:, 0] / _spanned(path.width, 1)
    zoom_speed = np.diff(np.log(path.height)) * rate
    return _Samples(
        head=_head_in(boxes, crop, truth),
        body=_body_in(boxes, crop, truth),
        offset=np.abs(middle[:, 0] - cx) / width,
        offset_y=np.abs(middle[:, 1] - cy) / height,
        headroom=(boxes[:, 1] - crop[:, 1]) / height - HEADROOM,
        jerk=_norm(np.diff(centre, 3, axis=0) * rate**3) / _spanned(path.width, 3),
        accel=_norm(np.diff(centre, 2, axis=0) * rate**2) / _spanned(path.width, 2),
        speed=_norm(moved) / _spanned(path.width, 1),
        zoom_speed=zoom_speed,
        lead=_lead(path, truth, rate),
        reversals=_turns(across, MOVING),
        zoom_reversals=_turns(zoom_speed, ZOOMING),
        together=_together(across, truth, path.width, rate),
        minutes=count / rate / 60,
    )


def _head_in(boxes: F64, crop: F64, truth: TruthPath) -> F64:
    """(N,) 1 where the whole head is in the crop; people whose head is out of the source are left out."""
    x, high = (boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3] - boxes[:, 1]
    half = HEAD_WIDTH * high / 2
    head = np.column_stack([x - half, boxes[:, 1], x + half, boxes[:, 1] + HEAD_SHARE * high])
    head = _clipped(head, truth)
    shown = (head[:, 2:] > head[:, :2]).all(axis=1)
    # A thousandth of a pixel is rounding, not a cut.
    room = np.column_stack([head[:, :2] - crop[:, :2], crop[:, 2:] - head[:, 2:]]) + 1e-3
    return np.asarray(room.min(axis=1)[shown] >= 0, dtype=np.float64)


def _body_in(boxes: F64, crop: F64, truth: TruthPath) -> F64:
    boxes = _clipped(boxes, truth)
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    low, high = np.maximum(boxes[:, :2], crop[:, :2]), np.minimum(boxes[:, 2:], crop[:, 2:])
    common = np.prod(np.maximum(high - low, 0.0), axis=1)
    return np.asarray(common[area > 0] >= BODY_SHARE * area[area > 0], dtype=np.float64)


def _clipped(boxes: F64, truth: TruthPath) -> F64:
    limits = np.array([truth.size.width, truth.size.height] * 2, dtype=np.float64)
    return np.clip(boxes, 0.0, limits)


def _lead(path: CropPath, truth: TruthPath, rate: float) -> F64:
    """(N,) of the pictures with a travelling person: 1 where the person is behind the crop's middle."""
    x = (truth.boxes[:, 0] + truth.boxes[:, 2]) / 2
    half = max(1, round(TRAVEL_S * rate / 2))
    if len(x) <= 2 * half:
        return np.zeros(0)
    inner = slice(half, -half)
    speed = (x[2 * half :] - x[: -2 * half]) * rate / (2 * half) / path.width[inner]
    ahead = (path.cx - x)[inner] * np.sign(speed)
    travelling = np.isfinite(ahead) & (np.abs(np.nan_to_num(speed)) > TRAVELLING)
    return (ahead[travelling] > 0).astype(np.float64)


def _together(camera: F64, truth: TruthPath, width: F64, rate: float) -> F64:
    """How alike the sideways speeds are at each of LAGS_S, summed over the pictures."""
    x = (truth.boxes[:, 0] + truth.boxes[:, 2]) / 2
    person = np.diff(x) * rate / _spanned(width, 1)
    known = np.isfinite(person)
    person = np.where(known, person - (person[known].mean() if known.any() else 0.0), 0.0)
    camera = camera - camera.mean()
    count = len(camera)
    shifts = np.arange(int(np.floor(LAGS_S[0] * rate)), int(np.ceil(LAGS_S[-1] * rate)) + 1)
    whole = np.correlate(camera, person, "full")
    at = shifts + count - 1
    alike = np.where((at >= 0) & (at < len(whole)), whole[np.clip(at, 0, len(whole) - 1)], 0.0)
    return np.asarray(np.interp(LAGS_S, shifts / rate, alike / rate))


def _turns(speed: F64, least: float) -> int:
    """Changes of sign among the speeds above ``least``; slower ones in between are passed over."""
    signs = np.sign(speed[np.abs(speed) > least])
    return int(np.count_nonzero(signs[1:] != signs[:-1]))


def _spanned(values: F64, order: int) -> F64:
    """Means over the ``order + 1`` pictures that a difference of that order spans."""
    return np.convolve(values, np.full(order + 1, 1 / (order + 1)), "valid")


def _norm(vectors: F64) -> F64:
    return np.asarray(np.hypot(vectors[:, 0], vectors[:, 1]))


def _mean(values: F64) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _rms(values: F64) -> float:
    return float(np.sqrt(np.mean(np.square(values)))) if len(values) else float("nan")


def _percentile(values: F64, percent: float) -> float:
    return float(np.percentile(values, percent)) if len(values) else float("nan")

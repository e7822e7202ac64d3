"""What speaks for and against a finding being a track: numbers for the learned cost, pair by pair.

Lengths are in body heights of the track, times in seconds or logarithms of them, so neither the size of the
picture nor the rate matters. The cues are those of the literature: overlap with the prediction (SORT 2016),
with the last finding and the direction of earlier ones (OC-SORT, CVPR 2023), height and score (Hybrid-SORT,
AAAI 2024), who covers whom (OA-SORT, CVPR 2026), key points (CAMELTrack 2025).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.tracking.findings import Findings
from engine.tracking.overlap import crowding, pair_overlaps
from engine.tracking.poses import pose_agreement
from engine.tracking.state import State

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: The unit of gaps: one finding at 20 Hz.
GAP_S = 0.05
#: Directions are read over at least these times, seconds; extrapolated no further than SPAN_S.
LAGS_S = np.array([0.09, 0.29])
SPAN_S = 0.4
#: A direction shorter than this many heights is noise.
STILL = 0.03
#: Boxes grown by this share on every side still touch after a fast move (C-BIoU, WACV 2023).
GROWN = 0.3
#: How many numbers describe a pair.
WIDTH = 63
#: Which of them are about key points.
POSE = slice(39, 43)
#: Which of them are the distances from the prediction and from the last finding.
DISTANCES = slice(23, 25)


def _limits() -> tuple[F32, F32]:
    """(WIDTH,) what the features are limited to: far off is far off, however far."""
    most = np.full(WIDTH, np.inf, np.float32)
    most[[*range(12), 23, 24, *range(27, 30), *range(31, 34), *range(35, 38)]] = 4
    most[[*range(12, 18), 25]] = 2
    most[[26, 53]] = 4, 3
    most[50:53] = 1
    most[54:58] = most[59:63] = 5
    least = -most
    least[[54, 55, 56, 57, 59, 60, 61, 62]] = -2
    return least, most


LEAST, MOST = _limits()


def pair_features(state: State, found: Findings, rows: I64, columns: I64, now_s: float) -> F32:
    """(P, WIDTH) features of the pairs (rows[p], columns[p]).

    Args:
        state: N tracks predicted to the picture of ``found``.
        found: M findings.
        rows, columns: (P,) indices into both.
        now_s: time of that picture.
    """
    out = np.empty((len(rows), WIDTH), np.float32)
    every = state.boxes
    boxes, last, seen = every[rows], state.seen_box[rows], found.boxes[columns]
    h = state.height[rows][:, None]
    off, off_last = out[:, 0:4], out[:, 4:8]
    off[:] = (seen - boxes) / h
    off_last[:] = (seen - last) / h
    middle = (off[:, :2] + off[:, 2:]) / 2
    middle_last = (off_last[:, :2] + off_last[:, 2:]) / 2
    np.abs(middle, out=out[:, 8:10])
    np.abs(off[:, 1::2], out=out[:, 10:12])
    sizes = np.log(
        np.maximum(np.concatenate([seen[:, 2:] - seen[:, :2], state.position[rows, 2:]], axis=1), 1.0)
    )
    usual = np.log(np.maximum(np.array([state.width, state.height]).T, 1.0))
    out[:, 12:14] = sizes[:, :2] - sizes[:, 2:]
    out[:, 14:16] = sizes[:, :2] - usual[rows]
    np.abs(out[:, 13:16:2], out=out[:, 16:18])
    ours = np.concatenate([boxes, last, _grown(boxes)])
    common, tall = pair_overlaps(ours, np.concatenate([seen, seen, _grown(seen)]))
    out[:, 18:23:2] = common.reshape(3, -1).T
    out[:, 19:22:2] = tall.reshape(3, -1).T[:, :2]
    np.hypot(middle[:, 0], middle[:, 1], out=out[:, 23])
    np.hypot(middle_last[:, 0], middle_last[:, 1], out=out[:, 24])
    rising = np.minimum(np.maximum(2 * state.score - state.score_before, 0.1), 1.0)
    np.abs(found.score[columns] - rising[rows], out=out[:, 25])
    spread = state.covariance[rows, :, 0] + (0.05 * h) ** 2
    error = (found.centre_sizes[columns] - state.position[rows]) ** 2
    out[:, 26] = np.sqrt((error / spread).sum(axis=1)) / 5
    directions = np.empty((len(rows), 12), np.float32)
    _directions(state, rows, _centres(seen), h, now_s, directions)
    out[:, 27:39] = directions
    out[:, POSE] = pose_agreement(state, found, rows, columns, now_s)
    out[:, 43:58] = _of_tracks(state, every, now_s)[rows]
    out[:, 58] = found.score[columns]
    out[:, 59:63] = found.crowd[columns]
    np.maximum(out, LEAST, out=out)
    np.minimum(out, MOST, out=out)
    return out


def _grown(boxes: F64) -> F64:
    side = (boxes[:, 2:] - boxes[:, :2]) * GROWN
    return np.concatenate([boxes[:, :2] - side, boxes[:, 2:] + side], axis=1)


def _of_tracks(state: State, boxes: F64, now_s: float) -> F64:
    """(N, 15) what is known of each track before anything was found."""
    h = state.height
    out = np.empty((len(state), 15))
    speed = state.velocity[:, :2] / (20 * h)[:, None]
    since = np.array([state.seen_s, state.strong_s, state.clear_s]).T
    np.log1p(np.maximum(now_s - since, 0.0) / GAP_S, out=out[:, :3])
    out[:, 3] = state.hidden
    out[:, 4] = state.confirmed
    out[:, 5] = state.score
    out[:, 6] = np.log1p(np.maximum(state.seen_s - state.born_s, 0.0) / GAP_S) / 5
    out[:, 7] = np.hypot(speed[:, 0], speed[:, 1])
    out[:, 8:10] = speed
    out[:, 10] = np.sqrt(state.covariance[:, 0, 0]) / h
    out[:, 11:15] = crowding(boxes)
    return out


def _directions(state: State, rows: I64, there: F64, h: F64, now_s: float, out: F32) -> None:
    """(P, 12) where the track was heading, over short and long times and before it last met anybody."""
    middle = _centres(state.seen_box)
    gap_s = np.minimum(np.maximum(now_s - state.seen_s, 0.0), SPAN_S)
    lag_s = state.seen_s[:, None] - state.past_s
    oldest = np.count_nonzero(lag_s < np.inf, axis=1) - 1
    # The newest sample that is old enough, or the oldest there is; (2, N).
    enough = lag_s[None] >= LAGS_S[:, None, None]
    sample = np.where(enough.any(axis=2), enough.argmax(axis=2), oldest)
    one = np.arange(len(state)), np.minimum(sample, oldest)
    span_s = lag_s[one]
    ahead, moved = np.empty((3, len(state), 2)), np.empty((3, len(state), 2))
    moved[:2] = (middle - _centres(state.past_box[one])) * (span_s > 1e-3)[..., None]
    ahead[:2] = middle + moved[:2] * (gap_s / np.maximum(span_s, 0.03))[..., None]
    age_s = np.minimum(np.maximum(now_s - state.clear_s, 0.0), 2 * SPAN_S)
    ahead[2] = state.clear_centre + state.clear_velocity * age_s[:, None]
    moved[2] = state.clear_velocity * 0.2
    moved /= state.height[:, None]
    speed = np.hypot(moved[..., 0], moved[..., 1]) + STILL
    way = (there - middle[rows]) / h
    length = np.hypot(way[:, 0], way[:, 1]) + STILL
    numbers = out.reshape(len(rows), 3, 4).transpose(1, 0, 2)
    numbers[..., :2] = (there - ahead[:, rows]) / h
    np.hypot(numbers[..., 0], numbers[..., 1], out=numbers[..., 2])
    numbers[..., 3] = (moved[:, rows] * way).sum(axis=2) / (speed[:, rows] * length)


def _centres(boxes: F64) -> F64:
    result: F64 = (boxes[..., :2] + boxes[..., 2:]) / 2
    return result

"""The two sides of a pair: what features.py needs of every track and of every finding by itself.

Both are tables of one row per number and one column per track or finding, so that all numbers of all pairs
are looked up at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.tracking.findings import Findings
from engine.tracking.overlap import crowding
from engine.tracking.state import PAST, State

F64 = NDArray[np.float64]

#: The unit of gaps: one finding at 20 Hz.
GAP_S = 0.05
#: Directions are read over at least these times, seconds; the last one finds the oldest sample.
LAGS_S = np.array([0.09, 0.29, np.inf])
#: They are extrapolated no further than this.
SPAN_S = 0.4
#: A direction shorter than this many heights is noise.
STILL = 0.03
#: Boxes grown by this share on every side still touch after a fast move (C-BIoU, WACV 2023).
GROWN = 0.3

#: Rows of both tables. Of a track: the predicted box, the last finding, the predicted box grown; of a
#: finding: its box twice, its box grown.
BOX, GROWN_BOX, BOXES = slice(0, 4), slice(8, 12), slice(0, 12)
#: Centre and size of the predicted box, or of the finding.
CENTRE, CENTRE_SIZE = slice(12, 14), slice(12, 16)

#: Rows of findings: logarithm of the size; score; how it stands among the others.
LOG_SIZE, SCORE, SCORE_AND_CROWD = slice(16, 18), 18, slice(18, 23)
FINDING_ROWS = 23

#: Rows of tracks: two of the boxes; logarithms of the predicted and of the usual size.
LAST, BOX_AND_LAST, LOG_SIZES = slice(4, 8), slice(0, 8), slice(16, 20)
#: Body height, the score expected next, the variance of a finding around the prediction.
HEIGHT, RISING, SPREAD = 20, 21, slice(22, 26)
#: For each of three directions: where it leads to now, what it was read from in heights, how long that is.
AHEAD, MOVED, SPEED = slice(26, 32), slice(32, 38), slice(38, 41)
#: What is a feature as it stands.
ALONE = slice(41, 56)
TRACK_ROWS = 56


def of_findings(found: Findings) -> F64:
    """(FINDING_ROWS, M) numbers."""
    out = np.empty((FINDING_ROWS, len(found)))
    box = out[BOX]
    box[:] = out[LAST] = found.boxes.T
    _centre_size(box, out[CENTRE_SIZE])
    _grow(box, out[GROWN_BOX])
    np.maximum(out[14:16], 1.0, out=out[LOG_SIZE])
    np.log(out[LOG_SIZE], out=out[LOG_SIZE])
    out[SCORE] = found.score
    out[19:23] = found.crowd.T
    return out


def of_tracks(state: State, now_s: float) -> F64:
    """(TRACK_ROWS, N) numbers, at the picture taken at ``now_s``."""
    out = np.empty((TRACK_ROWS, len(state)))
    h = state.height
    place = out[CENTRE_SIZE]
    place[:] = state.position.T
    box = out[BOX]
    half = place[2:] / 2
    np.subtract(place[:2], half, out=box[:2])
    np.add(place[:2], half, out=box[2:])
    out[LAST] = state.seen_box.T
    _grow(box, out[GROWN_BOX])
    sizes = out[LOG_SIZES]
    sizes[:2], sizes[2], sizes[3] = place[2:], state.width, h
    np.maximum(sizes, 1.0, out=sizes)
    np.log(sizes, out=sizes)
    out[HEIGHT] = h
    np.minimum(np.maximum(2 * state.score - state.score_before, 0.1), 1.0, out=out[RISING])
    np.add(state.covariance[:, :, 0].T, (0.05 * h) ** 2, out=out[SPREAD])
    _directions(state, out[LAST], now_s, out)
    _alone(state, box, now_s, out[ALONE])
    return out


def lengths(vectors: F64, out: F64) -> None:
    """(K, P) lengths of (K, 2, P) vectors; faster than hypot, whose care for overflow is not needed."""
    square = vectors * vectors
    np.add(square[:, 0], square[:, 1], out=out)
    np.sqrt(out, out=out)


def _centre_size(box: F64, out: F64) -> None:
    np.add(box[:2], box[2:], out=out[:2])
    out[:2] /= 2
    np.subtract(box[2:], box[:2], out=out[2:])


def _grow(box: F64, out: F64) -> None:
    side = (box[2:] - box[:2]) * GROWN
    np.subtract(box[:2], side, out=out[:2])
    np.add(box[2:], side, out=out[2:])


def _directions(state: State, last: F64, now_s: float, out: F64) -> None:
    """Where the track was heading, over a short and a long time, and when it last touched nobody."""
    n = len(state)
    ahead, moved = out[AHEAD].reshape(3, 2, n), out[MOVED].reshape(3, 2, n)
    middle = (last[:2] + last[2:]) / 2
    lag_s = state.seen_s[:, None] - state.past_s
    # The newest sample that is old enough, or the oldest there is; samples are ordered by age. (2, N)
    younger = np.add.reduce(lag_s < LAGS_S[:, None, None], axis=2, dtype=np.int64)
    sample = np.minimum(younger[:2], younger[2] - 1)
    sample += np.arange(n) * PAST
    span_s = lag_s.reshape(-1).take(sample)
    past = state.past_box.reshape(-1, 4).take(sample, axis=0).transpose(0, 2, 1)
    gap_s = np.minimum(np.maximum(now_s - state.seen_s, 0.0), SPAN_S)
    moved[:2] = (middle - (past[:, :2] + past[:, 2:]) / 2) * (span_s > 1e-3)[:, None]
    ahead[:2] = middle + moved[:2] * (gap_s / np.maximum(span_s, 0.03))[:, None]
    age_s = np.minimum(np.maximum(now_s - state.clear_s, 0.0), 2 * SPAN_S)
    velocity = state.clear_velocity.T
    np.add(state.clear_centre.T, velocity * age_s, out=ahead[2])
    np.multiply(velocity, 0.2, out=moved[2])
    moved /= state.height
    speed = out[SPEED]
    lengths(moved, speed)
    speed += STILL


def _alone(state: State, box: F64, now_s: float, out: F64) -> None:
    """What is known of each track before anything was found."""
    since = np.array([state.seen_s, state.strong_s, state.clear_s, state.born_s])
    np.subtract(now_s, since[:3], out=since[:3])
    np.subtract(state.seen_s, since[3], out=since[3])
    np.maximum(since, 0.0, out=since)
    since /= GAP_S
    np.log1p(since, out=since)
    out[:3] = since[:3]
    out[3] = state.hidden
    out[4] = state.confirmed
    out[5] = state.score
    np.divide(since[3], 5, out=out[6])
    speed = out[8:10]
    np.divide(state.velocity.T[:2], 20 * state.height, out=speed)
    np.hypot(speed[0], speed[1], out=out[7])
    np.sqrt(state.covariance[:, 0, 0], out=out[10])
    out[10] /= state.height
    out[11:15] = crowding(box.T).T

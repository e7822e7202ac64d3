"""What speaks for and against a finding being a track: numbers for the learned cost, pair by pair.

Lengths are in body heights of the track, times in seconds or logarithms of them, so neither the size of the
picture nor the rate matters. The cues are those of the literature: overlap with the prediction (SORT 2016),
with the last finding and the direction of earlier ones (OC-SORT, CVPR 2023), height and score (Hybrid-SORT,
AAAI 2024), who covers whom (OA-SORT, CVPR 2026), key points (CAMELTrack 2025).

What concerns a track alone, or a finding alone, is worked out once for each (sides.py), then looked up for
every pair.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.tracking import sides
from engine.tracking.findings import Findings
from engine.tracking.overlap import pair_overlaps
from engine.tracking.poses import pose_agreement
from engine.tracking.state import State

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

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
    track = sides.of_tracks(state, now_s).take(rows, axis=1)
    finding = sides.of_findings(found).take(columns, axis=1)
    pairs = len(rows)
    height, centre = track[sides.HEIGHT], finding[sides.CENTRE]
    out = np.empty((WIDTH, pairs))

    # Where it is from the prediction and from the last finding: corners, then centres; (2, ., P).
    off = out[:8].reshape(2, 4, pairs)
    np.subtract(finding[sides.BOX], track[sides.BOX_AND_LAST].reshape(2, 4, pairs), out=off)
    off /= height
    middle = (off[:, :2] + off[:, 2:]) / 2
    np.abs(middle[0], out=out[8:10])
    np.abs(out[1:4:2], out=out[10:12])
    sides.lengths(middle, out[DISTANCES])

    # How its size compares with the predicted and with the usual one.
    sizes = track[sides.LOG_SIZES].reshape(2, 2, pairs)
    np.subtract(finding[sides.LOG_SIZE], sizes, out=out[12:16].reshape(2, 2, pairs))
    np.abs(out[13:16:2], out=out[16:18])

    # How it overlaps the prediction, the last finding, and the prediction when both are grown.
    ours, theirs = (side[sides.BOXES].reshape(3, 4, pairs).transpose(0, 2, 1) for side in (track, finding))
    out[18:23:2], tall = pair_overlaps(ours, theirs)
    out[19:22:2] = tall[:2]

    np.abs(finding[sides.SCORE] - track[sides.RISING], out=out[25])
    error = finding[sides.CENTRE_SIZE] - track[sides.CENTRE_SIZE]
    error *= error
    error /= track[sides.SPREAD]
    np.sqrt(np.add.reduce(error, axis=0), out=out[26])
    out[26] /= 5

    # Where it is from where the track was heading, and whether it went there on a straight way; (3, 4, P).
    heading = out[27:39].reshape(3, 4, pairs)
    np.subtract(centre, track[sides.AHEAD].reshape(3, 2, pairs), out=heading[:, :2])
    heading[:, :2] /= height
    sides.lengths(heading[:, :2], heading[:, 2])
    along = track[sides.MOVED].reshape(3, 2, pairs) * middle[1]
    length = track[sides.SPEED] * (out[24] + sides.STILL)
    np.divide(along[:, 0] + along[:, 1], length, out=heading[:, 3])

    out[POSE] = pose_agreement(state, found, rows, columns, now_s).T
    out[43:58] = track[sides.ALONE]
    out[58:63] = finding[sides.SCORE_AND_CROWD]
    limited = out.T.astype(np.float32, order="C")
    np.maximum(limited, LEAST, out=limited)
    np.minimum(limited, MOST, out=limited)
    return limited

"""One sequence of detections with truth, and what it looks like to an embedder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Size

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """Appearance of the M detections of one picture, row by row.

    Attributes:
        body: (M, D) unit length; a row of zeros = not taken.
        body_quality: (M,) 0 to 1, see `engine.people.Appearance`.
        face: (M, E) unit length; a row of zeros = no face.
        face_score, face_quality: (M,) 0 to 1.
    """

    body: F32
    body_quality: F32
    face: F32
    face_score: F32
    face_quality: F32


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Who is really there in one picture: ids (K,) and boxes (K, 4) x0, y0, x1, y1; those who count only."""

    ids: I64
    boxes: F64


@dataclass(frozen=True, slots=True, eq=False)
class Hypotheses:
    """Whom a tracker says is there in one picture: track ids (M,) and boxes (M, 4) x0, y0, x1, y1."""

    ids: I64
    boxes: F64


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """A MOTChallenge sequence in memory. Pictures count from 1, as MOTChallenge does.

    Attributes:
        detections: picture -> (M, 5) x0, y0, x1, y1, score, every score the detector gave.
        truth: picture -> who is there; empty when unknown.
        skeletons: picture -> (M, 17, 3) x, y, score of COCO-17 key points, where there are any.
        looks: picture -> appearance, where there is any.
        ignored: picture -> (K, 4) boxes of what a tracker may follow or not: people on a poster, in a mirror,
            sitting; what is found on them counts neither for nor against it.
    """

    name: str
    fps: float
    size: Size
    length: int
    detections: Mapping[int, F64]
    truth: Mapping[int, Truth] = field(default_factory=dict)
    skeletons: Mapping[int, F32] = field(default_factory=dict)
    looks: Mapping[int, Looks] = field(default_factory=dict)
    ignored: Mapping[int, F64] = field(default_factory=dict)

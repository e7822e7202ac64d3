"""Scripted people for the operators: a 9:16 fancam out of 1080p, 562 pixels wide."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.direction.operators.lookahead import Lookahead
from engine.direction.operators.path import PathConfig
from engine.direction.want import Want
from engine.geometry import Box, Shot, Size

F64 = NDArray[np.float64]
SIZE, ASPECT, HEIGHT, FPS = Size(1920, 1080), 9 / 16, 1000.0, 30
WIDTH = HEIGHT * ASPECT
#: Half of head and trunk, pixels.
KEEP = 80.0
#: Seconds of the stage path in which the person stands still, and has done so for a while.
STILL = ((0, 5), (14.5, 17.9), (20.5, 23.9), (36.5, 38.9), (42, 46.9), (55.5, 58))


def minjerk(u: F64) -> F64:
    u = np.clip(u, 0, 1)
    return u**3 * (10 - 15 * u + 6 * u * u)


def times(seconds: float, fps: float = FPS) -> F64:
    return np.arange(0, seconds, 1 / fps)


def stage_path(t: F64) -> F64:
    """58 s as in a fancam: rest, sway, walks, fast moves, at 18 s a dash of 700 px in 0.9 s."""
    x = np.full_like(t, 600.0)
    for start_s, length_s, way_px in (
        (11, 2.5, 250),
        (18, 0.9, 700),
        (24, 1.6, -420),
        (31, 4.0, -400),
        (39, 1.2, 330),
        (47, 2.0, -350),
    ):
        x += way_px * minjerk((t - start_s) / length_s)
    for start_s, end_s in ((5, 11), (26, 31), (49, 54)):
        fade = np.clip(np.minimum(t - start_s, end_s - t) / 0.3, 0, 1)
        x += 60 * fade * np.sin(2 * np.pi * 1.2 * (t - start_s))
    return x


def noisy(x: F64, sigma_px: float, seed: int) -> F64:
    """Track noise: white at the detector, correlated in time as the tracker leaves it."""
    rng = np.random.default_rng(seed)
    e, out = 0.0, np.empty_like(x)
    for i in range(len(x)):
        e = 0.6 * e + 0.8 * rng.normal(0, sigma_px)
        out[i] = x[i] + e
    return out


def wants_of(t: F64, x: F64, height: F64 | float = HEIGHT) -> list[Want]:
    """A person at x, upright, in a source of 1080p."""
    heights = np.broadcast_to(np.asarray(height, dtype=np.float64), t.shape)
    return [
        Want(a, Shot(b, 540.0, h, ASPECT), Box(b - KEEP, 540 - 0.35 * h, b + KEEP, 540 + 0.1 * h))
        for a, b, h in zip(t.tolist(), x.tolist(), heights.tolist(), strict=True)
    ]


def ahead(wants: Sequence[Want], delay_s: float, config: PathConfig | None = None) -> list[Shot]:
    """What a look-ahead shows that knows ``delay_s`` of what comes."""
    camera = Lookahead(SIZE, config or PathConfig(), wants[0].shot)
    stamps = np.array([w.time_s for w in wants])
    shots = []
    for i, want in enumerate(wants):
        known = int(np.searchsorted(stamps, want.time_s + delay_s + 1e-9))
        shots.append(camera.step(wants[i:known], want.time_s - wants[max(i - 1, 0)].time_s))
    return shots


def centres(shots: Sequence[Shot]) -> F64:
    return np.array([shot.cx for shot in shots])


def jerk_rms(x: F64, fps: float) -> float:
    """Crop widths per s^3."""
    return float(np.sqrt((np.diff(x, 3) ** 2).mean())) * fps**3 / WIDTH


def reversals(x: F64, fps: float) -> int:
    """Changes of direction, both ways faster than 2 % of the width per second."""
    speed = np.diff(x) * fps
    signs = np.sign(speed[np.abs(speed) > 0.02 * WIDTH])
    return int(np.count_nonzero(signs[1:] != signs[:-1]))

"""The moves choreographies are made of: smooth functions of time in seconds."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.interpolate import CubicHermiteSpline

from engine.sources.stage.body import Arm, Pose

_BEAT_HZ = 1.9
_HANGING = Arm()


def smooth(t: float, start_s: float, duration_s: float) -> float:
    """0 before ``start_s``, 1 after ``duration_s`` more, without a jerk at either end (quintic)."""
    u = min(max((t - start_s) / duration_s, 0.0), 1.0)
    return u * u * u * (u * (u * 6 - 15) + 10)


def bump(t: float, start_s: float, end_s: float, edge_s: float) -> float:
    """0, then 1 between ``start_s`` and ``end_s``, then 0 again; each edge takes ``edge_s``."""
    return smooth(t, start_s, edge_s) - smooth(t, end_s - edge_s, edge_s)


def wave(t: float, hz: float, phase: float = 0.0) -> float:
    """A sine of that frequency; ``phase`` in turns."""
    return math.sin(math.tau * (hz * t + phase))


def groove(pose: Pose, t: float, phase: float, amount: float = 1.0) -> Pose:
    """The pose dancing on the spot: arms, knees and a little weight to and fro."""
    up = 0.5 + 0.5 * wave(t, _BEAT_HZ / 2, phase)
    other = 0.5 + 0.5 * wave(t, _BEAT_HZ / 2, phase + 0.35)
    return replace(
        pose,
        x=pose.x + 9 * amount * wave(t, _BEAT_HZ / 2, phase),
        left=Arm(0.2 + 0.75 * amount * up, (0.9 * other - 0.7) * amount, 0.5 * amount * up),
        right=Arm(0.2 + 0.75 * amount * other, (0.9 * up - 0.7) * amount, 0.5 * amount * other),
        crouch=0.16 * amount * (0.5 + 0.5 * wave(t, _BEAT_HZ, phase)),
        lean=0.03 * amount * wave(t, _BEAT_HZ / 2, phase + 0.1),
    )


def walking(pose: Pose, t: float, amount: float, direction: float, turned: float = 1.1) -> Pose:
    """The pose walking to the right (``direction`` 1) or left (-1), as far as ``amount`` (0 to 1) says.

    ``turned`` is how far the walker turns that way, in radians.
    """
    swing = wave(t, _BEAT_HZ) * amount
    return replace(
        pose,
        yaw=pose.yaw + turned * amount * direction,
        stride=0.85 * swing,
        left=_mixed(pose.left, Arm(0.15, -0.1, -0.6 * swing + 0.25), amount),
        right=_mixed(pose.right, Arm(0.15, -0.1, 0.6 * swing + 0.25), amount),
    )


def fidgeting(pose: Pose, t: float, rng_seed: tuple[int, ...], amount: float = 1.0) -> Pose:
    """The pose with quick small movements that never repeat exactly."""
    phases = np.random.default_rng(rng_seed).random(8)

    def noise(k: int, slow: float) -> float:
        a, b = float(phases[k]), float(phases[(k + 3) % 8])
        return 0.6 * wave(t, 0.83 * slow, a) + 0.4 * wave(t, 2.17 * slow, b)

    return replace(
        pose,
        x=pose.x + 24 * amount * noise(0, 1.0),
        yaw=pose.yaw + 0.35 * amount * noise(1, 0.7),
        left=Arm(0.7 + 0.6 * amount * noise(2, 1.2), -0.3 + 0.9 * amount * noise(3, 1.0), 0.3),
        right=Arm(0.7 + 0.6 * amount * noise(4, 1.1), -0.3 + 0.9 * amount * noise(5, 1.3), 0.3),
        crouch=0.12 * amount * (1 + noise(6, 1.0)),
        stride=0.25 * amount * noise(7, 1.0),
    )


def passing(distance_px: float, duration_s: float) -> Callable[[float], float]:
    """From 0 to 1 in ``duration_s``, slow in the middle, where two people hide each other.

    Args:
        distance_px: design pixels walked in all; the slow part is about as long as a body is wide.
        duration_s: of the whole.
    """
    half = min(30.0 / max(distance_px, 1.0), 0.3)
    slow_s = 0.4 * duration_s
    times = [0.0, (duration_s - slow_s) / 2, (duration_s + slow_s) / 2, duration_s]
    slope = 2 * half / slow_s
    spline = CubicHermiteSpline(times, [0.0, 0.5 - half, 0.5 + half, 1.0], [0.0, slope, slope, 0.0])
    return lambda t: float(spline(min(max(t, 0.0), duration_s)))


def _mixed(a: Arm, b: Arm, share: float) -> Arm:
    return Arm(
        a.out + (b.out - a.out) * share,
        a.bend + (b.bend - a.bend) * share,
        a.forward + (b.forward - a.forward) * share,
    )

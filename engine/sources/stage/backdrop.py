"""What stands behind the performers, drawn once: a lit stage, or a plain wall."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import JikcamError
from engine.geometry import Size
from engine.sources.fit import fitted
from engine.sources.frame import Image

BACKDROPS = ("stage", "plain")
#: Where the wall meets the floor, as a share of the height.
_EDGE = 0.62


def backdrop(kind: str | Image, size: Size, seed: int) -> Image:
    """The background picture of ``size``.

    Args:
        kind: "stage", "plain" or a picture of its own, which is scaled to fit.
        size: pixels.
        seed: another seed, another set design.

    Raises:
        JikcamError: no such backdrop.
    """
    if not isinstance(kind, str):
        return fitted(kind, size).copy()
    if kind == "plain":
        return _grained(np.full((size.height, size.width, 3), (178, 172, 168), np.float32), seed, 1.5)
    if kind == "stage":
        return _stage(size, seed)
    raise JikcamError(f"there is no backdrop {kind!r}", f"use one of: {', '.join(BACKDROPS)}")


def _stage(size: Size, seed: int) -> Image:
    w, h = size.width, size.height
    rng = np.random.default_rng(seed)
    edge = int(h * _EDGE)
    picture = np.zeros((h, w, 3), np.float32)
    x, y = np.arange(w, dtype=np.float32) / w, np.arange(h, dtype=np.float32) / h
    # The LED wall: slow colour clouds behind a grid of panels.
    clouds = cv2.resize(rng.random((4, 7, 3)).astype(np.float32), (w, edge), interpolation=cv2.INTER_CUBIC)
    picture[:edge] = np.array([52, 20, 34]) + clouds * np.array([96, 42, 74])
    panel = max(h // 12, 8)
    picture[:edge:panel] *= 0.72
    picture[:edge, ::panel] *= 0.72
    for column in np.linspace(0.06, 0.94, 9):
        glow = np.exp(-(((x - column) / 0.006) ** 2))[None, :, None]
        tint = 110 + 120 * rng.random(3)
        top = int(edge * 0.12)
        picture[top:edge] += glow * tint * np.linspace(0.25, 0.9, edge - top)[:, None, None]
    # The floor mirrors the wall, fading towards the camera, under boards that run into the depth.
    floor = picture[:edge][::-1][: h - edge]
    fade = np.linspace(0.55, 0.12, h - edge, dtype=np.float32)[:, None, None]
    blurred = cv2.GaussianBlur(floor, (0, 0), max(h / 90, 1.0))
    picture[edge:] = blurred * fade + np.array([40, 38, 44]) * (1.25 - fade)
    for k in np.linspace(-2.2, 3.2, 41):
        start, end = (round(w * (0.5 + (k - 0.5) * 0.55)), edge), (round(w * k), h)
        cv2.line(picture, start, end, (26, 24, 30), max(h // 540, 1), cv2.LINE_AA)
    picture[edge : edge + max(h // 200, 2)] = (20, 16, 22)
    # Beams from the rig.
    light = np.zeros((h, w, 3), np.float32)
    for foot in np.linspace(0.1, 0.9, 5):
        rig = 0.5 + (foot - 0.5) * 0.6 + 0.05 * rng.standard_normal()
        spread = 0.055
        outline = np.array([[rig - 0.004, 0], [rig + 0.004, 0], [foot + spread, 0.9], [foot - spread, 0.9]])
        colour = tuple(float(c) for c in 18 + 26 * rng.random(3))
        cv2.fillConvexPoly(light, np.rint(outline * [w, h]).astype(np.int32), colour, cv2.LINE_AA)
        center = (round(w * foot), round(h * 0.9))
        pool = (round(w * spread), round(h * 0.03))
        cv2.ellipse(light, center, pool, 0, 0, 360, (44, 46, 50), -1, cv2.LINE_AA)
    picture += cv2.GaussianBlur(light, (0, 0), max(h / 70, 1.0)) * (0.5 + 0.5 * y)[:, None, None]
    return _grained(picture, seed, 2.0)


def _grained(picture: NDArray[np.float32], seed: int, strength: float) -> Image:
    """With a fixed grain, so that optical flow finds something to hold on to."""
    grain = np.random.default_rng(seed + 1).normal(0, strength, picture.shape[:2]).astype(np.float32)
    return np.asarray(np.clip(picture + grain[:, :, None], 0, 255), dtype=np.uint8)


def curtain_cloth(width: int, height: int) -> Image:
    """(height, width, 3) red velvet in folds."""
    fold = np.cos(np.arange(width, dtype=np.float32) * (2 * np.pi / 26))
    row = np.clip(95 + 45 * fold + 12 * np.cos(np.arange(width) * 0.9), 0, 255)[None, :, None]
    cloth = (
        row * np.array([0.22, 0.14, 1.0], np.float32) * np.linspace(0.8, 1.0, max(height, 1))[:, None, None]
    )
    return np.asarray(cloth, dtype=np.uint8)

"""Performers made from one real photograph: the people of the demo and of the benchmarks."""

from __future__ import annotations

import cv2
import numpy as np

from engine.assets import Progress, load_pack, load_picture
from engine.errors import JikcamError
from engine.perception.mediapipe_matte import cut_out
from engine.sources.stage import Sprite

#: Factors for blue, green, red: so that costumes differ while faces stay faces.
TINTS = ((1.0, 1.0, 1.0), (0.75, 0.9, 1.05), (1.1, 0.95, 0.8), (0.8, 1.05, 0.85), (0.95, 0.8, 1.05))


def photographic_cast(
    people: int, *, height_m: float = 1.75, progress: Progress | None = None
) -> list[Sprite]:
    """``people`` cut-outs of the one person in the demo picture, mirrored and tinted by turns.

    Args:
        people: how many.
        height_m: how tall each stands on the stage (the picture shows them down to the waist).
        progress: told about downloads.

    Raises:
        JikcamError: the picture or the embedded models can't be had.
    """
    task = load_pack("embedded", progress=progress).roles["pose"]
    path = load_picture(progress=progress)
    photograph = cv2.imread(str(path))
    if photograph is None:
        raise JikcamError(f"{path} is not a picture", "delete it and try again")
    image, skeleton = cut_out(np.asarray(photograph, dtype=np.uint8), task.path)
    return [
        Sprite(image, skeleton, TINTS[k % len(TINTS)], mirrored=k % 2 == 1, height_m=height_m)
        for k in range(people)
    ]

"""A stage on which everybody walks past all the others, and who is painted where on it."""

from __future__ import annotations

import random
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.geometry import Box, Point, Size
from engine.sources.stage import Scene, scene
from engine.sources.stage.body import Pose
from engine.sources.stage.moves import walking
from engine.sources.stage.scene import Act

SIZE, FPS = Size(960, 540), 30.0
PEOPLE = 4
WALK_M_S, BODY_M = 1.2, 1.7
#: Where they turn round, in design pixels of the stage.
LEFT, RIGHT = 260.0, 1660.0
#: How much of a body's depth a click may lack.
DEEP = 0.7
#: Silhouettes count as there from this level on.
_INSIDE = 128


def walkers() -> Scene:
    """Everybody walks to and fro, each in a row of their own, past all the others."""
    empty = scene("still", PEOPLE, SIZE, FPS, seed=3)
    depths = [0.15 + 0.7 * k / (PEOPLE - 1) for k in range(PEOPLE)]
    homes = [Pose(960.0, depth) for depth in depths]
    standing = tuple(replace(p, act=_standing(homes[k])) for k, p in enumerate(empty.performers))
    heights = [p.box.height for p in replace(empty, performers=standing).truth(0.0)]

    def act(k: int) -> Act:
        depth = depths[k]
        speed = WALK_M_S / BODY_M * heights[k] * 1920.0 / SIZE.width
        way, begin = RIGHT - LEFT, (0.37 * k + 0.1) % 1.0 * 2 * (RIGHT - LEFT)

        def pose(t: float) -> Pose:
            done = (begin + speed * t) % (2 * way)
            there = done < way
            x = LEFT + done if there else RIGHT - (done - way)
            return walking(Pose(x, depth), t, 0.8, 1.0 if there else -1.0, 0.6)

        return pose

    performers = tuple(replace(p, act=act(k)) for k, p in enumerate(empty.performers))
    return replace(empty, performers=performers, name="stage:walkers")


def painted(stage: Scene, time_s: float) -> NDArray[np.uint8]:
    """(H, W): the id of the performer who is seen there, 0 for none."""
    size = stage.size
    who = np.zeros((size.height, size.width), np.uint8)
    for performer, body in sorted(stage.placed(time_s), key=lambda one: one[1].depth):
        who[body.silhouette(Box(0, 0, size.width, size.height), 1.0) >= _INSIDE] = performer
    return who


def painted_at(who: NDArray[np.uint8], place: Point, around_px: int = 0) -> set[int]:
    """Ids of the performers who are seen at that place of the picture, and up to so far around it.

    Args:
        who: as ``painted`` gives it.
    """
    x, y = int(place.x), int(place.y)
    near = who[max(y - around_px, 0) : y + around_px + 1, max(x - around_px, 0) : x + around_px + 1]
    return set(np.unique(near).tolist()) - {0}


def aim(who: NDArray[np.uint8], performer: int, lot: random.Random) -> Point | None:
    """Where a user presses who means that performer: where most of what is seen of them is around.

    Args:
        who: as ``painted`` gives it.

    Returns:
        In source pixels; None where nothing of them is seen.
    """
    seen = np.pad((who == performer).astype(np.uint8), 1)
    if not seen.any():
        return None
    depth = cv2.distanceTransform(seen, cv2.DIST_L2, 5)[1:-1, 1:-1]
    rows, columns = np.nonzero(depth >= DEEP * depth.max())
    k = lot.randrange(len(rows))
    return Point(float(columns[k]) + 0.5, float(rows[k]) + 0.5)


def _standing(home: Pose) -> Act:
    return lambda _time_s: home

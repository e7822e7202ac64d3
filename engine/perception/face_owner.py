"""Whose face it is: a face belongs to the person whose box encloses it and whose head agrees, or to nobody.

A box of somebody in a crowd holds neighbours' heads too. A wrong face is worse than none: it teaches the
gallery a stranger. So a face is given away only where one claim is clearly the best.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.geometry import Box, Point
from engine.people import JOINT_VISIBLE, Joint, Skeleton
from engine.perception.protocols import Face

#: Joints of a face, in the order of a Face's first three points.
FACE_JOINTS = [Joint.RIGHT_EYE, Joint.LEFT_EYE, Joint.NOSE]
HEAD_JOINTS = [Joint.NOSE, Joint.LEFT_EYE, Joint.RIGHT_EYE, Joint.LEFT_EAR, Joint.RIGHT_EAR]
SHOULDERS = [Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER]
#: Distance of the face's points from the joints, in face widths: the same head up to the first, another's
#: from the second on.
SAME_HEAD, OTHER_HEAD = 0.35, 0.9
#: What a box without a skeleton can claim at most.
BOX_ALONE = 0.6
#: Share of the face that must lie in the box, made larger by ROOM.
ENCLOSED, ROOM = 0.8, 1.1
#: Heads are found down to here: share of the height, or of the width in boxes of busts.
HEAD_DEPTH, BUST_DEPTH = 0.4, 0.9
#: Sideways, a head stands so near the middle of its box (standard deviation, share of the width).
HEAD_SPREAD = 0.25
#: A claim below this is none; the second best must be weaker than the best by this factor.
LEAST_CLAIM, CLEARLY = 0.25, 0.6


def head_area(box: Box, skeleton: Skeleton | None = None) -> Box:
    """Where to look for the face of the person in ``box``: around the joints of the head, else the top."""
    if skeleton is not None:
        seen = skeleton.xy[HEAD_JOINTS][skeleton.visible[HEAD_JOINTS]].astype(np.float64)
        if len(seen) >= 2:
            middle = seen.mean(axis=0)
            side = max(4.0 * float(np.ptp(seen, axis=0).max()), 0.3 * min(box.height, 2.5 * box.width))
            if skeleton.visible[SHOULDERS].all():
                side = max(side, 2.0 * float(np.hypot(*np.diff(skeleton.xy[SHOULDERS], axis=0)[0])))
            side = min(side, max(box.width, box.height))
            return Box.from_center(float(middle[0]), float(middle[1]), side, side)
    depth = min(box.height, max(HEAD_DEPTH * box.height, BUST_DEPTH * box.width))
    above = 0.05 * box.height
    return Box(box.x0 - 0.05 * box.width, box.y0 - above, box.x1 + 0.05 * box.width, box.y0 + depth)


def owner(face: Face, boxes: Sequence[Box], skeletons: Sequence[Skeleton | None]) -> int | None:
    """Index of the person whose face it is; None when it is nobody's for sure.

    Args:
        boxes, skeletons: everybody in the picture, also who is not looked at now.
    """
    claims = [claim(face, box, skeleton) for box, skeleton in zip(boxes, skeletons, strict=True)]
    if not claims:
        return None
    best = int(np.argmax(claims))
    rest = max((c for i, c in enumerate(claims) if i != best), default=0.0)
    return best if claims[best] >= LEAST_CLAIM and rest < CLEARLY * claims[best] else None


def claim(face: Face, box: Box, skeleton: Skeleton | None) -> float:
    """How well the face fits this person, 0 to 1."""
    roomy, middle = box.scaled(ROOM), face.box.center
    whole = max(face.box.area, 1e-9)
    if not roomy.contains(middle) or face.box.intersection(roomy).area < ENCLOSED * whole:
        return 0.0
    if skeleton is not None:
        seen = skeleton.score[FACE_JOINTS] >= JOINT_VISIBLE
        if seen.sum() < 2:
            # The head is turned away or hidden: what looks out of this box is somebody else.
            return 0.0
        apart = np.hypot(*(skeleton.xy[FACE_JOINTS] - face.points[:3])[seen].T).mean()
        off = float(apart) / max(face.box.width, 1e-9)
        return float(np.clip((OTHER_HEAD - off) / (OTHER_HEAD - SAME_HEAD), 0.0, 1.0))
    return BOX_ALONE * _head_place(middle, box)


def _head_place(middle: Point, box: Box) -> float:
    """How likely a head is at that place of a box, 1 at the best."""
    depth = min(box.height, max(HEAD_DEPTH * box.height, BUST_DEPTH * box.width))
    if not box.y0 - 0.05 * box.height <= middle.y <= box.y0 + depth:
        return 0.0
    sideways = (middle.x - box.center.x) / max(box.width, 1e-9)
    return float(np.exp(-0.5 * (sideways / HEAD_SPREAD) ** 2))

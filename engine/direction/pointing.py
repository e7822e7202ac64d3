"""Whom a place in the picture shows: the bodies of those around it, the front ones over those behind.

Outlines alone do not tell: of two that overlap, the place may show the one behind between the arms and the
legs of the one in front. engine/control/web/base/bodies.js says the same to the control room's mouse.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Box, Point
from engine.people import Joint, Skeleton, Track

#: Seen within so many seconds: in sight.
IN_SIGHT_S = 0.5
#: So far outside an outline, as a share of its size, is still at that person.
SLACK_NORM = 0.1

#: A body as capsules between joints; how thick they are: half of it, in heights of a body; and how likely it
#: is that they are still where they were seen: an arm moves by its own width from one look to the next.
_CAPSULES: tuple[tuple[Joint, Joint, float, float], ...] = (
    (Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER, 0.05, 1.0),
    (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, 0.045, 0.5),
    (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW, 0.045, 0.5),
    (Joint.LEFT_ELBOW, Joint.LEFT_WRIST, 0.04, 0.5),
    (Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST, 0.04, 0.5),
    (Joint.LEFT_HIP, Joint.RIGHT_HIP, 0.06, 1.0),
    (Joint.LEFT_HIP, Joint.LEFT_KNEE, 0.06, 0.9),
    (Joint.RIGHT_HIP, Joint.RIGHT_KNEE, 0.06, 0.9),
    (Joint.LEFT_KNEE, Joint.LEFT_ANKLE, 0.045, 0.9),
    (Joint.RIGHT_KNEE, Joint.RIGHT_ANKLE, 0.045, 0.9),
)
#: The head round the mean of what is seen of it, and the least of a trunk's half width, in the same heights.
_HEAD, _TRUNK = 0.065, 0.07
_FACE = (Joint.NOSE, Joint.LEFT_EYE, Joint.RIGHT_EYE, Joint.LEFT_EAR, Joint.RIGHT_EAR)
#: A body is so many times as high as its trunk is long, from the neck to the hips.
_TRUNKS = 3.3
#: With fewer joints there is no body to speak of.
_LEAST_JOINTS = 6
#: Without joints a body is an ellipse so broad, as a share of its outline, and as high as it.
_ELLIPSE = 0.6
#: How exactly joints, and the height of feet, are known, in heights of a body.
_SOFT, _ORDER = 0.02, 0.02
#: People click on the middle of somebody rather than on an arm: the spread, in halves of an outline.
_AIM = 0.7
#: What is left for who is nearest where no body is.
_NEAREST = 1e-4


def person_at(people: Sequence[Track], point: Point, time_s: float) -> Track | None:
    """Whom a click at ``point`` means; None when nobody is there.

    Args:
        point: in source pixels.
        time_s: of the picture; who has not been seen for a while hides nobody.
    """
    near = [t for t in people if _off(t.box, point) <= 1 + 2 * SLACK_NORM]
    on = [_on(t, point) for t in near]
    seen = [time_s - t.seen_s <= IN_SIGHT_S for t in near]

    def shown(i: int) -> float:
        """How likely it is that this body is there, nobody is in front of it, and it is meant."""
        off = _off(near[i].box, point)
        share = (on[i] + _NEAREST * (1 + 2 * SLACK_NORM - off)) * math.exp(-((off / _AIM) ** 2) / 2)
        for j, other in enumerate(near):
            if j != i:
                share *= 1 - on[j] * _before(other.box, seen[j], near[i].box, seen[i])
        return share

    return near[max(range(len(near)), key=shown)] if near else None


def _off(box: Box, point: Point) -> float:
    """Distance from the middle of the outline; 1 = on its edge."""
    c, w, h = box.center, max(box.width, 1.0), max(box.height, 1.0)
    return 2 * max(abs(point.x - c.x) / w, abs(point.y - c.y) / h)


def _on(track: Track, point: Point) -> float:
    """How likely it is that this body is at that place."""
    known = track.skeleton
    if known is not None and int(np.count_nonzero(known.visible)) >= _LEAST_JOINTS:
        return _on_joints(known, track.box.height, point)
    c, w, h = track.box.center, max(track.box.width, 1.0), max(track.box.height, 1.0)
    radii = math.hypot((point.x - c.x) / (w * _ELLIPSE / 2), (point.y - c.y) / (h / 2))
    return _share((radii - 1) * w * _ELLIPSE / 2 / h)


def _on_joints(skeleton: Skeleton, box_height: float, point: Point) -> float:
    xy, visible = skeleton.xy.astype(np.float64), skeleton.visible
    neck, pelvis = skeleton.neck, skeleton.pelvis
    height = max(box_height, 1.0)
    if neck is not None and pelvis is not None:
        # An outline that the picture's edge cuts is lower than the body.
        height = max(height, _TRUNKS * neck.distance(pelvis))
    parts = [(xy[a], xy[b], thick, sure) for a, b, thick, sure in _CAPSULES if visible[a] and visible[b]]
    face = [xy[j] for j in _FACE if visible[j]]
    if neck is not None and pelvis is not None:
        top, bottom = np.array([neck.x, neck.y]), np.array([pelvis.x, pelvis.y])
        broad = np.abs(xy[Joint.LEFT_SHOULDER, 0] - xy[Joint.RIGHT_SHOULDER, 0])
        broad += np.abs(xy[Joint.LEFT_HIP, 0] - xy[Joint.RIGHT_HIP, 0])
        parts.append((top, bottom, max(float(broad) / 4 / height, _TRUNK), 1.0))
        parts.append((np.mean(face, axis=0) if face else top + 0.35 * (top - bottom), top, _HEAD, 1.0))
    elif face:
        parts.append((np.mean(face, axis=0), np.mean(face, axis=0), _HEAD, 1.0))
    at = np.array([point.x, point.y])
    shares = (sure * _share(_distance(at, a, b) / height - thick) for a, b, thick, sure in parts)
    return max(shares, default=0.0)


def _distance(at: NDArray[np.float64], a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """From a place to a stretch, in pixels."""
    way = b - a
    long = float(way @ way)
    share = min(max(float((at - a) @ way) / long, 0.0), 1.0) if long else 0.0
    return float(np.hypot(*(at - a - share * way)))


def _share(outside: float) -> float:
    """How likely it is that a place so far outside, in heights of a body, is still that body."""
    return _sigmoid(-outside / _SOFT)


def _before(front: Box, front_seen: bool, behind: Box, behind_seen: bool) -> float:
    """How likely it is that the first stands in front: its feet are lower in the picture.

    Who is not seen hides nobody who is.
    """
    if front_seen != behind_seen:
        return float(front_seen)
    return _sigmoid((front.y1 - behind.y1) / (_ORDER * max(front.height, behind.height, 1.0)))


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-min(max(value, -50.0), 50.0)))

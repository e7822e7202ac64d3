"""Which findings are the same person, and which finding belongs to which box. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.geometry import Box
from engine.people import JOINT_VISIBLE
from engine.perception.blazepose import BlazePose, Mark

#: Head, shoulders and hips: limbs of two people cross, these do not.
_TRUNK = np.array(
    [
        Mark.NOSE,
        Mark.LEFT_EAR,
        Mark.RIGHT_EAR,
        Mark.LEFT_SHOULDER,
        Mark.RIGHT_SHOULDER,
        Mark.LEFT_HIP,
        Mark.RIGHT_HIP,
    ]
)
#: Mean distance of trunk landmarks, in trunk sizes, below which two findings are one person.
_SAME_TRUNK = 0.25
#: Boxes that overlap this much are one person unless their trunks are clearly apart.
_SAME_BOX_IOU = 0.65
#: A finding this much inside a better one, and weaker or far smaller, is a part of that body: a hand.
_INSIDE, _INSIDE_WEAKER, _INSIDE_SMALLER = 0.8, 0.8, 0.45
#: A finding belongs to a box when this share of its visible landmarks lies in it ...
_IN_BOX = 0.6
#: ... and its own box overlaps at least so much.
_BOX_IOU = 0.3
#: The box is grown by this part of its size before landmarks are counted: trackers lag, arms fly.
_BOX_SLACK = 1.2


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """A pose found in one window, with the box of its visible body and its confidence 0 to 1."""

    pose: BlazePose
    box: Box
    score: float


def trunk_distance(a: BlazePose, b: BlazePose) -> float:
    """Mean distance of the trunk landmarks both show, in units of the larger trunk; inf when none."""
    shared = _TRUNK[(a.score[_TRUNK] >= JOINT_VISIBLE) & (b.score[_TRUNK] >= JOINT_VISIBLE)]
    if not shared.size:
        return float("inf")
    apart = np.linalg.norm(a.xy[shared] - b.xy[shared], axis=1)
    return float(apart.mean()) / max(a.scale_px, b.scale_px)


def is_same_person(better: Finding, other: Finding) -> bool:
    """Whether ``other`` shows the body that ``better`` shows."""
    distance = trunk_distance(better.pose, other.pose)
    if distance < _SAME_TRUNK:
        return True
    if better.box.iou(other.box) > _SAME_BOX_IOU and distance < 2 * _SAME_TRUNK:
        return True
    inside = better.box.intersection(other.box).area / max(other.box.area, 1.0)
    weaker = other.score < _INSIDE_WEAKER * better.score
    smaller = other.pose.scale_px < _INSIDE_SMALLER * better.pose.scale_px
    return inside > _INSIDE and (weaker or smaller)


def merged(findings: Sequence[Finding]) -> list[Finding]:
    """Every person once, best first: of findings of one person the most confident stays."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda f: -f.score):
        if not any(is_same_person(k, finding) for k in kept):
            kept.append(finding)
    return kept


def agreement(finding: Finding, box: Box) -> float:
    """How well a finding fits a person's box, 0 to 1; 0 when it is somebody else."""
    seen = finding.pose.xy[finding.pose.score >= JOINT_VISIBLE]
    if not len(seen):
        return 0.0
    room = box.scaled(_BOX_SLACK)
    low, high = np.array([room.x0, room.y0]), np.array([room.x1, room.y1])
    share = float(((seen >= low) & (seen <= high)).all(axis=1).mean())
    iou = finding.box.iou(box)
    if share < _IN_BOX or iou < _BOX_IOU:
        return 0.0
    return (share + iou) / 2 * finding.score


def assigned(findings: Sequence[Sequence[Finding]], boxes: Sequence[Box]) -> list[Finding | None]:
    """For every box its finding, out of those of its own region, or None.

    No body is given to two boxes: when people overlap, the networks jump to the one in front, and the box
    behind is better left empty than with the wrong skeleton. The best fit is served first.
    """
    fits = [
        (fit, i, finding)
        for i, (box, own) in enumerate(zip(boxes, findings, strict=True))
        for finding in own
        if (fit := agreement(finding, box)) > 0
    ]
    result: list[Finding | None] = [None] * len(boxes)
    for _, i, finding in sorted(fits, key=lambda f: -f[0]):
        if result[i] is None and not any(r is not None and is_same_person(r, finding) for r in result):
            result[i] = finding
    return result

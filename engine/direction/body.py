"""One person's body in one picture, measured the same way with and without key points."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.geometry import Box, Point
from engine.people import Joint, Skeleton, Track

# Heights above the ground as a share of standing height; Drillis and Contini 1966, as printed in Winter,
# Biomechanics and Motor Control of Human Movement, figure 4.1.
EYES_NORM = 0.936
SHOULDERS_NORM = 0.818
HIPS_NORM = 0.530
ANKLES_NORM = 0.039
#: Chest-navel, half way from shoulders to hips: what stands in the middle of the picture (R16, R17).
TORSO_NORM = (SHOULDERS_NORM + HIPS_NORM) / 2
#: Wrists of stretched arms: sideways from the middle, and upwards from the ground.
WRIST_SIDE_NORM = 0.461
WRIST_UP_NORM = 1.150
#: Half the width of a body without its arms.
CORE_NORM = 0.14

#: A skeleton whose height is outside these shares of its box is not believed.
PLAUSIBLE_NORM = (0.5, 3.0)


@dataclass(frozen=True, slots=True)
class Body:
    """What one picture says of a body. All in source pixels.

    Attributes:
        box: of the track.
        torso: chest-navel from key points; None without them.
        height: standing height, whatever the pose: with key points from the lengths of torso and legs,
            which do not change when knees bend; else the height of the box.
        head_top, feet: upper end of the head and the ground; arms do not count when key points are there.
        eyes: between the eyes, when the head is seen.
        wrists: those that are seen.
    """

    box: Box
    torso: Point | None
    height: float
    head_top: float
    feet: float
    eyes: Point | None
    wrists: tuple[Point, ...]


def measure(track: Track) -> Body | None:
    """The body of a track; None when its box has no area or is not finite."""
    box = track.box
    if not box.is_finite() or box.width <= 0 or box.height <= 0:
        return None
    skeleton = track.skeleton
    if skeleton is not None:
        body = _posed(box, skeleton)
        if body is not None:
            return body
    return Body(box, None, box.height, box.y0, box.y1, None, ())


def _posed(box: Box, skeleton: Skeleton) -> Body | None:
    neck = _either(skeleton, Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER)
    pelvis = _either(skeleton, Joint.LEFT_HIP, Joint.RIGHT_HIP)
    if neck is None or pelvis is None:
        return None
    height = _standing_height(skeleton, neck, pelvis)
    if not PLAUSIBLE_NORM[0] * box.height <= height <= PLAUSIBLE_NORM[1] * box.height:
        return None
    eyes = _either(skeleton, Joint.LEFT_EYE, Joint.RIGHT_EYE) or _joint(skeleton, Joint.NOSE)
    head_top = (
        eyes.y - (1 - EYES_NORM) * height if eyes is not None else neck.y - (1 - SHOULDERS_NORM) * height
    )
    ankles = [p.y for j in (Joint.LEFT_ANKLE, Joint.RIGHT_ANKLE) if (p := _joint(skeleton, j)) is not None]
    return Body(
        box=box,
        torso=Point((neck.x + pelvis.x) / 2, (neck.y + pelvis.y) / 2),
        height=height,
        head_top=head_top,
        feet=max(ankles) + ANKLES_NORM * height if ankles else max(box.y1, pelvis.y),
        eyes=eyes,
        wrists=tuple(
            p for j in (Joint.LEFT_WRIST, Joint.RIGHT_WRIST) if (p := _joint(skeleton, j)) is not None
        ),
    )


def _standing_height(skeleton: Skeleton, neck: Point, pelvis: Point) -> float:
    torso = neck.distance(pelvis)
    legs = [
        hip.distance(knee) + knee.distance(ankle)
        for side in (
            (Joint.LEFT_HIP, Joint.LEFT_KNEE, Joint.LEFT_ANKLE),
            (Joint.RIGHT_HIP, Joint.RIGHT_KNEE, Joint.RIGHT_ANKLE),
        )
        for hip, knee, ankle in [[_joint(skeleton, j) for j in side]]
        if hip is not None and knee is not None and ankle is not None
    ]
    if not legs:
        return torso / (SHOULDERS_NORM - HIPS_NORM)
    return (torso + max(legs)) / (SHOULDERS_NORM - ANKLES_NORM)


def _joint(skeleton: Skeleton, joint: Joint) -> Point | None:
    point = skeleton.joint(joint)
    if point is None or not (math.isfinite(point.x) and math.isfinite(point.y)):
        return None
    return point


def _either(skeleton: Skeleton, a: Joint, b: Joint) -> Point | None:
    """Half way between two joints, or the one that is there: a body seen from the side hides one."""
    p, q = _joint(skeleton, a), _joint(skeleton, b)
    if p is None or q is None:
        return p or q
    return Point((p.x + q.x) / 2, (p.y + q.y) / 2)

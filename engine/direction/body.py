"""One person's body in one picture, measured the same way in every pose, with and without key points."""

from __future__ import annotations

from dataclasses import dataclass

from engine.geometry import Box, Point
from engine.people import JOINT_VISIBLE, Joint, Skeleton, Track

# Heights above the ground as a share of standing height; Drillis and Contini 1966, as printed in Winter,
# Biomechanics and Motor Control of Human Movement, figure 4.1.
EYES_NORM = 0.936
SHOULDERS_NORM = 0.818
HIPS_NORM = 0.530
ANKLES_NORM = 0.039
#: Chest-navel, half way from shoulders to hips: what stands in the middle of the picture (R16, R17). Both
#: count alike, so that an arm that lifts one shoulder moves it by a quarter of that.
TORSO_NORM = (SHOULDERS_NORM + HIPS_NORM) / 2
#: Half the height of a head; the eyes are its middle.
HEAD_NORM = 1 - EYES_NORM
#: Wrists of stretched arms: sideways from the middle, and upwards from the ground.
WRIST_SIDE_NORM = 0.461
WRIST_UP_NORM = 1.150
#: Half the width of a body without its arms.
CORE_NORM = 0.14

#: A skeleton whose height is outside these shares of its box is not believed.
PLAUSIBLE_NORM = (0.5, 3.0)
#: Sides of a box that can be a person's, in pixels.
BOX_PX = (1e-2, 1e6)

_HEAD = (Joint.LEFT_EYE, Joint.RIGHT_EYE, Joint.NOSE, Joint.LEFT_EAR, Joint.RIGHT_EAR)
_TRUNK = (Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER, Joint.LEFT_HIP, Joint.RIGHT_HIP)
_LEGS = (
    (Joint.LEFT_HIP, Joint.LEFT_KNEE, Joint.LEFT_ANKLE),
    (Joint.RIGHT_HIP, Joint.RIGHT_KNEE, Joint.RIGHT_ANKLE),
)


@dataclass(frozen=True, slots=True)
class Statures:
    """Standing height as each part of the body says, in source pixels; None = not seen.

    A part looks shorter than it is when it is bent or points at the camera, and never longer.

    Attributes:
        head: from eyes to shoulders; rough.
        torso: from shoulders to hips.
        leg: from hip to ankle along the knee, the longer one.
    """

    head: float | None
    torso: float | None
    leg: float | None

    @property
    def whole(self) -> float | None:
        """What they say together, by their lengths; the head counts only alone."""
        if self.torso is None:
            return self.leg or self.head
        if self.leg is None:
            return self.torso
        upper, lower = SHOULDERS_NORM - HIPS_NORM, HIPS_NORM - ANKLES_NORM
        return (upper * self.torso + lower * self.leg) / (upper + lower)


@dataclass(frozen=True, slots=True)
class Body:
    """What one picture says of a body. All in source pixels; without key points only the box is there.

    Attributes:
        box: of the track.
        statures: standing height, whatever the pose; None without key points.
        neck, pelvis: middle of the shoulders and of the hips.
        head: its middle, between the eyes; also when it looks away, as long as shoulders and hips are seen.
        eyes: between the eyes, when the face is seen.
        trunk: the shoulders and hips that are seen.
        wrists, ankles: those that are seen.
    """

    box: Box
    statures: Statures | None = None
    neck: Point | None = None
    pelvis: Point | None = None
    head: Point | None = None
    eyes: Point | None = None
    trunk: tuple[Point, ...] = ()
    wrists: tuple[Point, ...] = ()
    ankles: tuple[Point, ...] = ()

    @property
    def upright(self) -> bool:
        """The head is above the hips, as far as anybody knows."""
        return self.neck is None or self.pelvis is None or self.neck.y <= self.pelvis.y


def measure(track: Track) -> Body | None:
    """The body of a track; None when its box has no area or is not finite."""
    box = track.box
    least, most = BOX_PX
    if not box.is_finite() or not (least <= box.width <= most and least <= box.height <= most):
        return None
    body = None if track.skeleton is None else _posed(box, track.skeleton)
    return body or Body(box)


def _posed(box: Box, skeleton: Skeleton) -> Body | None:
    """The body by its key points; None when these can't be a person of that box."""
    seen = _seen(skeleton, box)
    neck = _middle(seen, Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER)
    pelvis = _middle(seen, Joint.LEFT_HIP, Joint.RIGHT_HIP)
    eyes = _middle(seen, Joint.LEFT_EYE, Joint.RIGHT_EYE) or seen.get(Joint.NOSE)
    head = eyes or _middle(seen, Joint.LEFT_EAR, Joint.RIGHT_EAR)
    if neck is None and pelvis is None:
        return None
    statures = Statures(
        head=neck.distance(head) / (EYES_NORM - SHOULDERS_NORM) if neck and head else None,
        torso=neck.distance(pelvis) / (SHOULDERS_NORM - HIPS_NORM) if neck and pelvis else None,
        leg=_leg(seen),
    )
    height = statures.whole
    if height is None or not PLAUSIBLE_NORM[0] * box.height <= height <= PLAUSIBLE_NORM[1] * box.height:
        return None
    if head is None and neck and pelvis:
        head = _beyond(pelvis, neck, (EYES_NORM - SHOULDERS_NORM) * height)
    return Body(
        box=box,
        statures=statures,
        neck=neck,
        pelvis=pelvis,
        head=head,
        eyes=eyes,
        trunk=tuple(seen[j] for j in _TRUNK if j in seen),
        wrists=tuple(seen[j] for j in (Joint.LEFT_WRIST, Joint.RIGHT_WRIST) if j in seen),
        ankles=tuple(seen[j] for j in (Joint.LEFT_ANKLE, Joint.RIGHT_ANKLE) if j in seen),
    )


def _seen(skeleton: Skeleton, box: Box) -> dict[Joint, Point]:
    """The joints that are there; one further from the box than the box is large is a mistake."""
    reach = 1.5 * max(box.width, box.height)
    middle = box.center
    return {
        joint: Point(x, y)
        for joint, (x, y), score in zip(Joint, skeleton.xy.tolist(), skeleton.score.tolist(), strict=True)
        if score >= JOINT_VISIBLE and abs(x - middle.x) <= reach and abs(y - middle.y) <= reach
    }


def _leg(seen: dict[Joint, Point]) -> float | None:
    lengths = [
        seen[hip].distance(seen[knee]) + seen[knee].distance(seen[ankle])
        for hip, knee, ankle in _LEGS
        if hip in seen and knee in seen and ankle in seen
    ]
    return max(lengths) / (HIPS_NORM - ANKLES_NORM) if lengths else None


def _beyond(a: Point, b: Point, distance: float) -> Point:
    """The point that lies ``distance`` beyond ``b``, seen from ``a``."""
    length = a.distance(b)
    if length == 0:
        return b.shifted(0.0, -distance)
    return b.shifted((b.x - a.x) * distance / length, (b.y - a.y) * distance / length)


def _middle(seen: dict[Joint, Point], a: Joint, b: Joint) -> Point | None:
    """Half way between two joints, or the one that is there: a body seen from the side hides one."""
    p, q = seen.get(a), seen.get(b)
    if p is None or q is None:
        return p or q
    return Point((p.x + q.x) / 2, (p.y + q.y) / 2)

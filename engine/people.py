"""The messages between rooms: what was seen, who is where, who is who, how the picture moved."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Box, Point

F32 = NDArray[np.float32]

#: A joint scored below this is treated as absent (R83).
JOINT_VISIBLE = 0.3


class Joint(enum.IntEnum):
    """COCO-17 key points in the order of the COCO annotations."""

    NOSE = 0
    LEFT_EYE = 1
    RIGHT_EYE = 2
    LEFT_EAR = 3
    RIGHT_EAR = 4
    LEFT_SHOULDER = 5
    RIGHT_SHOULDER = 6
    LEFT_ELBOW = 7
    RIGHT_ELBOW = 8
    LEFT_WRIST = 9
    RIGHT_WRIST = 10
    LEFT_HIP = 11
    RIGHT_HIP = 12
    LEFT_KNEE = 13
    RIGHT_KNEE = 14
    LEFT_ANKLE = 15
    RIGHT_ANKLE = 16


#: Pairs of joints joined by a limb, for drawing.
LIMBS: tuple[tuple[Joint, Joint], ...] = (
    (Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER),
    (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW),
    (Joint.LEFT_ELBOW, Joint.LEFT_WRIST),
    (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW),
    (Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST),
    (Joint.LEFT_SHOULDER, Joint.LEFT_HIP),
    (Joint.RIGHT_SHOULDER, Joint.RIGHT_HIP),
    (Joint.LEFT_HIP, Joint.RIGHT_HIP),
    (Joint.LEFT_HIP, Joint.LEFT_KNEE),
    (Joint.LEFT_KNEE, Joint.LEFT_ANKLE),
    (Joint.RIGHT_HIP, Joint.RIGHT_KNEE),
    (Joint.RIGHT_KNEE, Joint.RIGHT_ANKLE),
    (Joint.NOSE, Joint.LEFT_EYE),
    (Joint.NOSE, Joint.RIGHT_EYE),
    (Joint.LEFT_EYE, Joint.LEFT_EAR),
    (Joint.RIGHT_EYE, Joint.RIGHT_EAR),
)


@dataclass(frozen=True, slots=True, eq=False)
class Skeleton:
    """The key points of one person.

    Attributes:
        xy: (17, 2) source pixels.
        score: (17,) confidence 0 to 1; below JOINT_VISIBLE the joint counts as absent.
        world_m: (33, 3) BlazePose world points in metres, hip-relative, when the model gives them.
    """

    xy: F32
    score: F32
    world_m: F32 | None = None

    def joint(self, joint: Joint) -> Point | None:
        """The joint's position, or None when it is absent."""
        if self.score[joint] < JOINT_VISIBLE:
            return None
        return Point(float(self.xy[joint, 0]), float(self.xy[joint, 1]))

    def middle(self, a: Joint, b: Joint) -> Point | None:
        """Half way between two joints, or None when either is absent."""
        p, q = self.joint(a), self.joint(b)
        return Point((p.x + q.x) / 2, (p.y + q.y) / 2) if p and q else None

    @property
    def neck(self) -> Point | None:
        """Mean of the shoulders (R82)."""
        return self.middle(Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER)

    @property
    def pelvis(self) -> Point | None:
        """Mean of the hips."""
        return self.middle(Joint.LEFT_HIP, Joint.RIGHT_HIP)

    @property
    def visible(self) -> NDArray[np.bool_]:
        """(17,) which joints are present."""
        return self.score >= JOINT_VISIBLE

    def shifted(self, dx: float, dy: float) -> Skeleton:
        """The skeleton moved by (dx, dy) pixels."""
        return replace(self, xy=self.xy + np.array([dx, dy], dtype=np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class Appearance:
    """What one person looked like in one picture, as far as it was looked at.

    Attributes:
        body: (D,) body embedding of unit length; None when it was not taken.
        body_quality: how much of that crop is this person, 0 to 1: 1 = whole and alone.
        face: (E,) face embedding of unit length; None when no face was found or looked for.
        face_score: the face detector's confidence, 0 to 1.
        face_quality: size, sharpness and how frontal it is, together, 0 to 1.
        face_box: where the face is, source pixels.
    """

    body: F32 | None = None
    body_quality: float = 0.0
    face: F32 | None = None
    face_score: float = 0.0
    face_quality: float = 0.0
    face_box: Box | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """One person found in one picture.

    Attributes:
        box: whole visible body, source pixels.
        score: confidence 0 to 1.
        skeleton: key points, when the pose was estimated in this pass.
        track_hint: the track whose predicted box was looked at, when no detector found this person
            (pose only); None for a detector's finding.
        appearance: face and body, when they were looked at in this pass.
    """

    box: Box
    score: float
    skeleton: Skeleton | None = None
    track_hint: int | None = None
    appearance: Appearance | None = None


@dataclass(frozen=True, slots=True)
class DetectedObject:
    """A thing that is no person: a ball, a dog, a guitar.

    Attributes:
        label: name of its COCO class, such as "sports ball".
        box: source pixels.
        score: confidence 0 to 1.
    """

    label: str
    box: Box
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """What perception saw in the picture taken at ``time_s``.

    Attributes:
        time_s, index: of the observed picture; it may be several pictures old on arrival.
        people: findings.
        complete: a detector searched the whole picture, so that absence is evidence.
        objects: things of the classes that were asked for; none where none was.
    """

    time_s: float
    index: int
    people: tuple[Detection, ...]
    complete: bool
    objects: tuple[DetectedObject, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class MotionField:
    """How picture content moved from one picture to the next.

    Attributes:
        from_s, to_s: capture times of the two pictures.
        points: (N, 2) source pixels in the earlier picture.
        displacement: (N, 2) source pixels to the later picture; only points that were found again.
        background: (2, 3) affine motion of what is not people; identity for a fixed camera.
        cut: the later picture shows another scene, so that nothing of the earlier one goes on in it.
    """

    from_s: float
    to_s: float
    points: F32
    displacement: F32
    background: NDArray[np.float64]
    cut: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One person followed over time, as believed at one picture.

    Attributes:
        id: never used again for anybody else.
        box: source pixels, at the time of the Tracks it stands in.
        velocity_x, velocity_y: pixels per second.
        score: last detection score.
        seen_s: time of the last observation that confirmed it.
        born_s: time of its first observation.
        covered: share of the box hidden by people in front, 0 to 1.
        skeleton: last key points carried along to this picture, or None.
        sure: how sure it is which person this is, 0 to 1; 1 from a tracker alone, which does not ask.
    """

    id: int
    box: Box
    velocity_x: float
    velocity_y: float
    score: float
    seen_s: float
    born_s: float
    covered: float = 0.0
    skeleton: Skeleton | None = None
    sure: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """All confirmed tracks at one picture, ordered by id, and the things that were asked for."""

    time_s: float
    index: int
    items: tuple[Track, ...] = ()
    objects: tuple[DetectedObject, ...] = ()

    def find(self, track_id: int | None) -> Track | None:
        """The track of that id, or None."""
        return next((t for t in self.items if t.id == track_id), None)


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """A finding that the tracker took for one of its tracks, new ones included."""

    track: int
    detection: Detection


@dataclass(frozen=True, slots=True)
class Swap:
    """Two tracks that one observation may have exchanged.

    Attributes:
        a, b: track ids, a < b; one of them may be out of sight.
        probability: that the person who was a is b from now on, and the other way round; 0 to 0.5.
    """

    a: int
    b: int
    probability: float


@dataclass(frozen=True, slots=True, eq=False)
class Fusion:
    """What the tracker made of one observation.

    Attributes:
        tracks: at the observed picture, as believed after it.
        matches: which finding went to which confirmed track; the rest of the tracks were not found.
        swaps: what may have been exchanged in this step; identity must be mixed by these.
        complete: a detector searched the whole picture.
    """

    tracks: Tracks
    matches: tuple[Match, ...]
    swaps: tuple[Swap, ...]
    complete: bool

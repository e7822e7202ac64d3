"""How a person is chosen, and whether the chosen one is held."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.geometry import Box, Point


class LockState(StrEnum):
    """Whether the chosen person is held."""

    NOBODY = "nobody"  # nobody is chosen
    HELD = "held"
    OCCLUDED = "occluded"  # hidden for a moment, the place is known
    UNSURE = "unsure"  # somebody is there who may be the person, or somebody else
    LOST = "lost"
    FOUND = "found"  # surely there again, but not yet for long enough to go on air


class CameraMode(StrEnum):
    """Who moves the camera of a View."""

    FOLLOW = "follow"  # jikcam, after the chosen person
    HOLD = "hold"  # nobody: it rests where it is
    WIDE = "wide"  # all there is; the chosen person stays chosen


class TargetKind(StrEnum):
    """How a person is chosen."""

    LARGEST = "largest"
    LEFTMOST = "leftmost"
    RIGHTMOST = "rightmost"
    CENTER = "center"  # nearest to the middle of the picture
    INDEX = "index"  # 1 = leftmost, 2 = the next to the right, ...
    MEMBER = "member"  # 1 = the first enrolled person, ...; nobody enrolled: as INDEX
    NAME = "name"  # an enrolled person, who may be out of sight
    PERSON = "person"  # by the id that the state shows
    POINT = "point"  # whoever stands there
    BOX = "box"  # whoever fills that box best (IoU >= 0.3)
    NEXT = "next"  # to the right of the present one, wrapping round
    PREVIOUS = "previous"
    NONE = "none"  # let go, show wide


@dataclass(frozen=True, slots=True)
class TargetRequest:
    """A wish to follow somebody.

    Attributes:
        number: for INDEX and MEMBER (from 1) and PERSON.
        among: for INDEX: only when at least so many are in sight. Who asks for each of nine people from the
            left must not be given the same one twice while they come into the picture one by one.
        point, box: for POINT and BOX, in source pixels.
        frame_index: the picture the user was looking at; None means the newest.
        name: for NAME.
    """

    kind: TargetKind
    number: int | None = None
    point: Point | None = None
    box: Box | None = None
    frame_index: int | None = None
    name: str = ""
    among: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """The user's word that ``track`` is ``person``; to be told to the roster at once."""

    person: int
    track: int

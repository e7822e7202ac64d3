"""What a user may say about what a shot contains; what framing answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.geometry import Box, Shot

ShotSize = Literal["full", "upper", "chest", "face", "group", "wide"]
Hands = Literal["required", "preferred", "off"]


@dataclass(frozen=True, slots=True)
class FramingConfig:
    """What a shot of a person contains.

    Attributes:
        aspect: width over height.
        shot: full = head to feet; upper = head to knees and chest = head to thighs, both with the torso (the
            mean of shoulder middle and hip middle) in the middle; face = eyes in the middle, 30 % down;
            group = the chosen person and whoever fits in beside them, head to feet; wide = as much as there
            is.
        headroom_norm: share of the picture's height above the head (full, upper, chest, group).
        margin_norm: share of the picture's height below the feet (full, group).
        hands: required = there is always room for stretched arms, and hands count as what must not be cut;
            preferred = the shot widens for hands and feet that are seen, up to 1.75 times, in a group 1.3
            times; off = hands do not count.
        max_upscale: at most so many output pixels per source pixel, unless the source is too small.
        lead_norm: room left in front of somebody who travels, as a share of the picture's width: so far
            behind the middle they are at full speed (full, upper, chest). 0 = off.
        object_label: a thing to keep in the picture beside the person, by the name of its COCO class such
            as "sports ball"; "" = none.
    """

    aspect: float
    shot: ShotSize = "full"
    headroom_norm: float = 0.08
    margin_norm: float = 0.08
    hands: Hands = "preferred"
    max_upscale: float = 2.0
    lead_norm: float = 0.0
    object_label: str = ""


@dataclass(frozen=True, slots=True)
class Framed:
    """What one picture asks for.

    Attributes:
        shot: the wanted shot, inside the source picture.
        keep: what must not be cut off, in source pixels: head and trunk of the person, the face in a face
            shot, everybody in a group, hands when they are required, the object when it is in the shot.
            Finite, not empty, inside the source picture.
    """

    shot: Shot
    keep: Box

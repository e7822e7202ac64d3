"""What the roster keeps of one person beside the belief."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.identity.arrivals import Place

#: What is taken for granted of looks before they are asked, and from where on they speak against somebody,
#: in nats.
ALIKE, UNLIKE = 1.0, -0.5


@dataclass(slots=True)
class Person:
    """Somebody known, or somebody a new track may turn out to be.

    Attributes:
        id: never used again.
        name: of an enrolled person; empty for somebody anonymous.
        firm: certainly exists; the others are forgotten when their track turns out to be somebody known.
        first_track: on which first seen; None when enrolled before.
        held_s: how long they were seen for certain.
        needed_s: how long they must be to be firm.
        place: where last believed to be; None when never seen.
        certain_on: the last track, and its episode, on which they were beyond doubt; kept for the nameless.
        alike: how well looks there have fitted them since it seems to be somebody else, in nats.
        claimed_s, face_s, body_s: when last chosen by the user, told by the face, told by the clothes.
    """

    id: int
    name: str = ""
    firm: bool = False
    first_track: int | None = None
    held_s: float = 0.0
    needed_s: float = 0.0
    place: Place | None = None
    certain_on: tuple[int, int] | None = None
    alike: float = ALIKE
    claimed_s: float = -math.inf
    face_s: float = -math.inf
    body_s: float = -math.inf

    @property
    def is_unlike(self) -> bool:
        """Whether looks speak against its being they where they were last."""
        return self.alike < UNLIKE

    @property
    def is_told(self) -> bool:
        """Whether the user has said who this is, by name or by choosing them."""
        return bool(self.name) or self.claimed_s > -math.inf


@dataclass(slots=True)
class Stretch:
    """A track between doubts.

    Attributes:
        episode: counts the doubts.
        doubt_s: when it may last have been exchanged.
        other: with which track; None when it was out of sight instead.
        seen_s: when last found.
    """

    episode: int = 0
    doubt_s: float = -math.inf
    other: int | None = None
    seen_s: float = -math.inf

    def doubted(self, now_s: float, other: int | None) -> None:
        """From now on it may be somebody else: with whom exchanged, or None when it was out of sight."""
        self.episode += 1
        self.doubt_s, self.other = now_s, other

"""What to show of a person: the shot an operator would like to have."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from engine.direction.body import (
    CORE_NORM,
    EYES_NORM,
    TORSO_NORM,
    WRIST_SIDE_NORM,
    WRIST_UP_NORM,
    Body,
    measure,
)
from engine.geometry import Box, Point, Shot, Size
from engine.people import Track

ShotSize = Literal["full", "upper", "face", "wide"]
Hands = Literal["required", "preferred", "off"]

#: Height of a face shot, and how far down in it the eyes are (R136).
FACE_NORM = 0.5
FACE_EYES_NORM = 0.3
#: Room kept beyond a wrist, as a share of body height: 0.1 for the hand itself (R5), the rest because a
#: camera at rest may be a little off.
HAND_NORM = 0.12
#: How much larger ``preferred`` hands may make a shot.
PREFERRED_GROWTH = 1.75
#: Believed body height grows fast (the person comes nearer: stay inside) and shrinks slowly (bent or partly
#: hidden people look smaller; zooming in can wait).
GROW_S = 0.25
SHRINK_S = 2.0
#: A gesture is over within a few of these; a box that stays lopsided for longer is where the person is.
CENTER_S = 1.5
#: Room for hands comes at once, stays as long as hands come near its edge again, and then goes slowly; or
#: the picture would pump with every gesture.
REACH_GROW_S = 0.1
REACH_HOLD_S = 4.0
REACH_SHRINK_S = 2.0
REACH_NEAR = 0.95


@dataclass(frozen=True, slots=True)
class FramingConfig:
    """What a shot of a person contains.

    Attributes:
        aspect: width over height.
        shot: full = head to feet; upper = torso in the middle, head to knees; face = eyes in the middle,
            30 % down; wide = as much as there is.
        headroom_norm: share of the picture's height above the head (full, upper).
        margin_norm: share of the picture's height below the feet (full).
        hands: required = there is always room for stretched arms; preferred = the shot widens for hands that
            are seen, up to 1.75 times; off = hands do not count.
        max_upscale: at most so many output pixels per source pixel, unless the source is too small.
    """

    aspect: float
    shot: ShotSize = "full"
    headroom_norm: float = 0.08
    margin_norm: float = 0.08
    hands: Hands = "preferred"
    max_upscale: float = 2.0


def frame_person(track: Track, size: Size, output: Size, config: FramingConfig) -> Shot:
    """The shot of a person seen for the first time; see Framer."""
    return Framer(size, output, config).step(track, 0.0)


class Framer:
    """Frames one person from picture to picture. Steady where the person is not.

    Two rules keep it steady whether or not key points are there: the believed body height changes slowly,
    and a position stays where it was as long as the new picture allows it (``_held``). An arm stretched to
    one side makes the box grow on that side only, so the middle found before is still allowed; the same
    holds for bent knees and for legs that somebody hides. What both sides of the box do, the body does.

    Every shot lies inside the source and is finite, whatever the track says.
    """

    def __init__(self, size: Size, output: Size, config: FramingConfig) -> None:
        self.size = size
        self.output = output
        self.config = config
        self._id: int | None = None
        self._height = 0.0
        self._torso = Point(0.0, 0.0)
        self._box = Box(0.0, 0.0, 0.0, 0.0)
        self._cy = 0.0
        self._reach_norm = 0.0
        self._unused_s = 0.0
        self._shot = Shot.widest(size, config.aspect)

    def reconfigure(self, output: Size, config: FramingConfig) -> None:
        """Frame otherwise from the next picture on; what is known of the body stays."""
        self.output, self.config = output, config
        self._shot = Shot.widest(self.size, config.aspect)

    def forget(self) -> None:
        """The next person is seen for the first time."""
        self._id = None

    def step(self, track: Track, dt_s: float) -> Shot:
        """The wanted shot of ``track``, ``dt_s`` after the last one. Another track id starts anew."""
        body = measure(track)
        if body is None:
            return self._shot
        fresh = track.id != self._id
        self._id = track.id
        self._height = (
            body.height
            if fresh
            else _eased(self._height, body.height, dt_s, grow_s=GROW_S, shrink_s=SHRINK_S)
        )
        self._torso = self._find_torso(body, fresh, dt_s)
        self._box = body.box
        self._shot = self._compose(body, fresh, dt_s).inside(self.size)
        return self._shot

    def _find_torso(self, body: Body, fresh: bool, dt_s: float) -> Point:
        if body.torso is not None:
            return body.torso
        height, box = self._height, body.box
        # Without key points a box taller than the body shows raised arms.
        head_top = max(body.head_top, body.feet - 1.05 * height)
        y = head_top + (1 - TORSO_NORM) * height
        if fresh:
            return Point(box.center.x, y)
        x = self._torso.x + _common(box.x0 - self._box.x0, box.x1 - self._box.x1)
        x = _held(x, box.x0 + CORE_NORM * height, box.x1 - CORE_NORM * height)
        return Point(
            _eased(x, box.center.x, dt_s, grow_s=CENTER_S, shrink_s=CENTER_S),
            _held(self._torso.y, y - 0.06 * height, y + 0.06 * height),
        )

    def _compose(self, body: Body, fresh: bool, dt_s: float) -> Shot:
        config, height = self.config, self._height
        if config.shot == "wide":
            return Shot.widest(self.size, config.aspect, self._torso)
        least = self.output.height / config.max_upscale
        if config.shot == "face":
            eyes = body.eyes or Point(self._torso.x, self._torso.y - (EYES_NORM - TORSO_NORM) * height)
            tall = max(FACE_NORM * height, least)
            return Shot(eyes.x, eyes.y + (0.5 - FACE_EYES_NORM) * tall, tall, config.aspect)
        if config.shot == "upper":
            tall = (1 - TORSO_NORM) * height / (0.5 - config.headroom_norm)
            cy = self._torso.y
        else:
            tall = height / (1 - config.headroom_norm - config.margin_norm)
            cy = self._full_middle(body, tall, fresh)
        tall = self._as_far_as_seen(body, cy, tall)
        tall = max(tall, 2 * CORE_NORM * 1.3 * height / config.aspect)
        tall = max(tall, least, min(self._room_for_hands(body, cy, fresh, dt_s), self._most(tall)))
        return Shot(self._torso.x, cy, tall, config.aspect)

    def _as_far_as_seen(self, body: Body, cy: float, tall: float) -> float:
        """The height of a shot of somebody whom the lower edge of the picture cuts off, as at a desk.

        Pushed back into the picture, the shot would be mostly room above the head; it is made smaller
        instead, from the headroom down to the edge.
        """
        if cy + tall / 2 <= self.size.height or body.head_top >= self.size.height:
            return tall
        return min(tall, (self.size.height - body.head_top) / (1 - self.config.headroom_norm))

    def _full_middle(self, body: Body, tall: float, fresh: bool) -> float:
        """Where the middle must be for head and feet to be inside with their room."""
        head_top = body.head_top
        if body.torso is None:
            head_top = max(head_top, body.feet - 1.05 * self._height)
        lowest_top = body.feet + self.config.margin_norm * tall - tall / 2
        highest_bottom = head_top - self.config.headroom_norm * tall + tall / 2
        # A body seen smaller than it is stands on the ground, as far as anybody knows.
        self._cy = _held(lowest_top if fresh else self._cy, lowest_top, highest_bottom)
        return self._cy

    def _room_for_hands(self, body: Body, cy: float, fresh: bool, dt_s: float) -> float:
        """The shot height that holds the hands round the same middle, so that arms never move it (R17)."""
        config, height = self.config, self._height
        if config.hands == "off":
            return 0.0
        need = 0.0
        if body.torso is None:
            # Without key points the hands are somewhere in the box.
            need = 2 * max(self._torso.x - body.box.x0, body.box.x1 - self._torso.x) / config.aspect
        for wrist in body.wrists:
            side = abs(wrist.x - self._torso.x) + HAND_NORM * height
            up = cy - wrist.y + HAND_NORM * height
            need = max(need, 2 * side / config.aspect, 2 * up)
        if config.hands == "required":
            side = (WRIST_SIDE_NORM + HAND_NORM) * height
            up = (WRIST_UP_NORM - TORSO_NORM + HAND_NORM) * height + cy - self._torso.y
            need = max(need, 2 * side / config.aspect, 2 * up)
        self._reach(need / height, fresh, dt_s)
        return self._reach_norm * height

    def _reach(self, need_norm: float, fresh: bool, dt_s: float) -> None:
        if fresh:
            self._reach_norm, self._unused_s = need_norm, 0.0
            return
        self._unused_s = 0.0 if need_norm >= REACH_NEAR * self._reach_norm else self._unused_s + dt_s
        if need_norm > self._reach_norm or self._unused_s > REACH_HOLD_S:
            self._reach_norm = _eased(
                self._reach_norm, need_norm, dt_s, grow_s=REACH_GROW_S, shrink_s=REACH_SHRINK_S
            )

    def _most(self, tall: float) -> float:
        return math.inf if self.config.hands == "required" else tall * PREFERRED_GROWTH


def _held(before: float, low: float, high: float) -> float:
    """``before`` moved as little as possible into [low, high]; the middle when that is empty."""
    return (low + high) / 2 if low > high else min(max(before, low), high)


def _common(a: float, b: float) -> float:
    """What two movements have in common: the smaller one where they agree in direction, else 0."""
    return math.copysign(min(abs(a), abs(b)), a) if a * b > 0 else 0.0


def _eased(before: float, now: float, dt_s: float, *, grow_s: float, shrink_s: float) -> float:
    """First-order low-pass with its own time constant each way; exact for any ``dt_s``."""
    tau_s = grow_s if now > before else shrink_s
    return now + (before - now) * math.exp(-max(dt_s, 0.0) / tau_s)

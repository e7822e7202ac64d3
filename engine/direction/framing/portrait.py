"""The shot of one person: full, upper, chest, face or wide."""

from __future__ import annotations

import math

from engine.direction.body import TORSO_NORM, WRIST_SIDE_NORM, WRIST_UP_NORM
from engine.direction.framing.config import FramingConfig
from engine.direction.framing.figure import HAND_NORM, Figure
from engine.direction.framing.smooth import Envelope, held
from engine.direction.framing.travel import Travel
from engine.geometry import Box, Shot, Size

#: Height of a face shot, and how far down in it the eyes are (R136).
FACE_NORM = 0.5
FACE_EYES_NORM = 0.3
#: A chest shot is tighter than an upper one by leaving this share of the headroom. With the torso in the
#: middle and the whole head inside it can't be much tighter: it reaches down to the thighs.
CHEST_HEADROOM = 0.4
#: How much larger ``preferred`` hands may make a shot.
PREFERRED_GROWTH = 1.75
#: Room beside head and trunk, as a multiple of what they need.
CORE_ROOM = 1.15

#: Somebody cut off by the lower edge of the picture: how the shot follows what is seen of them.
SEEN_GROW_S, SEEN_HOLD_S, SEEN_SHRINK_S = 0.15, 2.0, 2.0


class Portrait:
    """Composes the shot of one figure, round its torso."""

    def __init__(self, figure: Figure) -> None:
        self._seen: Envelope | None = None
        self._travel = Travel(figure.torso.x)

    def step(self, figure: Figure, size: Size, output: Size, config: FramingConfig, dt_s: float) -> Shot:
        """The shot ``dt_s`` later; it may reach beyond the source picture."""
        pace = self._travel.step(figure.torso.x, figure.height, dt_s)
        torso, height = figure.torso, figure.height
        if config.shot == "wide":
            return Shot.widest(size, config.aspect, torso)
        least = output.height / config.max_upscale
        if config.shot == "face":
            eyes, tall = figure.eyes, max(FACE_NORM * height, least)
            return Shot(eyes.x, eyes.y + (0.5 - FACE_EYES_NORM) * tall, tall, config.aspect)
        if config.shot in ("upper", "chest"):
            headroom = config.headroom_norm * (CHEST_HEADROOM if config.shot == "chest" else 1.0)
            tall = figure.head_up / (0.5 - headroom)
            cy = torso.y
        else:
            tall = full_height(figure, config)
            cy = figure.middle + (config.margin_norm - config.headroom_norm) / 2 * tall
        tall = self._as_far_as_seen(figure, size, config, cy, tall, dt_s)
        tall = max(tall, 2 * CORE_ROOM * figure.core_side / config.aspect)
        most = math.inf if config.hands == "required" else PREFERRED_GROWTH * tall
        tall = max(tall, least, min(_room_for_limbs(figure, size, config, cy), most))
        return Shot(torso.x + self._lead(figure, config, pace, tall), cy, tall, config.aspect)

    def _as_far_as_seen(
        self, figure: Figure, size: Size, config: FramingConfig, cy: float, tall: float, dt_s: float
    ) -> float:
        """The height of a shot of somebody whom the lower edge of the picture cuts off, as at a desk.

        Pushed back into the picture, the shot would be mostly room above the head; it is made smaller
        instead, from the headroom down to the edge. A head that bobs does not zoom.
        """
        seen = tall
        if cy + tall / 2 > size.height > figure.top:
            seen = min(tall, (size.height - figure.top) / (1 - config.headroom_norm))
        if self._seen is None:
            self._seen = Envelope(SEEN_GROW_S, SEEN_HOLD_S, SEEN_SHRINK_S, value=seen / figure.height)
        return min(tall, self._seen.step(seen / figure.height, dt_s) * figure.height)

    def _lead(self, figure: Figure, config: FramingConfig, pace: float, tall: float) -> float:
        """Room in front of somebody who travels; hands and feet that are in the picture stay in it."""
        width = tall * config.aspect
        used = figure.core_side
        if config.hands != "off":
            used = max(used, figure.arms_side)
        if config.shot == "full":
            used = max(used, figure.feet_side)
        return pace * min(config.lead_norm * width, max(width / 2 - used, 0.0))


def full_height(figure: Figure, config: FramingConfig) -> float:
    """Height of a shot from head to feet with their room."""
    return figure.height / (1 - config.headroom_norm - config.margin_norm)


def hands_need(figure: Figure, config: FramingConfig) -> tuple[float, float]:
    """Room that the hands need beside and above the torso, in source pixels."""
    if config.hands == "off":
        return 0.0, 0.0
    side, up = figure.arms_side, figure.arms_up
    if config.hands == "required":
        side = max(side, (WRIST_SIDE_NORM + HAND_NORM) * figure.height)
        up = max(up, (WRIST_UP_NORM - TORSO_NORM + HAND_NORM) * figure.height)
    return side, up


def covering(shot: Shot, box: Box) -> Shot:
    """The shot grown and moved as little as possible so that ``box`` is inside."""
    tall = max(shot.height, box.height, box.width / shot.aspect)
    wide = tall * shot.aspect
    return Shot(
        held(shot.cx, box.x1 - wide / 2, box.x0 + wide / 2),
        held(shot.cy, box.y1 - tall / 2, box.y0 + tall / 2),
        tall,
        shot.aspect,
    )


def _room_for_limbs(figure: Figure, size: Size, config: FramingConfig, cy: float) -> float:
    """The shot height that holds hands and feet round the same middle, so that limbs never move it (R17)."""
    side, up = hands_need(figure, config)
    if config.shot == "full":
        side = max(side, figure.feet_side)
    reach = figure.torso.y - up
    # A shot that stands on the lower edge of the source grows upwards only.
    above = min(2 * (cy - reach), size.height - reach) if up else 0.0
    return max(2 * side / config.aspect, above)

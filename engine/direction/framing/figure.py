"""One person's body from picture to picture: steady where the person is not."""

from __future__ import annotations

import math

from engine.direction.body import (
    ANKLES_NORM,
    CORE_NORM,
    EYES_NORM,
    HEAD_NORM,
    HIPS_NORM,
    SHOULDERS_NORM,
    TORSO_NORM,
    Body,
)
from engine.direction.framing.smooth import Envelope, common, eased, held
from engine.direction.framing.stature import Stature
from engine.geometry import Box, Point, Size

#: A hand reaches so far beyond its wrist, as a share of body height (R5).
GRASP_NORM = 0.1
#: Room kept beyond a wrist: more, because a camera at rest may be a little off.
HAND_NORM = 0.12
#: The same beyond an ankle: the foot.
FOOT_NORM = 0.09
#: Hair over the head, and clothes round the trunk.
HAIR_NORM = 0.015
CLOTHES_NORM = 0.03
#: How far a box may go beyond the head that the key points show, and how slowly that is learned.
MOST_CROWN_NORM = 0.08
CROWN_S = 1.0
#: A gesture is over within a few of these; a box that stays lopsided for longer is where the person is.
CENTER_S = 1.5
#: Room for limbs: comes at once, stays as long as they come near its edge again, and then goes slowly.
REACH_GROW_S = 0.04
REACH_HOLD_S = 4.0
REACH_SHRINK_S = 2.0
#: A head is where it is: room for one that is further up than usual may come slowly.
HEAD_GROW_S = 0.5
#: Somebody who stays down comes to the middle so slowly; of somebody whose legs are hidden, the head comes
#: to where it would be if they stood.
LEVEL_S = 8.0
#: A head that looks away is believed where it was, for about so long.
EYES_S = 1.0
#: A box taller than the body by more than this shows raised arms.
ARMS_UP_NORM = 1.05


class Figure:
    """What is believed of one body. All in source pixels.

    Two rules keep it steady whether or not key points are there: the believed height changes slowly (see
    ``Stature``), and the torso stays where it was as long as the new box allows it. An arm stretched to one
    side makes the box grow on that side only, so the middle found before is still allowed; the same holds
    for bent knees and for legs that somebody hides. What both sides of the box do, the body does.

    Attributes:
        body: the last picture's word.
        height: standing height.
        torso: chest-navel, what stands in the middle of the picture.
        top, bottom: upper and lower end of the body without its arms, as seen now.
        middle: half way up the standing body: head and feet are within half a height of it, and it moves as
            little as that allows, so that bent knees and jumps hardly move it.
        arms_side, arms_up: room that seen arms and lifted feet need beside and above the torso.
        feet_side: room that the feet need beside the torso.
        core_side: room that head and trunk need beside the torso.
        head_up: how far the head reaches above the torso.
    """

    def __init__(self, body: Body) -> None:
        self.body = body
        self._stature = Stature(body)
        self.height = self._stature.height
        self._crown = self._crown_seen() or 0.0
        self.top, self.bottom = self._ends()
        self.torso = self._posed_torso() or Point(body.box.center.x, self._torso_level())
        # Seen for the first time, a body smaller than it is stands on the ground if its feet are seen.
        low, high = self._levels()
        self.middle = held(low if self._grounded else high, low, high)
        self._eyes = (0.0, EYES_NORM - TORSO_NORM)
        self._look(math.inf)
        self.core = self._core()
        grow_s = (REACH_GROW_S, REACH_GROW_S, REACH_GROW_S, REACH_GROW_S, HEAD_GROW_S)
        self._rooms = [
            Envelope(tau_s, REACH_HOLD_S, REACH_SHRINK_S, value=need)
            for tau_s, need in zip(grow_s, self._needs(), strict=True)
        ]
        self._make_room(0.0)

    def step(self, body: Body, dt_s: float) -> None:
        """Believe what the next picture says, ``dt_s`` later."""
        before, self.body = self.body, body
        self.height = self._stature.step(body, dt_s)
        crown = self._crown_seen()
        if crown is not None:
            self._crown = eased(self._crown, crown, dt_s, grow_s=CROWN_S, shrink_s=CROWN_S)
        self.top, self.bottom = self._ends()
        self.torso = self._posed_torso() or self._boxed_torso(before.box, dt_s)
        low, high = self._levels()
        rest = (low + high) / 2 if self._grounded else high
        self.middle = eased(held(self.middle, low, high), rest, dt_s, grow_s=LEVEL_S, shrink_s=LEVEL_S)
        self._look(dt_s)
        self.core = self._core()
        self._make_room(dt_s)

    @property
    def eyes(self) -> Point:
        """Between the eyes, or where they are believed to be."""
        if self.body.eyes is not None:
            return self.body.eyes
        return self.torso.shifted(self._eyes[0] * self.height, -self._eyes[1] * self.height)

    @property
    def face(self) -> Box:
        """The head with its hair."""
        side = (HEAD_NORM + HAIR_NORM) * self.height
        return Box.from_center(self.eyes.x, self.eyes.y, 2 * side, 2 * side)

    def hands(self, box: Box) -> Box:
        """``box`` and the hands that are seen."""
        for wrist in self.body.wrists:
            box = box.union(_round(wrist, GRASP_NORM * self.height))
        return box

    def _ends(self) -> tuple[float, float]:
        body, height = self.body, self.height
        if body.statures is None:
            return max(body.box.y0, body.box.y1 - ARMS_UP_NORM * height), body.box.y1
        tops = [p.y for p in (body.neck, body.pelvis) if p is not None]
        bottoms = list(tops)
        if body.head is not None:
            tops.append(body.head.y - (HEAD_NORM + self._crown) * height)
            bottoms.append(body.head.y + HEAD_NORM * height)
        elif body.neck is not None:
            tops.append(body.neck.y - (1 - SHOULDERS_NORM + self._crown) * height)
        bottoms += [p.y + ANKLES_NORM * height for p in body.ankles]
        if not body.upright:
            tops += [p.y - ANKLES_NORM * height for p in body.ankles]
        if not body.ankles:
            bottoms.append(body.box.y1)
        return min(tops), max(bottoms)

    @property
    def _grounded(self) -> bool:
        """The lower end is known: feet are seen, or all there is is a box."""
        return self.body.statures is None or bool(self.body.ankles)

    def _levels(self) -> tuple[float, float]:
        """Between which levels the middle must be for head and feet to be within half a height of it."""
        return self.bottom - self.height / 2, self.top + self.height / 2

    def _crown_seen(self) -> float | None:
        """How far the box goes beyond the head, which is hair and hats, as a share of the height.

        None while a raised hand or a body that is not upright makes the box say something else.
        """
        body = self.body
        if body.head is None or body.neck is None or not body.upright:
            return None
        if any(wrist.y < body.neck.y for wrist in body.wrists):
            return None
        beyond = (body.head.y - body.box.y0) / self.height - HEAD_NORM
        return min(max(beyond, 0.0), MOST_CROWN_NORM)

    def _posed_torso(self) -> Point | None:
        neck, pelvis = self.body.neck, self.body.pelvis
        half = (SHOULDERS_NORM - HIPS_NORM) / 2 * self.height
        if neck is None:
            return None if pelvis is None else pelvis.shifted(0.0, -half)
        if pelvis is None:
            return neck.shifted(0.0, half)
        return Point((neck.x + pelvis.x) / 2, (neck.y + pelvis.y) / 2)

    def _torso_level(self) -> float:
        return self.top + (1 - TORSO_NORM) * self.height

    def _boxed_torso(self, before: Box, dt_s: float) -> Point:
        height, box = self.height, self.body.box
        x = self.torso.x + common(box.x0 - before.x0, box.x1 - before.x1)
        x = held(x, box.x0 + CORE_NORM * height, box.x1 - CORE_NORM * height)
        level, slack = self._torso_level(), 0.06 * height
        return Point(
            eased(x, box.center.x, dt_s, grow_s=CENTER_S, shrink_s=CENTER_S),
            held(self.torso.y, level - slack, level + slack),
        )

    def _look(self, dt_s: float) -> None:
        """Remember where the eyes are, so that looking away does not move the picture at once."""
        if self.body.head is not None:
            now = (
                (self.body.head.x - self.torso.x) / self.height,
                (self.torso.y - self.body.head.y) / self.height,
            )
        else:
            now = (0.0, EYES_NORM - TORSO_NORM)
        tau_s = 0.0 if self.body.eyes is not None else EYES_S
        fade = math.exp(-dt_s / tau_s) if tau_s else 0.0
        self._eyes = (now[0] + (self._eyes[0] - now[0]) * fade, now[1] + (self._eyes[1] - now[1]) * fade)

    def _core(self) -> Box:
        """Head and trunk with hair and clothes: what must never be cut."""
        body, height = self.body, self.height
        if body.neck is None and body.pelvis is None:
            x, top = self.torso.x, self.top - HAIR_NORM * height
            hips = min(self.top + (1 - HIPS_NORM) * height, max(self.bottom, self.top + 1.0))
            return Box(x - CORE_NORM * height, top, x + CORE_NORM * height, hips)
        core = self.face if body.head is None else _round(body.head, (HEAD_NORM + HAIR_NORM) * height)
        if body.upright:
            core = Box(core.x0, min(core.y0, self.top), core.x1, core.y1)
        for point in body.trunk:
            core = core.union(_round(point, CLOTHES_NORM * height))
        if body.pelvis is None and body.neck is not None:
            hips = body.neck.y + (SHOULDERS_NORM - HIPS_NORM) * height
            core = Box(core.x0, core.y0, core.x1, max(core.y1, min(hips, body.box.y1)))
        return core

    def _make_room(self, dt_s: float) -> None:
        needs = zip(self._rooms, self._needs(), strict=True)
        rooms = [room.step(need, dt_s) * self.height for room, need in needs]
        self.arms_side, self.arms_up, self.feet_side, self.core_side, self.head_up = rooms

    def _needs(self) -> tuple[float, ...]:
        """What arms_side, arms_up, feet_side, core_side and head_up are, as shares of the height."""
        body, torso, height = self.body, self.torso, self.height
        if body.statures is None:
            # Without key points the hands are somewhere in the box.
            side = max(torso.x - body.box.x0, body.box.x1 - torso.x) / height
            return side, 0.0, 0.0, CORE_NORM, 1 - TORSO_NORM
        arms_side = max((abs(p.x - torso.x) / height + HAND_NORM for p in body.wrists), default=0.0)
        arms_up = max((torso.y - p.y for p in (*body.wrists, *body.ankles)), default=0.0) / height
        feet_side = max((abs(p.x - torso.x) / height + FOOT_NORM for p in body.ankles), default=0.0)
        core_side = max(torso.x - self.core.x0, self.core.x1 - torso.x) / height
        head_up = max((torso.y - self.top) / height, 1 - TORSO_NORM)
        return arms_side, max(arms_up + HAND_NORM, 0.0), feet_side, core_side, head_up


def inside(box: Box, size: Size) -> Box:
    """The part of ``box`` inside the picture; never less than a pixel, at the edge if need be."""
    w, h = float(size.width), float(size.height)
    x0, y0 = min(max(box.x0, 0.0), w - 1), min(max(box.y0, 0.0), h - 1)
    return Box(x0, y0, min(max(box.x1, x0 + 1), w), min(max(box.y1, y0 + 1), h))


def _round(point: Point, reach: float) -> Box:
    return Box(point.x - reach, point.y - reach, point.x + reach, point.y + reach)

"""Puppets: capsule figures with clothes, hair, a face and a back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.geometry import Box
from engine.people import Joint, Skeleton
from engine.sources.frame import Image
from engine.sources.stage import body
from engine.sources.stage.body import Pose
from engine.sources.stage.brush import Brush, Colour, shade
from engine.sources.stage.costume import canvas_for
from engine.sources.stage.view import PERSON_M, StageView

#: Radii of the limbs in metres, from the body to the tip.
_THIGH, _KNEE, _CALF, _UPPER_ARM, _ELBOW, _WRIST = 0.088, 0.062, 0.044, 0.054, 0.044, 0.033
_HEAD_X, _HEAD_Y = 0.088, 0.118
#: How far the body goes beyond its joints, for the box.
_MARGIN_M = 0.09
_INK: Colour = (40, 32, 34)
_LIPS: Colour = (70, 60, 170)
#: Elbow plus wrist: an arm farther back than this is drawn before the trunk.
_BEHIND_M = -0.03
_LIMBS = (
    ("leg", Joint.LEFT_HIP, Joint.LEFT_KNEE, Joint.LEFT_ANKLE, body.LEFT_TOE),
    ("leg", Joint.RIGHT_HIP, Joint.RIGHT_KNEE, Joint.RIGHT_ANKLE, body.RIGHT_TOE),
    ("arm", Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, Joint.LEFT_WRIST, body.LEFT_HAND),
    ("arm", Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST, body.RIGHT_HAND),
)


@dataclass(frozen=True, slots=True)
class Puppet:
    """The look of a puppet; colours are BGR.

    Attributes:
        skin, hair, top, bottom, shoes, accent: colours; the accent is for stripes and the belt.
        long_hair, skirt, bare_arms: cut.
        face_mark: colour of the cheeks, what tells twins apart; None for a plain face.
        height_m: body height with hair.
    """

    skin: Colour
    hair: Colour
    top: Colour
    bottom: Colour
    shoes: Colour
    accent: Colour
    long_hair: bool = False
    skirt: bool = False
    bare_arms: bool = False
    face_mark: Colour | None = None
    height_m: float = PERSON_M

    def place(self, pose: Pose, view: StageView, time_s: float) -> PlacedPuppet:
        space = body.points_in_space(pose)
        px_per_m = view.px_per_m(pose.depth) * self.height_m / PERSON_M
        floor = np.array([view.x_px(pose.x, time_s), view.floor_px(pose.depth)])
        return PlacedPuppet(self, pose.depth, px_per_m, floor, space, floor + body.flat(space) * px_per_m)


@dataclass(frozen=True, eq=False)
class PlacedPuppet:
    """A puppet in one picture.

    Attributes:
        look: colours and cut.
        depth: 0 back to 1 front.
        px_per_m: pixels per metre of a 1.75 m body.
        floor: (2,) source pixels below the pelvis.
        space: (24, 3) metres, see ``body``.
        px: (24, 2) the same in source pixels.
    """

    look: Puppet
    depth: float
    px_per_m: float
    floor: NDArray[np.float64]
    space: NDArray[np.float64]
    px: NDArray[np.float64]

    @cached_property
    def skeleton(self) -> Skeleton:
        score = np.ones(17, np.float32)
        score[:5] = body.face_shown(self.space)
        return Skeleton(self.px[:17].astype(np.float32), score)

    @cached_property
    def box(self) -> Box:
        tight = Box.around(self.px)
        # Below the toes and above the crown there is less body than beside a shoulder.
        side, end = _MARGIN_M * self.px_per_m, 0.04 * self.px_per_m
        return Box(tight.x0 - side, tight.y0 - end, tight.x1 + side, tight.y1 + end)

    def paint(self, canvas: Image) -> None:
        self._shadow(canvas)
        self._draw(Brush(canvas))

    def silhouette(self, box: Box, scale: float) -> NDArray[np.uint8]:
        mask = canvas_for(box, scale)
        self._draw(Brush(mask, (box.x0, box.y0), scale))
        return mask

    @cached_property
    def _at(self) -> list[complex]:
        """``px`` as the brush wants it."""
        at: list[complex] = (self.px @ np.array([1, 1j])).tolist()
        return at

    @cached_property
    def _towards(self) -> list[float]:
        """How far each point lies in front of the pelvis, in metres."""
        towards: list[float] = self.space[:, 2].tolist()
        return towards

    @cached_property
    def _turn(self) -> float:
        """How far the nose points to the right, in metres."""
        return float(self.space[Joint.NOSE, 0] - self.space[body.HEAD, 0])

    def _draw(self, brush: Brush) -> None:
        z = self._towards
        far_first = sorted(_LIMBS, key=lambda limb: z[limb[2]] + z[limb[3]])
        arms = [limb for limb in far_first if limb[0] == "arm"]
        for limb in far_first:
            if limb[0] == "leg":
                self._leg(brush, *limb[1:])
        for limb in arms:
            if z[limb[2]] + z[limb[3]] < _BEHIND_M:
                self._arm(brush, *limb[1:])
        back = z[Joint.NOSE] < 0
        if self.look.long_hair and not back:
            self._long_hair(brush)
        self._trunk(brush)
        for limb in arms:
            if z[limb[2]] + z[limb[3]] >= _BEHIND_M:
                self._arm(brush, *limb[1:])
        self._head(brush, back)

    def _light(self, root: int) -> float:
        """The far side lies in the shade, so that crossing limbs stay apart."""
        return 1.0 if self._towards[root] >= -0.01 else 0.78

    def _leg(self, brush: Brush, hip: int, knee: int, ankle: int, toe: int) -> None:
        m, p, look, light = self.px_per_m, self._at, self.look, self._light(hip)
        cloth = shade(look.skin if look.skirt else look.bottom, light)
        brush.limb(p[ankle], p[toe], 0.045 * m, 0.036 * m, shade(look.shoes, light))
        brush.limb(p[hip], p[knee], _THIGH * m, _KNEE * m, cloth)
        brush.limb(p[knee], p[ankle], _KNEE * m, _CALF * m, cloth)
        if brush.detailed and not look.skirt:
            seam, stripe = 0.02 * m, shade(look.accent, light)
            brush.limb(p[hip] + seam, p[knee] + seam, 0.014 * m, 0.012 * m, stripe)
            brush.limb(p[knee] + seam, p[ankle] + seam, 0.012 * m, 0.01 * m, stripe)

    def _arm(self, brush: Brush, shoulder: int, elbow: int, wrist: int, hand: int) -> None:
        m, p, look, light = self.px_per_m, self._at, self.look, self._light(shoulder)
        skin, sleeve = shade(look.skin, light), shade(look.top, light * 0.93)
        brush.limb(p[wrist], p[hand], 0.034 * m, 0.026 * m, skin)
        brush.limb(p[elbow], p[wrist], _ELBOW * m, _WRIST * m, skin if look.bare_arms else sleeve)
        brush.limb(p[shoulder], p[elbow], _UPPER_ARM * m, _ELBOW * m, sleeve)
        if brush.detailed:
            cuff = p[elbow] + 0.8 * (p[wrist] - p[elbow])
            brush.limb(cuff, p[wrist], 0.037 * m, 0.036 * m, shade(look.accent, light))

    def _trunk(self, brush: Brush) -> None:
        m, p, look = self.px_per_m, self._at, self.look
        shoulders = p[Joint.LEFT_SHOULDER], p[Joint.RIGHT_SHOULDER]
        hips = p[Joint.LEFT_HIP], p[Joint.RIGHT_HIP]
        brush.limb(p[body.HEAD], p[body.THROAT], 0.05 * m, 0.058 * m, shade(look.skin, 0.82))
        if look.skirt:
            top = sorted(hips, key=lambda c: c.real)
            knees = sorted((p[Joint.LEFT_KNEE], p[Joint.RIGHT_KNEE]), key=lambda c: c.real)
            # Down to three quarters of the thigh, wider than the legs stand apart.
            left, right = (h + 0.75 * (k - h) for h, k in zip(top, knees, strict=True))
            brush.polygon(
                (top[0] - 0.05 * m, top[1] + 0.05 * m, right + 0.08 * m, left - 0.08 * m), look.bottom
            )
        brush.limb(*hips, 0.095 * m, 0.095 * m, look.bottom)
        waist = (hips[0] + hips[1]) / 2 - 0.13j * m
        chest = (shoulders[0] + shoulders[1]) / 2 + 0.1j * m
        brush.limb(*shoulders, 0.062 * m, 0.062 * m, look.top)
        across = max(abs(shoulders[0].real - shoulders[1].real) / 2, 0.07 * m)
        brush.limb(chest, waist, across + 0.025 * m, across * 0.55 + 0.05 * m, look.top)
        if not brush.detailed:
            return
        half = across * 0.62 + 0.05 * m
        belt, band = waist + 0.1j * m, chest + 0.07j * m
        brush.limb(belt - half, belt + half, 0.017 * m, 0.017 * m, look.accent)
        brush.limb(band - half * 1.05, band + half * 1.05, 0.028 * m, 0.028 * m, shade(look.top, 0.72))
        light = 0.45 * across
        brush.limb(chest - light, waist - light, 0.03 * m, 0.02 * m, shade(look.top, 1.12))

    def _head(self, brush: Brush, back: bool) -> None:
        m, look, head = self.px_per_m, self.look, self._at[body.HEAD]
        up = self._at[body.CROWN] - head
        angle = math.degrees(math.atan2(up.real, -up.imag))
        cap = head - (0.3 * self._turn + 0.018j) * m
        brush.ellipse(cap, (_HEAD_X + 0.017) * m, (_HEAD_Y + 0.008) * m, look.hair, angle)
        if back:
            if look.long_hair:
                self._long_hair(brush)
            return
        face = head + (0.25 * self._turn + 0.018j) * m
        brush.ellipse(face, _HEAD_X * m, (_HEAD_Y - 0.01) * m, look.skin, angle)
        # The fringe: a slice of the head's ellipse above the eyes.
        brush.ellipse(cap, _HEAD_X * 1.1 * m, _HEAD_Y * m, look.hair, angle, (198.0, 342.0))
        if brush.detailed:
            self._face(brush)

    def _long_hair(self, brush: Brush) -> None:
        m, head = self.px_per_m, self._at[body.HEAD]
        nape = head - 0.5 * self._turn * m
        tips = nape - 1.5 * (self._at[body.CROWN] - head)
        brush.limb(nape, tips, 0.1 * m, 0.08 * m, shade(self.look.hair, 0.85))

    def _face(self, brush: Brush) -> None:
        m, p, look = self.px_per_m, self._at, self.look
        shown = body.face_shown(self.space)
        for eye in (Joint.LEFT_EYE, Joint.RIGHT_EYE):
            if shown[eye]:
                brush.ellipse(p[eye], 0.02 * m, 0.013 * m, (245, 245, 245))
                brush.ellipse(p[eye], 0.011 * m, 0.013 * m, _INK)
                brush.ellipse(p[eye] - 0.026j * m, 0.023 * m, 0.006 * m, shade(look.hair, 0.7))
                if look.face_mark:
                    cheek = p[eye] + (0.1 * self._turn + 0.052j) * m
                    brush.ellipse(cheek, 0.017 * m, 0.014 * m, look.face_mark)
        if shown[Joint.NOSE]:
            nose = p[Joint.NOSE]
            brush.ellipse(nose, 0.011 * m, 0.016 * m, shade(look.skin, 0.8))
            brush.ellipse(nose + (0.045j - 0.15 * self._turn) * m, 0.028 * m, 0.011 * m, _LIPS)

    def _shadow(self, canvas: Image) -> None:
        feet = self.px[[Joint.LEFT_ANKLE, Joint.RIGHT_ANKLE]].mean(axis=0)
        rx, ry = round(0.42 * self.px_per_m), round(0.075 * self.px_per_m)
        x0, y0 = round(float(feet[0])) - rx, round(float(self.floor[1])) - ry
        left, top = max(x0, 0), max(y0, 0)
        part = canvas[top : max(y0 + 2 * ry, 0), left : max(x0 + 2 * rx, 0)]
        if part.size:
            soft = _soft_ellipse(rx, ry)[top - y0 :, left - x0 :][: part.shape[0], : part.shape[1]]
            cv2.subtract(part, soft, dst=part)


@lru_cache(maxsize=256)
def _soft_ellipse(rx: int, ry: int) -> NDArray[np.uint8]:
    """(2 ry, 2 rx, 3) how much darker a soft shadow makes the floor."""
    y, x = np.mgrid[-ry:ry, -rx:rx]
    r2 = ((x + 0.5) / rx) ** 2 + ((y + 0.5) / ry) ** 2
    return np.repeat((70 * np.clip(1 - r2, 0, 1))[:, :, None], 3, axis=2).astype(np.uint8)

"""The live operator: a jerk-driven (third-order) follower behind a threshold box; it widens when it lags."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.direction.operators.glide import SETTLED_X, Glide, lag_s
from engine.direction.operators.headroom import EDGE_NORM, Headroom, Perch
from engine.direction.operators.pace import Pace
from engine.direction.operators.threshold import Threshold
from engine.direction.operators.widening import Widening, needed
from engine.direction.want import Want
from engine.geometry import Box, Shot, Size

#: Longest inner step. Decisions (left the box, arrived) fall between pictures, so they must not wait for
#: the next one, or the path would depend on the frame rate.
INNER_STEP_S = 1 / 60
#: A longer stall counts as this: afterwards the camera moves on instead of having jumped.
MAX_STEP_S = 0.5
#: Shorter settle times than this count as it: the inner step could not follow them.
MIN_SETTLE_S = 0.2
#: The threshold is lower than wide, because there is less room over a head than beside it.
VERTICAL_ZONE = 0.6
#: Up and down takes longer than sideways: bodies go there and back in a beat, and there is a Headroom.
VERTICAL_SETTLE = 1.8
#: Zooming out takes this share of the time: what must not be cut comes before what would look nicer.
WIDEN = 0.8


@dataclass(frozen=True, slots=True)
class FollowerConfig:
    """How calmly the camera moves. The numbers for a feel: engine.direction.operators.feel.

    Attributes:
        settle_s: time until a pan is within 5 % of a new aim (0.2 or more); 1.8 of it up and down. The jerk
            of the camera goes with its third power.
        deadzone_norm: half width of the threshold box as a share of the picture's width (R20); upwards 0.6
            of that as a share of its height; 0 = none.
        zoom_settle_s: as settle_s, for zooming in; zooming out takes 0.8 of it.
        zoom_deadzone_norm: the zoom rests while the wanted size differs by less than this share.
        lead: how much of the lag behind a travelling subject is made good, 0 to 1. The more, the further
            the camera goes on when somebody stops dead: by 5 % of its width at 0.5.
        max_speed_norm: picture widths per second, sideways as well as up and down.
        max_accel_norm: picture widths per second squared, while getting faster.
        max_zoom_norm: growth per second, as a share of the picture's size.
        max_widen: the shot becomes wider by at most this factor where ``Want.keep`` would be cut off because
            the camera lags; 1 = never.
    """

    settle_s: float = 0.8
    deadzone_norm: float = 0.10
    zoom_settle_s: float = 0.9
    zoom_deadzone_norm: float = 0.06
    lead: float = 0.5
    max_speed_norm: float = 3.5
    max_accel_norm: float = 16.0
    max_zoom_norm: float = 0.6
    max_widen: float = 1.8


class Follower:
    """Follows wants inside a source picture of ``size``. See Operator.

    The zoom is the logarithm of the height, so that halving and doubling take the same time.
    """

    def __init__(self, size: Size, config: FollowerConfig, shot: Shot) -> None:
        self.size = size
        self.config = config
        self.cut(shot)

    def cut(self, shot: Shot) -> None:
        """Stand still at ``shot`` at once."""
        if not _is_sound(shot):
            shot = Shot.widest(self.size, shot.aspect if _is_ratio(shot.aspect) else self.size.aspect)
        self._shot = self._goal = shot.inside(self.size)
        pan, zoom = _pan_of(self._goal), complex(math.log(self._goal.height))
        self._pan, self._tilt = Glide(complex(pan.real)), Glide(complex(pan.imag))
        self._pan_zone, self._pace = Threshold(pan), Pace(pan)
        self._perch, self._headroom = Perch(pan.imag), Headroom()
        self._top: float | None = None
        self._zoom, self._zoom_zone = Glide(zoom), Threshold(zoom)
        self._widening = Widening()

    def step(self, window: Sequence[Want], dt_s: float) -> Shot:
        """The shot ``dt_s`` later, from ``window[0]`` alone.

        A want that is not finite or below a pixel counts as the last one; no time passes in a step that is
        not finite or below a microsecond.
        """
        want = window[0]
        goal = want.shot
        if not _is_sound(goal):
            goal = self._goal
        if not (math.isfinite(dt_s) and dt_s > 1e-6):
            return self._shot
        before, self._goal = self._goal, goal.inside(self.size)
        keep = self._insisted(want.keep)
        last_top, self._top = self._top, self._top_of(want)
        dt_s = min(dt_s, MAX_STEP_S)
        count = max(math.ceil(dt_s / INNER_STEP_S - 1e-6), 1)
        for i in range(1, count + 1):
            now = _between(before, self._goal, i / count)
            height = self._step_zoom(now, dt_s / count)
            top = _mixed(last_top, self._top, i / count)
            self._step_pan(Shot(now.cx, now.cy, height, now.aspect), top, want.seen, dt_s / count)
            self._step_widening(keep, height, now.aspect, dt_s / count)
        height = math.exp(self._zoom.at.real + self._widening.log)
        self._shot = Shot(self._pan.at.real, self._tilt.at.real, height, self._goal.aspect).inside(self.size)
        return self._shot

    def _insisted(self, keep: Box | None) -> Box | None:
        """What must not be cut: of ``keep`` as much as a camera at rest anywhere in its dead zones shows."""
        if keep is None or not keep.is_finite():
            return None
        c, goal = self.config, self._goal
        wide = max(1.0 - 2 * c.deadzone_norm - c.zoom_deadzone_norm, 0.0) * goal.width
        tall = max(1.0 - 2 * c.deadzone_norm * VERTICAL_ZONE - c.zoom_deadzone_norm, 0.0) * goal.height
        part = keep.intersection(Box.from_center(goal.cx, goal.cy, wide, tall))
        return part if part.area > 0 else None

    def _top_of(self, want: Want) -> float | None:
        """The upper end of what must not be cut, as far as the wanted shot itself shows it."""
        if want.keep is None or not (want.seen and want.keep.is_finite()):
            return None
        box = self._goal.box
        return min(max(want.keep.y0, box.y0 + EDGE_NORM * box.height), box.y1)

    def _step_zoom(self, goal: Shot, dt_s: float) -> float:
        """The height without widening."""
        c = self.config
        zone = complex(c.zoom_deadzone_norm, 1.0 if c.zoom_deadzone_norm else 0.0)
        aim = self._zoom_zone.step(complex(math.log(goal.height)), zone, dt_s)
        settle_s = c.zoom_settle_s * (WIDEN if aim.real > self._zoom.at.real else 1.0)
        self._zoom.pull(aim, _rate(settle_s), dt_s, c.max_zoom_norm, math.inf)
        return min(math.exp(self._zoom.at.real), self._most(goal.aspect))

    def _step_pan(self, goal: Shot, top: float | None, seen: bool, dt_s: float) -> None:
        c = self.config
        width, point = goal.width, _pan_of(goal.inside(self.size))
        speed = self._pace.step(point, seen, width, dt_s)
        point = complex(point.real, self._perch.step(point.imag, goal.height, dt_s))
        zone = complex(c.deadzone_norm * width, c.deadzone_norm * VERTICAL_ZONE * goal.height)
        aim = self._pan_zone.step(point, zone, dt_s)
        across, up = _rate(c.settle_s), _rate(c.settle_s * VERTICAL_SETTLE)
        lead = self._pan_zone.travel * c.lead
        lowest = self._headroom.step(top, goal.height, lag_s(up), width, dt_s)
        x = aim.real + speed.real * lead * lag_s(across)
        y = min(aim.imag + speed.imag * lead * lag_s(up), lowest)
        # An aim outside would be stopped at the edge all of a sudden.
        aim = _pan_of(Shot(x, y, goal.height, goal.aspect).inside(self.size))
        tops = c.max_speed_norm * width, c.max_accel_norm * width
        self._pan.pull(complex(aim.real), across, dt_s, *tops)
        self._tilt.pull(complex(aim.imag), up, dt_s, *tops)

    def _step_widening(self, keep: Box | None, height: float, aspect: float, dt_s: float) -> None:
        c, need = self.config, 0.0
        if keep is not None:
            shot = Shot(self._pan.at.real, self._tilt.at.real, height, aspect)
            drift = self._pace.speed - complex(self._pan.speed.real, self._tilt.speed.real)
            most = math.log(max(min(c.max_widen, self._most(aspect) / height), 1.0))
            need = min(needed(keep, drift, shot), most)
        self._widening.step(need, c.max_zoom_norm, dt_s)

    def _most(self, aspect: float) -> float:
        """The height of the largest shot."""
        return min(self.size.height, self.size.width / aspect)


def _is_ratio(aspect: float) -> bool:
    return math.isfinite(aspect) and aspect > 0


def _is_sound(shot: Shot) -> bool:
    return shot.is_finite() and shot.height >= 1 and shot.aspect > 0


def _pan_of(shot: Shot) -> complex:
    return complex(shot.cx, shot.cy)


def _rate(settle_s: float) -> float:
    return SETTLED_X / max(settle_s, MIN_SETTLE_S)


def _mixed(a: float | None, b: float | None, part: float) -> float | None:
    """At ``part`` (0 to 1) of the way from a to b."""
    return b if a is None or b is None else a + (b - a) * part


def _between(a: Shot, b: Shot, part: float) -> Shot:
    """The shot at ``part`` (0 to 1) of the way; the aspect is b's."""
    return Shot(
        a.cx + (b.cx - a.cx) * part,
        a.cy + (b.cy - a.cy) * part,
        a.height * (b.height / a.height) ** part,
        b.aspect,
    )

"""The live operator: a critically damped spring behind a threshold box, for pan and for zoom."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.direction.operators.threshold import Threshold
from engine.direction.want import Want
from engine.geometry import Shot, Size

#: (1 + x) exp(-x) = 0.05: a critically damped spring of angular frequency w is within 5 % after x / w.
SETTLED_X = 4.744
#: Longest inner step. Decisions (left the box, arrived) fall between pictures, so they must not wait for
#: the next one, or the path would depend on the frame rate.
INNER_STEP_S = 1 / 60
MAX_INNER_STEPS = 30
#: The threshold is lower than wide, because there is less room over a head than beside it.
VERTICAL_ZONE = 0.6
#: Steps of the subject itself are softened with this share of the settle time before the spring sees them.
SOFTEN = 0.6
#: Zooming out takes this share of the time: what must not be cut comes before what would look nicer.
WIDEN = 0.8


@dataclass(frozen=True, slots=True)
class SpringConfig:
    """How calmly the camera moves.

    Attributes:
        settle_s: time until a pan is within 5 % of its aim.
        deadzone_norm: half width of the threshold box as a share of the picture's width (R20); upwards 0.6
            of that as a share of its height; 0 = none.
        zoom_settle_s: as settle_s, for zooming in; zooming out takes 0.8 of it.
        zoom_deadzone_norm: the zoom rests while the wanted size differs by less than this share.
        lead: how much of the lag behind a travelling subject is made good, 0 to 1.
        max_speed_norm: picture widths per second.
        max_accel_norm: picture widths per second squared, while getting faster.
        max_zoom_norm: growth per second, as a share of the picture's size.
    """

    settle_s: float = 0.45
    deadzone_norm: float = 0.10
    zoom_settle_s: float = 0.9
    zoom_deadzone_norm: float = 0.06
    lead: float = 0.5
    max_speed_norm: float = 1.8
    max_accel_norm: float = 5.0
    max_zoom_norm: float = 0.6


@dataclass(slots=True)
class _Mass:
    """A point on a critically damped spring. Positions are complex: x + iy."""

    at: complex
    speed: complex = 0j

    def pull(self, start: complex, end: complex, dt_s: float, settle_s: float, lead: float) -> None:
        """Move for ``dt_s`` while the aim moves evenly from ``start`` to ``end``; exact for any ``dt_s``.

        x'' = w^2 (s - x) + 2 w (lead s' - x'): behind an aim of steady speed u it stays 2 (1 - lead) u / w.
        """
        w = SETTLED_X / settle_s
        u = (end - start) / dt_s
        lag = 2 * (1 - lead) * u / w
        off = self.at - start + lag
        slope = self.speed - u + w * off
        fade = math.exp(-w * dt_s)
        self.at = end - lag + (off + slope * dt_s) * fade
        self.speed = u + (slope - w * (off + slope * dt_s)) * fade


class Spring:
    """Follows goals inside a source picture of ``size``. See Operator.

    The zoom is the logarithm of the height, so that halving and doubling take the same time.
    """

    def __init__(self, size: Size, config: SpringConfig, shot: Shot) -> None:
        self.size = size
        self.config = config
        self.cut(shot)

    def cut(self, shot: Shot) -> None:
        """Stand still at ``shot`` at once."""
        shot = shot.inside(self.size)
        self._shot = self._goal = shot
        pan, zoom = complex(shot.cx, shot.cy), complex(math.log(shot.height), 0.0)
        self._pan, self._soft_pan, self._pan_zone = _Mass(pan), _Mass(pan), Threshold(pan)
        self._zoom, self._soft_zoom, self._zoom_zone = _Mass(zoom), _Mass(zoom), Threshold(zoom)
        self._aims = (pan, zoom)

    def step(self, window: Sequence[Want], dt_s: float) -> Shot:
        """The shot ``dt_s`` later. A goal that is not finite or below a pixel counts as the last one."""
        goal = window[0].shot
        if not goal.is_finite() or goal.height < 1:
            goal = self._goal
        if not (math.isfinite(dt_s) and dt_s > 0):
            return self._shot
        before, self._goal = self._goal, goal.inside(self.size)
        count = min(max(math.ceil(dt_s / INNER_STEP_S - 1e-6), 1), MAX_INNER_STEPS)
        for i in range(1, count + 1):
            self._inner(_between(before, self._goal, i / count), dt_s / count)
        self._shot = Shot(
            self._pan.at.real, self._pan.at.imag, math.exp(self._zoom.at.real), self._goal.aspect
        ).inside(self.size)
        return self._shot

    def _inner(self, goal: Shot, dt_s: float) -> None:
        c = self.config
        last_pan, last_zoom = self._soft_pan.at, self._soft_zoom.at

        zoom_aim = self._zoom_zone.step(
            complex(math.log(goal.height), 0.0),
            complex(c.zoom_deadzone_norm, 1.0 if c.zoom_deadzone_norm else 0.0),
            dt_s,
        )
        settle_s = c.zoom_settle_s * (WIDEN if zoom_aim.real > self._zoom.at.real else 1.0)
        self._soft_zoom.pull(self._aims[1], zoom_aim, dt_s, settle_s * SOFTEN, 0.0)
        speed = self._zoom.speed
        before = self._zoom.at
        self._zoom.pull(last_zoom, self._soft_zoom.at, dt_s, settle_s, c.lead)
        _limit(self._zoom, before, speed, dt_s, c.max_zoom_norm, math.inf)

        height = min(math.exp(self._zoom.at.real), self.size.height, self.size.width / goal.aspect)
        shot = Shot(goal.cx, goal.cy, height, goal.aspect).inside(self.size)
        width = shot.width
        zone = complex(c.deadzone_norm * width, c.deadzone_norm * VERTICAL_ZONE * height)
        pan_aim = self._pan_zone.step(complex(shot.cx, shot.cy), zone, dt_s)
        self._soft_pan.pull(self._aims[0], pan_aim, dt_s, c.settle_s * SOFTEN, 0.0)
        speed = self._pan.speed
        before = self._pan.at
        self._pan.pull(last_pan, self._soft_pan.at, dt_s, c.settle_s, c.lead)
        _limit(self._pan, before, speed, dt_s, c.max_speed_norm * width, c.max_accel_norm * width)
        self._contain(height, goal.aspect)
        self._aims = (pan_aim, zoom_aim)

    def _contain(self, height: float, aspect: float) -> None:
        """Keep the shot inside and forget the speed against the edge, or it would have to be unwound."""
        at, speed = self._pan.at, self._pan.speed
        shot = Shot(at.real, at.imag, height, aspect).inside(self.size)
        self._pan.at = complex(shot.cx, shot.cy)
        self._pan.speed = complex(
            0.0 if (shot.cx - at.real) * speed.real < 0 else speed.real,
            0.0 if (shot.cy - at.imag) * speed.imag < 0 else speed.imag,
        )


def _limit(mass: _Mass, before: complex, speed: complex, dt_s: float, top: float, accel: float) -> None:
    """Hold a step of ``mass`` to a top speed, and to an acceleration while it gets faster.

    Braking is never limited: it would overshoot.
    """
    wanted = mass.speed
    change = wanted - speed
    if abs(wanted) > abs(speed) and abs(change) > accel * dt_s:
        wanted = speed + change * (accel * dt_s / abs(change))
    if abs(wanted) > top:
        wanted *= top / abs(wanted)
    if wanted != mass.speed:
        mass.at = before + (speed + wanted) / 2 * dt_s
        mass.speed = wanted


def _between(a: Shot, b: Shot, part: float) -> Shot:
    """The shot at ``part`` (0 to 1) of the way; the aspect is b's."""
    return Shot(
        a.cx + (b.cx - a.cx) * part,
        a.cy + (b.cy - a.cy) * part,
        a.height * (b.height / a.height) ** part,
        b.aspect,
    )

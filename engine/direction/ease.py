"""Changes of plan that never show as a jump: the old movement dies out on top of the new one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.geometry import Shot

#: No edge of an eased shot moves faster than this many widths of the source picture per second on its own
#: account: 4 % of the width between two pictures at 30 fps would be 1.2 (R138).
MAX_EASE_WIDTHS_S = 0.9
#: Highest speed of a minimum-jerk move from 0 to 1 in 1 s.
PEAK = 1.875
#: What the shot may do in all, the operator's own move included ...
MAX_WIDTHS_S = 1.15
#: ... and between two pictures, however far apart these are.
MAX_STEP_WIDTHS = 0.0395
#: Braking way as a share of speed times time. From 0.4 on, an offset of the same sign as the speed's fades
#: without turning back (minimum-jerk profile with an initial speed).
BRAKING = 0.5

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class _Fading:
    """An offset (cx, cy, height) with a speed that both go to 0 in ``length_s``."""

    offset: Vector
    speed: Vector
    length_s: float

    def at(self, time_s: float) -> Vector:
        s = min(time_s / self.length_s, 1.0)
        # Quintics with f(0) = 1 and g'(0) = 1; all other values and slopes at both ends are 0, as are the
        # second derivatives (Flash and Hogan 1985 for f; Bollo, GDC 2018, "Inertialization", for the use).
        f = 1 - s**3 * (10 - 15 * s + 6 * s * s)
        g = (s - s**3 * (6 - 8 * s + 3 * s * s)) * self.length_s
        x, y, h = (o * f + v * g for o, v in zip(self.offset, self.speed, strict=True))
        return x, y, h


class Ease:
    """Passes shots through, and hides jumps in them that were announced by ``start``.

    The offset between what is shown and the new source dies out with position and speed unbroken, so the
    new source may move meanwhile. Rectangles are blended in plain pixels: the shots inside a picture are a
    convex set, so that hardly anything has to be pushed back inside.
    """

    def __init__(self, source_width: int) -> None:
        self.source_width = source_width
        self._shown: Shot | None = None
        self._speed: Vector = (0.0, 0.0, 0.0)
        self._fading: _Fading | None = None
        self._length_s: float | None = None
        self._time_s = 0.0

    def start(self, length_s: float) -> None:
        """The next shot comes from another source; take about ``length_s`` to get over to it.

        Longer where the way is so far that it would be too fast.
        """
        self._length_s = length_s

    def cut(self) -> None:
        """Show the next shot as it is."""
        self._shown = None

    def resting(self, length_s: float, fit: Callable[[Shot], Shot]) -> Shot | None:
        """Where what is shown comes to rest when it brakes for ``length_s``; None before the first shot."""
        if self._shown is None:
            return None
        x, y, h = (v * BRAKING * length_s for v in self._speed)
        shot = self._shown
        return fit(Shot(shot.cx + x, shot.cy + y, max(shot.height + h, 1.0), shot.aspect))

    def step(self, source: Shot, dt_s: float, fit: Callable[[Shot], Shot]) -> Shot:
        """The shot to show ``dt_s`` after the last one; ``fit`` puts a shot inside the source picture."""
        before = self._shown
        if before is None:
            self._fading = self._length_s = None
            self._speed = (0.0, 0.0, 0.0)
            self._shown = source
            return source
        if dt_s <= 0:
            return before
        if before.aspect != source.aspect:
            before = fit(replace(before, aspect=source.aspect))
        if self._length_s is not None:
            self._begin(before, source, self._length_s)
        shown = fit(self._blended(source, dt_s))
        most = min(MAX_WIDTHS_S * dt_s, MAX_STEP_WIDTHS) * self.source_width
        step = _edge_move(before, shown)
        if step > most:
            # Rare: ease and operator add up. Go part of the way; the rest is a new offset to fade.
            shown = fit(_toward(before, shown, most / step))
            self._fading = _Fading(
                _difference(shown, source), (0.0, 0.0, 0.0), self._length(shown, source, 0.3)
            )
            self._time_s = 0.0
        x, y, h = _difference(shown, before)
        self._speed = (x / dt_s, y / dt_s, h / dt_s)
        self._shown = shown
        return shown

    def _begin(self, before: Shot, source: Shot, length_s: float) -> None:
        self._fading = _Fading(
            _difference(before, source), self._speed, self._length(before, source, length_s)
        )
        self._time_s = 0.0
        self._length_s = None

    def _length(self, before: Shot, source: Shot, length_s: float) -> float:
        fastest = MAX_EASE_WIDTHS_S * self.source_width
        return max(length_s, PEAK * _edge_move(before, source) / fastest, 1e-3)

    def _blended(self, source: Shot, dt_s: float) -> Shot:
        if self._fading is None:
            return source
        self._time_s += dt_s
        if self._time_s >= self._fading.length_s:
            self._fading = None
            return source
        x, y, h = self._fading.at(self._time_s)
        return Shot(source.cx + x, source.cy + y, max(source.height + h, 1.0), source.aspect)


def _difference(a: Shot, b: Shot) -> Vector:
    return a.cx - b.cx, a.cy - b.cy, a.height - b.height


def _edge_move(a: Shot, b: Shot) -> float:
    """How far the edge that moves most moves, in pixels."""
    return max(abs(p - q) for p, q in zip(a.box.xyxy, b.box.xyxy, strict=True))


def _toward(a: Shot, b: Shot, part: float) -> Shot:
    x, y, h = _difference(b, a)
    return Shot(a.cx + x * part, a.cy + y * part, a.height + h * part, b.aspect)

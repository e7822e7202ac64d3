"""The threshold box: a camera that rests while its subject moves a little (R19)."""

from __future__ import annotations

from collections import deque

#: Zones beyond the edge, added up over time, that start a move, and the most that counts at a time. Somebody
#: who runs is followed after 40 ms; noise at the edge, or one wild observation, changes nothing.
LEAVE_ZONES_S, BEYOND_ZONES = 0.006, 0.15
#: How far back the subject's range is looked at: a slow dance beat, so that the middle of a sway is found
#: and not one end of it.
MEMORY_S = 1.0
#: The range is looked at so often. Leaving is decided at every step.
LOOK_S = 1 / 20
#: A subject within one zone for less than the first time is travelling and is followed itself; for more than
#: the second it is dancing on the spot, and the middle of its range is followed.
TRAVEL_S, SPOT_S = 0.2, 0.5
#: On the spot a subject may use a little more than the zone, or noise alone would keep the camera awake.
SPOT_ZONES = 1.15
#: Share of the stretch that is left out at either end of its range.
TRIM = 0.2
#: First to last point of the stretch as a share of its range: a sway comes back, a slow walk does not. From
#: the first to the second value the subject itself is followed after all.
SWAY_SHARE, WALK_SHARE = 0.7, 0.95
#: It has arrived when it kept within one zone for so long ...
ARRIVED_S = 0.75
#: ... and the middle of its range moved by less than this many zones in this time.
DRIFT_ZONES, DRIFT_S = 0.08, 0.3


class Threshold:
    """Turns where the subject is into where the camera should point.

    Resting, the answer is a fixed point, as long as the subject stays inside the zone round it. A subject
    that leaves is answered by its own position, so that the move does not end at the zone's edge and creep
    along with it. As it slows down the answer goes over to the middle of its recent range, and when that
    stands still it is the new point of rest.

    Points are complex numbers (x + iy), so that one dimension is the case without imaginary part; the zone
    is an ellipse with those half axes, its norm Euclidean (R59).
    """

    def __init__(self, point: complex) -> None:
        self._rest = point
        self._moving = False
        #: How far the subject itself is followed: 0 at rest and on the spot, 1 while it travels.
        self.travel = 0.0
        self._outside = 0.0
        self._now_s = self._looked_s = 0.0
        self._spot = (point, 0.0, 1.0)
        self._past: deque[tuple[float, complex]] = deque()
        self._middles: deque[tuple[float, complex]] = deque()

    @property
    def moving(self) -> bool:
        """The subject has left and has not arrived yet."""
        return self._moving

    def step(self, point: complex, zone: complex, dt_s: float) -> complex:
        """Where to point now; ``zone`` holds the half axes in the unit of ``point``, 0 = no zone."""
        if zone.real <= 0 or zone.imag <= 0:
            self._rest, self._moving, self.travel = point, False, 1.0
            self._past.clear()
            return point
        self._now_s += dt_s
        look = self._now_s >= self._looked_s + LOOK_S - 1e-9
        if look:
            self._looked_s = max(self._looked_s + LOOK_S, self._now_s - LOOK_S)
            _push(self._past, self._now_s, point, MEMORY_S)
        if self._moving:
            if look:
                self._spot = self._find_spot(zone)
            return self._travel(point, zone)
        self.travel = 0.0
        beyond = _norm(point - self._rest, zone) - 1.0
        self._outside = self._outside + min(beyond, BEYOND_ZONES) * dt_s if beyond > 0 else 0.0
        if self._outside >= LEAVE_ZONES_S:
            self._moving, self._outside, self.travel = True, 0.0, 1.0
            self._middles.clear()
            self._spot = (point, 0.0, 1.0)
        return self._rest

    def _travel(self, point: complex, zone: complex) -> complex:
        middle, within_s, walk = self._spot
        if within_s == 0.0:
            return point  # it has just left; where it may come to rest has not been looked at yet
        spot = _ramp(within_s, TRAVEL_S, SPOT_S) * (1.0 - _ramp(walk, SWAY_SHARE, WALK_SHARE))
        _push(self._middles, self._now_s, middle, DRIFT_S)
        since_s, then = self._middles[0]
        if (
            within_s >= ARRIVED_S
            and since_s <= self._now_s - 0.9 * DRIFT_S
            and _norm(middle - then, zone) <= DRIFT_ZONES
        ):
            self._rest, self._moving, self.travel = middle, False, 0.0
            return middle
        self.travel = 1.0 - spot
        return point + (middle - point) * spot

    def _find_spot(self, zone: complex) -> tuple[complex, float, float]:
        """Of the longest recent stretch that fits into a zone: its middle, its length, its share of walk."""
        now_s, last = self._past[-1]
        x0 = x1 = last.real
        y0 = y1 = last.imag
        since_s, first, half = now_s, last, 0.0
        xs, ys = [], []
        for time_s, p in reversed(self._past):
            x, y = p.real, p.imag
            if x < x0 or x > x1 or y < y0 or y > y1:
                x0, x1, y0, y1 = min(x0, x), max(x1, x), min(y0, y), max(y1, y)
                wider = _norm(complex(x1 - x0, y1 - y0) / 2, zone)
                if wider > SPOT_ZONES:
                    break
                half = wider
            since_s, first = time_s, p
            xs.append(x)
            ys.append(y)
        middle = complex(_trimmed_middle(xs), _trimmed_middle(ys))
        walk = _norm(last - first, zone) / 2 / half if half > 0 else 0.0
        return middle, now_s - since_s, walk


def _ramp(value: float, low: float, high: float) -> float:
    """0 below ``low``, 1 above ``high``, even between."""
    return min(max((value - low) / (high - low), 0.0), 1.0)


def _trimmed_middle(values: list[float]) -> float:
    """Half way between the ends of the range, without the extremes: the tail of a move is not the spot."""
    values.sort()
    cut = int(TRIM * (len(values) - 1))
    return (values[cut] + values[-1 - cut]) / 2


def _push(past: deque[tuple[float, complex]], now_s: float, point: complex, keep_s: float) -> None:
    past.append((now_s, point))
    while past[0][0] < now_s - keep_s - 1e-9:
        past.popleft()


def _norm(offset: complex, zone: complex) -> float:
    return abs(complex(offset.real / zone.real, offset.imag / zone.imag))

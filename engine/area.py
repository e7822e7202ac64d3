"""Where on the picture people count: the stage polygon, and screens, posters and audience that are nobody.

Polygons are drawn on the source picture (after lens undistortion, if any), as shares 0 to 1 of its width and
height, so that a preset holds at every resolution.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

from engine.errors import JikcamError
from engine.geometry import Box, Size
from engine.people import Observation

#: A corner: x and y as shares of the picture.
Corner = tuple[float, float]

#: Feet lower than this share of the picture's height are cut off by its lower edge.
CUT_OFF = 0.985
#: Somebody in the air belongs to the floor below: feet this share of the body's height above the stage's
#: back edge are still on it.
JUMP = 0.2
#: More of a box than this inside an excluded polygon is "most of it".
MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class Polygon:
    """A simple polygon, concave or not; the last corner joins the first.

    Attributes:
        corners: (x, y) shares 0 to 1 of the source picture, at least 3, in either sense of rotation.

    Raises:
        JikcamError: too few corners, outside the picture, repeated, on one line, or edges that cross.
    """

    corners: tuple[Corner, ...]

    def __post_init__(self) -> None:
        if len(self.corners) < 3:
            raise JikcamError(
                f"a polygon of {len(self.corners)} corners encloses nothing", "give at least 3 corners"
            )
        for corner in self.corners:
            if len(corner) != 2 or not all(0.0 <= v <= 1.0 for v in corner):
                raise JikcamError(
                    f"the polygon's corner {_text(corner)} lies outside the picture",
                    "write x and y as shares of its width and height, 0 to 1",
                )
        if len(set(self.corners)) < len(self.corners):
            twice = next(c for c in self.corners if self.corners.count(c) > 1)
            raise JikcamError(f"the polygon has the corner {_text(twice)} twice", "leave one of them out")
        self._check_edges()
        if self.area < 1e-6:
            raise JikcamError("the polygon's corners lie on one line", "move one of them aside")

    def _check_edges(self) -> None:
        edges = self._edges
        count = len(edges)
        for i in range(count):
            for j in range(i + 2, count):
                if (i, j) != (0, count - 1) and _cross(edges[i], edges[j]):
                    raise JikcamError(
                        f"the polygon's edge at {_text(edges[i][0])} crosses the one at {_text(edges[j][0])}",
                        "list the corners in order along its outline",
                    )

    @property
    def _edges(self) -> list[tuple[Corner, Corner]]:
        return list(pairwise((*self.corners, self.corners[0])))

    @property
    def area(self) -> float:
        """Share of the picture that it covers."""
        return abs(_signed_area(self.corners))

    def spans(self, x: float) -> list[tuple[float, float]]:
        """Where the vertical line at ``x`` lies inside: (upper y, lower y) pairs from the top down."""
        ys = sorted(
            ay + (x - ax) / (bx - ax) * (by - ay)
            for (ax, ay), (bx, by) in self._edges
            if (ax <= x) != (bx <= x)
        )
        return list(zip(ys[::2], ys[1::2], strict=True))

    def contains(self, x: float, y: float) -> bool:
        """Whether the place (shares) lies inside."""
        return any(top <= y <= bottom for top, bottom in self.spans(x))

    def share_of(self, box: Box) -> float:
        """How much of ``box`` (shares of the picture, area > 0) lies inside, 0 to 1."""
        part: list[Corner] = list(self.corners)
        # Clipped by one side of the box after the other (Sutherland and Hodgman 1974). Of a concave polygon
        # that leaves pieces joined by seams without area.
        for axis, limit, sign in ((0, box.x0, 1), (0, box.x1, -1), (1, box.y0, 1), (1, box.y1, -1)):
            part = _clipped(part, axis, limit, sign)
            if not part:
                return 0.0
        return min(abs(_signed_area(part)) / box.area, 1.0)


@dataclass(frozen=True, slots=True)
class AreaConfig:
    """Who counts, by where they stand.

    Attributes:
        exclude: screens, posters, mirrors, audience: who has the feet and most of the body in one of these
            is nobody. A dancer in front of a screen has the feet on the stage below it, and stays.
        inside: the stage: who has the feet elsewhere is nobody. None: everywhere.
    """

    exclude: tuple[Polygon, ...] = ()
    inside: Polygon | None = None

    def __bool__(self) -> bool:
        """Whether anything is left out at all."""
        return bool(self.exclude) or self.inside is not None

    def keeps(self, box: Box, size: Size) -> bool:
        """Whether whoever fills ``box`` counts.

        Feet are the middle of the box's lower edge. Where the picture's lower edge cuts them off they are
        somewhere below, and the stage is taken to go on downwards.

        Args:
            box: whole visible body, source pixels.
            size: of the source picture.

        Returns:
            False also for a box that is not finite, or has no area in the picture.
        """
        if not box.is_finite():
            return False
        seen = box.clipped(size)
        if not seen.area > 0:
            return False
        part = Box(seen.x0 / size.width, seen.y0 / size.height, seen.x1 / size.width, seen.y1 / size.height)
        return self._on_stage(part) and not any(_lies_in(part, p) for p in self.exclude)

    def _on_stage(self, part: Box) -> bool:
        if self.inside is None:
            return True
        lowest = math.inf if part.y1 >= CUT_OFF else part.y1 + JUMP * part.height
        highest = 0.0 if part.y1 >= CUT_OFF else part.y1
        return any(top <= lowest and bottom >= highest for top, bottom in self.inside.spans(part.center.x))


def filtered(observation: Observation, area: AreaConfig, size: Size) -> Observation:
    """The observation without the people who do not count; things stay, for they fly about.

    Args:
        size: of the source picture in pixels.
    """
    kept = tuple(p for p in observation.people if area.keeps(p.box, size))
    return observation if len(kept) == len(observation.people) else replace(observation, people=kept)


def _lies_in(part: Box, polygon: Polygon) -> bool:
    # A polygon drawn by hand ends a little above the picture's lower edge.
    foot = min(part.y1, CUT_OFF)
    return (
        any(polygon.contains(part.center.x, y) for y in {foot, part.y1}) and polygon.share_of(part) > MOSTLY
    )


def _signed_area(corners: tuple[Corner, ...] | list[Corner]) -> float:
    """Shoelace formula; positive clockwise as seen (y down)."""
    closed = (*corners, corners[0])
    twice = math.fsum(ax * by - bx * ay for (ax, ay), (bx, by) in pairwise(closed))
    return twice / 2


def _clipped(corners: list[Corner], axis: int, limit: float, sign: int) -> list[Corner]:
    """The part of the polygon on one side of a line parallel to an axis."""
    out: list[Corner] = []
    for a, b in pairwise((corners[-1], *corners)):
        da, db = sign * (a[axis] - limit), sign * (b[axis] - limit)
        if (da >= 0) != (db >= 0):
            t = da / (da - db)
            out.append((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])))
        if db >= 0:
            out.append(b)
    return out


def _turn(a: Corner, b: Corner, c: Corner) -> float:
    """Above 0 when a, b, c turn one way, below 0 the other; 0 on one line."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _cross(e: tuple[Corner, Corner], f: tuple[Corner, Corner]) -> bool:
    """Whether two edges without a common corner meet, touching included."""
    (a, b), (c, d) = e, f
    sides = (_turn(a, b, c), _turn(a, b, d)), (_turn(c, d, a), _turn(c, d, b))
    if all(p * q < 0 for p, q in sides):
        return True
    touching = zip((c, d, a, b), (e, e, f, f), (*sides[0], *sides[1]), strict=True)
    return any(turn == 0 and _between(point, edge) for point, edge, turn in touching)


def _between(point: Corner, edge: tuple[Corner, Corner]) -> bool:
    """Whether a point on the line of ``edge`` lies on it."""
    (ax, ay), (bx, by) = edge
    return min(ax, bx) <= point[0] <= max(ax, bx) and min(ay, by) <= point[1] <= max(ay, by)


def _text(corner: Corner) -> str:
    return "(" + ", ".join(f"{v:g}" for v in corner) + ")"

"""A thing that belongs in the picture beside the person: a ball, a dog, a guitar (R39)."""

from __future__ import annotations

from collections.abc import Sequence

from engine.direction.framing.figure import Figure, inside
from engine.direction.framing.portrait import covering
from engine.direction.framing.smooth import Envelope
from engine.geometry import Box, Shot, Size
from engine.people import DetectedObject

#: Room round the thing, as a share of the person's height, and how much more beside it where there is any: a
#: live camera rests up to a tenth of the picture off its middle.
ROOM_NORM, MORE_ROOM_NORM = 0.06, 0.16
#: A thing counts once it has been seen for so long, and while it has not been missing for longer.
NOTICED_S = 0.2
MISSING_S = 1.0
#: Found within so many body heights of its last place, plus so many per second of absence, it is the same.
SAME_NORM = 0.5
FASTEST_NORM_S = 3.0
#: Another one must be nearer to the person by so many body heights to take over.
BETTER_NORM = 1.0
#: Certainty counts as nearness: a sure one is preferred to an unsure one so many body heights nearer.
SURE_NORM = 0.5
#: Too far away when a shot of both is larger than this share of the widest one; back below the first.
BACK_SHARE, FAR_SHARE = 0.95, 1.0
#: Room for the thing comes at once, stays while the thing comes near its edge again, and goes slowly.
GROW_S, HOLD_S, SHRINK_S, NEAR = 0.06, 1.0, 1.5, 0.75


class Companion:
    """Keeps the nearest thing of one kind in the picture of a person, as far as both fit."""

    def __init__(self) -> None:
        self._place: Box | None = None
        self._seen_s = self._missing_s = 0.0
        self._near = False
        self._room: list[Envelope] = []

    @property
    def seen(self) -> Box | None:
        """Where the thing is, while it is seen and near enough to be in the shot."""
        return self._place if self._near and self._missing_s == 0 else None

    def step(
        self,
        shot: Shot,
        body: Box,
        figure: Figure,
        objects: Sequence[DetectedObject],
        label: str,
        size: Size,
        dt_s: float,
    ) -> Shot:
        """The shot of the person, made large enough for the thing as well.

        Args:
            shot: of the person alone, inside the source picture.
            body: the part of that shot which must stay in the picture.
            figure: the person.
            objects: all things that are seen, of any kind.
            label: the kind that counts.
        """
        fresh = not self._room
        self._follow([o for o in objects if o.label == label], figure, size, dt_s)
        most = (FAR_SHARE if self._near else BACK_SHARE) * Shot.widest(size, shot.aspect).height
        both = body
        if self._place is not None and (fresh or self._seen_s >= NOTICED_S):
            room = ROOM_NORM * figure.height
            place = self._place
            both = body.union(inside(_wider(place, room, room), size))
            spare = most * shot.aspect - both.width
            if spare > 0:
                beside = room + min(spare, MORE_ROOM_NORM * figure.height)
                both = body.union(inside(_wider(place, beside, room), size))
        self._near = both is not body and covering(shot, both).height <= most
        if not self._near:
            both = body
        needs = (body.x0 - both.x0, body.y0 - both.y0, both.x1 - body.x1, both.y1 - body.y1)
        shares = [need / figure.height for need in needs]
        if fresh:  # what is there from the start is in the picture from the start
            self._room = [Envelope(GROW_S, HOLD_S, SHRINK_S, near=NEAR, value=share) for share in shares]
            self._seen_s = NOTICED_S
        left, up, right, down = (
            room.step(share, dt_s) * figure.height for room, share in zip(self._room, shares, strict=True)
        )
        whole = Box(body.x0 - left, body.y0 - up, body.x1 + right, body.y1 + down).clipped(size)
        return covering(shot, whole) if whole.area > 0 else shot

    def _follow(self, found: Sequence[DetectedObject], figure: Figure, size: Size, dt_s: float) -> None:
        """Find the thing again, or take the best there is."""
        boxes = [
            (_cost(o, figure), o.box.clipped(size))
            for o in found
            if o.box.is_finite() and o.box.clipped(size).area > 0
        ]
        if not boxes:
            self._missing_s += dt_s
            if self._missing_s > MISSING_S:
                self._place, self._seen_s = None, 0.0
            return
        best = min(boxes, key=lambda thing: thing[0])
        same = self._same(boxes, figure)
        if same is not None and same[0] <= best[0] + BETTER_NORM:
            best = same
        else:
            self._seen_s = 0.0  # another one
        self._place, self._missing_s = best[1], 0.0
        self._seen_s += dt_s

    def _same(self, boxes: Sequence[tuple[float, Box]], figure: Figure) -> tuple[float, Box] | None:
        """The one that was in the picture before, by its place."""
        if self._place is None:
            return None
        place = self._place.center
        nearest = min(boxes, key=lambda thing: thing[1].center.distance(place))
        reach = (SAME_NORM + FASTEST_NORM_S * self._missing_s) * figure.height
        return nearest if nearest[1].center.distance(place) <= reach else None


def _wider(box: Box, beside: float, above: float) -> Box:
    return Box(box.x0 - beside, box.y0 - above, box.x1 + beside, box.y1 + above)


def _cost(thing: DetectedObject, figure: Figure) -> float:
    """How badly this thing suits the person, in body heights."""
    return thing.box.center.distance(figure.torso) / figure.height - SURE_NORM * thing.score

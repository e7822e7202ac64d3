"""Which of the visible people, or of the known ones, a request means."""

from __future__ import annotations

from engine.direction.pointing import IN_SIGHT_S, person_at
from engine.direction.target import TargetKind, TargetRequest
from engine.errors import JikcamError
from engine.geometry import Box, Point, Size
from engine.people import Track, Tracks
from engine.roll import Roll, Standing

#: Requests that name nobody in particular: they may wait at the start until somebody comes.
RULES = frozenset(
    {TargetKind.LARGEST, TargetKind.LEFTMOST, TargetKind.RIGHTMOST, TargetKind.CENTER, TargetKind.INDEX}
)

#: Requests that point at somebody, who may be hidden just now.
POINTS = frozenset({TargetKind.POINT, TargetKind.BOX})

#: A drawn box must overlap a person at least this much (R11).
MIN_IOU = 0.3


def choose(request: TargetRequest, tracks: Tracks, size: Size, present: int | None) -> int:
    """The id of the track that ``request`` means among ``tracks``.

    Args:
        request: any kind but NONE and those that ``named`` answers.
        tracks: the people at the picture the user was looking at.
        size: of the source picture.
        present: the track followed now, for NEXT and PREVIOUS.

    Raises:
        JikcamError: nobody fits, or the request lacks its number, point or box.
    """
    people = sorted(tracks.items, key=lambda t: (t.box.center.x, t.id))
    if not people:
        raise JikcamError(
            f"nobody is visible, so {request.kind.value!r} chooses nobody",
            "wait until somebody is in the picture",
        )
    if request.kind not in POINTS:
        # A neighbour is counted from where the present person is believed to be, hidden or not.
        counted_from = present if request.kind in (TargetKind.NEXT, TargetKind.PREVIOUS) else None
        counted = {t.id for t in in_sight(tracks)} | {counted_from}
        people = [t for t in people if t.id in counted] or people
    match request.kind:
        case TargetKind.LARGEST:
            return max(people, key=lambda t: t.box.clipped(size).area).id
        case TargetKind.LEFTMOST:
            return people[0].id
        case TargetKind.RIGHTMOST:
            return people[-1].id
        case TargetKind.CENTER:
            middle = Point(size.width / 2, size.height / 2)
            return min(people, key=lambda t: t.box.center.distance(middle)).id
        case TargetKind.INDEX | TargetKind.MEMBER:
            if len(people) < request.among:
                raise JikcamError(
                    f"{len(people)} people are in sight, not {request.among}", "wait until all are there"
                )
            return _by_index(people, request.number)
        case TargetKind.POINT:
            return _at_point(people, request.point, tracks.time_s)
        case TargetKind.BOX:
            return _in_box(people, request.box)
        case TargetKind.NEXT:
            return _neighbour(people, present, 1)
        case TargetKind.PREVIOUS:
            return _neighbour(people, present, -1)
        case TargetKind.NONE | TargetKind.PERSON | TargetKind.NAME:
            raise JikcamError(f"{request.kind.value!r} chooses nobody who is seen", "ask for a person")


def in_sight(tracks: Tracks) -> list[Track]:
    """Those whom the user sees: the ones that count where people are counted in the row."""
    return [t for t in tracks.items if tracks.time_s - t.seen_s <= IN_SIGHT_S]


def members(roll: Roll) -> tuple[Standing, ...]:
    """Everybody enrolled, here or not, in the order in which MEMBER counts."""
    return tuple(sorted((p for p in roll.people if p.name), key=lambda p: p.person))


def named(request: TargetRequest, roll: Roll) -> Standing | None:
    """The person whom ``request`` names, who may be out of sight.

    None when it means somebody who is seen; ``choose`` then says whom. MEMBER does where nobody is enrolled.

    Raises:
        JikcamError: nobody has that name or number.
    """
    enrolled = members(roll)
    match request.kind:
        case TargetKind.PERSON:
            found = roll.find(request.number)
            if found is None:
                numbers = ", ".join(str(p.person) for p in roll.people)
                fix = f"choose one of {numbers}" if numbers else "wait until somebody is in the picture"
                raise JikcamError(f"there is no person {request.number}", fix)
            return found
        case TargetKind.NAME:
            name = request.name.strip().casefold()
            if found := next((p for p in enrolled if p.name.casefold() == name), None):
                return found
            names = ", ".join(p.name for p in enrolled)
            fix = f"choose one of: {names}" if names else "give somebody that name first"
            raise JikcamError(f"nobody is named {request.name.strip()!r}", fix)
        case TargetKind.MEMBER if enrolled:
            if request.number is None or not 1 <= request.number <= len(enrolled):
                raise JikcamError(
                    f"there is no member number {request.number}", f"count from 1 to {len(enrolled)}"
                )
            return enrolled[request.number - 1]
    return None


def _by_index(people: list[Track], number: int | None) -> int:
    if number is None or number < 1:
        raise JikcamError(f"index {number} is no place in the row", "count from 1, the leftmost person")
    if number > len(people):
        raise JikcamError(
            f"there is no person number {number} from the left, only {len(people)} visible",
            "choose a smaller number",
        )
    return people[number - 1].id


def _at_point(people: list[Track], point: Point | None, time_s: float) -> int:
    if point is None:
        raise JikcamError("the request has no point", "give x and y in source pixels")
    found = person_at(people, point, time_s)
    if found is None:
        raise JikcamError(f"nobody stands at {point.x:.0f}, {point.y:.0f}", "click on a person")
    return found.id


def _in_box(people: list[Track], box: Box | None) -> int:
    if box is None or not box.is_finite() or box.area <= 0:
        raise JikcamError("the drawn box is empty", "draw it round one person")
    best = max(people, key=lambda t: t.box.iou(box))
    if best.box.iou(box) < MIN_IOU:
        raise JikcamError("nobody fills the drawn box", "draw it closely round one person")
    return best.id


def _neighbour(people: list[Track], present: int | None, step: int) -> int:
    ids = [t.id for t in people]
    if present in ids:
        return ids[(ids.index(present) + step) % len(ids)]
    return ids[0] if step > 0 else ids[-1]

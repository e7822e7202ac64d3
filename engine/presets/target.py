"""Target words, as people write them in presets and on the command line."""

from __future__ import annotations

import math

from engine.direction.target import TargetKind, TargetRequest
from engine.errors import JikcamError
from engine.geometry import Box, Point

TARGETS = (
    "largest, leftmost, rightmost, center, index:N, name:NAME, member:N, point:X,Y, box:X0,Y0,X1,Y1, none"
)
#: Longest name of a person.
MAX_NAME = 60

_PLAIN = {
    TargetKind.LARGEST,
    TargetKind.LEFTMOST,
    TargetKind.RIGHTMOST,
    TargetKind.CENTER,
    TargetKind.NEXT,
    TargetKind.PREVIOUS,
    TargetKind.NONE,
}
#: What makes sense only while the engine runs: ids and neighbours are not known before.
LIVE_ONLY = {TargetKind.PERSON, TargetKind.NEXT, TargetKind.PREVIOUS}


def parse_target(text: str) -> TargetRequest:
    """The request that ``text`` means.

    As "leftmost", "index:2" (from 1, from the left), "index:2/9" (the same, once nine are in sight),
    "name:Mina", "member:2" (the second who is enrolled), "point:640,360" (source pixels).

    Raises:
        JikcamError: not a target.
    """
    word, colon, rest = text.strip().partition(":")
    try:
        kind = TargetKind(word.strip().lower())
    except ValueError:
        raise _error(text, f"choose one of {TARGETS}") from None
    if kind in _PLAIN:
        if colon:
            raise _error(text, f"write just {kind.value}")
        return TargetRequest(kind)
    if kind is TargetKind.POINT:
        x, y = _numbers(text, rest, 2, "write it as point:640,360 in source pixels")
        return TargetRequest(kind, point=Point(x, y))
    if kind is TargetKind.BOX:
        fix = "write it as box:X0,Y0,X1,Y1 with X0 < X1 and Y0 < Y1 in source pixels"
        x0, y0, x1, y1 = _numbers(text, rest, 4, fix)
        if x0 >= x1 or y0 >= y1:
            raise _error(text, fix)
        return TargetRequest(kind, box=Box(x0, y0, x1, y1))
    if kind is TargetKind.NAME:
        name = " ".join(rest.split())
        if not name.isprintable() or not 0 < len(name) <= MAX_NAME:
            raise _error(text, f"write it as name:Mina, with at most {MAX_NAME} letters")
        return TargetRequest(kind, name=name)
    if kind is TargetKind.INDEX and "/" in rest:
        number, among = (_whole(text, kind, part, 1) for part in rest.split("/", 1))
        if number > among:
            raise _error(text, "write it as index:2/9, the second of nine")
        return TargetRequest(kind, number=number, among=among)
    return TargetRequest(kind, number=_whole(text, kind, rest, 0 if kind is TargetKind.PERSON else 1))


def _whole(text: str, kind: TargetKind, part: str, first: int) -> int:
    number = part.strip()
    if not (number.isascii() and number.isdigit() and len(number) < 10 and int(number) >= first):
        raise _error(text, f"write it as {kind.value}:N with a whole number from {first}")
    return int(number)


def _numbers(text: str, rest: str, count: int, fix: str) -> list[float]:
    try:
        values = [float(part) for part in rest.split(",")]
    except ValueError:
        raise _error(text, fix) from None
    if len(values) != count or not all(math.isfinite(v) and v >= 0 for v in values):
        raise _error(text, fix)
    return values


def _error(text: str, fix: str) -> JikcamError:
    return JikcamError(f"{text!r} is not a target", fix)

"""Looks at one person of a film: everybody is followed, then the tracks of the one who is meant are kept."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from engine.errors import JikcamError
from engine.gallery.looks import Look, ReadsPeople, look_of
from engine.geometry import Box
from engine.people import Observation
from engine.sources.frame import Frame
from engine.sources.rising import MediaTime
from engine.sources.video import Video
from engine.take import Perceives
from engine.tracking import Tracker, TrackerConfig

#: Often enough to follow a dancer from box to box; faces change slower.
FOLLOW_HZ = 10.0
READ_EVERY = 4
#: So much of a film is looked at: from its start, or around the moment that was named.
WINDOW_S = 60.0
BEFORE_S = 10.0
#: Tracks seen less often than this are nobody.
LEAST_SEEN = 5
#: Looks kept of each track, so that an hour of a crowd does not fill the memory; the worst go first.
MOST_LOOKS = 32
#: A named box means whoever it overlaps by so much (intersection over union).
MEANT_IOU = 0.3


@dataclass(frozen=True, slots=True)
class Meant:
    """Which person of a film is meant; all None: the only one.

    Attributes:
        at_s: at this moment.
        box: standing there, film pixels.
        number: from the left, from 1.
    """

    at_s: float | None = None
    box: Box | None = None
    number: int | None = None


@dataclass(slots=True)
class Cast:
    """Who was seen in a film.

    Attributes:
        moments: (time, box by track) of every look.
        looks: by track.
    """

    moments: list[tuple[float, dict[int, Box]]] = field(default_factory=list)
    looks: dict[int, list[Look]] = field(default_factory=lambda: defaultdict(list))

    def people(self) -> list[tuple[float, dict[int, Box]]]:
        """The moments without tracks too short to be anybody."""
        seen = [track for _, boxes in self.moments for track in boxes]
        lasting = {track for track in set(seen) if seen.count(track) >= LEAST_SEEN}
        return [(t, {i: b for i, b in boxes.items() if i in lasting}) for t, boxes in self.moments]


def looks_in_film(
    film: str, meant: Meant, reader: ReadsPeople, perception: Perceives, *, clothes: bool
) -> list[Look]:
    """All looks at the person who is meant.

    Args:
        film: a file.
        perception: finds people; need not read their appearance.
        clothes: keep bodies too.

    Raises:
        JikcamError: it is no film, nobody is in it, or it is not clear who is meant.
    """
    cast = _watched(film, meant, reader, perception, clothes)
    return [look for track in _chosen(film, cast, meant) for look in cast.looks[track]]


def _watched(film: str, meant: Meant, reader: ReadsPeople, perception: Perceives, clothes: bool) -> Cast:
    cast = Cast()
    begin_s = max(0.0, (meant.at_s or 0.0) - BEFORE_S)
    tracker = Tracker(TrackerConfig(cost="general"))
    video = Video(film)
    clock = MediaTime(1 / video.fps)
    index, due_s = 0, begin_s
    try:
        while (item := video.next()) is not None:
            time_s = clock.at(item[1])
            index += 1
            if time_s > begin_s + WINDOW_S:
                break
            if time_s < due_s - 1e-6:
                continue
            due_s = max(due_s + 1 / FOLLOW_HZ, time_s)
            frame = Frame(item[0], time_s, index)
            seen = perception.look(frame, tracker.tracks, frozenset(), True)
            tracker.observe(seen)
            track_of = {id(m.detection): m.track for m in tracker.fusion.matches} if tracker.fusion else {}
            tracks = [track_of.get(id(one)) for one in seen.people]
            cast.moments.append(
                (time_s, {t: one.box for t, one in zip(tracks, seen.people, strict=True) if t is not None})
            )
            if len(cast.moments) % READ_EVERY == 1:
                _read(cast, frame, seen, tracks, reader, clothes)
    finally:
        video.close()
    return cast


def _read(
    cast: Cast,
    frame: Frame,
    seen: Observation,
    tracks: list[int | None],
    reader: ReadsPeople,
    clothes: bool,
) -> None:
    boxes = [one.box for one in seen.people]
    found = reader.read(frame.image, boxes, [one.skeleton for one in seen.people])
    for track, box, appearance in zip(tracks, boxes, found, strict=True):
        if track is None:
            continue
        look = look_of(frame.image, f"{frame.time_s:.1f} s", appearance, box, clothes=clothes)
        if look.face or look.body:
            looks = cast.looks[track]
            looks.append(look)
            if len(looks) > MOST_LOOKS:
                looks.remove(min(looks, key=lambda one: one.worth))


def _chosen(film: str, cast: Cast, meant: Meant) -> list[int]:
    """The tracks of the person who is meant."""
    if not cast.moments:
        raise JikcamError(f"{film} ends before {meant.at_s:g} s", "name an earlier moment with --at")
    moments = [(t, boxes) for t, boxes in cast.people() if boxes]
    if not moments:
        raise JikcamError(f"nobody is seen in {film}", "take a film in which the person is larger")
    if meant.at_s is not None:
        at_s = meant.at_s
        time_s, boxes = min(moments, key=lambda moment: abs(moment[0] - at_s))
        if abs(time_s - at_s) > 1.0:
            raise JikcamError(f"nobody is seen in {film} at {at_s:g} s", f"try --at {time_s:.1f}")
    else:
        time_s, boxes = max(moments, key=lambda moment: len(moment[1]))
    from_left = sorted(boxes, key=lambda track: boxes[track].center.x)
    others = f"--person N, from the left at {time_s:.1f} s"
    if meant.box is not None:
        wanted = meant.box
        best = max(from_left, key=lambda track: boxes[track].iou(wanted))
        if boxes[best].iou(wanted) < MEANT_IOU:
            near = ",".join(f"{v:.0f}" for v in boxes[best].xywh)
            raise JikcamError(
                f"nobody stands in that box at {time_s:.1f} s",
                f"draw it around all of them, e.g. {near}",
            )
        return [best]
    if meant.number is not None:
        if not 1 <= meant.number <= len(from_left):
            raise JikcamError(
                f"there are {len(from_left)} people in {film} at {time_s:.1f} s, no number {meant.number}",
                f"write {others}",
            )
        return [from_left[meant.number - 1]]
    if len(from_left) > 1 or max(len(b) for _, b in moments) > 1:
        raise JikcamError(
            f"{film} shows {len(from_left)} people at {time_s:.1f} s",
            f"say which one: {others}, or --at {time_s:.1f} --box X,Y,WIDTH,HEIGHT",
        )
    return sorted({track for _, found in moments for track in found})

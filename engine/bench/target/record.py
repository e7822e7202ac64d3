"""What a run says about one identity, picture by picture."""

from __future__ import annotations

from dataclasses import dataclass

from engine.direction.lock import LockReport
from engine.direction.target import LockState
from engine.geometry import Box, Shot

#: A shot at least this much of the widest one counts as wide: nobody in particular is on air.
WIDE_SHARE = 0.97


@dataclass(frozen=True, slots=True)
class Entry:
    """One View at one picture.

    Attributes:
        box: where the lock believes the person; None when it has no track.
        shot: in source pixels.
        wide: the shot shows all there is.
    """

    index: int
    state: LockState
    box: Box | None
    sure: float
    reason: str
    shot: Box
    wide: bool

    @classmethod
    def of(cls, index: int, lock: LockReport, shot: Shot, widest: Shot) -> Entry:
        """The entry of a View's lock and shot."""
        box = lock.track.box if lock.track else None
        wide = shot.height >= WIDE_SHARE * widest.height
        return cls(index, lock.state, box, lock.sure, lock.reason, shot.box, wide)


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """One identity's run.

    Attributes:
        person: id in the truth.
        chosen: index of the picture in which they were chosen; None when that never succeeded.
        entries: every picture from that one on; all pictures of somebody chosen by name.
        fps: of the film.
    """

    person: int
    chosen: int | None
    entries: tuple[Entry, ...]
    fps: float

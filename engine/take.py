"""The offline loop: every picture of a source in order, as fast as possible, always the same result."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from engine.people import Observation, Tracks
from engine.shotlog import ShotLog
from engine.show import Show
from engine.sources.frame import Frame, Source

#: Looks a second of a two-core laptop, and so also how late each one arrives.
LOOK_HZ = 15.0


class Perceives(Protocol):
    """The part of perception that the loops use."""

    def look(self, frame: Frame, tracks: Tracks, targets: frozenset[int], search: bool) -> Observation: ...


def run_take(
    source: Source,
    show: Show,
    perception: Perceives,
    *,
    look_hz: float = LOOK_HZ,
    seconds: float | None = None,
    log: ShotLog | None = None,
    on_picture: Callable[[Frame, Show], None] | None = None,
) -> int:
    """Follow through the source, or its first ``seconds``; returns the number of pictures.

    Perception is called at ``look_hz`` of source time and each result is withheld for as long, so the
    run behaves as a live one on a machine of that speed would, but is repeatable to the last digit.
    """
    look_s = 1.0 / look_hz
    free_at_s = float("-inf")
    pending: deque[tuple[float, Observation]] = deque()
    pictures = 0
    begin_s: float | None = None
    while not source.ended:
        frame = source.read(1.0)
        if frame is None:
            continue
        begin_s = frame.time_s if begin_s is None else begin_s
        if seconds is not None and frame.time_s - begin_s >= seconds:
            break
        while pending and pending[0][0] <= frame.time_s + 1e-6:
            show.observe(pending.popleft()[1])
        look = show.follow(frame)
        if frame.time_s >= free_at_s - 1e-6:
            seen = perception.look(look.frame, look.tracks, look.targets, look.search)
            free_at_s = frame.time_s + look_s
            pending.append((free_at_s, seen))
        show.show(frame)
        if log:
            for view in show.views:
                log.write(frame, view, show.tracks, None)
        if on_picture:
            on_picture(frame, show)
        pictures += 1
    return pictures

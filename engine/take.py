"""The offline loop: every picture of a source in order, as fast as possible, always the same result."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol

from engine.errors import JikcamError
from engine.people import Observation, Tracks
from engine.shotlog import ShotLog
from engine.show import Show
from engine.sources.frame import Frame, Source
from engine.view import View

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
    again: Callable[[], Source] | None = None,
    look_hz: float = LOOK_HZ,
    seconds: float | None = None,
    log: ShotLog | None = None,
    on_picture: Callable[[Frame, Show], None] | None = None,
    on_shown: Callable[[View], None] | None = None,
) -> int:
    """Follow through the source, or its first ``seconds``; returns the number of pictures.

    Perception is called at ``look_hz`` of source time and each result is withheld for as long, so the
    run behaves as a live one on a machine of that speed would, but is repeatable to the last digit.

    With a View that plans the whole take, first everything is seen and decided, then the source is read
    once more and every View shown; what is decided needs some 20 kB a picture until then.

    Args:
        again: opens the same source once more, for a whole take; None: it can't be read twice.
        on_picture: after each picture of the source was followed; Views that show it late have not yet.
        on_shown: after a View has shown a picture, of which its ``direction`` is.

    Raises:
        JikcamError: a View plans the whole take of a source that can't be read twice.
    """
    whole = show.plans_take
    if whole and again is None:
        raise JikcamError(
            f"a whole take can't be planned over {source.name}, which can't be read twice",
            'record it first, or choose operator = "lookahead"',
        )

    def tell(shown: tuple[View, ...]) -> None:
        for view in shown:
            if log:
                log.write(view, None)
            if on_shown:
                on_shown(view)

    def show_all() -> None:
        while shown := show.show(newest=False):
            tell(shown)

    follower = _Follower(show, perception, 1.0 / look_hz)
    pictures = 0
    for frame in _pictures(source, seconds):
        follower.follow(frame, keep=not whole)
        if not whole:
            show_all()
        if on_picture:
            on_picture(frame, show)
        pictures += 1
    show.finish()
    if not whole:
        show_all()
    elif again is not None:
        second = again()
        try:
            for frame in _pictures(second, seconds):
                tell(show.show_picture(frame))
        finally:
            second.close()
    return pictures


class _Follower:
    """Follows picture by picture, as a machine that looks once in ``look_s`` would."""

    def __init__(self, show: Show, perception: Perceives, look_s: float) -> None:
        self._show = show
        self._perception = perception
        self._look_s = look_s
        self._free_at_s = float("-inf")
        self._pending: deque[tuple[float, Observation]] = deque()

    def follow(self, frame: Frame, *, keep: bool) -> None:
        while self._pending and self._pending[0][0] <= frame.time_s + 1e-6:
            self._show.observe(self._pending.popleft()[1])
        look = self._show.follow(frame, keep=keep)
        if frame.time_s >= self._free_at_s - 1e-6:
            seen = self._perception.look(look.frame, look.tracks, look.targets, look.search)
            self._free_at_s = frame.time_s + self._look_s
            self._pending.append((self._free_at_s, seen))


def _pictures(source: Source, seconds: float | None) -> Iterator[Frame]:
    """Every picture of the source, or of its first ``seconds``."""
    begin_s: float | None = None
    while not source.ended:
        frame = source.read(1.0)
        if frame is None:
            continue
        begin_s = frame.time_s if begin_s is None else begin_s
        if seconds is not None and frame.time_s - begin_s >= seconds:
            return
        yield frame

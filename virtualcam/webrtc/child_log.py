"""The streaming process's log: one line per problem, passed on to the engine's log."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

#: The same line is not passed on again within this time.
REPEAT_S = 10.0
#: Lines remembered to know that.
MOST_LINES = 200


def quiet(say: Callable[[int, str], None]) -> None:
    """From now on hand warnings and errors of this process to ``say``, and print nothing.

    Args:
        say: takes a level of ``logging`` and one line.
    """
    root = logging.getLogger()
    root.handlers[:] = [_Lines(say)]
    root.setLevel(logging.WARNING)
    # They tell of peers that vanish, which is how viewers go.
    for name in ("aioice", "aiortc"):
        logging.getLogger(name).setLevel(logging.ERROR)


class _Lines(logging.Handler):
    def __init__(self, say: Callable[[int, str], None]) -> None:
        super().__init__()
        self._say = say
        self._said: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        line = one_line(record)
        now_s = time.monotonic()
        if now_s - self._said.get(line, -REPEAT_S) < REPEAT_S:
            return
        if len(self._said) >= MOST_LINES:
            self._said.clear()
        self._said[line] = now_s
        self._say(record.levelno, line)


def one_line(record: logging.LogRecord) -> str:
    """The record's message; of a traceback only the error and the place where it was raised."""
    text = record.getMessage()
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f" in {place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else ""
        text += f": {type(error).__name__}: {error}{where}"
    return " ".join(text.split())

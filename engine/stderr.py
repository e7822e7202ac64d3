"""File descriptor 2: start-up chatter of native code kept off the terminal, and other programs let on it."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator

log = logging.getLogger(__name__)

#: What MediaPipe's native code says at start-up although all is well; its options and environment offer no
#: way to turn it off.
_CHATTER = re.compile(rb"INFO: |[IW]\d{4} |WARNING: (?:Logging before|Read-only tensor|All log messages)")
_STDERR = 2
#: Held while the descriptor moves, and while a process is started that takes it along.
_moving = threading.Lock()
#: Where the terminal is, and where descriptor 2 leads meanwhile.
_moved: tuple[int, int] | None = None


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keeps start-up chatter of native code off the terminal; it goes to the log at level DEBUG.

    Lines that are not known chatter are written to the terminal afterwards. It moves the process's file
    descriptor 2, so it is for the short time of the first pictures; where another thread does so already,
    or the process has no stderr, it does nothing.
    """
    with tempfile.TemporaryFile() as heard:
        if not _move(heard.fileno()):
            yield
            return
        try:
            yield
        finally:
            _move_back()
            heard.seek(0)
            for line in heard:
                if _CHATTER.match(line):
                    log.debug("%s", line.decode(errors="replace").rstrip())
                else:
                    os.write(_STDERR, line)


@contextlib.contextmanager
def for_other_programs() -> Iterator[None]:
    """Start a process in here: its stderr is the terminal, also while ``quiet`` has moved our own."""
    with _moving:
        if _moved is None:
            yield
            return
        terminal, heard = _moved
        os.dup2(terminal, _STDERR)
        try:
            yield
        finally:
            os.dup2(heard, _STDERR)


def _move(heard: int) -> bool:
    """Lead descriptor 2 there; False where it was led elsewhere already, or there is none."""
    global _moved
    with _moving:
        if _moved is not None:
            return False
        try:
            terminal = os.dup(_STDERR)
        except OSError:  # a windowed program without a terminal
            return False
        if sys.stderr is not None:
            sys.stderr.flush()
        os.dup2(heard, _STDERR)
        _moved = terminal, heard
        return True


def _move_back() -> None:
    global _moved
    with _moving:
        assert _moved is not None  # only who moved it moves it back
        terminal, _ = _moved
        os.dup2(terminal, _STDERR)
        os.close(terminal)
        _moved = None

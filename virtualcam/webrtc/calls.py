"""Wishes that wait for their answers."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import Future

from virtualcam.webrtc.messages import RefusedError
from virtualcam.webrtc.pipe import Reply


class Calls:
    """Futures by number; used by any thread."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._waiting: dict[int, Future[Reply]] = {}
        self._lock = threading.Lock()

    def open(self) -> tuple[int, Future[Reply]]:
        """A wish more: its number, and where its answer will come."""
        future: Future[Reply] = Future()
        with self._lock:
            number = next(self._numbers)
            self._waiting[number] = future
        return number, future

    def forget(self, number: int) -> None:
        """Nobody waits for that answer any more."""
        with self._lock:
            self._waiting.pop(number, None)

    def answered(self, number: int, reply: Reply | RefusedError) -> bool:
        """Hand over an answer; False where nobody waits for it any more."""
        with self._lock:
            future = self._waiting.pop(number, None)
        if future is None or not future.set_running_or_notify_cancel():
            return False
        if isinstance(reply, RefusedError):
            future.set_exception(reply)
        else:
            future.set_result(reply)
        return True

    def refuse_all(self, error: RefusedError) -> None:
        """No answer will come to any of them."""
        with self._lock:
            numbers = list(self._waiting)
        for number in numbers:
            self.answered(number, error)

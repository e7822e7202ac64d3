"""Commands of other threads, carried out by the picture thread between two pictures."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, TypeVar

from engine.errors import JikcamError

T = TypeVar("T")

#: A command that no picture has taken up by then is reported as failed.
COMMAND_TIMEOUT_S = 2.0


class Asking:
    """Takes commands from any thread; one thread carries them out in their order."""

    def __init__(self) -> None:
        self._commands: deque[tuple[Callable[[], Any], Future[Any]]] = deque()

    def at_next_picture(self, command: Callable[[], T]) -> T:
        """What ``command`` returns once it was carried out.

        Raises:
            JikcamError: no pictures are made.
            Exception: what the command raised.
        """
        answer: Future[T] = Future()
        self._commands.append((command, answer))
        try:
            return answer.result(COMMAND_TIMEOUT_S)
        except FutureTimeout:
            answer.cancel()
            raise JikcamError("the engine makes no pictures", "look at the source's status") from None

    def carry_out(self) -> None:
        """Everything that was asked since the last call."""
        while self._commands:
            command, answer = self._commands.popleft()
            if not answer.set_running_or_notify_cancel():
                continue
            try:
                answer.set_result(command())
            except Exception as error:  # belongs to whoever asked, not to the show
                answer.set_exception(error)

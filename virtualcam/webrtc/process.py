"""One life of the streaming process: started, spoken with through a pipe, ended."""

from __future__ import annotations

import contextlib
import multiprocessing
import queue
import signal
import sys
import threading
import types
from collections.abc import Iterator
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Semaphore
from typing import Any

from virtualcam.webrtc.messages import StreamConfig
from virtualcam.webrtc.pipe import Failed

#: Between its last word and being killed.
FAREWELL_S = 2.0


def new_bell() -> Semaphore:
    """What tells the streaming process that there are new pictures; ringing it never waits."""
    return multiprocessing.get_context("spawn").Semaphore(0)


class StreamProcess:
    """A running streaming process. It ends by itself when this process does, however that happens.

    Args:
        bell: released once for each new picture in any ring.

    Raises:
        OSError: it can't be started.
    """

    def __init__(self, config: StreamConfig, bell: Semaphore) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._outbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._process = context.Process(
            target=_live, args=(config, theirs, bell), name="jikcam-streams", daemon=True
        )
        with _without_main(), _no_interrupt():
            self._process.start()
        # Ours is closed so that the pipe breaks when the child dies.
        theirs.close()
        threading.Thread(target=self._post, name="jikcam-streams-out", daemon=True).start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None  # it was started
        return self._process.pid

    def send(self, message: object) -> None:
        """Have it sent; never waits, and says nothing when the process is gone."""
        self._outbox.put(message)

    def receive(self, timeout_s: float) -> Any:
        """What it says next, None when nothing came in time.

        Raises:
            EOFError, OSError: the process is gone.
        """
        return self._pipe.recv() if self._pipe.poll(timeout_s) else None

    def kill(self) -> None:
        """End it without a word, also when it is frozen."""
        self._process.kill()

    def end(self) -> int | None:
        """Wait a little until it has ended, kill it when it does not; its exit code."""
        self._process.join(FAREWELL_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        code = self._process.exitcode
        self._outbox.put(None)
        self._process.close()
        self._pipe.close()
        return code

    def _post(self) -> None:
        """A thread of its own, as writing into the pipe of a frozen process waits once that is full."""
        with contextlib.suppress(OSError, ValueError):
            while (message := self._outbox.get()) is not None:
                self._pipe.send(message)


def _live(config: StreamConfig, pipe: Connection, bell: Semaphore) -> None:
    """The child's main program."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both; our parent decides
    try:
        # Here, so that the parent need not load what only the child uses.
        from virtualcam.webrtc import child
    except ImportError as error:
        pipe.send(Failed(f"{error}: install jikcam's packages again"))
        return
    child.main(config, pipe, bell)


_starting = threading.Lock()


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """Start a process that does not import our main program again, which takes seconds and much memory."""
    with _starting:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = types.ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


@contextlib.contextmanager
def _no_interrupt() -> Iterator[None]:
    """The started process begins with SIGINT blocked, so that Ctrl-C finds no moment for a traceback."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

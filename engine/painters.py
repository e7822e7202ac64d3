"""A few threads that make the pictures of many Views at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor


class Painters:
    """Runs jobs on so many threads, the caller's own included. OpenCV lets go of the interpreter meanwhile.

    Args:
        threads: 1 or less = the caller's only.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads - 1, "jikcam-painter") if threads > 1 else None

    def run(self, jobs: Sequence[Callable[[], None]]) -> None:
        """Do every job once and return when all are done.

        Raises:
            Exception: what a job raised; the others may or may not have been done.
        """
        waiting = deque(jobs)

        def work() -> None:
            while True:
                try:
                    job = waiting.popleft()
                except IndexError:
                    return
                job()

        others = min(self._threads, len(jobs)) - 1 if self._pool else 0
        helpers = [self._pool.submit(work) for _ in range(others)] if self._pool else []
        work()
        for helper in helpers:
            # One that has not begun by now finds nothing left to do.
            if not helper.cancel():
                helper.result()

    def close(self) -> None:
        """End the threads; may be called twice."""
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)

"""Perception in its own thread: looks at the newest picture, never holds one up, survives its own faults."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable

from engine.people import Observation
from engine.show import Look
from engine.sources.latest import Latest
from engine.take import Perceives
from engine.timing import StageTimes

#: How much the picture thread is preferred over the models where the system can say so per thread. While four
#: other programs were busy on four cores, 5 had more pictures on their tick than 19 (means of six runs); 0
#: and 10, tried less often, lay between and below. Why was not traced.
NICENESS = 5
#: A look longer than this is reported as slow.
SLOW_LOOK_S = 1.0
#: After a failed look, wait this long before the next.
RETRY_S = 0.5
#: Observations that may wait for the picture thread; it takes them all at every picture.
WAITING_OBSERVATIONS = 8


class SeeingThread:
    """Runs perception on the newest Look it was given and hands back Observations.

    Args:
        build: makes the perception; called in the thread, so that the model's own worker threads inherit
            its lower priority. What it raises comes out of ``start``.
    """

    def __init__(self, build: Callable[[], Perceives], times: StageTimes) -> None:
        self._build = build
        self._times = times
        self._looks: Latest[Look] = Latest()
        self._seen: deque[Observation] = deque(maxlen=WAITING_OBSERVATIONS)
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._build_error: Exception | None = None
        self._fault = ""
        self._look_since_s: float | None = None
        self._finished_s: deque[float] = deque(maxlen=64)
        self.observations = 0
        self._thread = threading.Thread(target=self._run, name="jikcam-seeing", daemon=True)

    def start(self) -> None:
        """Start the thread and wait until the models are loaded.

        Raises:
            JikcamError: a model can't be loaded.
        """
        self._thread.start()
        self._ready.wait()
        if self._build_error:
            raise self._build_error

    def offer(self, look: Look) -> None:
        """Replace the picture to look at next. Never waits."""
        self._looks.put(look)

    def take_all(self) -> list[Observation]:
        """The observations that came in since the last call, oldest first. Never waits."""
        taken = []
        with contextlib.suppress(IndexError):
            while True:
                taken.append(self._seen.popleft())
        return taken

    @property
    def status(self) -> str:
        """Empty when all is well, else one line."""
        since_s = self._look_since_s
        if since_s is not None and (took_s := time.perf_counter() - since_s) > SLOW_LOOK_S:
            return f"perception is slow: {took_s:.1f} s on one picture"
        return self._fault

    @property
    def rate_hz(self) -> float:
        """Finished looks per second over the last few."""
        times_s = list(self._finished_s)
        if len(times_s) < 2 or times_s[-1] <= times_s[0]:
            return 0.0
        return (len(times_s) - 1) / (times_s[-1] - times_s[0])

    def stop(self, timeout_s: float = 2.0) -> None:
        """Ask the thread to end; one that hangs in a model is left behind as a daemon."""
        self._stopping.set()
        self._looks.close()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        _yield_to_pictures()
        try:
            perception = self._build()
        except Exception as error:  # handed to start(), which raises it where somebody can act
            self._build_error = error
            self._ready.set()
            return
        self._ready.set()
        while not self._stopping.is_set():
            look = self._looks.get(0.5)
            if look is not None:
                self._one(perception, look)

    def _one(self, perception: Perceives, look: Look) -> None:
        begin_s = self._look_since_s = time.perf_counter()
        try:
            seen = perception.look(look.frame, look.tracks, look.targets, look.search)
        except Exception as error:  # a model that fails must not end the show: report, widen, try again
            self._fault = f"perception failed: {type(error).__name__}: {error}".splitlines()[0]
            self._stopping.wait(RETRY_S)
            return
        finally:
            self._look_since_s = None
        now_s = time.perf_counter()
        self._fault = ""
        self._times.add("look", now_s - begin_s)
        self._finished_s.append(now_s)
        self.observations += 1
        self._seen.append(seen)


def _yield_to_pictures() -> None:
    """Lower this thread's priority; only Linux has a niceness per thread."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)

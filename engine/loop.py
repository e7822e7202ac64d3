"""The thread of the pictures: follow, show, then what can wait; nothing waits for a model."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from engine.asking import Asking
from engine.seeing import SeeingThread
from engine.shotlog import ShotLog
from engine.show import Show
from engine.sources.frame import Frame, Source
from engine.state import ViewState
from engine.timing import StageTimes
from engine.view import View
from engine.wide import Wide

log = logging.getLogger(__name__)

#: Without a new picture for this many periods the last one is sent again.
PATIENCE_PERIODS = 1.5
#: A picture that took this share of its period leaves no time to fuse observations before the next one;
#: they are put off, but for so many pictures at most.
HURRIED = 0.65
MOST_PUT_OFF = 3


class PictureLoop:
    """Makes every picture of a live source in a thread of its own. What it counts and says, anybody may read.

    Attributes:
        asking: commands for the thread.
        frame: the newest picture, None before the first.
        views: states of the Views at that picture.
        pictures, late, repeated, dropped: how many so far.
        fault: what went wrong in the newest picture; empty = nothing.
        log_fault: why the shot log ended; empty = it goes on.
    """

    def __init__(
        self,
        source: Source,
        show: Show,
        seeing: SeeingThread,
        times: StageTimes,
        wide: Wide,
        log: ShotLog | None,
        on_picture: Callable[[Frame, Show], None] | None,
    ) -> None:
        self.asking = Asking()
        self.frame: Frame | None = None
        self.views: tuple[ViewState, ...] = tuple(view.state() for view in show.views)
        self.pictures = self.late = self.repeated = self.dropped = 0
        self.fault = self.log_fault = ""
        self._source = source
        self._show = show
        self._seeing = seeing
        self._times = times
        self._wide = wide
        self._log = log
        self._on_picture = on_picture
        self._put_off = 0
        self._crash: BaseException | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jikcam-pictures", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the end of the source (or ``timeout_s``); True when it has ended.

        Raises:
            Exception: what broke the loop, if anything did.
        """
        self._thread.join(timeout_s)
        if self._crash:
            raise self._crash
        return not self._thread.is_alive()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End after the present picture."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            while not (self._stopping.is_set() or self._source.ended):
                self._tick()
            self._show_rest()
        except BaseException as error:
            self._crash = error
        finally:
            self.asking.carry_out()

    def _tick(self) -> None:
        period_s = 1.0 / self._source.fps
        frame = self._source.read(PATIENCE_PERIODS * period_s if self.frame else 0.5)
        self.asking.carry_out()
        if frame is None:
            if not self._source.ended:
                repeated = [view.repeat() for view in self._show.views]
                self.repeated += any(repeated)
                self._wide.repeat()
            return
        begin_s = time.perf_counter()
        try:
            look = self._show.follow(frame)
        except Exception as error:
            self._go_on(frame, error)
            return
        shown = self._show.show()
        # A View that shows late has nothing new now and then; its sinks get the last picture once more.
        for view in self._show.views:
            if view not in shown:
                view.repeat()
        self._note(self._show.fault)
        took_s = time.perf_counter() - begin_s
        self._times.add("picture", took_s)
        # What can wait comes after the picture has left: it is used from the next one on.
        self._seeing.offer(look)
        self._fuse(hurried=took_s > HURRIED * period_s)
        self._account(frame, shown, took_s, period_s)

    def _go_on(self, frame: Frame, error: Exception) -> None:
        """After a fault in our own code: the last shot of the next picture, else the last picture."""
        self._note(f"following failed: {type(error).__name__}: {error}".splitlines()[0], error)
        self._show.hold(frame)
        self._wide.show_unknown(frame)

    def _note(self, fault: str, error: Exception | None = None) -> None:
        if fault and fault != self.fault:
            log.error("%s", fault, exc_info=error)
        self.fault = fault

    def _show_rest(self) -> None:
        """The source has ended: what Views that show late still have, at its pace."""
        self._show.finish()
        while not self._stopping.wait(1.0 / self._source.fps) and (shown := self._show.show(newest=False)):
            self.views = tuple(view.state() for view in self._show.views)
            self._write_log(shown, None)

    def _fuse(self, *, hurried: bool) -> None:
        """Take in what perception saw; after a slow picture that waits a little, or the next is late too."""
        self._put_off = self._put_off + 1 if hurried else 0
        if 0 < self._put_off <= MOST_PUT_OFF:
            return
        self._put_off = 0
        for observation in self._seeing.take_all():
            self._show.observe(observation)

    def _account(self, frame: Frame, shown: Sequence[View], took_s: float, period_s: float) -> None:
        if self.frame is not None:
            self.dropped += frame.index - self.frame.index - 1
        self.frame = frame
        self.pictures += 1
        self.late += took_s > period_s
        self.views = tuple(view.state() for view in self._show.views)
        with self._times.measure("wide"):
            self._wide.show(frame, self._show.tracks, self._show.roll, self.views)
        self._write_log(shown, frame.time_s + took_s)
        if self._on_picture:
            self._on_picture(frame, self._show)

    def _write_log(self, shown: Sequence[View], left_s: float | None) -> None:
        """Log what was shown; ``left_s`` is when it left, by the source's clock: delay counts as latency."""
        if self._log is None or self.log_fault:
            return
        try:
            for view in shown:
                since_s = None if left_s is None else left_s - view.direction.tracks.time_s
                self._log.write(view, None if since_s is None else since_s * 1e3)
        except OSError as error:  # a full disk ends the log, not the show
            self.log_fault = f"the shot log ended: {error.strerror}"

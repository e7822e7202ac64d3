"""The real-time loop: one thread makes pictures, one sees; the latest wins and nothing waits for a model."""

from __future__ import annotations

import gc
import logging
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psutil

from engine.asking import Asking
from engine.direction.target import CameraMode, TargetRequest
from engine.direction.view import Switch
from engine.enrolment import Enrolment, people_states
from engine.errors import JikcamError
from engine.geometry import Box
from engine.identity.member import Member
from engine.presets import Preset, changes, dump_preset, parse_preset, with_members
from engine.presets.convert import change_view, overlay_of, view_config
from engine.seeing import SeeingThread
from engine.shotlog import ShotLog
from engine.show import Show
from engine.sources.frame import Frame, Source
from engine.state import EngineMetrics, EngineState, ViewState
from engine.take import Perceives
from engine.timing import StageTimes
from engine.view import View
from virtualcam.mjpeg import MjpegSink

log = logging.getLogger(__name__)

#: CPython hands the interpreter over every 5 ms by default; a picture is due every 16.
SWITCH_INTERVAL_S = 0.0005
#: Nine Views ask for it some hundred times a picture, while perception holds it: the slowest pictures took
#: a tenth longer with the above.
MANY_VIEWS_SWITCH_INTERVAL_S = 0.0001
#: Without a new picture for this many periods the last one is sent again.
PATIENCE_PERIODS = 1.5
#: A picture that took this share of its period leaves no time to fuse observations before the next one;
#: they are put off, but for so many pictures at most.
HURRIED = 0.65
MOST_PUT_OFF = 3


class LiveEngine:
    """Runs a Show on a live source. Implements EngineControl; its methods are safe from any thread."""

    def __init__(
        self,
        preset: Preset,
        source: Source,
        build_perception: Callable[[], Perceives],
        show: Show,
        streams: Mapping[str, MjpegSink],
        times: StageTimes,
        *,
        enrolment: Enrolment | None = None,
        log: ShotLog | None = None,
        on_picture: Callable[[Frame, Show], None] | None = None,
    ) -> None:
        self._preset = preset
        self._source = source
        self._show = show
        self._streams = dict(streams)
        self._times = times
        self._enrolment = enrolment or Enrolment(None)
        self._log = log
        self._on_picture = on_picture
        self._seeing = SeeingThread(build_perception, times)
        self._asking = Asking()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jikcam-pictures", daemon=True)
        self._frame: Frame | None = None
        self._views: tuple[ViewState, ...] = tuple(view.state() for view in show.views)
        self._begin_s = time.monotonic()
        self._pictures = self._late = self._repeated = self._dropped = 0
        self._put_off = self._revision = 0
        self._fault = self._log_fault = ""
        self._crash: BaseException | None = None

    # -- life ---------------------------------------------------------------------------------------

    def start(self) -> None:
        """Load the models and start making pictures.

        Raises:
            JikcamError: a model can't be loaded.
        """
        self._seeing.start()
        one = len(self._show.views) == 1
        sys.setswitchinterval(SWITCH_INTERVAL_S if one else MANY_VIEWS_SWITCH_INTERVAL_S)
        # What start-up allocated stays; a full collection in the middle of a show would cost a picture.
        gc.collect()
        gc.freeze()
        self._begin_s = time.monotonic()
        self._thread.start()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the end of the source (or ``timeout_s``); True when it has ended.

        Raises:
            Exception: what broke the picture loop, if anything did.
        """
        self._thread.join(timeout_s)
        if self._crash:
            raise self._crash
        return not self._thread.is_alive()

    def stop(self) -> None:
        """End the show and close source, sinks and log."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(5.0)
        self._seeing.stop()
        self._enrolment.finish(self._show.roster)
        self._source.close()
        self._show.close()
        if self._log:
            self._log.close()

    # -- the picture thread -------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not (self._stopping.is_set() or self._source.ended):
                self._tick()
            self._show_rest()
        except BaseException as error:
            self._crash = error
        finally:
            self._asking.carry_out()

    def _tick(self) -> None:
        period_s = 1.0 / self._source.fps
        frame = self._source.read(PATIENCE_PERIODS * period_s if self._frame else 0.5)
        self._asking.carry_out()
        if frame is None:
            if not self._source.ended:
                repeated = [view.repeat() for view in self._show.views]
                self._repeated += any(repeated)
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

    def _note(self, fault: str, error: Exception | None = None) -> None:
        if fault and fault != self._fault:
            log.error("%s", fault, exc_info=error)
        self._fault = fault

    def _show_rest(self) -> None:
        """The source has ended: what Views that show late still have, at its pace."""
        self._show.finish()
        while not self._stopping.wait(1.0 / self._source.fps) and (shown := self._show.show(newest=False)):
            self._views = tuple(view.state() for view in self._show.views)
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
        if self._frame is not None:
            self._dropped += frame.index - self._frame.index - 1
        self._frame = frame
        self._pictures += 1
        self._late += took_s > period_s
        self._views = tuple(view.state() for view in self._show.views)
        self._write_log(shown, frame.time_s + took_s)
        if self._on_picture:
            self._on_picture(frame, self._show)

    def _write_log(self, shown: Sequence[View], left_s: float | None) -> None:
        """Log what was shown; ``left_s`` is when it left, by the source's clock: delay counts as latency."""
        if self._log is None or self._log_fault:
            return
        try:
            for view in shown:
                since_s = None if left_s is None else left_s - view.direction.tracks.time_s
                self._log.write(view, None if since_s is None else since_s * 1e3)
        except OSError as error:  # a full disk ends the log, not the show
            self._log_fault = f"the shot log ended: {error.strerror}"

    # -- EngineControl ------------------------------------------------------------------------------

    def state(self) -> EngineState:
        frame, roll = self._frame, self._show.roll
        return EngineState(
            time_s=frame.time_s if frame else 0.0,
            frame_index=frame.index if frame else -1,
            source=self._source.name,
            source_size=self._source.size,
            source_status=self._source.status,
            perception_status="; ".join(
                filter(None, (self._seeing.status, self._fault, self._log_fault, *self._enrolment.problems))
            ),
            people=people_states(self._show.tracks, roll),
            views=self._views,
            preset_revision=self._revision,
            members=tuple(p.name for p in roll.people if p.name),
        )

    def metrics(self) -> EngineMetrics:
        return EngineMetrics(
            uptime_s=time.monotonic() - self._begin_s,
            pictures=self._pictures,
            late_pictures=self._late,
            source_frames=self._pictures + self._dropped,
            dropped_frames=self._dropped,
            repeated_pictures=self._repeated,
            observations=self._seeing.observations,
            perception_hz=self._seeing.rate_hz,
            memory_mb=psutil.Process().memory_info().rss / 2**20,
            stages=self._times.summary(),
        )

    def set_target(self, view: str, request: TargetRequest) -> None:
        self._asking.at_next_picture(lambda: self._show.request(view, request))

    def claim(self, view: str, request: TargetRequest) -> None:
        self._asking.at_next_picture(lambda: self._show.claim(view, request))

    def preview(self, view: str, request: TargetRequest) -> None:
        self._asking.at_next_picture(lambda: self._show.preview(view, request))

    def take(self, view: str, how: str | None) -> None:
        if how is not None and how not in ("move", "cut"):
            raise JikcamError(f"{how!r} is no way to switch", "choose move or cut")
        switch: Switch | None = None if how is None else "cut" if how == "cut" else "move"
        self._asking.at_next_picture(lambda: self._show.take(view, switch))

    def set_guard(self, view: str, on: bool) -> None:
        self._asking.at_next_picture(lambda: self._show.view(view).director.set_guard(on))

    def enrol(self, person: int, name: str) -> None:
        def named() -> tuple[Member, Frame | None, Box | None]:
            return self._show.enrol(person, name), self._frame, self._show.box_of(person)

        member, frame, box = self._asking.at_next_picture(named)
        self._enrolment.store(member, frame.image if frame else None, box)

    def forget(self, name: str) -> None:
        self._asking.at_next_picture(lambda: self._show.forget(name))
        self._enrolment.forget(name)

    def thumbnail(self, person: int) -> bytes | None:
        frame = self._frame
        return self._enrolment.portrait(person, frame.image if frame else None, self._show.box_of(person))

    def set_mode(self, view: str, mode: CameraMode) -> None:
        self._asking.at_next_picture(lambda: self._show.view(view).director.set_mode(mode))

    def set_view(self, view: str, changes: Mapping[str, Any]) -> None:
        self._asking.at_next_picture(lambda: self._use(change_view(self._preset, view, changes)))

    def preset_text(self) -> str:
        return dump_preset(self._preset)

    def preset_values(self) -> dict[str, Any]:
        return self._preset.model_dump(mode="json")

    def apply_preset(self, text: str) -> list[str]:
        names = [p.name for p in self._show.roll.people if p.name]
        preset = with_members(parse_preset(text, "the preset"), names)
        _, restart = changes(self._preset, preset)
        self._asking.at_next_picture(lambda: self._use(preset))
        return list(restart)

    def mjpeg(self, view: str) -> MjpegSink | None:
        return self._streams.get(view)

    def _use(self, preset: Preset) -> None:
        """Reconfigure the Views that both presets have; what needs a restart keeps its old value."""
        wanted = {view.name: view for view in preset.view}
        new = [(view, wanted[view.name]) for view in self._show.views if view.name in wanted]
        changed = [(view, view_config(table), overlay_of(table)) for view, table in new]
        changed = [one for one in changed if one[1].output == one[0].config.output]
        # All or nothing: a View that refuses does so before another one has changed.
        for view, config, _ in changed:
            view.check(config)
        for view, config, overlay in changed:
            view.reconfigure(config, overlay)
        self._preset = preset
        self._revision += 1

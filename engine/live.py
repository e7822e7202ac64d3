"""A live show: one thread makes pictures, one sees, and anybody may command it meanwhile."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import psutil

from engine.direction.target import CameraMode, TargetRequest
from engine.direction.view import Switch
from engine.enrolment import Enrolment, people_states
from engine.errors import JikcamError
from engine.geometry import Box
from engine.identity.member import Member
from engine.loop import PictureLoop
from engine.presets import AreaPreset, Preset, changes, dump_preset, parse_preset, with_members
from engine.presets.convert import change_view, overlay_of, view_config
from engine.seeing import SeeingThread
from engine.shotlog import ShotLog
from engine.show import Show
from engine.sources.frame import Frame, Source
from engine.state import EngineMetrics, EngineState, Moment
from engine.take import Perceives
from engine.timing import StageTimes
from engine.wide import Wide
from virtualcam.mjpeg import MjpegSink

#: CPython hands the interpreter over every 5 ms by default; a picture is due every 16.
SWITCH_INTERVAL_S = 0.0005
#: Nine Views ask for it some hundred times a picture, while perception holds it: the slowest pictures took
#: a tenth longer with the above.
MANY_VIEWS_SWITCH_INTERVAL_S = 0.0001


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
        self._seeing = SeeingThread(build_perception, times)
        self._wide = Wide()
        self._loop = PictureLoop(source, show, self._seeing, times, self._wide, log, on_picture)
        self._begin_s = time.monotonic()
        self._revision = 0

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
        self._loop.start()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the end of the source (or ``timeout_s``); True when it has ended.

        Raises:
            Exception: what broke the picture loop, if anything did.
        """
        return self._loop.wait(timeout_s)

    def stop(self) -> None:
        """End the show and close source, sinks and log."""
        self._loop.stop()
        self._seeing.stop()
        self._enrolment.finish(self._show.roster)
        self._source.close()
        self._show.close()
        self._wide.close()
        if self._log:
            self._log.close()

    # -- EngineControl ------------------------------------------------------------------------------

    def state(self) -> EngineState:
        loop, roll = self._loop, self._show.roll
        frame = loop.frame
        return EngineState(
            time_s=frame.time_s if frame else 0.0,
            frame_index=frame.index if frame else -1,
            source=self._source.name,
            source_size=self._source.size,
            source_status=self._source.status,
            perception_status="; ".join(
                filter(None, (self._seeing.status, loop.fault, loop.log_fault, *self._enrolment.problems))
            ),
            people=people_states(self._show.tracks, roll),
            views=loop.views,
            preset_revision=self._revision,
            members=tuple(p.name for p in roll.people if p.name),
        )

    def metrics(self) -> EngineMetrics:
        loop = self._loop
        return EngineMetrics(
            uptime_s=time.monotonic() - self._begin_s,
            pictures=loop.pictures,
            late_pictures=loop.late,
            source_frames=loop.pictures + loop.dropped,
            dropped_frames=loop.dropped,
            repeated_pictures=loop.repeated,
            observations=self._seeing.observations,
            perception_hz=self._seeing.rate_hz,
            memory_mb=psutil.Process().memory_info().rss / 2**20,
            stages=self._times.summary(),
        )

    def set_target(self, view: str, request: TargetRequest) -> None:
        self._loop.asking.at_next_picture(lambda: self._show.request(view, request))

    def claim(self, view: str, request: TargetRequest) -> None:
        self._loop.asking.at_next_picture(lambda: self._show.claim(view, request))

    def preview(self, view: str, request: TargetRequest) -> None:
        self._loop.asking.at_next_picture(lambda: self._show.preview(view, request))

    def take(self, view: str, how: str | None) -> None:
        if how is not None and how not in ("move", "cut"):
            raise JikcamError(f"{how!r} is no way to switch", "choose move or cut")
        switch: Switch | None = None if how is None else "cut" if how == "cut" else "move"
        self._loop.asking.at_next_picture(lambda: self._show.take(view, switch))

    def set_guard(self, view: str, on: bool) -> None:
        self._loop.asking.at_next_picture(lambda: self._show.view(view).director.set_guard(on))

    def enrol(self, person: int, name: str) -> None:
        def named() -> tuple[Member, Frame | None, Box | None]:
            return self._show.enrol(person, name), self._loop.frame, self._show.box_of(person)

        member, frame, box = self._loop.asking.at_next_picture(named)
        self._enrolment.store(member, frame.image if frame else None, box)

    def forget(self, name: str) -> None:
        self._loop.asking.at_next_picture(lambda: self._show.forget(name))
        self._enrolment.forget(name)

    def thumbnail(self, person: int) -> bytes | None:
        frame = self._loop.frame
        return self._enrolment.portrait(person, frame.image if frame else None, self._show.box_of(person))

    def set_mode(self, view: str, mode: CameraMode) -> None:
        self._loop.asking.at_next_picture(lambda: self._show.view(view).director.set_mode(mode))

    def set_view(self, view: str, changes: Mapping[str, Any]) -> None:
        self._loop.asking.at_next_picture(lambda: self._use(change_view(self._preset, view, changes)))

    def preset_text(self) -> str:
        return dump_preset(self._preset)

    def preset_values(self) -> dict[str, Any]:
        return self._preset.model_dump(mode="json")

    def apply_preset(self, text: str) -> list[str]:
        names = [p.name for p in self._show.roll.people if p.name]
        preset = with_members(parse_preset(text, "the preset"), names)
        _, restart = changes(self._preset, preset)
        self._loop.asking.at_next_picture(lambda: self._use(preset))
        return list(restart)

    def mjpeg(self, view: str) -> MjpegSink | None:
        return self._streams.get(view)

    def wide(self) -> MjpegSink:
        return self._wide.sink

    def moment(self, frame_index: int) -> Moment | None:
        return self._wide.moment(frame_index)

    def set_area(self, area: AreaPreset) -> None:
        self._loop.asking.at_next_picture(lambda: self._use(self._preset.model_copy(update={"area": area})))

    def now_s(self) -> float:
        return time.monotonic()

    def _use(self, preset: Preset) -> None:
        """Reconfigure the Views that both presets have; what needs a restart keeps its old value."""
        wanted = {view.name: view for view in preset.view}
        new = [(view, wanted[view.name]) for view in self._show.views if view.name in wanted]
        changed = [(view, view.possible(view_config(table)), overlay_of(table)) for view, table in new]
        # All or nothing: a View that refuses does so before another one has changed.
        for view, config, _ in changed:
            view.check(config)
        for view, config, overlay in changed:
            view.reconfigure(config, overlay)
        self._show.area = preset.area.config()
        self._preset = preset
        self._revision += 1

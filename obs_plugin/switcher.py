"""What the controller does in OBS: puts scenes on air by the rules, keeps the label and the delays."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator

from engine.presets import ObsPreset
from obs_plugin.delays import Delays, delay_ms
from obs_plugin.errors import ObsError, ObsRequestError
from obs_plugin.facts import Facts
from obs_plugin.label_source import LabelSource
from obs_plugin.labels import label_text
from obs_plugin.link import Event, Link, LinkState, LinkStatus
from obs_plugin.scenes import SceneDirector
from obs_plugin.secret import find_secret

log = logging.getLogger(__name__)

#: Before something that OBS refused is tried again.
AGAIN_S = 2.0
#: A missing label is made this long after OBS's sources have changed: until then whoever changes them, such
#: as `jikcam obs setup`, may be about to make it.
LABEL_S = 2.0
#: OBS removes all its sources when it quits; by then it has said goodbye and is left in peace.
LOOK_S = 0.5
#: After these there may be a label that was not there before, or none any more.
SOURCES_CHANGED = (
    "InputCreated",
    "InputRemoved",
    "InputNameChanged",
    "SceneCreated",
    "SceneRemoved",
    "CurrentSceneCollectionChanged",
)
#: OBS hands each event to a pool of threads: two told within this time may come in either order.
ORDER_S = 0.3
#: RequestStatus::ResourceNotFound of the obs-websocket protocol.
NOT_FOUND = 600
NEVER = float("inf")


class Switcher:
    """One OBS under the rules of one [obs] table. For one thread; OBS's news wait until ``act``.

    Args:
        preset: the [obs] table.
        first_view: the View that is meant where the table names none.
        wake: called from other threads when there is news.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        preset: ObsPreset,
        first_view: str,
        wake: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._preset, self._first_view = preset, first_view
        self._wake, self._clock = wake, clock
        self._scenes = SceneDirector(preset, first_view)
        self._link = self._linked(preset)
        self._events: deque[tuple[float, Event]] = deque(maxlen=1000)
        self._connection = 0
        self._label: LabelSource | None = None
        self._delays: Delays | None = None
        self._program: str | None = None
        self._again_s = 0.0
        self._told: set[str] = set()
        self._told_s = -NEVER
        self._look_s = self._make_s = NEVER
        self._problem = ""

    def use(self, preset: ObsPreset, first_view: str) -> None:
        """Go by another table from now on."""
        old, self._preset, self._first_view = self._preset, preset, first_view
        self._scenes.reconfigure(preset, first_view)
        moved = _address(old) != _address(preset)
        if moved or _delayed(old) != _delayed(preset):
            self._undelay()
        if moved:
            self._link.stop()
            self._events.clear()
            self._link = self._linked(preset)
        self._connection = 0

    def release(self) -> None:
        """The user gives the scenes back to the rules."""
        self._scenes.release(self._clock())

    def act(self, facts: Facts) -> None:
        """Do what there is to do now; what OBS refuses is tried again later."""
        now_s = self._clock()
        self._scenes.see(now_s, facts)
        self._take_events()
        if self._link.status.state is not LinkState.UP:
            if self._connection:
                self._scenes.disconnected()
            self._connection, self._program, self._label, self._delays = 0, None, None, None
            return
        if now_s < self._again_s:
            return
        try:
            if self._connection != self._link.connection:
                self._greet()
            # The label first: OBS answers about its words at once, about a switch when it has drawn.
            self._keep_label(label_text(self._preset.label, facts, self._first_view))
            late_ms = delay_ms(facts, self._preset, self._first_view)
            if self._delays and late_ms is not None:
                self._delays.keep(late_ms)
            self._make_sure()
            self._switch()
        except ObsError as error:
            log.debug("OBS: %s", error)
            self._problem, self._again_s = str(error), now_s + AGAIN_S
        else:
            self._problem = ""

    def due_s(self) -> Iterator[float]:
        """Times at which ``act`` may have something to do though nothing happens."""
        now_s = self._clock()
        times = (self._scenes.next_s(now_s), self._again_s, self._look_s, self._make_s, self._sure_s)
        return (at_s for at_s in times if at_s is not None and at_s > now_s)

    def stop(self) -> None:
        """Leave OBS; no name stays on air that nobody keeps up to date, and nothing is late any more."""
        self._undelay()
        try:
            if self._label and self._link.status.state is LinkState.UP:
                self._label.write("")
        except ObsError as error:
            log.debug("OBS: %s", error)
        self._link.stop()

    # -- how things stand -----------------------------------------------------------------------------

    @property
    def link(self) -> LinkStatus:
        """The connection to OBS."""
        return self._link.status

    @property
    def program(self) -> str | None:
        """The scene on air, where it is known."""
        return self._program if self.link.state is LinkState.UP else None

    @property
    def manual(self) -> bool:
        """Somebody switched by hand, and the rules rest."""
        return self._scenes.manual

    @property
    def rules(self) -> str:
        """How the rules stand, in one line."""
        return self._scenes.status

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong though the link is up; a line each."""
        label = self._label.problem if self._label else ""
        delays = self._delays.problems if self._delays else ()
        return tuple(line for line in (self._scenes.refusal, label, *delays, self._problem) if line)

    # -- inside ---------------------------------------------------------------------------------------

    def _linked(self, preset: ObsPreset) -> Link:
        link = Link(
            preset.host,
            preset.port,
            lambda: find_secret(preset.password_file, preset.host, preset.port),
            on_event=self._take_event,
            on_status=lambda _status: self._wake(),
        )
        link.start()
        return link

    def _take_event(self, event: Event) -> None:
        self._events.append((self._clock(), event))
        self._wake()

    def _take_events(self) -> None:
        while self._events:
            when_s, event = self._events.popleft()
            if event.kind in SOURCES_CHANGED:
                self._look_s = when_s + LOOK_S
            elif event.kind == "CurrentProgramSceneChanged":
                self._take_program(when_s, str(event.data.get("sceneName", "")))

    def _take_program(self, when_s: float, scene: str) -> None:
        if when_s - self._told_s > ORDER_S:
            self._told.clear()
        self._told.add(scene)
        self._told_s = when_s
        self._program = scene
        self._scenes.program(when_s, scene)

    @property
    def _sure_s(self) -> float:
        """When OBS is to be asked which of several scenes told at once is the last."""
        return self._told_s + ORDER_S if len(self._told) > 1 else NEVER

    def _make_sure(self) -> None:
        now_s = self._clock()
        if now_s < self._sure_s:
            return
        scene = self._ask_program()
        mistaken = scene != self._program and scene in self._told  # of any other its own event will tell
        self._told.clear()
        if mistaken:
            self._take_program(now_s, scene)

    def _ask_program(self) -> str:
        return str(self._link.request("GetSceneList")["currentProgramSceneName"])

    def _greet(self) -> None:
        """Find out how OBS stands after it has come (again)."""
        connection = self._link.connection
        self._program = self._ask_program()
        self._scenes.connected(self._clock(), self._program)
        self._label = LabelSource(self._link.request, self._preset)
        self._delays = Delays(self._link.request, self._preset)
        self._look_s, self._connection = self._clock(), connection
        self._told.clear()

    def _switch(self) -> None:
        scene = self._scenes.decide(self._clock())
        if scene is None:
            return
        self._scenes.requested(self._clock(), scene)
        try:
            self._link.request("SetCurrentProgramScene", {"sceneName": scene})
        except ObsRequestError as error:
            self._scenes.failed(self._clock(), scene, error.code == NOT_FOUND)
        except ObsError:
            self._scenes.failed(self._clock(), scene, False)
            raise

    def _keep_label(self, text: str) -> None:
        if self._label is None:
            return
        now_s = self._clock()
        if now_s >= self._look_s:
            self._look_s = NEVER
            self._label.find()
            if self._delays:
                self._delays.look_again()
            self._make_s = now_s + LABEL_S
        if self._label.missing and now_s >= self._make_s:
            self._make_s = NEVER
            self._label.make()
        self._label.write(text)

    def _undelay(self) -> None:
        try:
            if self._delays and self._link.status.state is LinkState.UP:
                self._delays.keep(0)
        except ObsError as error:
            log.debug("OBS: %s", error)


def _delayed(preset: ObsPreset) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return preset.delay_audio, preset.delay_sources


def _address(preset: ObsPreset) -> tuple[str, int, str]:
    return preset.host, preset.port, preset.password_file

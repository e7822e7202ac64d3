"""The OBS controller: what the engine tells becomes scenes and a label in OBS, and OBS's news go back."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from engine.errors import JikcamError
from engine.presets import ObsPreset
from obs_plugin.engine_client import EngineClient, State, running_preset
from obs_plugin.errors import ObsError, ObsRequestError
from obs_plugin.facts import Facts, facts_of
from obs_plugin.label_source import LabelSource
from obs_plugin.labels import label_text
from obs_plugin.link import Event, Link, LinkState, LinkStatus
from obs_plugin.scenes import SceneDirector
from obs_plugin.secret import find_secret

log = logging.getLogger(__name__)

#: The engine takes a controller for gone when it is silent for longer.
REPORT_S = 1.0
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
#: RequestStatus::ResourceNotFound of the obs-websocket protocol.
NOT_FOUND = 600


class Controller:
    """Joins one engine and one OBS. ``run`` is its only thread; everything else reaches it as news.

    Args:
        url: of the engine's control API.
        tell: takes one line for the user whenever something has changed.
        clock: monotonic seconds.
    """

    def __init__(
        self, url: str, tell: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = EngineClient(url, self._take_state)
        self._tell = tell
        self._clock = clock
        self._stopping = threading.Event()
        self._news = threading.Event()
        self._state: State | None = None
        self._state_is_new = False
        self._events: deque[tuple[float, Event]] = deque(maxlen=1000)
        self._guard = threading.Lock()
        self._preset: ObsPreset | None = None
        self._revision: object = None
        self._first_view = ""
        self._facts: Facts = facts_of(None)
        self._release: int | None = None
        self._link: Link | None = None
        self._connection = 0
        self._scenes: SceneDirector | None = None
        self._label: LabelSource | None = None
        self._program: str | None = None
        self._again_s = 0.0
        self._look_for_label_s = float("inf")
        self._make_label_s = float("inf")
        self._reported_s = float("-inf")
        self._report: dict[str, Any] = {}
        self._problem = ""

    # -- news, from other threads ---------------------------------------------------------------------

    def stop(self) -> None:
        """Have ``run`` return; from any thread."""
        self._stopping.set()
        self._news.set()

    def _take_state(self, state: State | None) -> None:
        with self._guard:
            self._state, self._state_is_new = state, True
        self._news.set()

    def _take_event(self, event: Event) -> None:
        self._events.append((self._clock(), event))
        self._news.set()

    def _take_status(self, _status: LinkStatus) -> None:
        self._news.set()

    # -- the controller's own thread ------------------------------------------------------------------

    def run(self) -> None:
        """Work until ``stop``."""
        self._engine.start()
        try:
            while not self._stopping.is_set():
                self._news.wait(self._patience_s())
                self._news.clear()
                self._take_in()
                self._act()
                self._tell_engine()
        finally:
            if self._link:
                self._link.stop()
            self._engine.stop()

    def _patience_s(self) -> float:
        now_s = self._clock()
        due_s = [REPORT_S]
        if self._scenes and (next_s := self._scenes.next_s(now_s)) is not None:
            due_s.append(next_s - now_s)
        due_s += [
            at_s - now_s
            for at_s in (self._again_s, self._look_for_label_s, self._make_label_s)
            if at_s > now_s
        ]
        return max(0.0, min(due_s))

    def _take_in(self) -> None:
        with self._guard:
            state, is_new, self._state_is_new = self._state, self._state_is_new, False
        if is_new:
            self._take_in_state(state)
        while self._events:
            when_s, event = self._events.popleft()
            if event.kind in SOURCES_CHANGED:
                self._look_for_label_s = when_s + LOOK_S
            elif event.kind == "CurrentProgramSceneChanged" and self._scenes:
                self._program = str(event.data.get("sceneName", ""))
                self._scenes.program(when_s, self._program)

    def _take_in_state(self, state: State | None) -> None:
        now_s = self._clock()
        try:
            self._facts = facts_of(state, self._facts)
        except JikcamError as error:
            self._problem = str(error)
            self._facts = facts_of(None, self._facts)
        if state is None:
            self._release = self._revision = None
        elif (revision := (state.get("source"), self._facts.preset_revision)) != self._revision:
            self._use_preset(revision)
        if self._scenes is None:
            return
        self._scenes.see(now_s, self._facts)
        if state is None:
            return
        if self._release is not None and self._facts.release > self._release:
            self._scenes.release(now_s)
        self._release = self._facts.release

    def _use_preset(self, revision: object) -> None:
        """Take up the running preset; called when it has changed or another engine has come."""
        try:
            preset = running_preset(self._engine.url)
        except JikcamError as error:
            self._problem = str(error)
            return
        self._revision, self._problem = revision, ""
        new, old = preset.obs or ObsPreset(), self._preset
        first_view = preset.view[0].name
        if (new, first_view) == (old, self._first_view):
            return
        self._preset, self._first_view = new, first_view
        if self._scenes is None:
            self._scenes = SceneDirector(new, first_view)
        else:
            self._scenes.reconfigure(new, first_view)
        if old is None or _address(old) != _address(new):
            self._connect(new)
        self._label = None
        self._connection = 0

    def _connect(self, preset: ObsPreset) -> None:
        if self._link:
            self._link.stop()
        self._link = Link(
            preset.host,
            preset.port,
            lambda: find_secret(preset.password_file, preset.host, preset.port),
            on_event=self._take_event,
            on_status=self._take_status,
        )
        self._link.start()

    def _act(self) -> None:
        link, scenes, preset = self._link, self._scenes, self._preset
        now_s = self._clock()
        if link is None or scenes is None or preset is None:
            return
        if link.status.state is not LinkState.UP:
            if self._connection:
                scenes.disconnected()
            self._connection, self._program, self._label = 0, None, None
            return
        if now_s < self._again_s:
            return
        try:
            if self._connection != link.connection:
                self._greet(link, scenes, preset)
            self._switch(link, scenes)
            self._keep_label(self._label, preset)
        except ObsError as error:
            # The link takes care of itself; what OBS refuses is tried again in a moment.
            log.debug("OBS: %s", error)
            self._problem = str(error)
            self._again_s = now_s + AGAIN_S

    def _greet(self, link: Link, scenes: SceneDirector, preset: ObsPreset) -> None:
        """Find out how OBS stands after it has come (again)."""
        connection = link.connection
        found = link.request("GetSceneList")
        self._program = str(found["currentProgramSceneName"])
        scenes.connected(self._clock(), self._program)
        self._label = LabelSource(link.request, preset)
        self._look_for_label_s = self._clock()
        self._connection, self._problem = connection, ""

    def _switch(self, link: Link, scenes: SceneDirector) -> None:
        scene = scenes.decide(self._clock())
        if scene is None:
            return
        scenes.requested(self._clock(), scene)
        try:
            link.request("SetCurrentProgramScene", {"sceneName": scene})
        except ObsRequestError as error:
            scenes.failed(self._clock(), scene, error.code == NOT_FOUND)
        except ObsError:
            scenes.failed(self._clock(), scene, False)
            raise

    def _keep_label(self, label: LabelSource | None, preset: ObsPreset) -> None:
        if label is None:
            return
        now_s = self._clock()
        if now_s >= self._look_for_label_s:
            self._look_for_label_s = float("inf")
            label.find()
            self._make_label_s = now_s + LABEL_S
        if label.missing and now_s >= self._make_label_s:
            self._make_label_s = float("inf")
            label.make()
        label.write(label_text(preset.label, self._facts, self._first_view))

    def _tell_engine(self) -> None:
        """Report when something has changed, and now and then that we are alive."""
        status = self._link.status if self._link else LinkStatus(LinkState.CONNECTING, self._problem)
        manual = self._scenes is not None and self._scenes.manual
        up = status.state is LinkState.UP
        lines = [self._scenes.status if self._scenes else "", self._label.problem if self._label else ""]
        text = "; ".join(filter(None, [*lines, self._problem])) if up else status.text
        report = {
            "state": status.state.value,
            "text": text[:500],
            "scene": self._program if up else None,
            "scenes": "manual" if manual else "auto",
        }
        now_s = self._clock()
        if report == self._report and now_s - self._reported_s < REPORT_S:
            return
        if text and (status.state.value, text) != (self._report.get("state"), self._report.get("text")):
            self._tell(text)
        self._report, self._reported_s = report, now_s
        self._engine.report(report)


def _address(preset: ObsPreset) -> tuple[str, int, str]:
    return preset.host, preset.port, preset.password_file

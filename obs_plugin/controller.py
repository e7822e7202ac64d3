"""The OBS controller: what the engine tells becomes scenes and a label in OBS, and OBS's news go back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from engine.errors import JikcamError
from engine.presets import ObsPreset
from obs_plugin.engine_client import EngineClient, State, running_preset
from obs_plugin.facts import Facts, facts_of
from obs_plugin.link import LinkState, LinkStatus
from obs_plugin.switcher import Switcher

#: The engine takes a controller for gone when it is silent for longer.
REPORT_S = 1.0
#: How long the controller goes on after the engine that started it has died: for the rules' own patience.
OUTLIVE_S = 15.0
#: As much of a text as the control API takes.
MOST_TEXT = 500


class Controller:
    """Joins one engine and one OBS. ``run`` is its only thread; everything else reaches it as news.

    Args:
        url: of the engine's control API.
        tell: takes one line for the user at news of the link and of problems.
        clock: monotonic seconds.
    """

    def __init__(
        self, url: str, tell: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = EngineClient(url, self._take_state)
        self._tell, self._clock = tell, clock
        self._stopping = threading.Event()
        self._news = threading.Event()
        self._guard = threading.Lock()
        self._state: State | None = None
        self._state_is_new = False
        self._alive_s = float("-inf")
        self._died_s: float | None = None
        self._facts: Facts = facts_of(None)
        self._revision: object = None
        self._used: tuple[ObsPreset, str] | None = None
        self._release: int | None = None
        self._switcher: Switcher | None = None
        self._reported_s = float("-inf")
        self._report: dict[str, Any] = {}
        self._problem = self._said = ""

    # -- from other threads ---------------------------------------------------------------------------

    def stop(self) -> None:
        """Have ``run`` return."""
        self._stopping.set()
        self._news.set()

    def outlive(self) -> None:
        """The engine has died without a word: put label and scene right, then have ``run`` return.

        It returns at once when another engine answers, which brings its own controller.
        """
        self._died_s = self._clock()
        self._news.set()

    def _take_state(self, state: State | None) -> None:
        with self._guard:
            self._state, self._state_is_new = state, True
            if state is not None:
                self._alive_s = self._clock()
        self._news.set()

    # -- the controller's own thread ------------------------------------------------------------------

    def run(self) -> None:
        """Work until ``stop``."""
        self._engine.start()
        try:
            while not (self._stopping.is_set() or self._has_outlived()):
                self._news.wait(self._patience_s())
                self._news.clear()
                self._take_in()
                if self._switcher:
                    self._switcher.act(self._facts)
                self._tell_all()
        finally:
            if self._switcher:
                self._switcher.stop()
            self._engine.stop()

    def _has_outlived(self) -> bool:
        died_s = self._died_s
        return died_s is not None and (self._alive_s > died_s or self._clock() > died_s + OUTLIVE_S)

    def _patience_s(self) -> float:
        now_s = self._clock()
        due_s = [now_s + REPORT_S]
        if self._switcher:
            due_s += self._switcher.due_s()
        return max(0.0, min(due_s) - now_s)

    def _take_in(self) -> None:
        with self._guard:
            state, is_new, self._state_is_new = self._state, self._state_is_new, False
        if not is_new:
            return
        try:
            self._facts = facts_of(state, self._facts)
        except JikcamError as error:
            self._problem = str(error)
            self._facts = facts_of(None, self._facts)
        if state is None:
            self._release = self._revision = None
            return
        revision = state.get("source"), self._facts.preset_revision
        if revision != self._revision:
            self._use_preset(revision)
        if self._switcher and self._release is not None and self._facts.release > self._release:
            self._switcher.release()
        self._release = self._facts.release

    def _use_preset(self, revision: object) -> None:
        """Take up the running preset; called when it has changed or another engine has come."""
        try:
            preset = running_preset(self._engine.url)
        except JikcamError as error:
            self._problem = str(error)
            return
        self._revision, self._problem = revision, ""
        wanted = preset.obs or ObsPreset(), preset.view[0].name
        if wanted == self._used:
            return
        self._used = wanted
        if self._switcher:
            self._switcher.use(*wanted)
        else:
            self._switcher = Switcher(*wanted, self._news.set, self._clock)

    def _tell_all(self) -> None:
        """Report to the engine what has changed, and now and then that we are alive; tell the user news."""
        switcher = self._switcher
        link = switcher.link if switcher else LinkStatus(LinkState.CONNECTING, self._problem)
        up, manual = link.state is LinkState.UP, switcher is not None and switcher.manual
        rules = switcher.rules if switcher else ""
        problems = [*(switcher.problems if switcher and up else ()), self._problem]
        self._say(_joined(link.text, rules if manual else "", *problems))
        report = {
            "state": link.state.value,
            # The rules' own line holds a refusal already.
            "text": _joined(*dict.fromkeys([rules, *problems]) if up else (link.text,))[:MOST_TEXT],
            "scene": switcher.program if switcher else None,
            "scenes": "manual" if manual else "auto",
        }
        now_s = self._clock()
        if report != self._report or now_s - self._reported_s >= REPORT_S:
            self._report, self._reported_s = report, now_s
            self._engine.report(report)

    def _say(self, line: str) -> None:
        if line and line != self._said:
            self._tell(line)
        self._said = line


def _joined(*parts: str) -> str:
    return "; ".join(filter(None, parts))

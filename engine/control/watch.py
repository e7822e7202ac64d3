"""Watches the engine's state: tells event clients of changes at once, and knows whether pictures flow."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Hashable
from typing import Any

from engine.control.access.grants import Grant
from engine.control.board import ObsBoard
from engine.control.cameras import Cameras
from engine.control.endpoint import Role
from engine.control.sight import seen_by
from engine.control.wire import state_json
from engine.state import EngineControl, EngineState

log = logging.getLogger(__name__)

#: The engine offers no call-back, so its state is looked at more often than a picture lasts (25 to 60 Hz).
LOOK_S = 0.015
#: Without event clients only health needs it.
LOOK_IDLE_S = 0.2
#: Between messages while nothing but positions and times changes.
STEADY_S = 0.2
#: Pictures count as flowing when the last new one is at most this old.
STALE_S = 2.0


class StateWatch:
    """The newest state as a message, and when the engine last advanced.

    All methods belong to the server's event loop.

    Args:
        clock: monotonic seconds.
    """

    def __init__(
        self, engine: EngineControl, board: ObsBoard, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = engine
        self._board = board
        self._cameras = Cameras(engine.preset_values)
        self._clock = clock
        self._frame: tuple[int, float] | None = None
        self._advanced_s: float | None = None
        self._source_status = ""
        self._failure = ""
        self._news_state: EngineState | None = None
        self._messages: dict[Grant, str] = {}
        self._sequence = 0
        self._sent_s = float("-inf")
        self._sent_look: Hashable = None
        self._news = asyncio.Event()
        self._clients = 0

    async def run(self) -> None:
        """Look at the engine until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_S if self._clients else LOOK_IDLE_S)

    def look(self) -> None:
        """Take note of the present state; publish it when it is news or the last message is old."""
        try:
            state = self._engine.state()
            self._cameras.of(state.preset_revision)
        except Exception as error:  # the watch must outlive whatever the engine does
            if not self._failure:
                log.warning("the engine does not tell its state: %s", error)
            self._failure = str(error) or type(error).__name__
            return
        now_s = self._clock()
        self._failure, self._source_status = "", state.source_status
        if self._frame != (frame := (state.frame_index, state.time_s)):
            # The first look proves nothing: the engine may have stood still for long.
            if self._frame is not None:
                self._advanced_s = now_s
            self._frame = frame
        if not self._clients:
            return
        obs = self._board.state
        look = (_what_matters(state), obs)
        if look != self._sent_look or now_s - self._sent_s >= STEADY_S:
            self._news_state = state
            self._messages.clear()
            self._sequence += 1
            self._sent_look, self._sent_s = look, now_s
            news, self._news = self._news, asyncio.Event()
            news.set()

    def state_json(self, state: EngineState, grant: Grant) -> dict[str, Any]:
        """What ``GET /api/state`` answers and the event messages carry for those with that grant."""
        obs = self._board.state if grant.role is Role.CONTROL else None
        return state_json(seen_by(grant, state), obs, self._cameras.of(state.preset_revision))

    async def after(self, sequence: int, grant: Grant) -> tuple[int, str]:
        """The newest message with its number, as soon as there is one newer than ``sequence``."""
        while self._sequence <= sequence:
            await self._news.wait()
        return self._sequence, self._message(grant)

    def _message(self, grant: Grant) -> str:
        """Made once for all who may see the same."""
        if grant not in self._messages:
            assert self._news_state is not None, "there has been news"
            message = {"type": "state", "state": self.state_json(self._news_state, grant)}
            self._messages[grant] = json.dumps(message, separators=(",", ":"))
        return self._messages[grant]

    def join(self) -> None:
        """One more client listens: look often, and have a fresh message for it at once."""
        self._clients += 1
        self._sent_look = None
        self.look()

    def leave(self) -> None:
        self._clients -= 1

    @property
    def clients(self) -> int:
        return self._clients

    def trouble(self) -> str:
        """Why no pictures flow, in one line; empty when they do."""
        self.look()
        if self._failure:
            return f"the engine does not tell its state: {self._failure}"
        if self._advanced_s is None:
            trouble = "no new picture yet"
        elif (age_s := self._clock() - self._advanced_s) > STALE_S:
            trouble = f"no new picture for {age_s:.1f} s"
        else:
            return ""
        # An empty status means that the source has nothing to complain about.
        return f"{trouble}; source: {self._source_status}" if self._source_status else trouble


def _what_matters(state: EngineState) -> Hashable:
    """What is told at once when it changes; the rest (positions, times, scores) may wait."""
    views = tuple(
        (
            *(v.name, v.lock, v.person, v.label, v.mode, v.previewed, v.guarded, v.delay_s),
            *sorted(v.sinks.items()),
        )
        for v in state.views
    )
    people = frozenset((p.id, p.name) for p in state.people)
    return people, state.members, views, state.source_status, state.perception_status, state.preset_revision

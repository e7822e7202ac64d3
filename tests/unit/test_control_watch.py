from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from engine.control.access.grants import Grant
from engine.control.board import ObsBoard
from engine.control.endpoint import Role
from engine.control.watch import STALE_S, STEADY_S, StateWatch
from engine.direction.target import LockState
from engine.geometry import Box, Shot, Size
from engine.state import EngineState, PersonState, ViewState

VIEW = ViewState(
    "main", Size(1280, 720), LockState.HELD, 1.0, 1, "A", 0.9, Shot(640, 360, 400, 1.5), {"mjpeg": "ok"}
)
PERSON = PersonState(1, Box(0, 0, 9, 9), 0.9, 0.0, track=4)
STATE = EngineState(1.0, 30, "fake", Size(1920, 1080), "live", "12 Hz", (PERSON,), (VIEW,))


class Engine:
    def __init__(self) -> None:
        self.now: EngineState | Exception = STATE
        self.clock_s = 100.0

    def state(self) -> EngineState:
        if isinstance(self.now, Exception):
            raise self.now
        return self.now

    def preset_values(self) -> dict[str, Any]:
        return {"view": [{"name": "main", "camera": {"operator": "live", "feel": "calm"}}]}

    def advance(self, seconds: float) -> None:
        self.clock_s += seconds
        assert isinstance(self.now, EngineState)
        self.now = replace(self.now, frame_index=self.now.frame_index + 1, time_s=self.now.time_s + seconds)


def watched(script: Callable[[Engine, StateWatch], Awaitable[None]]) -> None:
    async def go() -> None:
        engine = Engine()
        await script(engine, StateWatch(engine, ObsBoard(), lambda: engine.clock_s))  # type: ignore[arg-type]

    asyncio.run(asyncio.wait_for(go(), 10.0))


DIRECTOR = Grant(Role.CONTROL)


async def number(watch: StateWatch) -> int:
    """Of the newest message."""
    return (await watch.after(0, DIRECTOR))[0]


def test_positions_wait_for_their_turn() -> None:
    async def script(engine: Engine, watch: StateWatch) -> None:
        watch.join()
        assert await number(watch) == 1
        engine.advance(STEADY_S * 0.9)
        watch.look()
        assert await number(watch) == 1
        engine.advance(STEADY_S * 0.2)
        watch.look()
        sequence, message = await watch.after(1, DIRECTOR)
        assert sequence == 2 and json.loads(message)["state"]["frame_index"] == 32

    watched(script)


@pytest.mark.parametrize(
    "change",
    [
        {"views": (replace(VIEW, lock=LockState.OCCLUDED),)},
        {"views": (replace(VIEW, person=2),)},
        {"views": (replace(VIEW, label="B"),)},
        {"views": (replace(VIEW, sinks={"mjpeg": "broken"}),)},
        {"views": (VIEW, replace(VIEW, name="tall"))},
        {"people": ()},
        {"people": (replace(STATE.people[0], id=2),)},
        {"people": (replace(STATE.people[0], name="Mina"),)},
        {"members": ("Mina",)},
        {"views": (replace(VIEW, lock=LockState.UNSURE, reason="crossed person 2"),)},
        {"source_status": "lost"},
        {"perception_status": "off"},
    ],
)
def test_what_matters_is_told_at_once(change: dict[str, object]) -> None:
    async def script(engine: Engine, watch: StateWatch) -> None:
        watch.join()
        waiting = asyncio.create_task(watch.after(await number(watch), DIRECTOR))
        await asyncio.sleep(0)
        engine.now = replace(STATE, **change)  # type: ignore[arg-type]
        watch.look()
        assert (await waiting)[0] == 2
        watch.look()
        assert await number(watch) == 2

    watched(script)


def test_the_slow_get_only_the_newest() -> None:
    async def script(engine: Engine, watch: StateWatch) -> None:
        watch.join()
        for n in range(5):
            engine.now = replace(STATE, source_status=str(n))
            watch.look()
        sequence, message = await watch.after(1, DIRECTOR)
        assert sequence == 6 and json.loads(message)["state"]["source_status"] == "4"

    watched(script)


def test_a_newcomer_has_a_fresh_message_at_once() -> None:
    async def script(engine: Engine, watch: StateWatch) -> None:
        watch.join()
        watch.leave()
        engine.advance(60)
        watch.join()
        _, message = await watch.after(0, DIRECTOR)
        assert json.loads(message)["state"]["frame_index"] == 31

    watched(script)


def test_health() -> None:
    async def script(engine: Engine, watch: StateWatch) -> None:
        assert "no new picture yet; source: live" in watch.trouble()
        engine.advance(0.1)
        assert watch.trouble() == ""
        engine.clock_s += STALE_S * 0.99
        assert watch.trouble() == ""
        engine.now = replace(STATE, frame_index=31, time_s=1.1, source_status="unplugged")
        engine.clock_s += 1.0
        assert watch.trouble() == "no new picture for 3.0 s; source: unplugged"
        engine.now = replace(engine.now, source_status="")
        assert watch.trouble() == "no new picture for 3.0 s"
        # A source that starts again counts from zero: that is an advance too.
        engine.now = replace(STATE, frame_index=0, time_s=0.0)
        assert watch.trouble() == ""
        engine.now = RuntimeError("broken")
        assert "broken" in watch.trouble()
        engine.now = replace(STATE, frame_index=1)
        assert watch.trouble() == ""

    watched(script)

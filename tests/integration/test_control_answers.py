"""What is answered is what the document promises, key for key, also where much is unknown."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from engine.control import answers
from engine.control.library import PresetLibrary
from tests.integration.control_rig import FakeEngine, ask, serving
from tests.integration.fuzz_engine import PRESET, PresetEngine, ShortStreaming

ANSWERS: dict[str, type[BaseModel]] = {
    "/api/state": answers.State,
    "/api/time": answers.Time,
    "/api/stats": answers.Stats,
    "/api/preset": answers.RunningPreset,
    "/api/presets": answers.Library,
    "/api/presets/webcam": answers.RunningPreset,
    "/api/presets/webcam/compare": answers.Differences,
}


@pytest.mark.parametrize("path", ANSWERS)
def test_answers_are_of_their_models(tmp_path: Path, path: str) -> None:
    engine = PresetEngine()
    with serving(engine, library=PresetLibrary(tmp_path), streams=ShortStreaming()) as server:
        ask(server, "/whep/main", b"v=0\r\n", headers={"Content-Type": "application/sdp"})
        report = {"state": "up", "text": "", "scene": None, "scenes": "auto"}
        ask(server, "/api/obs/report", report)
        engine.people = (replace(engine.people[0], sure=math.nan, seen_s_ago=math.inf),)
        engine.change_view(lock_for_s=math.nan, person=1, previewed=None)
        ANSWERS[path].model_validate_json(ask(server, path).body)


def test_the_preset_says_whether_viewers_may_choose() -> None:
    engine = FakeEngine("main", "tall")
    with serving(engine) as server:

        def choices() -> list[Any]:
            return [view["choice"] for view in ask(server, "/api/state").json["views"]]

        assert choices() == [False, False]
        ask(server, "/api/view", {"view": "tall", "changes": {"choice": True}})
        assert choices() == [False, True]


def test_what_clients_of_older_versions_read_is_still_there() -> None:
    """The OBS controller and the OBS script are programs of their own, and may be older."""
    with serving(FakeEngine()) as server:
        state = ask(server, "/api/state").json
    known = {
        *("time_s", "frame_index", "source", "source_size", "source_status", "perception_status"),
        *("people", "views", "members", "preset_revision", "obs"),
    }
    assert state.keys() >= known
    assert state["views"][0].keys() >= {
        *("name", "size", "lock", "lock_for_s", "reason", "person", "label", "sure", "shot", "sinks"),
        *("mode", "previewed", "guarded", "delay_s", "operator", "feel"),
    }
    assert state["people"][0].keys() >= {"id", "box", "track", "name", "sure", "reason", "seen_s_ago"}


def test_a_preset_nested_without_end_is_refused_in_one_line() -> None:
    deep = PRESET + "a = " + "[" * 20_000
    with serving(PresetEngine()) as server:
        answer = ask(server, "/api/preset", {"toml": deep})
    assert answer.status == 400 and "nested too deep" in answer.error

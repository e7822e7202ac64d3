"""What the OBS side reads out of the engine's state."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.control.board import ObsState
from engine.control.wire import state_json
from engine.direction.target import CameraMode, LockState
from engine.errors import JikcamError
from engine.geometry import Shot, Size
from engine.state import EngineState, ViewState
from obs_plugin.errors import ObsError
from obs_plugin.facts import Facts, ViewFacts, facts_of

SHOT = Shot(960.0, 540.0, 1080.0, 16 / 9)
MAIN = ViewState("main", Size(1280, 720), LockState.HELD, 2.0, 3, "Person 3", 0.8, SHOT, mode=CameraMode.WIDE)
WHY = "crossed\nperson 4"
SIDE = ViewState("side", Size(720, 1280), LockState.NOBODY, 9.0, None, "", float("nan"), SHOT)
STATE = EngineState(1.0, 30, "stage", Size(1920, 1080), "", "", (), (MAIN, SIDE), preset_revision=5)


def told(obs: ObsState | None = None) -> dict[str, Any]:
    """As it comes out of the engine and through JSON."""
    state: dict[str, Any] = json.loads(json.dumps(state_json(STATE, obs)))
    return state


def test_reads_what_the_engine_really_tells() -> None:
    facts = facts_of(told(ObsState("up", "OBS", "Main", "auto", release=2)))
    main = ViewFacts("main", "held", 3, "Person 3", 0.8, "wide")
    side = ViewFacts("side", "nobody", None, "", 0.0, "follow")
    assert facts == Facts((main, side), "", 5, 2)
    assert facts.view("side") == side and facts.view("elsewhere") is None


def test_doubt_comes_through_with_its_reason() -> None:
    for lock in (LockState.UNSURE, LockState.FOUND):
        state = replace(STATE, views=(replace(MAIN, lock=lock, reason=WHY),))
        (view,) = facts_of(state_json(state, None)).views
        assert (view.lock, view.unsure, view.reason) == (lock.value, True, "crossed person 4")


def test_an_engine_that_is_away_is_trouble_and_keeps_its_counters() -> None:
    before = facts_of(told(ObsState("up", "OBS", "Main", "auto", release=2)))
    assert facts_of(None) == Facts((), "the engine is away", 0, 0)
    assert facts_of(None, before, "no answer\n from 8787") == Facts((), "no answer from 8787", 5, 2)
    assert facts_of(told(), before).release == 2, "an engine without a controller tells no count"


@pytest.mark.parametrize(
    ("status", "trouble"),
    [("", ""), ("ok", ""), (None, ""), ("camera 0 sends no picture\n", "camera 0 sends no picture")],
)
def test_a_source_with_something_to_say_is_in_trouble(status: str | None, trouble: str) -> None:
    assert facts_of({**told(), "source_status": status}).trouble == trouble


def test_new_keys_are_left_alone_and_missing_ones_harmless() -> None:
    bare = {"views": [{"name": "main", "lock": "dancing", "weather": "fine"}], "news": [1]}
    assert facts_of(bare).views == (ViewFacts("main", "dancing", None, "", 0.0, "follow"),)
    assert not facts_of(bare).views[0].unsure
    assert facts_of({"views": []}) == Facts((), "", 0, 0)


@pytest.mark.parametrize(
    "state",
    [
        {},
        [],
        {"views": None},
        {"views": {"main": 1}},
        {"views": [None]},
        {"views": [{"name": "main"}]},
        {"views": [{"name": 3, "lock": "held"}]},
        {"views": [{"name": "main", "lock": "held", "person": "3"}]},
        {"views": [{"name": "main", "lock": "held", "person": True}]},
        {"views": [], "preset_revision": "5"},
        {"views": [], "obs": {"release": 1.5}},
        {"views": [], "source_status": 404},
    ],
)
def test_what_is_no_state_is_said_to_be_none(state: Any) -> None:
    with pytest.raises(ObsError, match="can't be read"):
        facts_of(state)


keys = st.sampled_from(
    ["views", "name", "lock", "person", "label", "sure", "mode", "source_status", "obs", "release", "x"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=6),
    max_leaves=20,
)


@given(st.dictionaries(keys, values, max_size=8))
def test_garbage_gives_facts_or_one_clear_error(state: dict[str, Any]) -> None:
    try:
        facts = facts_of(state)
    except JikcamError as error:
        assert "\n" not in str(error)
    else:
        assert all(0 <= view.sure <= 1 and "\n" not in view.label for view in facts.views)
        assert "\n" not in facts.trouble

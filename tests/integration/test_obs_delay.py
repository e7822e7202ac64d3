"""The OBS controller makes sound and pictures as late as the View that looks ahead, and sets them back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.control_rig import FakeEngine, serving
from tests.integration.test_obs_controller import World, preset, up
from tests.obs_fake import FakeObs
from tests.waiting import until

PRESET = """
[obs]
port = {port}
dwell_s = 0.2
delay_audio = ["Mic"]
delay_sources = ["Main colour", "Cam"]
[[view]]
[view.camera]
operator = "lookahead"
"""


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("JIKCAM_OBS_PASSWORD", "open sesame")
    engine = FakeEngine()
    with FakeObs("open sesame", scenes=("Main", "jikcam")) as obs, serving(engine) as server:
        for name, kind in (("Mic", "pulse_input_capture"), ("Cam", "v4l2_input")):
            obs.act("CreateInput", sceneName="Main", inputName=name, inputKind=kind, inputSettings={})
        obs.act("SetInputAudioSyncOffset", inputName="Mic", inputAudioSyncOffset=30)
        preset(engine, PRESET.format(port=obs.port))
        world = World(engine, server.url, obs)
        try:
            yield world
        finally:
            world.end()


def delay(world: World, delay_s: float) -> None:
    world.engine.change_view(delay_s=delay_s)
    world.engine.tick()


def offset(world: World) -> int:
    return int(world.obs.act("GetInputAudioSyncOffset", inputName="Mic")["inputAudioSyncOffset"])


def late(world: World, source: str) -> int | None:
    filters = world.obs.act("GetSourceFilterList", sourceName=source)["filters"]
    return filters[0]["filterSettings"]["delay_ms"] if filters else None


def test_the_delay_comes_and_goes_with_the_views(world: World) -> None:
    up(world)
    delay(world, 0.5)
    until(lambda: (offset(world), late(world, "Cam"), late(world, "Main colour")) == (530, 500, 500))
    delay(world, 0.75)
    until(lambda: (offset(world), late(world, "Cam")) == (780, 750))
    until(lambda: "by 500 ms at most" in world.report()["text"])
    delay(world, 0.0)
    until(lambda: (offset(world), late(world, "Cam"), late(world, "Main colour")) == (30, None, None))


def test_it_is_as_before_when_the_show_is_over(world: World) -> None:
    delay(world, 0.5)
    until(lambda: (offset(world), late(world, "Cam")) == (530, 500))
    world.end()
    assert (offset(world), late(world, "Cam"), late(world, "Main colour")) == (30, None, None)


def test_an_obs_that_crashes_is_not_delayed_twice(world: World) -> None:
    delay(world, 0.5)
    until(lambda: late(world, "Cam") == 500)
    world.obs.die()
    until(lambda: world.report()["state"] == "away")
    world.obs.start()
    up(world)
    delay(world, 1.0)
    until(lambda: (offset(world), late(world, "Cam")) == (1030, 1000))


def test_a_source_that_comes_later_is_delayed_too(world: World) -> None:
    world.obs.act("RemoveInput", inputName="Mic")
    until(lambda: "Mic" not in world.inputs())
    delay(world, 0.5)
    until(lambda: "'Mic', which is to be delayed, is not in OBS" in world.report().get("text", ""))
    new = {"inputName": "Mic", "inputKind": "pulse_input_capture", "inputSettings": {}}
    world.obs.act("CreateInput", sceneName="Main", **new)
    until(lambda: offset(world) == 500)


def test_who_is_no_longer_named_is_set_back(world: World) -> None:
    delay(world, 0.5)
    until(lambda: (offset(world), late(world, "Cam")) == (530, 500))
    preset(world.engine, PRESET.format(port=world.obs.port).replace('"Mic"', ""))
    world.engine.revision += 1
    world.engine.tick()
    until(lambda: (offset(world), late(world, "Cam")) == (30, 500))

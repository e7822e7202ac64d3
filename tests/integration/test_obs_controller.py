"""The OBS controller between an engine and a faulty OBS."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from engine.direction.target import LockState
from engine.presets import parse_preset
from obs_plugin.controller import Controller
from obs_plugin.setup import mark
from tests.integration.control_rig import FakeEngine, ask, serving
from tests.obs_fake import FakeObs, Fault, Subscription
from tests.waiting import until

PATIENCE_S = 20.0
PRESET = """
[obs]
port = {port}
dwell_s = 0.2
[obs.label]
held = "{{name}}"
lost = "lost"
[[obs.scene]]
name = "jikcam"
[[obs.rule]]
scene = "Other"
when = "lost"
[[obs.rule]]
scene = "Main"
when = "held"
"""


class World:
    """A fake engine with its real control server, a fake OBS, and the real controller between them."""

    def __init__(self, engine: FakeEngine, url: str, obs: FakeObs) -> None:
        self.engine, self.url, self.obs = engine, url, obs
        self.told: list[str] = []
        obs.act("SetSourcePrivateSettings", sourceName="jikcam", sourceSettings=mark("jikcam"))
        self.controller = Controller(url, self.told.append)
        self._thread = threading.Thread(target=self.controller.run)
        self._thread.start()

    def end(self) -> None:
        self.controller.stop()
        self.join()

    def join(self) -> None:
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()

    def hold(self, person: int | None = 1, lock: LockState = LockState.HELD) -> None:
        label = f"Person {person}" if person else ""
        self.engine.change_view(lock=lock, person=person, label=label)
        self.engine.tick()

    def report(self) -> Any:
        class Server:
            url = self.url

        return ask(Server, "/api/state").json["obs"] or {}  # type: ignore[arg-type]

    def program(self) -> str:
        return str(self.obs.act("GetCurrentProgramScene")["currentProgramSceneName"])

    def label(self) -> str:
        """The label's text; "absent" where there is none."""
        if "jikcam label" not in self.inputs():
            return "absent"
        return str(self.obs.act("GetInputSettings", inputName="jikcam label")["inputSettings"].get("text"))

    def inputs(self) -> set[str]:
        return {one["inputName"] for one in self.obs.act("GetInputList")["inputs"]}


def preset(engine: FakeEngine, text: str) -> None:
    engine.values = parse_preset(text, "a test").model_dump(mode="json")


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("JIKCAM_OBS_PASSWORD", "open sesame")
    return "open sesame"


@pytest.fixture
def world(password: str) -> Iterator[World]:
    engine = FakeEngine()
    with FakeObs(password, scenes=("Main", "Other", "jikcam")) as obs, serving(engine) as server:
        preset(engine, PRESET.format(port=obs.port))
        world = World(engine, server.url, obs)
        try:
            yield world
        finally:
            world.end()


def up(world: World) -> None:
    until(lambda: world.report().get("state") == "up")


def test_scene_and_label_follow_the_lock(world: World) -> None:
    up(world)
    until(lambda: "jikcam label" in world.inputs())
    world.hold()
    until(lambda: world.label() == "Person 1")
    world.hold(lock=LockState.LOST)
    until(lambda: (world.program(), world.label()) == ("Other", "lost"))
    world.hold(person=2)
    until(lambda: (world.program(), world.label()) == ("Main", "Person 2"))
    until(lambda: world.report()["scene"] == "Main" and "Person 2 held" in world.report()["text"])
    assert [line for line in world.told if "held" in line or "lost" in line] == []
    assert any("connected to OBS" in line for line in world.told)


def test_the_label_can_be_switched_off_while_the_show_runs(world: World) -> None:
    world.hold()
    until(lambda: world.label() == "Person 1")
    preset(
        world.engine,
        PRESET.format(port=world.obs.port).replace("[obs.label]", "[obs.label]\nenabled = false"),
    )
    world.engine.revision += 1
    world.engine.tick()
    until(lambda: world.label() == "")


def test_a_label_that_is_there_is_given_only_its_text(world: World) -> None:
    world.obs.act(
        "CreateInput", sceneName="Main", inputName="jikcam label", inputKind="text_ft2_source_v2",
        inputSettings={"text": "mine", "color1": 7},
    )  # fmt: skip
    world.hold()
    until(lambda: world.label() == "Person 1")
    found = world.obs.act("GetInputSettings", inputName="jikcam label")["inputSettings"]
    assert found["color1"] == 7 and "font" not in found
    assert not any(request.kind in ("CreateInput", "SetSceneItemTransform") for request in world.obs.requests)


def test_no_label_is_put_into_a_scene_of_the_users(password: str) -> None:
    engine = FakeEngine()
    with FakeObs(password, scenes=("Main", "jikcam")) as obs, serving(engine) as server:
        preset(engine, PRESET.format(port=obs.port))
        world = World(engine, server.url, obs)
        obs.act("SetSourcePrivateSettings", sourceName="jikcam", sourceSettings={"jikcam": "another"})
        try:
            until(lambda: "jikcam obs setup" in world.report().get("text", ""))
            assert world.label() == "absent"
        finally:
            world.end()


def test_a_switch_by_hand_wins_until_it_is_released(world: World) -> None:
    world.hold(lock=LockState.LOST)
    until(lambda: world.program() == "Other")
    world.obs.act("SetCurrentProgramScene", sceneName="jikcam")
    until(lambda: world.report()["scenes"] == "manual")
    world.hold()
    until(lambda: world.label() == "Person 1")
    assert world.program() == "jikcam" and "by hand" in world.report()["text"]
    assert any("by hand" in line for line in world.told)

    class Server:
        url = world.url

    assert ask(Server, "/api/obs", {"scenes": "auto"}).status == 200  # type: ignore[arg-type]
    until(lambda: world.program() == "Main" and world.report()["scenes"] == "auto")


def test_scenes_told_in_the_wrong_order_are_put_right(world: World) -> None:
    world.hold()
    until(lambda: world.report().get("scene") == "Main")
    world.obs.act("SetCurrentProgramScene", sceneName="Other")
    until(lambda: world.report()["scene"] == "Other")
    asked = len(world.obs.requests_of("GetSceneList"))
    for scene in ("Other", "Main"):
        world.obs.emit("CurrentProgramSceneChanged", Subscription.SCENES, {"sceneName": scene})
    until(lambda: len(world.obs.requests_of("GetSceneList")) > asked)
    until(lambda: world.report()["scene"] == "Other")
    assert world.report()["scenes"] == "manual"


@pytest.mark.parametrize("fault", list(Fault))
def test_any_fault_of_a_switch_is_got_over(world: World, fault: Fault) -> None:
    world.hold()
    up(world)
    until(lambda: world.label() == "Person 1")
    world.obs.inject(fault, "SetCurrentProgramScene")
    world.hold(lock=LockState.LOST)
    until(lambda: (world.program(), world.label()) == ("Other", "lost"))
    until(lambda: world.report()["state"] == "up")
    assert world.report()["scenes"] == "auto"


def test_what_has_changed_while_obs_was_away_is_put_right(world: World) -> None:
    world.hold()
    until(lambda: world.label() == "Person 1")
    world.obs.die()
    until(lambda: world.report()["state"] == "away")
    assert world.report()["scene"] is None
    world.hold(lock=LockState.LOST)
    world.obs.start()
    until(lambda: (world.program(), world.label()) == ("Other", "lost"))


def test_a_frozen_obs_is_reported_and_got_over(world: World) -> None:
    up(world)
    world.obs.freeze()
    until(lambda: world.report()["state"] == "away")
    world.hold(lock=LockState.LOST)
    world.obs.thaw()
    until(lambda: world.program() == "Other")


def test_a_wrong_password_is_reported_and_a_right_one_taken_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    up(world)
    world.obs.password = "changed"
    world.obs.kick()
    report = until(lambda: (r := world.report())["state"] == "refused" and r)
    assert "password" in report["text"] and "open sesame" not in str(report)
    monkeypatch.setenv("JIKCAM_OBS_PASSWORD", "changed")
    up(world)
    assert not any("open sesame" in line for line in world.told)


def test_a_missing_scene_is_named_and_taken_once_it_is_there(world: World) -> None:
    up(world)
    world.obs.act("RemoveScene", sceneName="Other")
    world.hold(lock=LockState.LOST)
    until(lambda: "'Other' is not in OBS" in world.report()["text"])
    until(lambda: any("'Other' is not in OBS" in line for line in world.told))
    world.obs.act("CreateScene", sceneName="Other")
    until(lambda: world.program() == "Other")


def test_new_rules_are_taken_up_while_the_show_runs(world: World) -> None:
    world.hold()
    until(lambda: world.report().get("scene") == "Main")
    text = PRESET.format(port=world.obs.port).replace('"Main"', '"jikcam"')
    preset(world.engine, text)
    world.engine.revision += 1
    world.engine.tick()
    until(lambda: world.program() == "jikcam")


def test_another_obs_is_taken_up_while_the_show_runs(world: World, password: str) -> None:
    up(world)
    with FakeObs(password) as second:
        preset(world.engine, PRESET.format(port=second.port))
        world.engine.revision += 1
        world.hold(lock=LockState.LOST)
        until(lambda: second.act("GetCurrentProgramScene")["currentProgramSceneName"] == "Other")


def test_the_label_says_nothing_when_the_engine_is_gone(password: str) -> None:
    engine = FakeEngine()
    with FakeObs(password, scenes=("Main", "Other", "jikcam")) as obs:
        with serving(engine) as server:
            preset(engine, PRESET.format(port=obs.port))
            world = World(engine, server.url, obs)
            world.hold()
            until(lambda: world.label() == "Person 1")
        try:
            until(lambda: world.label() == "")
        finally:
            world.end()


def test_when_the_engine_has_died_label_and_scene_are_put_right(
    password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("obs_plugin.controller.OUTLIVE_S", 3.0)
    engine = FakeEngine()
    rule = '[[obs.rule]]\nscene = "Other"\nwhen = "trouble"\nfor_s = 0.5\n'
    with FakeObs(password, scenes=("Main", "Other", "jikcam")) as obs:
        with serving(engine) as server:
            preset(engine, PRESET.format(port=obs.port).replace('when = "lost"', 'when = "nobody"') + rule)
            world = World(engine, server.url, obs)
            world.hold()
            until(lambda: (world.program(), world.label()) == ("Main", "Person 1"))
        world.controller.outlive()
        until(lambda: (world.program(), world.label()) == ("Other", ""))
        world.join()


def test_the_label_is_empty_when_the_show_is_over(world: World) -> None:
    world.hold()
    until(lambda: world.label() == "Person 1")
    world.end()
    assert world.label() == ""


def test_no_engine_and_no_obs_is_no_crash() -> None:
    told: list[str] = []
    controller = Controller("http://127.0.0.1:1", told.append)
    running = threading.Thread(target=controller.run)
    running.start()
    controller.stop()
    running.join(PATIENCE_S)
    assert not running.is_alive()

"""One set of tests for the fake OBS and the real one: scenes, inputs and the events of each change.

obs-websocket hands each event to a pool of threads: of any two either may come first, and once in hundreds of
runs it does. So no order is part of the contract. Items: test_obs_contract_items.py.
"""

from __future__ import annotations

from typing import Any

from tests.obs_wire import Wire

TEXT = "text_ft2_source_v2"
COLOUR = "color_source_v3"
GLOBAL = "OBS_WEBSOCKET_DATA_REALM_GLOBAL"
SWITCH = [
    "SceneTransitionStarted",
    "SceneTransitionVideoEnded",
    "CurrentProgramSceneChanged",
    "SceneTransitionEnded",
]


def _scenes(wire: Wire) -> list[str]:
    return [scene["sceneName"] for scene in wire.done("GetSceneList")["scenes"]]


def _inputs(wire: Wire) -> set[str]:
    return {source["inputName"] for source in wire.done("GetInputList")["inputs"]}


def _add(wire: Wire, scene: str, name: str, kind: str = COLOUR, **more: object) -> int:
    number: int = wire.done("CreateInput", sceneName=scene, inputName=name, inputKind=kind, **more)[
        "sceneItemId"
    ]
    return number


def _without_states(events: list[tuple[str, int, dict[str, Any]]]) -> list[str]:
    """Kinds of events but those that follow from what is rendered when, and so come any number of times."""
    return sorted(name for name, intent, _ in events if intent < 1 << 16)


def test_who_it_is(wire: Wire) -> None:
    version = wire.done("GetVersion")
    keys = {"obsVersion", "obsWebSocketVersion", "rpcVersion", "availableRequests"}
    assert keys | {"platform", "platformDescription", "supportedImageFormats"} <= set(version)
    assert {"GetVersion", "SetCurrentProgramScene", "SetInputSettings"} <= set(version["availableRequests"])
    stats = wire.done("GetStats")
    assert {
        "cpuUsage",
        "renderSkippedFrames",
        "renderTotalFrames",
        "outputSkippedFrames",
        "activeFps",
    } <= set(stats)
    assert stats["webSocketSessionIncomingMessages"] >= 2
    assert wire.done("GetStudioModeEnabled") == {"studioModeEnabled": False}
    assert wire.done("GetSceneCollectionList") == {
        "currentSceneCollectionName": "rig",
        "sceneCollections": ["rig"],
    }
    video = wire.done("GetVideoSettings")
    assert (video["baseWidth"], video["baseHeight"], video["outputWidth"]) == (1280, 720, 1280)
    assert (video["fpsNumerator"], video["fpsDenominator"]) == (30, 1)


def test_scenes_are_listed_from_the_bottom(wire: Wire) -> None:
    listed = wire.done("GetSceneList")
    assert (listed["currentProgramSceneName"], listed["currentPreviewSceneName"]) == ("Main", None)
    assert listed["scenes"] == [
        {"sceneIndex": 0, "sceneName": "Other"},
        {"sceneIndex": 1, "sceneName": "Main"},
    ]
    wire.done("CreateScene", sceneName="New")
    assert _scenes(wire) == ["New", "Other", "Main"]


def test_a_switch_and_its_events(wire: Wire) -> None:
    wire.done("SetCurrentProgramScene", sceneName="Other")
    assert wire.done("GetCurrentProgramScene") == {"currentProgramSceneName": "Other"}
    wire.settle(*SWITCH, "InputShowStateChanged", "InputActiveStateChanged")
    assert _without_states(wire.events) == sorted(SWITCH)
    assert ("CurrentProgramSceneChanged", 4, {"sceneName": "Other"}) in wire.events
    assert ("SceneTransitionStarted", 16, {"transitionName": "Cut"}) in wire.events
    shows = [data for name, _, data in wire.events if name == "InputShowStateChanged"]
    assert {"inputName": "Other colour", "videoShowing": True} in shows
    assert {"inputName": "Main colour", "videoShowing": False} in shows
    actives = [data for name, _, data in wire.events if name == "InputActiveStateChanged"]
    assert {"inputName": "Other colour", "videoActive": True} in actives


def test_a_switch_to_the_same_scene_is_no_switch(wire: Wire) -> None:
    wire.done("SetCurrentProgramScene", sceneName="Main")
    wire.settle()
    assert wire.events == []


def test_of_two_switches_the_last_stays_and_is_announced(wire: Wire) -> None:
    wire.done("SetCurrentProgramScene", sceneName="Other")
    wire.done("SetCurrentProgramScene", sceneName="Main")
    assert wire.done("GetCurrentProgramScene") == {"currentProgramSceneName": "Main"}
    wire.settle("CurrentProgramSceneChanged")
    changed = [data["sceneName"] for name, _, data in wire.events if name == "CurrentProgramSceneChanged"]
    assert sorted(changed) in (["Main"], ["Main", "Other"])


def test_a_scene_comes_and_goes(wire: Wire) -> None:
    wire.done("CreateScene", sceneName="New")
    wire.settle("SceneCreated", "SceneListChanged")
    assert _without_states(wire.events) == ["SceneCreated", "SceneListChanged"]
    assert ("SceneCreated", 4, {"sceneName": "New", "isGroup": False}) in wire.events
    listed = [{"sceneIndex": at, "sceneName": name} for at, name in enumerate(["New", "Other", "Main"])]
    assert ("SceneListChanged", 4, {"scenes": listed}) in wire.events
    wire.events.clear()
    _add(wire, "New", "Inside")
    wire.forget()
    wire.done("RemoveScene", sceneName="New")
    wire.settle("InputRemoved", "SceneListChanged", "SceneRemoved")
    assert _without_states(wire.events) == ["InputRemoved", "SceneListChanged", "SceneRemoved"]
    assert ("SceneRemoved", 4, {"sceneName": "New", "isGroup": False}) in wire.events
    assert wire.ask("RemoveScene", sceneName="New").code == 600
    assert _inputs(wire) == {"Main colour", "Other colour"}


def test_removing_the_scene_on_program_puts_its_upper_neighbour_there(wire: Wire) -> None:
    wire.done("CreateScene", sceneName="New")
    wire.done("SetCurrentProgramScene", sceneName="New")
    wire.until("SceneTransitionEnded")
    wire.done("RemoveScene", sceneName="New")
    wire.until("CurrentProgramSceneChanged", sceneName="Other")
    assert wire.done("GetSceneList")["currentProgramSceneName"] == "Other"


def test_input_kinds_and_their_defaults(wire: Wire) -> None:
    kinds = wire.done("GetInputKindList")["inputKinds"]
    assert {TEXT, COLOUR, "ffmpeg_source", "image_source", "v4l2_input"} <= set(kinds)
    plain = wire.done("GetInputKindList", unversioned=True)["inputKinds"]
    assert {"text_ft2_source", "color_source", "v4l2_input"} <= set(plain)
    text = wire.done("GetInputDefaultSettings", inputKind=TEXT)["defaultInputSettings"]
    assert text["font"] == {"face": "Sans Serif", "flags": 0, "size": 256, "style": ""}
    colour = wire.done("GetInputDefaultSettings", inputKind=COLOUR)
    assert colour == {"defaultInputSettings": {"color": 4291940817, "height": 1080, "width": 1920}}
    media = wire.done("GetInputDefaultSettings", inputKind="ffmpeg_source")["defaultInputSettings"]
    assert (media["buffering_mb"], media["is_local_file"], media["reconnect_delay_sec"]) == (2, True, 10)


def test_inputs_are_listed_by_kind(wire: Wire) -> None:
    entry = {"inputName": "Main colour", "inputKind": COLOUR, "unversionedInputKind": "color_source"}
    assert entry in wire.done("GetInputList")["inputs"]
    assert entry in wire.done("GetInputList", inputKind=COLOUR)["inputs"]
    assert wire.done("GetInputList", inputKind="color_source") == {"inputs": []}


def test_an_input_is_created_with_its_item(wire: Wire) -> None:
    number = _add(wire, "Other", "Label", TEXT, inputSettings={"text": "hi"})
    wire.settle("InputCreated", "SceneItemCreated", "SceneItemSelected")
    assert _without_states(wire.events) == ["InputCreated", "SceneItemCreated", "SceneItemSelected"]
    ((intent, created),) = [(intent, data) for name, intent, data in wire.events if name == "InputCreated"]
    assert (intent, created["inputName"], created["inputKind"]) == (8, "Label", TEXT)
    assert (created["inputSettings"], created["unversionedInputKind"]) == ({"text": "hi"}, "text_ft2_source")
    item = {"sceneName": "Other", "sourceName": "Label", "sceneItemId": number, "sceneItemIndex": 1}
    assert ("SceneItemCreated", 128, item) in wire.events
    settings = wire.done("GetInputSettings", inputName="Label")
    assert settings == {"inputKind": TEXT, "inputSettings": {"text": "hi"}}
    bad = {"sceneName": "Other", "inputName": "Other colour", "inputKind": TEXT}
    assert wire.ask("CreateInput", bad).code == 601
    assert wire.ask("CreateInput", {**bad, "inputName": "Main"}).code == 601
    assert wire.ask("CreateInput", {**bad, "inputName": "No", "inputKind": "text_ft2_source"}).code == 605
    assert wire.ask("CreateInput", {**bad, "inputName": "No", "sceneName": "No"}).code == 600
    assert wire.ask("CreateInput", {**bad, "inputName": "No", "inputSettings": 5}).code == 401
    assert wire.ask("CreateInput", {"sceneName": "Other", "inputName": "No"}).code == 300


def test_settings_are_laid_over_or_replaced(wire: Wire) -> None:
    _add(wire, "Other", "Label", TEXT, inputSettings={"text": "hi", "outline": True})
    wire.forget()
    wire.done("SetInputSettings", inputName="Label", inputSettings={"text": "yo"})
    assert wire.done("GetInputSettings", inputName="Label")["inputSettings"] == {
        "text": "yo",
        "outline": True,
    }
    wire.done("SetInputSettings", inputName="Label", inputSettings={"text": "so"}, overlay=False)
    assert wire.done("GetInputSettings", inputName="Label")["inputSettings"] == {"text": "so"}
    wire.done("SetInputSettings", inputName="Label", inputSettings={})
    assert wire.done("GetInputSettings", inputName="Label")["inputSettings"] == {"text": "so"}
    wire.settle()
    assert "InputSettingsChanged" not in {name for name, _, _ in wire.events}


def test_slots_keep_any_value(wire: Wire) -> None:
    slot = {"realm": GLOBAL, "slotName": "jikcam test"}
    for value in ({"a": [1, 2]}, "text", 5, False):
        wire.done("SetPersistentData", **slot, slotValue=value)
        assert wire.done("GetPersistentData", **slot) == {"slotValue": value}
    assert wire.done("GetPersistentData", realm=GLOBAL, slotName="never set") == {"slotValue": None}


def test_hotkeys(wire: Wire) -> None:
    names = wire.done("GetHotkeyList")["hotkeys"]
    assert {"OBSBasic.EnablePreview", "libobs.show_scene_item.Main colour"} <= set(names)
    assert wire.done("TriggerHotkeyByName", hotkeyName="OBSBasic.Screenshot") == {}

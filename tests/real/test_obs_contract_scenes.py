"""One set of tests for the fake OBS and the real one: scenes, inputs, items, and the events of each change."""

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


def _items(wire: Wire, scene: str) -> list[str]:
    return [item["sourceName"] for item in wire.done("GetSceneItemList", sceneName=scene)["sceneItems"]]


def _add(wire: Wire, scene: str, name: str, kind: str = COLOUR, **more: object) -> int:
    number: int = wire.done("CreateInput", sceneName=scene, inputName=name, inputKind=kind, **more)[
        "sceneItemId"
    ]
    return number


def _without_states(events: list[tuple[str, int, dict[str, Any]]]) -> list[str]:
    """Kinds of events but those that follow from what is rendered when, and so come in any order."""
    return [name for name, intent, _ in events if intent < 1 << 16]


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
    wire.settle()
    assert _without_states(wire.events) == SWITCH
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


def test_of_two_switches_the_last_is_the_last_announced(wire: Wire) -> None:
    wire.done("SetCurrentProgramScene", sceneName="Other")
    wire.done("SetCurrentProgramScene", sceneName="Main")
    assert wire.done("GetCurrentProgramScene") == {"currentProgramSceneName": "Main"}
    wire.settle()
    changed = [data["sceneName"] for name, _, data in wire.events if name == "CurrentProgramSceneChanged"]
    assert changed in (["Main"], ["Other", "Main"])


def test_a_scene_comes_and_goes(wire: Wire) -> None:
    wire.done("CreateScene", sceneName="New")
    wire.settle()
    assert sorted(_without_states(wire.events)) == ["SceneCreated", "SceneListChanged"]
    assert ("SceneCreated", 4, {"sceneName": "New", "isGroup": False}) in wire.events
    listed = [{"sceneIndex": at, "sceneName": name} for at, name in enumerate(["New", "Other", "Main"])]
    assert ("SceneListChanged", 4, {"scenes": listed}) in wire.events
    wire.events.clear()
    _add(wire, "New", "Inside")
    wire.forget()
    wire.done("RemoveScene", sceneName="New")
    wire.settle()
    assert sorted(_without_states(wire.events)) == ["InputRemoved", "SceneListChanged", "SceneRemoved"]
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
    wire.settle()
    kinds = _without_states(wire.events)
    assert kinds[0] == "InputCreated"
    assert sorted(kinds[1:]) == ["SceneItemCreated", "SceneItemSelected"]
    name, intent, created = wire.events[0]
    assert (name, intent, created["inputName"], created["inputKind"]) == ("InputCreated", 8, "Label", TEXT)
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


def test_an_item_may_be_created_hidden(wire: Wire) -> None:
    number = _add(wire, "Main", "Hidden", sceneItemEnabled=False)
    wire.until("SceneItemEnableStateChanged", sceneItemId=number, sceneItemEnabled=False)
    assert wire.done("GetSceneItemEnabled", sceneName="Main", sceneItemId=number) == {
        "sceneItemEnabled": False
    }
    assert wire.done("GetSourceActive", sourceName="Hidden") == {"videoActive": False, "videoShowing": False}


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


def test_a_longer_text_on_program_changes_its_transform(wire: Wire) -> None:
    number = _add(wire, "Main", "Label", TEXT, inputSettings={"text": "a"})
    wire.until("SceneItemTransformChanged", sceneItemId=number)
    before = wire.done("GetSceneItemTransform", sceneName="Main", sceneItemId=number)["sceneItemTransform"]
    wire.forget()
    wire.done("SetInputSettings", inputName="Label", inputSettings={"text": "a longer text"})
    wire.until("SceneItemTransformChanged", sceneItemId=number)
    after = wire.done("GetSceneItemTransform", sceneName="Main", sceneItemId=number)["sceneItemTransform"]
    assert after["sourceWidth"] > 2 * before["sourceWidth"]


def test_items_of_a_scene(wire: Wire) -> None:
    first = _add(wire, "Other", "A", inputSettings={"width": 100, "height": 50})
    second: int = wire.done("CreateSceneItem", sceneName="Other", sourceName="A")["sceneItemId"]
    nested: int = wire.done("CreateSceneItem", sceneName="Other", sourceName="Main")["sceneItemId"]
    wire.until("SceneItemCreated", sceneItemId=nested, sourceName="Main", sceneItemIndex=3)
    assert wire.ask("CreateSceneItem", sceneName="Main", sourceName="Other").code == 700
    items = wire.done("GetSceneItemList", sceneName="Other")["sceneItems"]
    assert [item["sceneItemId"] for item in items] == [1, first, second, nested]
    assert [item["sceneItemIndex"] for item in items] == [0, 1, 2, 3]
    assert {key: value for key, value in items[1].items() if key != "sceneItemTransform"} == {
        "sceneItemId": first,
        "sceneItemIndex": 1,
        "sourceName": "A",
        "sourceType": "OBS_SOURCE_TYPE_INPUT",
        "inputKind": COLOUR,
        "isGroup": None,
        "sceneItemEnabled": True,
        "sceneItemLocked": False,
        "sceneItemBlendMode": "OBS_BLEND_NORMAL",
    }
    kinds = (items[3]["sourceType"], items[3]["inputKind"], items[3]["isGroup"])
    assert kinds == ("OBS_SOURCE_TYPE_SCENE", None, False)
    for offset, number in ((0, first), (1, second), (-1, second)):
        found = wire.done("GetSceneItemId", sceneName="Other", sourceName="A", searchOffset=offset)
        assert found == {"sceneItemId": number}
    assert wire.done("GetSceneItemId", sceneName="Other", sourceName="A") == {"sceneItemId": first}


def test_transforms(wire: Wire) -> None:
    number = _add(wire, "Other", "A", inputSettings={"width": 100, "height": 50})
    item = {"sceneName": "Other", "sceneItemId": number}
    fresh = wire.done("GetSceneItemTransform", **item)["sceneItemTransform"]
    assert fresh == {
        **{"positionX": 0.0, "positionY": 0.0, "rotation": 0.0, "scaleX": 1.0, "scaleY": 1.0, "alignment": 5},
        **{"boundsType": "OBS_BOUNDS_NONE", "boundsAlignment": 0, "boundsWidth": 0.0, "boundsHeight": 0.0},
        **{"cropLeft": 0, "cropRight": 0, "cropTop": 0, "cropBottom": 0},
        **{"sourceWidth": 100.0, "sourceHeight": 50.0, "width": 100.0, "height": 50.0},
    }
    changes = {
        "positionX": 10.5,
        "positionY": 20,
        "scaleX": 0.5,
        "rotation": 90,
        "alignment": 4,
        "cropLeft": 5,
    }
    bounds = {"boundsType": "OBS_BOUNDS_SCALE_INNER", "boundsWidth": 400, "boundsHeight": 200}
    wire.forget()
    wire.done("SetSceneItemTransform", **item, sceneItemTransform={**changes, **bounds, "unknown": 1})
    wire.until("SceneItemTransformChanged", **item)
    after = wire.done("GetSceneItemTransform", **item)["sceneItemTransform"]
    assert after == {**fresh, **changes, **bounds, "width": 50.0}


def test_an_item_is_shown_and_hidden(wire: Wire) -> None:
    item = {"sceneName": "Main", "sceneItemId": 1}
    wire.done("SetSceneItemEnabled", **item, sceneItemEnabled=False)
    wire.until("SceneItemEnableStateChanged", **item, sceneItemEnabled=False)
    wire.until("InputActiveStateChanged", inputName="Main colour", videoActive=False)
    hidden = wire.done("GetSourceActive", sourceName="Main colour")
    assert hidden == {"videoActive": False, "videoShowing": False}
    wire.forget()
    wire.done("SetSceneItemEnabled", **item, sceneItemEnabled=False)
    wire.settle()
    assert wire.events == []
    wire.done("SetSceneItemEnabled", **item, sceneItemEnabled=True)
    wire.until("InputActiveStateChanged", inputName="Main colour", videoActive=True)
    assert wire.done("GetSourceActive", sourceName="Main") == {"videoActive": True, "videoShowing": True}
    assert wire.done("GetSourceActive", sourceName="Other") == {"videoActive": False, "videoShowing": False}


def test_items_are_reordered(wire: Wire) -> None:
    for name in ("A", "B", "C"):
        _add(wire, "Other", name)
    item = {"sceneName": "Other", "sceneItemId": 1}
    wire.forget()
    wire.done("SetSceneItemIndex", **item, sceneItemIndex=2)
    assert _items(wire, "Other") == ["A", "B", "Other colour", "C"]
    wire.settle()
    assert [name for name, _, _ in wire.events] == ["SceneItemListReindexed"]
    _, intent, data = wire.events[0]
    assert (intent, data["sceneName"]) == (128, "Other")
    assert data["sceneItems"][2] == {"sceneItemId": 1, "sceneItemIndex": 2}
    wire.done("SetSceneItemIndex", **item, sceneItemIndex=99)
    assert _items(wire, "Other") == ["A", "B", "C", "Other colour"]
    assert wire.done("GetSceneItemIndex", **item) == {"sceneItemIndex": 3}
    wire.done("SetSceneItemIndex", **item, sceneItemIndex=0)


def test_an_input_goes_with_its_last_item(wire: Wire) -> None:
    first = _add(wire, "Other", "A")
    second: int = wire.done("CreateSceneItem", sceneName="Main", sourceName="A")["sceneItemId"]
    wire.forget()
    wire.done("RemoveSceneItem", sceneName="Other", sceneItemId=first)
    wire.until("SceneItemRemoved", sceneName="Other", sceneItemId=first, sourceName="A")
    assert "A" in _inputs(wire)
    wire.done("RemoveSceneItem", sceneName="Main", sceneItemId=second)
    assert wire.until("InputRemoved", inputName="A")[-2:] == ["SceneItemRemoved", "InputRemoved"]
    assert _inputs(wire) == {"Main colour", "Other colour"}
    assert wire.ask("RemoveSceneItem", sceneName="Main", sceneItemId=second).code == 600


def test_a_removed_input_leaves_the_scene_on_air_at_once(wire: Wire) -> None:
    number = _add(wire, "Main", "A")
    wire.until("InputActiveStateChanged", inputName="A", videoActive=True)
    wire.done("RemoveInput", inputName="A")
    wire.until("InputRemoved", inputName="A")
    wire.until("SceneItemRemoved", sceneName="Main", sceneItemId=number, sourceName="A")
    assert _items(wire, "Main") == ["Main colour"]


def test_a_removed_input_haunts_a_scene_that_is_not_on_air(wire: Wire) -> None:
    number = _add(wire, "Other", "A")
    wire.forget()
    wire.done("RemoveInput", inputName="A")
    wire.settle()
    assert [name for name, _, _ in wire.events] == ["InputRemoved"]
    assert _items(wire, "Other") == ["Other colour", "A"]
    assert "A" in _inputs(wire)
    again = {"sceneName": "Other", "inputName": "A", "inputKind": COLOUR}
    assert wire.ask("CreateInput", again).code == 601
    assert wire.ask("CreateSceneItem", sceneName="Main", sourceName="A").code == 700
    assert wire.ask("RemoveInput", inputName="A").code == 100
    wire.done("RemoveSceneItem", sceneName="Other", sceneItemId=number)
    wire.done("CreateInput", **again)
    wire.done("RemoveInput", inputName="A")
    wire.done("SetCurrentProgramScene", sceneName="Other")
    wire.until("SceneItemRemoved", sceneName="Other", sourceName="A")


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

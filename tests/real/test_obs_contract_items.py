"""One set of tests for the fake OBS and the real one: items, sources in scenes, and how they come and go."""

from __future__ import annotations

from typing import Any

from tests.obs_wire import Wire

TEXT = "text_ft2_source_v2"
COLOUR = "color_source_v3"


def _inputs(wire: Wire) -> set[str]:
    return {source["inputName"] for source in wire.done("GetInputList")["inputs"]}


def _items(wire: Wire, scene: str) -> list[str]:
    return [item["sourceName"] for item in wire.done("GetSceneItemList", sceneName=scene)["sceneItems"]]


def _add(wire: Wire, scene: str, name: str, kind: str = COLOUR, **more: object) -> int:
    number: int = wire.done("CreateInput", sceneName=scene, inputName=name, inputKind=kind, **more)[
        "sceneItemId"
    ]
    return number


def test_an_item_may_be_created_hidden(wire: Wire) -> None:
    number = _add(wire, "Main", "Hidden", sceneItemEnabled=False)
    wire.until("SceneItemEnableStateChanged", sceneItemId=number, sceneItemEnabled=False)
    assert wire.done("GetSceneItemEnabled", sceneName="Main", sceneItemId=number) == {
        "sceneItemEnabled": False
    }
    assert wire.done("GetSourceActive", sourceName="Hidden") == {"videoActive": False, "videoShowing": False}


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
    item: dict[str, Any] = {"sceneName": "Other", "sceneItemId": number}
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
    item: dict[str, Any] = {"sceneName": "Main", "sceneItemId": 1}
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
    wire.settle("SceneItemListReindexed")
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
    wire.until("InputRemoved", inputName="A")
    wire.until("SceneItemRemoved", sceneName="Main", sceneItemId=second, sourceName="A")
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
    wire.settle("InputRemoved")
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


def test_private_settings_are_added_to(wire: Wire) -> None:
    _add(wire, "Main", "A")
    for values in ({"mark": "A"}, {"x": 1}):
        wire.done("SetSourcePrivateSettings", sourceName="A", sourceSettings=values)
    found = wire.done("GetSourcePrivateSettings", sourceName="A")["sourceSettings"]
    assert (found["mark"], found["x"]) == ("A", 1)
    assert "mark" not in wire.done("GetSourcePrivateSettings", sourceName="Other")["sourceSettings"]
    assert wire.ask("GetSourcePrivateSettings", sourceName="nobody").code == 600
    assert wire.ask("SetSourcePrivateSettings", sourceName="A").code == 300

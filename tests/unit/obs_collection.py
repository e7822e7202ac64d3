"""A scene collection that answers requests as OBS 29 with obs-websocket 5.1.0 does, without OBS."""

# ruff: noqa: N803 - the arguments are the fields of the protocol's requests.

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from obs_plugin.errors import ObsAwayError, ObsRequestError

KINDS = ("color_source_v3", "ffmpeg_source", "v4l2_input", "text_ft2_source_v2", "image_source")
UNTOUCHED = {"positionX": 0.0, "positionY": 0.0, "scaleX": 1.0, "scaleY": 1.0, "rotation": 0.0}
UNTOUCHED |= {"boundsType": "OBS_BOUNDS_NONE", "boundsWidth": 0.0, "boundsHeight": 0.0, "alignment": 5}
UNTOUCHED |= {"cropLeft": 0, "cropRight": 0, "cropTop": 0, "cropBottom": 0}


class Collection:
    """Scenes and groups are lists of items, the lowest first; ``request`` has Link.request's shape.

    Attributes:
        changes: the requests that would have changed something.
        break_at: the so-many-eth change breaks the link; with ``too_late`` OBS has done it nevertheless.
    """

    def __init__(self, *scenes: str) -> None:
        self.scenes: dict[str, list[dict[str, Any]]] = {}
        self.groups: dict[str, list[dict[str, Any]]] = {}
        self.inputs: dict[str, dict[str, Any]] = {}
        self.private: dict[str, dict[str, Any]] = {}
        self.devices: dict[str, str] = {}
        self.kinds: tuple[str, ...] = KINDS
        self.name, self.canvas = "Untitled", (1920, 1080)
        self.program = scenes[0] if scenes else ""
        self.removed: set[str] = set()
        self.changes: list[str] = []
        self.break_at: int | None = None
        self.too_late = False
        self._items = 0
        for scene in scenes:
            self.scenes[scene] = []
            self.user_input(f"{scene} colour", "color_source_v3", scene)

    def user_input(self, name: str, kind: str, scene: str, **settings: Any) -> dict[str, Any]:
        self.inputs[name] = {"kind": kind, "settings": settings}
        return self.add_item(self.scenes[scene], name)

    def add_item(self, items: list[dict[str, Any]], source: str, enabled: bool = True) -> dict[str, Any]:
        self._items += 1
        item = {
            "sceneItemId": self._items,
            "sourceName": source,
            "sceneItemEnabled": enabled,
            "sceneItemLocked": False,
            "sceneItemBlendMode": "OBS_BLEND_NORMAL",
            "sceneItemTransform": dict(UNTOUCHED),
        }
        items.append(item)
        return item

    def sources(self, scene: str) -> list[str]:
        return [item["sourceName"] for item in self.scenes[scene]]

    def item(self, scene: str, source: str) -> dict[str, Any]:
        return next(item for item in self.scenes[scene] if item["sourceName"] == source)

    def snapshot(self) -> Any:
        """All there is, but for the numbers of items and whose a scene is."""
        scenes = {
            name: [{k: v for k, v in item.items() if k != "sceneItemId"} for item in items]
            for name, items in self.scenes.items()
        }
        return repr((scenes, self.groups, self.inputs, self.program))

    def request(self, kind: str, data: Mapping[str, Any] | None = None) -> dict[str, Any]:
        asked = dict(data or {})
        changing = not kind.startswith("Get")
        if changing:
            self.changes.append(kind)
        breaking = changing and len(self.changes) == self.break_at
        if breaking and not self.too_late:
            raise ObsAwayError("the link broke")
        answer: dict[str, Any] = getattr(self, f"_{kind}")(**asked) or {}
        if breaking:
            raise ObsAwayError("the link broke")
        return answer

    # -- questions

    def _GetVideoSettings(self) -> Any:
        return {"baseWidth": self.canvas[0], "baseHeight": self.canvas[1]}

    def _GetSceneCollectionList(self) -> Any:
        return {"currentSceneCollectionName": self.name, "sceneCollections": [self.name]}

    def _GetSceneList(self) -> Any:
        scenes = [{"sceneIndex": i, "sceneName": name} for i, name in enumerate(reversed(self.scenes))]
        return {"currentProgramSceneName": self.program, "scenes": scenes}

    def _GetGroupList(self) -> Any:
        return {"groups": list(self.groups)}

    def _GetSceneItemList(self, sceneName: str) -> Any:
        return self._listed(self.scenes, sceneName)

    def _GetGroupSceneItemList(self, sceneName: str) -> Any:
        return self._listed(self.groups, sceneName)

    def _listed(self, places: dict[str, list[dict[str, Any]]], name: str) -> Any:
        return {"sceneItems": [{**item, "sceneItemIndex": i} for i, item in enumerate(places[name])]}

    def _GetInputList(self) -> Any:
        return {"inputs": [{"inputName": n, "inputKind": i["kind"]} for n, i in self.inputs.items()]}

    def _GetInputKindList(self) -> Any:
        return {"inputKinds": list(self.kinds)}

    def _GetInputSettings(self, inputName: str) -> Any:
        return {"inputSettings": dict(self.inputs[inputName]["settings"])}

    def _GetInputDefaultSettings(self, inputKind: str) -> Any:
        return {"defaultInputSettings": {"is_local_file": True} if inputKind == "ffmpeg_source" else {}}

    def _GetSourcePrivateSettings(self, sourceName: str) -> Any:
        return {"sourceSettings": dict(self.private.get(sourceName, {}))}

    def _GetInputPropertiesListPropertyItems(self, inputName: str, propertyName: str) -> Any:
        return {"propertyItems": [{"itemName": n, "itemValue": v} for v, n in self.devices.items()]}

    def _GetSourceScreenshot(self, sourceName: str, **_: Any) -> None:
        """Drawing a scene makes it let go of what was removed; with the last item goes the input."""
        items = self.scenes.get(sourceName, [])
        shown = {item["sourceName"] for item in items}
        for place in [items, *(group for name, group in self.groups.items() if name in shown)]:
            place[:] = [item for item in place if item["sourceName"] not in self.removed]
        held = {i["sourceName"] for p in (*self.scenes.values(), *self.groups.values()) for i in p}
        for name in self.removed - held:
            self.inputs.pop(name, None)
            self.private.pop(name, None)
        self.removed &= held

    # -- changes

    def _CreateScene(self, sceneName: str) -> None:
        self._must_be_free(sceneName, "CreateScene")
        self.scenes[sceneName] = []

    def _RemoveScene(self, sceneName: str) -> None:
        if sceneName not in self.scenes:
            raise ObsRequestError("RemoveScene", 600, "No source was found")
        dropped = {item["sourceName"] for item in self.scenes.pop(sceneName)}
        self.private.pop(sceneName, None)
        held = {i["sourceName"] for p in (*self.scenes.values(), *self.groups.values()) for i in p}
        for name in dropped - held:
            self.inputs.pop(name, None)
        if self.program == sceneName:
            self.program = next(iter(self.scenes), "")

    def _SetCurrentProgramScene(self, sceneName: str) -> None:
        self.program = sceneName

    def _SetSourcePrivateSettings(self, sourceName: str, sourceSettings: dict[str, Any]) -> None:
        self.private.setdefault(sourceName, {}).update(sourceSettings)

    def _CreateInput(self, sceneName: str, inputName: str, inputKind: str, **more: Any) -> Any:
        self._must_be_free(inputName, "CreateInput")
        if inputKind not in self.kinds:
            raise ObsRequestError("CreateInput", 605, "Your specified input kind is not supported")
        self.inputs[inputName] = {"kind": inputKind, "settings": dict(more["inputSettings"])}
        return self._CreateSceneItem(sceneName, inputName, more["sceneItemEnabled"])

    def _CreateSceneItem(self, sceneName: str, sourceName: str, sceneItemEnabled: bool) -> Any:
        item = self.add_item(self.scenes[sceneName], sourceName, sceneItemEnabled)
        return {"sceneItemId": item["sceneItemId"]}

    def _RemoveInput(self, inputName: str) -> None:
        if inputName not in self.inputs:
            raise ObsRequestError("RemoveInput", 600, "No source was found")
        self.removed.add(inputName)

    def _SetInputSettings(self, inputName: str, inputSettings: dict[str, Any], overlay: bool = True) -> None:
        self.inputs[inputName]["settings"].update(inputSettings)

    def _SetSceneItemTransform(self, sceneName: str, sceneItemId: int, sceneItemTransform: Any) -> None:
        for key in ("boundsWidth", "boundsHeight"):
            if sceneItemTransform.get(key, 1.0) < 1:
                raise ObsRequestError("SetSceneItemTransform", 402, f"{key} is below the minimum of 1")
        self._by_id(sceneName, sceneItemId)["sceneItemTransform"].update(sceneItemTransform)

    def _SetSceneItemIndex(self, sceneName: str, sceneItemId: int, sceneItemIndex: int) -> None:
        item = self._by_id(sceneName, sceneItemId)
        self.scenes[sceneName].remove(item)
        self.scenes[sceneName].insert(sceneItemIndex, item)

    def _SetSceneItemLocked(self, sceneName: str, sceneItemId: int, sceneItemLocked: bool) -> None:
        self._by_id(sceneName, sceneItemId)["sceneItemLocked"] = sceneItemLocked

    def _SetSceneItemBlendMode(self, sceneName: str, sceneItemId: int, sceneItemBlendMode: str) -> None:
        self._by_id(sceneName, sceneItemId)["sceneItemBlendMode"] = sceneItemBlendMode

    def _by_id(self, scene: str, number: int) -> dict[str, Any]:
        return next(item for item in self.scenes[scene] if item["sceneItemId"] == number)

    def _must_be_free(self, name: str, kind: str) -> None:
        if name in {*self.scenes, *self.groups, *self.inputs}:
            raise ObsRequestError(kind, 601, "A source already exists by that name.")

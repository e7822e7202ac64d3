"""What the fake OBS holds: scenes, inputs, items; and the events that changes to them cause.

Kept to what OBS 29 does, its oddities too: a removed source lives on, and keeps its name, while a scene that
is not on air still has it as an item, because OBS drops such items only when it renders the scene.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.obs_fake_parts import Item, Source, Subscription, sources_within, untouched, unversioned


class World:
    """The state of one fake OBS. Not thread-safe: the server holds its lock around every call.

    Args:
        scenes: names, top of OBS's list first; the first is on program, each holds one colour source.
        size: canvas, width and height in px.
        kinds: input kinds and their default settings.
        emit: takes each event (eventType, intent, eventData).
        render_soon: asks for a call of `render` a frame from now.
    """

    def __init__(
        self,
        scenes: Sequence[str],
        size: tuple[int, int],
        kinds: Mapping[str, Mapping[str, Any]],
        emit: Callable[[str, Subscription, dict[str, Any] | None], None],
        render_soon: Callable[[], None],
    ) -> None:
        self.size, self.kinds = size, kinds
        self.persistent: dict[tuple[str, str], Any] = {}
        self.extra_hotkeys: list[str] = []
        self.emit, self._render_soon = emit, render_soon
        self._active: list[Source] = []
        self._switching = False
        self._sources: dict[str, Source] = {}
        self.order: list[Source] = []
        for name in scenes:
            scene = self._sources[name] = Source(name, "", {})
            colour = Source(f"{name} colour", "color_source_v3", {"width": size[0], "height": size[1]})
            self._sources[colour.name] = colour
            scene.items.append(Item(1, colour, True, untouched(), self.source_size(colour)))
            scene.next_item = 2
            self.order.append(scene)
        self.program = self.order[0]
        self._active = self._visible_inputs()

    def find(self, name: str) -> Source | None:
        """A scene or an input; removed ones too while an item keeps them."""
        return self._sources.get(name)

    def inputs(self) -> list[Source]:
        """Every input, newest first."""
        return [source for source in reversed(self._sources.values()) if source.kind]

    def scene_list(self) -> list[dict[str, Any]]:
        """Scenes as the protocol lists them, bottom first."""
        return [
            {"sceneIndex": index, "sceneName": scene.name} for index, scene in enumerate(reversed(self.order))
        ]

    def is_visible(self, source: Source) -> bool:
        """Whether it is part of what is on program."""
        return source in self._visible_sources()

    def source_size(self, source: Source) -> tuple[float, float]:
        """Width and height in px; for text a guess that grows with the text."""
        settings = {**self.kinds.get(source.kind, {}), **source.settings}
        if not source.kind:
            return float(self.size[0]), float(self.size[1])
        if "width" in settings and "height" in settings:
            return float(settings["width"]), float(settings["height"])
        if "text" in settings:
            letters_px = settings.get("font", {}).get("size", 256)
            return float(round(0.6 * letters_px * len(settings["text"]))), float(letters_px)
        return 0.0, 0.0

    def transform_of(self, item: Item) -> dict[str, Any]:
        """An item's sceneItemTransform, with the sizes that follow from its source."""
        width, height = self.source_size(item.source)
        sizes = {
            "sourceWidth": width,
            "sourceHeight": height,
            "width": width * item.transform["scaleX"],
            "height": height * item.transform["scaleY"],
        }
        return {**item.transform, **sizes}

    def hotkeys(self) -> list[str]:
        """Names of the hotkeys: OBS's own, one pair per item, and what scripts have added."""
        pairs = (
            f"libobs.{act}_scene_item.{item.source.name}"
            for scene in self.order
            for item in scene.items
            for act in ("show", "hide")
        )
        return [
            "OBSBasic.StartStreaming",
            "OBSBasic.EnablePreview",
            "OBSBasic.Screenshot",
            *pairs,
            *self.extra_hotkeys,
        ]

    def switch(self, scene: Source) -> None:
        """Put another scene on program; a second switch within the same frame is announced as one."""
        if scene is self.program:
            return
        self.program, self._switching = scene, True
        self.emit("SceneTransitionStarted", Subscription.TRANSITIONS, {"transitionName": "Cut"})
        self._render_soon()

    def add_scene(self, name: str) -> None:
        """A new, empty scene at the bottom of OBS's list."""
        scene = self._sources[name] = Source(name, "", {})
        self.order.append(scene)
        self._scene_list_changed()
        self.emit("SceneCreated", Subscription.SCENES, {"sceneName": name, "isGroup": False})

    def remove_scene(self, scene: Source) -> None:
        """Drop a scene; when it is on program its upper neighbour follows."""
        at = self.order.index(scene) if scene in self.order else None
        if at is None:
            return
        del self.order[at]
        scene.removed = True
        self.emit("SceneRemoved", Subscription.SCENES, {"sceneName": scene.name, "isGroup": False})
        if scene is self.program and self.order:
            self.switch(self.order[max(0, at - 1)])
        self._scene_list_changed()
        self._forget_unused(scene)
        self._render_soon()

    def add_input(self, name: str, kind: str, settings: Mapping[str, Any]) -> Source:
        """A new input, in no scene yet."""
        source = self._sources[name] = Source(name, kind, dict(settings))
        created = {
            "inputName": name,
            "inputKind": kind,
            "unversionedInputKind": unversioned(kind),
            "inputSettings": dict(settings),
            "defaultInputSettings": dict(self.kinds[kind]),
        }
        self.emit("InputCreated", Subscription.INPUTS, created)
        return source

    def remove_input(self, source: Source) -> None:
        """Mark it removed; its items go when their scenes are rendered next."""
        if not source.removed:
            source.removed = True
            self.emit("InputRemoved", Subscription.INPUTS, {"inputName": source.name})
        self._forget_unused(source)
        self._render_soon()

    def set_settings(self, source: Source, settings: Mapping[str, Any]) -> None:
        """Replace an input's settings; OBS 29 tells nobody, but its size may change."""
        source.settings = dict(settings)
        self._render_soon()

    def add_item(self, scene: Source, source: Source, enabled: bool) -> Item:
        """Put a source on top of a scene."""
        item = Item(scene.next_item, source, enabled, untouched())
        scene.next_item += 1
        scene.items.append(item)
        named = {"sceneName": scene.name, "sceneItemId": item.number}
        place = {"sourceName": source.name, "sceneItemIndex": len(scene.items) - 1}
        self.emit("SceneItemCreated", Subscription.SCENE_ITEMS, {**named, **place})
        if not enabled:
            self.emit(
                "SceneItemEnableStateChanged", Subscription.SCENE_ITEMS, {**named, "sceneItemEnabled": False}
            )
        self.emit("SceneItemSelected", Subscription.SCENE_ITEMS, named)
        self._render_soon()
        return item

    def remove_item(self, scene: Source, item: Item) -> None:
        """Take an item out of its scene; an input that no scene shows any more goes with it."""
        scene.items.remove(item)
        gone = {"sceneName": scene.name, "sourceName": item.source.name, "sceneItemId": item.number}
        self.emit("SceneItemRemoved", Subscription.SCENE_ITEMS, gone)
        self._forget_unused(item.source)
        self._render_soon()

    def enable_item(self, scene: Source, item: Item, enabled: bool) -> None:
        """Show or hide an item."""
        if item.enabled == enabled:
            return
        item.enabled = enabled
        changed = {"sceneName": scene.name, "sceneItemId": item.number, "sceneItemEnabled": enabled}
        self.emit("SceneItemEnableStateChanged", Subscription.SCENE_ITEMS, changed)
        self._render_soon()

    def move_item(self, scene: Source, item: Item, index: int) -> None:
        """Put an item at an index, 0 = bottom; too high an index means the top."""
        scene.items.remove(item)
        scene.items.insert(index, item)
        items = [{"sceneItemId": each.number, "sceneItemIndex": at} for at, each in enumerate(scene.items)]
        changed = {"sceneName": scene.name, "sceneItems": items}
        self.emit("SceneItemListReindexed", Subscription.SCENE_ITEMS, changed)

    def transform_item(self, scene: Source, item: Item, changes: Mapping[str, Any]) -> None:
        """Change some values of an item's transform."""
        item.transform.update(changes)
        self._transform_changed(scene, item)

    def render(self) -> None:
        """One frame: drop items of removed sources from what is on air, announce what shows and what not."""
        for scene in self._visible_sources():
            for item in [item for item in scene.items if item.source.removed]:
                self.remove_item(scene, item)
            for item in scene.items:
                size = self.source_size(item.source)
                if size != item.size:
                    item.size = size
                    self._transform_changed(scene, item)
        before, self._active = self._active, self._visible_inputs()
        self._announce([source for source in self._active if source not in before], True)
        if self._switching:
            self._switching = False
            named = {"transitionName": "Cut"}
            self.emit("SceneTransitionVideoEnded", Subscription.TRANSITIONS, named)
            changed = {"sceneName": self.program.name}
            self.emit("CurrentProgramSceneChanged", Subscription.SCENES, changed)
            self.emit("SceneTransitionEnded", Subscription.TRANSITIONS, named)
        self._announce([source for source in before if source not in self._active], False)

    def announce_exit(self) -> None:
        """The events of a quit: OBS takes everything down first and says goodbye last."""
        for scene in self.order:
            self.emit("SceneRemoved", Subscription.SCENES, {"sceneName": scene.name, "isGroup": False})
            for item in scene.items:
                if item.source.kind:
                    self.emit("InputRemoved", Subscription.INPUTS, {"inputName": item.source.name})
        self.emit("ExitStarted", Subscription.GENERAL, None)

    def _announce(self, sources: list[Source], shows: bool) -> None:
        for source in sources:
            named = {"inputName": source.name}
            show, active = Subscription.INPUT_SHOW_STATE_CHANGED, Subscription.INPUT_ACTIVE_STATE_CHANGED
            self.emit("InputShowStateChanged", show, {**named, "videoShowing": shows})
            self.emit("InputActiveStateChanged", active, {**named, "videoActive": shows})

    def _visible_sources(self) -> list[Source]:
        return list(dict.fromkeys(sources_within(self.program)))

    def _visible_inputs(self) -> list[Source]:
        return [source for source in self._visible_sources() if source.kind]

    def _scene_list_changed(self) -> None:
        self.emit("SceneListChanged", Subscription.SCENES, {"scenes": self.scene_list()})

    def _transform_changed(self, scene: Source, item: Item) -> None:
        changed = {
            "sceneName": scene.name,
            "sceneItemId": item.number,
            "sceneItemTransform": self.transform_of(item),
        }
        high_volume = Subscription.SCENE_ITEM_TRANSFORM_CHANGED
        self.emit("SceneItemTransformChanged", high_volume, changed)

    def _forget_unused(self, source: Source) -> None:
        """Free a source and its name once no item has it; a scene only after it was removed."""
        if any(item.source is source for each in self._sources.values() for item in each.items):
            return
        if not source.kind and not source.removed:
            return
        if self._sources.pop(source.name, None) is None:
            return
        if not source.removed:
            source.removed = True
            self.emit("InputRemoved", Subscription.INPUTS, {"inputName": source.name})
        for item in source.items:
            self._forget_unused(item.source)

"""The fake OBS's requests about scene items: a source's place, size and order in a scene."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.obs_fake_fields import Fields, RequestRefusedError, Status
from tests.obs_fake_parts import Item, Source
from tests.obs_fake_transform import checked_changes
from tests.obs_fake_world import World

#: Carries out one request and gives its responseData, or raises RequestRefusedError.
Answerer = Callable[[World, Fields], Mapping[str, Any] | None]


def find_source(world: World, name: str) -> Source:
    """A scene or an input by its name, or 600."""
    source = world.find(name)
    if source is None:
        raise RequestRefusedError(Status.NOT_FOUND, f"No source was found by the name of `{name}`.")
    return source


def find_scene(world: World, fields: Fields) -> Source:
    """The scene `sceneName`, or 600 or 602."""
    scene = find_source(world, fields.text("sceneName"))
    if scene.kind:
        raise RequestRefusedError(Status.INVALID_TYPE, "The specified source is not a scene.")
    return scene


def find_input(world: World, fields: Fields) -> Source:
    """The input `inputName`, or 600 or 602."""
    source = find_source(world, fields.text("inputName"))
    if not source.kind:
        raise RequestRefusedError(Status.INVALID_TYPE, "The specified source is not an input.")
    return source


def find_item(world: World, fields: Fields) -> tuple[Source, Item]:
    """The item `sceneItemId` of the scene `sceneName`, or 600."""
    scene, number = find_scene(world, fields), int(fields.number("sceneItemId", 0))
    for item in scene.items:
        if item.number == number:
            return scene, item
    raise RequestRefusedError(
        Status.NOT_FOUND, f"No scene items were found in scene `{scene.name}` with the ID `{number}`."
    )


def _item_entry(world: World, index: int, item: Item) -> dict[str, Any]:
    kind = item.source.kind
    return {
        "sceneItemId": item.number,
        "sceneItemIndex": index,
        "sourceName": item.source.name,
        "sourceType": "OBS_SOURCE_TYPE_INPUT" if kind else "OBS_SOURCE_TYPE_SCENE",
        "inputKind": kind or None,
        "isGroup": None if kind else False,
        "sceneItemEnabled": item.enabled,
        "sceneItemLocked": False,
        "sceneItemBlendMode": "OBS_BLEND_NORMAL",
        "sceneItemTransform": world.transform_of(item),
    }


def _get_items(world: World, fields: Fields) -> Mapping[str, Any]:
    scene = find_scene(world, fields)
    return {"sceneItems": [_item_entry(world, index, item) for index, item in enumerate(scene.items)]}


def _get_item_number(world: World, fields: Fields) -> Mapping[str, Any]:
    scene, name = find_scene(world, fields), fields.text("sourceName")
    offset = int(fields.optional_number("searchOffset", -1) or 0)
    found = [item.number for item in scene.items if item.source.name == name]
    if not found or offset >= len(found):
        raise RequestRefusedError(
            Status.NOT_FOUND, "No scene items were found in the specified scene by that name or offset."
        )
    return {"sceneItemId": found[offset]}


def _create_item(world: World, fields: Fields) -> Mapping[str, Any]:
    scene, source = find_scene(world, fields), find_source(world, fields.text("sourceName"))
    if scene is source:
        raise RequestRefusedError(Status.CANNOT_ACT, "You cannot create scene item of a scene within itself.")
    enabled = fields.optional_switch("sceneItemEnabled", True)
    if source.removed or source.contains(scene):
        raise RequestRefusedError(Status.CREATION_FAILED, "Failed to create the scene item.")
    return {"sceneItemId": world.add_item(scene, source, enabled).number}


def _remove_item(world: World, fields: Fields) -> None:
    world.remove_item(*find_item(world, fields))


def _get_transform(world: World, fields: Fields) -> Mapping[str, Any]:
    return {"sceneItemTransform": world.transform_of(find_item(world, fields)[1])}


def _set_transform(world: World, fields: Fields) -> None:
    scene, item = find_item(world, fields)
    wanted = fields.table("sceneItemTransform", empty=False)
    world.transform_item(scene, item, checked_changes(wanted, world.source_size(item.source)))


def _get_enabled(world: World, fields: Fields) -> Mapping[str, Any]:
    return {"sceneItemEnabled": find_item(world, fields)[1].enabled}


def _set_enabled(world: World, fields: Fields) -> None:
    scene, item = find_item(world, fields)
    world.enable_item(scene, item, fields.switch("sceneItemEnabled"))


def _get_index(world: World, fields: Fields) -> Mapping[str, Any]:
    scene, item = find_item(world, fields)
    return {"sceneItemIndex": scene.items.index(item)}


def _set_index(world: World, fields: Fields) -> None:
    scene, item = find_item(world, fields)
    world.move_item(scene, item, int(fields.number("sceneItemIndex", 0, 8192)))


ITEM_REQUESTS: Mapping[str, Answerer] = {
    "GetSceneItemList": _get_items,
    "GetSceneItemId": _get_item_number,
    "CreateSceneItem": _create_item,
    "RemoveSceneItem": _remove_item,
    "GetSceneItemTransform": _get_transform,
    "SetSceneItemTransform": _set_transform,
    "GetSceneItemEnabled": _get_enabled,
    "SetSceneItemEnabled": _set_enabled,
    "GetSceneItemIndex": _get_index,
    "SetSceneItemIndex": _set_index,
}

"""Where an input goes in a scene, and the step that puts it there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from obs_plugin.setup.inventory import Inventory, Item, Scene
from obs_plugin.setup.steps import CREATED, Call, Step, quoted
from obs_plugin.setup.wanted import PLACED_KEY, mark

#: What OBS does with an item unless told otherwise.
PLAIN = Item("", 0)
UNTOUCHED = {
    "positionX": 0.0,
    "positionY": 0.0,
    "scaleX": 1.0,
    "scaleY": 1.0,
    "rotation": 0.0,
    "boundsType": "OBS_BOUNDS_NONE",
    **dict.fromkeys(("cropLeft", "cropRight", "cropTop", "cropBottom"), 0),
}


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a scene.

    Attributes:
        transform: sceneItemTransform of the protocol.
        index: how high; 0 = the lowest, None = on top.
        like: an item whose visibility, lock and blending the new one takes over.
        item_id: sceneItemId of what is there already; None = an item that is yet to be made.
    """

    scene: str
    transform: Mapping[str, Any]
    index: int | None = None
    like: Item = PLAIN
    item_id: int | None = None


#: The spot in the scene of that name.
SpotIn = Callable[[str], Spot]


def create(what: str, name: str, kind: str, settings: Mapping[str, Any], spots: Sequence[Spot]) -> Step:
    """Make an input of ours in the first spot, and items of it in the others.

    Args:
        what: for people: picture or label.
    """
    first, *others = spots
    made = {
        "sceneName": first.scene,
        "inputName": name,
        "inputKind": kind,
        "inputSettings": {**settings, **mark(name)},
        "sceneItemEnabled": first.like.enabled,
    }
    calls = [Call("CreateInput", made), *_arrange(first), *_items(name, others), _placed(name, True)]
    return Step(f"add the {what} {name!r} to {_scenes(spots)}", tuple(calls))


def complete(inventory: Inventory, what: str, name: str, homes: Sequence[str], spot: SpotIn) -> list[Step]:
    """Put an input of ours into the scenes that lack it; place items of it that still lie as OBS makes them.

    Args:
        homes: the scenes that it is to be in.
        spot: where in a scene.
    """
    steps: list[Step] = []
    there = inventory.input(name)
    if there and not there.placed:
        spots = [
            replace(spot(scene.name), item_id=item.id) for scene, item in _dropped(inventory, name, homes)
        ]
        if spots:
            calls = [*(call for one in spots for call in _arrange(one)), _placed(name, True)]
            steps.append(Step(f"place the {what} {name!r} in {_scenes(spots)}", tuple(calls)))
    spots = [spot(scene) for scene in inventory.lacking(homes, name)]
    if spots:
        calls = [_placed(name, False), *_items(name, spots), _placed(name, True)]
        steps.append(Step(f"add the {what} {name!r} to {_scenes(spots)}", tuple(calls)))
    return steps


def _dropped(inventory: Inventory, name: str, homes: Sequence[str]) -> list[tuple[Scene, Item]]:
    """Items of ours that still lie as OBS makes them: a setup broke off between making and placing."""
    scenes = [scene for scene in inventory.scenes if scene.name in homes]
    return [(s, item) for s in scenes for item in s.items if item.source == name and _is_untouched(item)]


def _is_untouched(item: Item) -> bool:
    return all(item.transform.get(key, value) == value for key, value in UNTOUCHED.items())


def _items(name: str, spots: Sequence[Spot]) -> list[Call]:
    calls: list[Call] = []
    for spot in spots:
        made = {"sceneName": spot.scene, "sourceName": name, "sceneItemEnabled": spot.like.enabled}
        calls += [Call("CreateSceneItem", made), *_arrange(spot)]
    return calls


def _arrange(spot: Spot) -> list[Call]:
    item = {"sceneName": spot.scene, "sceneItemId": CREATED if spot.item_id is None else spot.item_id}
    calls: list[Call] = []
    if spot.index is not None:
        calls.append(Call("SetSceneItemIndex", {**item, "sceneItemIndex": spot.index}))
    if spot.like.blend != PLAIN.blend:
        calls.append(Call("SetSceneItemBlendMode", {**item, "sceneItemBlendMode": spot.like.blend}))
    if spot.like.locked:
        calls.append(Call("SetSceneItemLocked", {**item, "sceneItemLocked": True}))
    # Last, since an item that is still untouched shows that the others may be missing too.
    calls.append(Call("SetSceneItemTransform", {**item, "sceneItemTransform": dict(spot.transform)}))
    return calls


def _placed(name: str, placed: bool) -> Call:
    # Private, since a change of a stream's settings would start it anew, on air or not.
    return Call("SetSourcePrivateSettings", {"sourceName": name, "sourceSettings": {PLACED_KEY: placed}})


def _scenes(spots: Sequence[Spot]) -> str:
    names = list(dict.fromkeys(spot.scene for spot in spots))
    return f"the scene{'s' if len(names) > 1 else ''} {quoted(names)}"

"""What there is in the running OBS: its scene collection, and what of it jikcam has made."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from obs_plugin.errors import ObsError, ObsRequestError
from obs_plugin.kinds import CAMERA_KINDS, TEXT_KINDS, camera_device_key
from obs_plugin.setup.wanted import PLACED_KEY, is_ours

#: Asks OBS with the names of the obs-websocket protocol 5 (``Link.request``); all used here are in 5.1.0.
#: Get- and SetSourcePrivateSettings are in every 5.x, yet not in its documentation.
Request = Callable[[str, Mapping[str, Any] | None], dict[str, Any]]

#: RequestStatus::ResourceNotFound of the protocol.
NOT_FOUND = 600
TRIES = 10
BETWEEN_TRIES_S = 0.1
#: In a sceneItemTransform: the size of the source, which changes with what it shows.
WORKED_OUT = frozenset({"width", "height", "sourceWidth", "sourceHeight"})


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a scene or group.

    Attributes:
        source: name of the input, scene or group that it shows.
        index: 0 = the lowest.
        id: sceneItemId.
        transform: sceneItemTransform of the protocol, without what OBS works out itself.
    """

    source: str
    index: int
    id: int = 0
    enabled: bool = True
    locked: bool = False
    blend: str = "OBS_BLEND_NORMAL"
    transform: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene or group, its items from the lowest to the highest."""

    name: str
    items: tuple[Item, ...] = ()
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Input:
    """An input.

    Attributes:
        settings: of one of ours, with OBS's defaults; of the user's own nothing is kept.
        devices: what one of ours could show, if it is a camera: name by itemValue.
        placed: all items that jikcam has made of one of ours are where they belong; from then on the user may
            move them as they like.
    """

    name: str
    kind: str
    ours: bool = False
    placed: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)
    devices: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_text(self) -> bool:
        return self.kind.startswith(TEXT_KINDS)

    @property
    def is_camera(self) -> bool:
        return self.kind.startswith(tuple(CAMERA_KINDS))


@dataclass(frozen=True, slots=True)
class Inventory:
    """The current scene collection.

    Attributes:
        collection: its name.
        canvas: base width and height, pixels.
        program: name of the scene on air.
        scenes: in the order OBS shows them.
        kinds: of inputs that this OBS can make, with versions.
    """

    collection: str
    canvas: tuple[int, int]
    program: str
    scenes: tuple[Scene, ...]
    groups: tuple[Scene, ...]
    inputs: tuple[Input, ...]
    kinds: tuple[str, ...]

    def scene(self, name: str) -> Scene | None:
        return next((scene for scene in self.scenes if scene.name == name), None)

    def input(self, name: str) -> Input | None:
        return next((one for one in self.inputs if one.name == name), None)

    def sources_in(self, scene: Scene) -> Iterator[str]:
        """Names of all that a scene holds: its items, and those of groups and scenes among them."""
        inner = {one.name: one for one in (*self.scenes, *self.groups)}
        for item in scene.items:
            yield item.source
            if item.source in inner:
                yield from self.sources_in(inner[item.source])

    def holders(self, source: str) -> list[Scene]:
        """The scenes that have ``source`` as an item, by itself or within a group."""
        groups = {group.name for group in self.groups if any(i.source == source for i in group.items)}
        return [s for s in self.scenes if any(i.source == source or i.source in groups for i in s.items)]

    def users_items(self, scene: Scene) -> list[str]:
        """Names of what is in a scene and was not made by jikcam; a group is always the user's."""
        sources = dict.fromkeys(item.source for item in scene.items)
        return [source for source in sources if not self._is_ours(source)]

    def _is_ours(self, source: str) -> bool:
        # OBS sees to it that no scene holds itself.
        scene = self.scene(source)
        if scene:
            return scene.ours and self.is_bare(scene)
        return (one := self.input(source)) is not None and one.ours

    def is_bare(self, scene: Scene) -> bool:
        """Whether there is nothing of the user's own in a scene."""
        return not self.users_items(scene)

    def lacking(self, homes: Sequence[str], source: str) -> list[str]:
        """Which of the scenes lack ``source`` and may be given it: jikcam's, bare ones, and those to be made.

        A bare one that is not marked finishes the job where another broke off before marking it.
        """
        found: list[str] = []
        for name in homes:
            scene = self.scene(name)
            may_fill = scene is None or scene.ours or self.is_bare(scene)
            if may_fill and (scene is None or source not in self.sources_in(scene)):
                found.append(name)
        return found


def read_inventory(request: Request, sleep: Callable[[float], None] = time.sleep) -> Inventory:
    """Look through the current scene collection; changes nothing.

    Raises:
        ObsError: OBS is away or refuses, or its scenes do not stop changing.
    """
    for _ in range(TRIES):
        try:
            return _read(request)
        except ObsRequestError as error:
            # Something that was listed is gone by the time it is asked about.
            if error.code != NOT_FOUND:
                raise
            sleep(BETWEEN_TRIES_S)
    raise ObsError("the scenes in OBS change while jikcam looks at them", "run the same command again")


def _read(request: Request) -> Inventory:
    video = request("GetVideoSettings", None)
    listed = request("GetSceneList", None)
    # From the lowest to the highest number is from the bottom to the top of OBS's own list.
    scenes = sorted(listed["scenes"], key=lambda scene: -int(scene["sceneIndex"]))
    return Inventory(
        collection=str(request("GetSceneCollectionList", None)["currentSceneCollectionName"]),
        canvas=(int(video["baseWidth"]), int(video["baseHeight"])),
        program=str(listed["currentProgramSceneName"]),
        scenes=tuple(_scene(request, str(scene["sceneName"])) for scene in scenes),
        groups=tuple(
            Scene(str(name), _items(request("GetGroupSceneItemList", {"sceneName": name})))
            for name in request("GetGroupList", None)["groups"]
        ),
        inputs=tuple(
            _input(request, str(one["inputName"]), str(one["inputKind"]))
            for one in request("GetInputList", None)["inputs"]
        ),
        kinds=tuple(map(str, request("GetInputKindList", None)["inputKinds"])),
    )


def _scene(request: Request, name: str) -> Scene:
    private = request("GetSourcePrivateSettings", {"sourceName": name})["sourceSettings"]
    return Scene(name, _items(request("GetSceneItemList", {"sceneName": name})), is_ours(private, name))


def _items(answer: Mapping[str, Any]) -> tuple[Item, ...]:
    items = (
        Item(
            source=str(item["sourceName"]),
            index=int(item["sceneItemIndex"]),
            id=int(item["sceneItemId"]),
            enabled=bool(item["sceneItemEnabled"]),
            locked=bool(item["sceneItemLocked"]),
            blend=str(item["sceneItemBlendMode"]),
            transform={k: v for k, v in item["sceneItemTransform"].items() if k not in WORKED_OUT},
        )
        for item in answer["sceneItems"]
    )
    return tuple(sorted(items, key=lambda item: item.index))


def _input(request: Request, name: str, kind: str) -> Input:
    settings = request("GetInputSettings", {"inputName": name})["inputSettings"]
    if not is_ours(settings, name):
        return Input(name, kind)
    defaults = request("GetInputDefaultSettings", {"inputKind": kind})["defaultInputSettings"]
    devices = read_devices(request, name, kind) if Input(name, kind).is_camera else {}
    private = request("GetSourcePrivateSettings", {"sourceName": name})["sourceSettings"]
    return Input(name, kind, True, private.get(PLACED_KEY) is True, {**defaults, **settings}, devices)


def read_devices(request: Request, name: str, kind: str) -> dict[str, str]:
    """The cameras that a camera input could show: name by itemValue.

    Raises:
        ObsError: OBS is away or refuses.
    """
    asked = {"inputName": name, "propertyName": camera_device_key(kind)}
    listed = request("GetInputPropertiesListPropertyItems", asked)["propertyItems"]
    return {str(item["itemValue"]): str(item["itemName"]) for item in listed}

"""The things inside the fake OBS, and the names the protocol has for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntFlag
from typing import Any

#: Input kinds of OBS on Linux with the default settings of each; a kind ends in its version.
LINUX_KINDS: Mapping[str, Mapping[str, Any]] = {
    "image_source": {"linear_alpha": False, "unload": False},
    "color_source_v3": {"color": 4291940817, "height": 1080, "width": 1920},
    "pulse_input_capture": {"device_id": "default"},
    "v4l2_input": {"buffering": True, "input": -1, "pixelformat": -1, "resolution": -1, "timeout_frames": 5},
    "ffmpeg_source": {
        "buffering_mb": 2,
        "clear_on_media_end": True,
        "is_local_file": True,
        "looping": False,
        "reconnect_delay_sec": 10,
        "restart_on_activate": True,
        "speed_percent": 100,
    },
    "text_ft2_source_v2": {
        "antialiasing": True,
        "color1": 4294967295,
        "color2": 4294967295,
        "font": {"face": "Sans Serif", "flags": 0, "size": 256, "style": ""},
        "outline": False,
    },
}


class Subscription(IntFlag):
    """EventSubscription of the protocol."""

    GENERAL = 1 << 0
    CONFIG = 1 << 1
    SCENES = 1 << 2
    INPUTS = 1 << 3
    TRANSITIONS = 1 << 4
    FILTERS = 1 << 5
    OUTPUTS = 1 << 6
    SCENE_ITEMS = 1 << 7
    MEDIA_INPUTS = 1 << 8
    VENDORS = 1 << 9
    ALL = (1 << 10) - 1
    INPUT_ACTIVE_STATE_CHANGED = 1 << 17
    INPUT_SHOW_STATE_CHANGED = 1 << 18
    SCENE_ITEM_TRANSFORM_CHANGED = 1 << 19


@dataclass(eq=False, slots=True)
class Item:
    """A source's place in a scene; `size` = the source's, when its scene was last rendered."""

    number: int
    source: Source
    enabled: bool
    transform: dict[str, Any]
    size: tuple[float, float] | None = None


@dataclass(eq=False, slots=True)
class Filter:
    """A filter of a source."""

    name: str
    kind: str
    settings: dict[str, Any]
    enabled: bool = True


@dataclass(eq=False, slots=True)
class Source:
    """An input, or a scene (kind "") with its items, bottom first; `offset_ms` is of its sound."""

    name: str
    kind: str
    settings: dict[str, Any]
    items: list[Item] = field(default_factory=list)
    next_item: int = 1
    removed: bool = False
    private: dict[str, Any] = field(default_factory=dict)
    offset_ms: int = 0
    filters: list[Filter] = field(default_factory=list)

    def contains(self, other: Source) -> bool:
        """Whether `other` is somewhere in this scene, shown or hidden."""
        return any(item.source is other or item.source.contains(other) for item in self.items)


def unversioned(kind: str) -> str:
    """An input kind without its version: "text_ft2_source_v2" is a "text_ft2_source"."""
    stem, _, version = kind.rpartition("_v")
    return stem if version.isdigit() else kind


def sources_within(scene: Source) -> Iterator[Source]:
    """A scene and everything enabled inside it, scenes in scenes too; a source may come twice."""
    yield scene
    for item in scene.items:
        if item.enabled:
            yield from sources_within(item.source)


def untouched() -> dict[str, Any]:
    """The sceneItemTransform of a new item, without the sizes that follow from its source."""
    numbers = ("positionX", "positionY", "rotation", "boundsWidth", "boundsHeight")
    crops = ("cropLeft", "cropRight", "cropTop", "cropBottom")
    return {
        **dict.fromkeys(numbers, 0.0),
        **dict.fromkeys(crops, 0),
        "scaleX": 1.0,
        "scaleY": 1.0,
        "alignment": 5,
        "boundsAlignment": 0,
        "boundsType": "OBS_BOUNDS_NONE",
    }

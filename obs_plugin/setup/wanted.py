"""What a preset wants in OBS, by the names it has there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from engine.presets import ObsLabelPreset, ObsPreset

#: Key of jikcam's mark: in the settings of its inputs, in the private settings of its scenes. OBS saves both
#: with the scene collection, so that the mark goes where the collection goes.
MARK_KEY = "jikcam"
#: In the private settings of an input of ours; see ``Input.placed``.
PLACED_KEY = "jikcam placed"
FEED_PREFIX = "jikcam feed "
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def mark(name: str) -> dict[str, Any]:
    """The mark of something that jikcam makes and names ``name``.

    It holds the name, since OBS copies settings together with a source: a copy, or one that the user has
    renamed, is the user's.
    """
    return {MARK_KEY: name}


def is_ours(settings: Mapping[str, Any], name: str) -> bool:
    """Whether jikcam made what is named ``name`` and has these (private) settings."""
    return settings.get(MARK_KEY) == name


@dataclass(frozen=True, slots=True)
class Feed:
    """A View's picture in OBS.

    Attributes:
        name: of the input.
        is_camera: through the virtual camera, else as a stream.
        address: URL of the stream; path or label of the camera, "" = whichever is jikcam's.
    """

    name: str
    view: str
    is_camera: bool
    address: str


@dataclass(frozen=True, slots=True)
class WantedScene:
    """A scene: the name of the feed that fills it, and whether the label is in it."""

    name: str
    feed: str
    label: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """All that a preset wants in OBS; ``warnings`` says what will not work all the same."""

    scenes: tuple[WantedScene, ...]
    feeds: tuple[Feed, ...]
    label: ObsLabelPreset
    warnings: tuple[str, ...] = ()

    @property
    def names(self) -> set[str]:
        """Names of the scenes and feeds."""
        return {scene.name for scene in self.scenes} | {feed.name for feed in self.feeds}

    def homes(self, feed: Feed) -> list[str]:
        """Names of the scenes that a feed fills."""
        return [scene.name for scene in self.scenes if scene.feed == feed.name]


def wanted(preset: ObsPreset, engine_url: str, first_view: str, camera_device: str) -> Wanted:
    """What the [obs] table asks for.

    The virtual camera shows the first View; the pictures of others always come as streams.

    Args:
        engine_url: address of the control API, such as http://127.0.0.1:8787, as OBS reaches it.
        first_view: name of the preset's first View.
        camera_device: path or label of the first View's virtual camera; "" = not said.
    """
    feeds: dict[str, Feed] = {}
    scenes: list[WantedScene] = []
    for scene in preset.scene:
        view = scene.view or first_view
        is_camera = preset.feed == "camera" and view == first_view
        stream = f"{engine_url.rstrip('/')}/stream/{view}.mjpeg"
        address = preset.camera or camera_device if is_camera else stream
        feed = feeds.setdefault(view, Feed(FEED_PREFIX + view, view, is_camera, address))
        scenes.append(WantedScene(scene.name, feed.name, scene.label and preset.label.enabled))
    warnings: list[str] = []
    is_remote = preset.host not in LOOPBACK and urlsplit(engine_url).hostname in LOOPBACK
    if is_remote and not all(feed.is_camera for feed in feeds.values()):
        warnings.append(
            f"OBS runs on {preset.host} and can't fetch pictures from {engine_url}, which only this computer "
            "reaches; run jikcam on the computer with OBS"
        )
    return Wanted(tuple(scenes), tuple(feeds.values()), preset.label, tuple(warnings))

"""The steps that bring a View's picture into its scenes and keep it coming."""

from __future__ import annotations

from dataclasses import replace

from obs_plugin.errors import ObsError
from obs_plugin.kinds import STREAM_KIND, camera_device_key, camera_kind, camera_settings, stream_settings
from obs_plugin.setup.cameras import find_camera
from obs_plugin.setup.inventory import Input, Inventory
from obs_plugin.setup.spots import Spot, complete, create
from obs_plugin.setup.steps import Call, PointCamera, Step, remove_input
from obs_plugin.setup.wanted import Feed, Wanted

#: Without these a stream is not shown, or a second late; the user may set all others as they like.
STREAM_NEEDS = ("is_local_file", "input", "input_format", "ffmpeg_options", "buffering_mb")
#: Bounds that OBS reports of an item without bounds are no good for setting one.
LEAST_BOUND_PX = 1.0
BOUNDS = ("boundsWidth", "boundsHeight")


def plan_picture(inventory: Inventory, wanted: Wanted, feed: Feed) -> list[Step]:
    """Add the picture where it is missing; mend what would keep it from being shown.

    Raises:
        ObsError: this OBS lacks a kind of source, or the camera.
    """
    homes = wanted.homes(feed)
    there = inventory.input(feed.name)
    if there is None:
        return _create(
            inventory, feed, [_full(inventory, name) for name in inventory.lacking(homes, feed.name)]
        )
    if there.is_camera == feed.is_camera:
        mending = _mend_camera(there, feed) if feed.is_camera else _mend_stream(there, feed)
        return mending + complete(inventory, "picture", feed.name, homes, lambda name: _full(inventory, name))
    # A new kind takes a new input, put where the old one was; but OBS lets nobody add to a group.
    former = _former_spots(inventory, feed.name)
    lacking = replace(inventory, groups=()).lacking(homes, feed.name)
    spots = former + [_full(inventory, name) for name in lacking]
    kind = "a camera" if feed.is_camera else "a stream"
    removal = remove_input(inventory, feed.name, f"remove the picture {feed.name!r}, which is to be {kind}")
    return [removal, *_create(inventory, feed, spots)] if spots else []


def _create(inventory: Inventory, feed: Feed, spots: list[Spot]) -> list[Step]:
    if not spots:
        return []
    if not feed.is_camera:
        if STREAM_KIND not in inventory.kinds:
            raise ObsError("this OBS has no media source", "install OBS's plugin obs-ffmpeg")
        return [create("picture", feed.name, STREAM_KIND, stream_settings(feed.address), spots)]
    kind = camera_kind(inventory.kinds)
    settings = camera_settings(kind, "")
    del settings[camera_device_key(kind)]
    step = create("picture", feed.name, kind, settings, spots)
    return [replace(step, actions=(*step.actions, PointCamera(feed.name, kind, feed.address)))]


def _mend_stream(there: Input, feed: Feed) -> list[Step]:
    needed = stream_settings(feed.address)
    wrong = {key: needed[key] for key in STREAM_NEEDS if there.settings.get(key) != needed[key]}
    if not wrong:
        return []
    others = [key for key in wrong if key != "input"]
    parts = [f"point {feed.name!r} to {feed.address}"] if "input" in wrong else []
    parts += [f"set {', '.join(others)} of {feed.name!r} as a live stream needs"] if others else []
    data = {"inputName": feed.name, "inputSettings": wrong, "overlay": True}
    return [Step(" and ".join(parts), (Call("SetInputSettings", data),))]


def _mend_camera(there: Input, feed: Feed) -> list[Step]:
    now = str(there.settings.get(camera_device_key(there.kind)) or "")
    if now and (not feed.address or find_camera(there.devices, feed.address) == now):
        return []
    pointing = PointCamera(feed.name, there.kind, feed.address)
    return [Step(f"point {feed.name!r} to the camera {feed.address or 'that jikcam sends to'}", (pointing,))]


def _full(inventory: Inventory, name: str) -> Spot:
    """The whole canvas, under all that is in the scene, but over other Views' pictures."""
    width, height = inventory.canvas
    transform = {
        "positionX": 0.0,
        "positionY": 0.0,
        "alignment": 5,
        "boundsType": "OBS_BOUNDS_SCALE_INNER",
        "boundsAlignment": 0,
        "boundsWidth": float(width),
        "boundsHeight": float(height),
    }
    scene = inventory.scene(name)
    if scene is None or not scene.items:
        return Spot(name, transform)
    feeds = {one.name for one in inventory.inputs if one.ours and not one.is_text}
    return Spot(name, transform, max((i.index + 1 for i in scene.items if i.source in feeds), default=0))


def _former_spots(inventory: Inventory, source: str) -> list[Spot]:
    spots: list[Spot] = []
    for scene in inventory.scenes:
        for item in scene.items:
            if item.source == source:
                kept = {k: v for k, v in item.transform.items() if k not in BOUNDS or v >= LEAST_BOUND_PX}
                spots.append(Spot(scene.name, kept, item.index, item))
    return spots

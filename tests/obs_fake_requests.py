"""The requests the fake OBS answers, as obs-websocket 5.1.0 does: fields, checks, codes and comments."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from tests.obs_fake_delay import DELAY_REQUESTS
from tests.obs_fake_fields import Fields, RequestRefusedError, Status
from tests.obs_fake_items import ITEM_REQUESTS, Answerer, find_input, find_scene, find_source
from tests.obs_fake_parts import Subscription, unversioned
from tests.obs_fake_world import World

_REALMS = ("OBS_WEBSOCKET_DATA_REALM_GLOBAL", "OBS_WEBSOCKET_DATA_REALM_PROFILE")


def _get_version(world: World, fields: Fields) -> Mapping[str, Any]:
    return {
        "obsVersion": "29.0.2",
        "obsWebSocketVersion": "5.1.0",
        "rpcVersion": 1,
        "availableRequests": list(REQUESTS),
        "supportedImageFormats": ["bmp", "jpg", "png"],
        "platform": "debian",
        "platformDescription": "The fake OBS of jikcam's tests",
    }


def _get_stats(world: World, fields: Fields) -> Mapping[str, Any]:
    counts = ("renderSkippedFrames", "outputSkippedFrames", "outputTotalFrames")
    drawn = int(time.monotonic() * 30)
    gauges = {"cpuUsage": 5.0, "memoryUsage": 210.0, "availableDiskSpace": 70_000.0, "activeFps": 30.0}
    return {**gauges, "averageFrameRenderTime": 2.0, "renderTotalFrames": drawn, **dict.fromkeys(counts, 0)}


def _get_scene_list(world: World, fields: Fields) -> Mapping[str, Any]:
    return {
        "currentProgramSceneName": world.program.name,
        "currentPreviewSceneName": None,
        "scenes": world.scene_list(),
    }


def _get_program(world: World, fields: Fields) -> Mapping[str, Any]:
    return {"currentProgramSceneName": world.program.name}


def _set_program(world: World, fields: Fields) -> None:
    world.switch(find_scene(world, fields))


def _get_preview(world: World, fields: Fields) -> None:
    raise RequestRefusedError(Status.STUDIO_MODE_NOT_ACTIVE)


def _get_studio_mode(world: World, fields: Fields) -> Mapping[str, Any]:
    return {"studioModeEnabled": False}


def _create_scene(world: World, fields: Fields) -> None:
    name = fields.text("sceneName")
    if world.find(name):
        raise RequestRefusedError(Status.ALREADY_EXISTS, "A source already exists by that scene name.")
    world.add_scene(name)


def _remove_scene(world: World, fields: Fields) -> None:
    world.remove_scene(find_scene(world, fields))


def _get_input_list(world: World, fields: Fields) -> Mapping[str, Any]:
    kind = fields.optional_text("inputKind")
    inputs = [
        {
            "inputName": source.name,
            "inputKind": source.kind,
            "unversionedInputKind": unversioned(source.kind),
        }
        for source in world.inputs()
        if kind in (None, source.kind)
    ]
    return {"inputs": inputs}


def _get_kinds(world: World, fields: Fields) -> Mapping[str, Any]:
    plain = fields.optional_switch("unversioned", False)
    return {"inputKinds": [unversioned(kind) if plain else kind for kind in world.kinds]}


def _get_default_settings(world: World, fields: Fields) -> Mapping[str, Any]:
    kind = fields.text("inputKind")
    if kind not in world.kinds:
        raise RequestRefusedError(Status.INVALID_INPUT_KIND)
    return {"defaultInputSettings": dict(world.kinds[kind])}


def _create_input(world: World, fields: Fields) -> Mapping[str, Any]:
    scene, name = find_scene(world, fields), fields.text("inputName")
    kind = fields.text("inputKind")
    if world.find(name):
        raise RequestRefusedError(Status.ALREADY_EXISTS, "A source already exists by that input name.")
    if kind not in world.kinds:
        raise RequestRefusedError(
            Status.INVALID_INPUT_KIND,
            "Your specified input kind is not supported by OBS. Check that your specified kind is properly "
            "versioned and that any necessary plugins are loaded.",
        )
    settings = fields.optional_table("inputSettings")
    enabled = fields.optional_switch("sceneItemEnabled", True)
    item = world.add_item(scene, world.add_input(name, kind, settings), enabled)
    return {"sceneItemId": item.number}


def _remove_input(world: World, fields: Fields) -> None:
    world.remove_input(find_input(world, fields))


def _get_settings(world: World, fields: Fields) -> Mapping[str, Any]:
    source = find_input(world, fields)
    return {"inputSettings": source.settings, "inputKind": source.kind}


def _set_settings(world: World, fields: Fields) -> None:
    source, settings = find_input(world, fields), fields.table("inputSettings", empty=True)
    overlay = fields.optional_switch("overlay", True)
    world.set_settings(source, {**source.settings, **settings} if overlay else settings)


def _get_active(world: World, fields: Fields) -> Mapping[str, Any]:
    visible = world.is_visible(find_source(world, fields.text("sourceName")))
    return {"videoActive": visible, "videoShowing": visible}


def _get_private(world: World, fields: Fields) -> Mapping[str, Any]:
    return {"sourceSettings": find_source(world, fields.text("sourceName")).private}


def _set_private(world: World, fields: Fields) -> None:
    source = find_source(world, fields.text("sourceName"))
    source.private.update(fields.table("sourceSettings", empty=True))


def _get_video(world: World, fields: Fields) -> Mapping[str, Any]:
    width, height = world.size
    sizes = {"baseWidth": width, "baseHeight": height, "outputWidth": width, "outputHeight": height}
    return {**sizes, "fpsNumerator": 30, "fpsDenominator": 1}


def _get_collections(world: World, fields: Fields) -> Mapping[str, Any]:
    return {"currentSceneCollectionName": "rig", "sceneCollections": ["rig"]}


def _realm(fields: Fields) -> tuple[str, str]:
    realm, slot = fields.text("realm"), fields.text("slotName")
    if realm not in _REALMS:
        raise RequestRefusedError(Status.NOT_FOUND, "You have specified an invalid persistent data realm.")
    return realm, slot


def _get_persistent(world: World, fields: Fields) -> Mapping[str, Any]:
    return {"slotValue": world.persistent.get(_realm(fields))}


def _set_persistent(world: World, fields: Fields) -> None:
    fields.text("realm"), fields.text("slotName")
    value = fields.anything("slotValue")
    world.persistent[_realm(fields)] = value


def _get_hotkeys(world: World, fields: Fields) -> Mapping[str, Any]:
    return {"hotkeys": world.hotkeys()}


def _press_hotkey(world: World, fields: Fields) -> None:
    name = fields.text("hotkeyName")
    if name not in world.hotkeys():
        raise RequestRefusedError(Status.NOT_FOUND, "No hotkeys were found by that name.")


def _no_virtual_camera(world: World, fields: Fields) -> None:
    raise RequestRefusedError(Status.INVALID_STATE, "VirtualCam is not available.")


def _broadcast(world: World, fields: Fields) -> None:
    world.emit("CustomEvent", Subscription.GENERAL, fields.table("eventData", empty=True))


REQUESTS: Mapping[str, Answerer] = {
    "GetVersion": _get_version,
    "GetStats": _get_stats,
    "BroadcastCustomEvent": _broadcast,
    "GetHotkeyList": _get_hotkeys,
    "TriggerHotkeyByName": _press_hotkey,
    "GetPersistentData": _get_persistent,
    "SetPersistentData": _set_persistent,
    "GetSceneCollectionList": _get_collections,
    "GetVideoSettings": _get_video,
    "GetSourceActive": _get_active,
    "GetSourcePrivateSettings": _get_private,
    "SetSourcePrivateSettings": _set_private,
    "GetStudioModeEnabled": _get_studio_mode,
    "GetVirtualCamStatus": _no_virtual_camera,
    "StartVirtualCam": _no_virtual_camera,
    "GetSceneList": _get_scene_list,
    "GetCurrentProgramScene": _get_program,
    "SetCurrentProgramScene": _set_program,
    "GetCurrentPreviewScene": _get_preview,
    "CreateScene": _create_scene,
    "RemoveScene": _remove_scene,
    "GetInputList": _get_input_list,
    "GetInputKindList": _get_kinds,
    "GetInputDefaultSettings": _get_default_settings,
    "CreateInput": _create_input,
    "RemoveInput": _remove_input,
    "GetInputSettings": _get_settings,
    "SetInputSettings": _set_settings,
    **ITEM_REQUESTS,
    **DELAY_REQUESTS,
}


def answer(world: World, kind: str, data: object) -> Mapping[str, Any]:
    """Carry out one request; gives its responseData, {} for none.

    Raises:
        RequestRefusedError: it can't be done.
    """
    answerer = REQUESTS.get(kind)
    if answerer is None:
        raise RequestRefusedError(Status.UNKNOWN_REQUEST_TYPE, "Your request type is not valid.")
    return answerer(world, Fields(data)) or {}

"""One set of tests for the fake OBS and the real one: connecting, close codes, refused requests.

What requests do when they work: test_obs_contract_scenes.py.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.obs_fake import FakeObs
from tests.obs_wire import ALL, Wire
from tests.real.conftest import Side
from tests.real.obs_rig import ObsRig

SCENES, SCENE_ITEMS = 1 << 2, 1 << 7
HIGH_VOLUME = 1 << 16


def test_hello_says_who_it_is(side: Side) -> None:
    wire = Wire(side.port, side.password)
    hello = wire.identify()
    wire.close()
    assert hello["rpcVersion"] == 1
    assert hello["obsWebSocketVersion"].startswith("5.")
    assert set(hello["authentication"]) == {"challenge", "salt"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"authentication": "bm8="}, 4009),
        ({"authentication": None}, 4009),
        ({"rpcVersion": None}, 4003),
        ({"rpcVersion": "1"}, 4004),
        ({"rpcVersion": 2}, 4010),
        ({"eventSubscriptions": "all"}, 4004),
    ],
)
def test_a_bad_identify_ends_the_session(side: Side, changes: dict[str, object], code: int) -> None:
    wire = Wire(side.port, side.password)
    with pytest.raises(ConnectionClosed) as closed:
        wire.identify(**changes)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code


def test_a_wrong_password_is_told_by_the_close_code_alone(side: Side) -> None:
    wire = Wire(side.port, "wrong" + side.password)
    with pytest.raises(ConnectionClosed) as closed:
        wire.identify()
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4009, "Authentication failed.")


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("no json", 4002),
        (b"\x00", 4002),
        ("[]", 4002),
        ('{"d": {}}', 4006),
        ('{"op": 1}', 4003),
        ('{"op": 1, "d": 5}', 4004),
        ('{"op": 6, "d": {}}', 4007),
        ('{"op": 99, "d": {}}', 4007),
    ],
)
def test_nonsense_before_identify(side: Side, message: str | bytes, code: int) -> None:
    wire = Wire(side.port, side.password)
    wire.receive()
    wire.socket.send(message)
    assert wire.close_code() == code


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("no json", 4002),
        (b'{"op": 6, "d": {"requestType": "GetVersion", "requestId": "1"}}', 4002),
        ('{"op": 1, "d": {"rpcVersion": 1}}', 4008),
        ('{"op": 99, "d": {}}', 4006),
        ('{"op": 0, "d": {}}', 4006),
        ('{"op": 6}', 4003),
        ('{"op": 6, "d": {"requestType": "GetVersion"}}', 4003),
        ('{"op": 6, "d": {"requestId": "1"}}', 4003),
        ('{"op": 6, "d": {"requestId": "1", "requestType": 5}}', 4004),
        ('{"op": 3, "d": {"eventSubscriptions": "x"}}', 4004),
    ],
)
def test_nonsense_after_identify(side: Side, message: str | bytes, code: int) -> None:
    with Wire(side.port, side.password) as wire:
        wire.socket.send(message)
        assert wire.close_code() == code


def test_a_client_gets_the_events_it_subscribed_to(side: Side, wire: Wire) -> None:
    with Wire(side.port, side.password, SCENES) as scenes, Wire(side.port, side.password, 0) as none:
        wire.done("CreateScene", sceneName="A")
        scenes.until("SceneCreated", sceneName="A")
        assert {name for name, _, _ in scenes.events} <= {"SceneListChanged"}
        scenes.reidentify(SCENE_ITEMS)
        none.reidentify(SCENES)
        wire.done("CreateScene", sceneName="B")
        none.until("SceneCreated", sceneName="B")
        scenes.settle()
        assert [
            name for name, intent, _ in scenes.events if intent == SCENES and name != "SceneListChanged"
        ] == []
        assert all(data.get("sceneName") != "A" for _, _, data in none.events)


def test_events_reach_the_one_who_caused_them_too(wire: Wire) -> None:
    wire.done("BroadcastCustomEvent", eventData={"hello": 1})
    wire.until("CustomEvent", hello=1)


def test_high_volume_events_are_asked_for_by_name(side: Side) -> None:
    with Wire(side.port, side.password, ALL) as wire:
        wire.done(
            "SetSceneItemTransform", sceneName="Main", sceneItemId=1, sceneItemTransform={"positionX": 0.0}
        )
        wire.done("SetCurrentProgramScene", sceneName="Other")
        wire.settle("SceneTransitionEnded")
        assert not {name for name, intent, _ in wire.events if intent >= HIGH_VOLUME}


BAD_REQUESTS: list[tuple[str, Any, int, str]] = [
    ("Nope", {}, 204, "Your request type is not valid."),
    ("GetSceneItemSource", {"sceneName": "Main", "sceneItemId": 1}, 204, "Your request type is not valid."),
    ("SetCurrentProgramScene", None, 301, "Your request data is missing or invalid (non-object)"),
    ("SetCurrentProgramScene", [1], 301, "Your request data is missing or invalid (non-object)"),
    ("SetCurrentProgramScene", {}, 300, "Your request is missing the `sceneName` field."),
    ("SetCurrentProgramScene", {"sceneName": None}, 300, "Your request is missing the `sceneName` field."),
    ("SetCurrentProgramScene", {"sceneName": 5}, 401, "The field value of `sceneName` must be a string."),
    ("SetCurrentProgramScene", {"sceneName": ""}, 403, "The field value of `sceneName` must not be empty."),
    ("SetCurrentProgramScene", {"sceneName": "No"}, 600, "No source was found by the name of `No`."),
    ("SetCurrentProgramScene", {"sceneName": "Main colour"}, 602, "The specified source is not a scene."),
    ("GetCurrentPreviewScene", None, 506, ""),
    ("CreateScene", {"sceneName": "Main"}, 601, "A source already exists by that scene name."),
    ("CreateScene", {"sceneName": "Main colour"}, 601, "A source already exists by that scene name."),
    ("RemoveScene", {"sceneName": "No"}, 600, "No source was found by the name of `No`."),
    ("GetInputKindList", {"unversioned": 3}, 401, "The field value of `unversioned` must be boolean."),
    ("GetInputList", {"inputKind": ""}, 403, "The field value of `inputKind` must not be empty."),
    ("GetInputDefaultSettings", {"inputKind": "text_ft2_source"}, 605, ""),
    ("GetInputSettings", {"inputName": "No"}, 600, "No source was found by the name of `No`."),
    ("GetInputSettings", {"inputName": "Main"}, 602, "The specified source is not an input."),
    (
        "SetInputSettings",
        {"inputName": "Main colour"},
        300,
        "Your request is missing the `inputSettings` field.",
    ),
    (
        "SetInputSettings",
        {"inputName": "Main colour", "inputSettings": []},
        401,
        "The field value of `inputSettings` must be an object.",
    ),
    ("RemoveInput", {"inputName": "No"}, 600, "No source was found by the name of `No`."),
    ("RemoveInput", {"inputName": "Main"}, 602, "The specified source is not an input."),
    ("GetSceneItemList", {"sceneName": "No"}, 600, "No source was found by the name of `No`."),
    (
        "GetSceneItemId",
        {"sceneName": "Main", "sourceName": "Other colour"},
        600,
        "No scene items were found in the specified scene by that name or offset.",
    ),
    (
        "GetSceneItemId",
        {"sceneName": "Main", "sourceName": "Main colour", "searchOffset": -2},
        402,
        "The field value of `searchOffset` is below the minimum of `-1.000000`",
    ),
    (
        "CreateSceneItem",
        {"sceneName": "Main", "sourceName": "No"},
        600,
        "No source was found by the name of `No`.",
    ),
    (
        "CreateSceneItem",
        {"sceneName": "Main", "sourceName": "Main"},
        703,
        "You cannot create scene item of a scene within itself.",
    ),
    (
        "RemoveSceneItem",
        {"sceneName": "Main", "sceneItemId": 99},
        600,
        "No scene items were found in scene `Main` with the ID `99`.",
    ),
    (
        "GetSceneItemTransform",
        {"sceneName": "Main", "sceneItemId": "1"},
        401,
        "The field value of `sceneItemId` must be a number.",
    ),
    (
        "GetSceneItemTransform",
        {"sceneName": "Main", "sceneItemId": -1},
        402,
        "The field value of `sceneItemId` is below the minimum of `0.000000`",
    ),
    (
        "SetSceneItemEnabled",
        {"sceneName": "Main", "sceneItemId": 1, "sceneItemEnabled": 1},
        401,
        "The field value of `sceneItemEnabled` must be boolean.",
    ),
    (
        "SetSceneItemIndex",
        {"sceneName": "Main", "sceneItemId": 1, "sceneItemIndex": -1},
        402,
        "The field value of `sceneItemIndex` is below the minimum of `0.000000`",
    ),
    ("GetSourceActive", {"sourceName": "No"}, 600, "No source was found by the name of `No`."),
    (
        "GetPersistentData",
        {"realm": "no", "slotName": "a"},
        600,
        "You have specified an invalid persistent data realm.",
    ),
    (
        "SetPersistentData",
        {"realm": "OBS_WEBSOCKET_DATA_REALM_GLOBAL", "slotName": "a"},
        300,
        "Your request is missing the `slotValue` field.",
    ),
    ("TriggerHotkeyByName", {"hotkeyName": "no"}, 600, "No hotkeys were found by that name."),
    ("BroadcastCustomEvent", {}, 300, "Your request is missing the `eventData` field."),
    ("GetVirtualCamStatus", None, 604, "VirtualCam is not available."),
    ("StartVirtualCam", None, 604, "VirtualCam is not available."),
]


def test_bad_requests_get_their_code_and_comment(wire: Wire) -> None:
    for kind, data, code, comment in BAD_REQUESTS:
        answer = wire.ask(kind, data)
        assert (answer.code, answer.comment, answer.data) == (code, comment, {}), (kind, data)


BAD_TRANSFORMS: list[tuple[Any, int, str]] = [
    (5, 401, "The field value of `sceneItemTransform` must be an object."),
    ({}, 403, "The field value of `sceneItemTransform` must not be empty."),
    ({"nope": 1}, 703, "You have not provided any valid transform changes."),
    ({"width": 5}, 703, "You have not provided any valid transform changes."),
    ({"positionX": None}, 703, "You have not provided any valid transform changes."),
    ({"positionX": "a"}, 401, "The field value of `positionX` must be a number."),
    ({"positionX": 1e9}, 402, "The field value of `positionX` is above the maximum of `90001.000000`"),
    ({"rotation": -361}, 402, "The field value of `rotation` is below the minimum of `-360.000000`"),
    ({"boundsWidth": 0}, 402, "The field value of `boundsWidth` is below the minimum of `1.000000`"),
    (
        {"boundsHeight": 90002},
        402,
        "The field value of `boundsHeight` is above the maximum of `90001.000000`",
    ),
    ({"cropTop": 100001}, 402, "The field value of `cropTop` is above the maximum of `100000.000000`"),
    ({"alignment": -1}, 402, "The field value of `alignment` is below the minimum of `0.000000`"),
    ({"scaleX": 1e9}, 402, "The field `scaleX` is too small or large for the current source resolution."),
    ({"boundsType": 5}, 401, "The field value of `boundsType` must be a string."),
    ({"boundsType": "NO"}, 400, "The field `boundsType` has an invalid value."),
]


def test_bad_transforms_get_their_code_and_comment(wire: Wire) -> None:
    for transform, code, comment in BAD_TRANSFORMS:
        answer = wire.ask(
            "SetSceneItemTransform", {"sceneName": "Main", "sceneItemId": 1, "sceneItemTransform": transform}
        )
        assert (answer.code, answer.comment) == (code, comment), transform


def test_an_exit_tears_down_and_says_goodbye(make_obs: Callable[..., ObsRig]) -> None:
    rig = make_obs(size=(320, 180), fps=10).start()
    with Wire(rig.port, rig.password) as real:
        time.sleep(0.7)  # OBS 29 may crash when it is told to quit right after a client came or went
        os.kill(rig.pid, signal.SIGINT)
        assert real.close_code() == 1001
    assert rig.stop() == 0
    with FakeObs() as fake, Wire(fake.port) as faked:
        fake.quit()
        assert faked.close_code() == 1001
    for wire in (real, faked):
        kinds = [name for name, _, _ in wire.events]
        assert kinds.count("ExitStarted") == 1
        assert kinds.count("SceneRemoved") == 2
        assert kinds.count("InputRemoved") == 2

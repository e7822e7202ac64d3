"""One set of tests for the fake OBS and the real one: what delays sound and pictures."""

from __future__ import annotations

import pytest

from tests.obs_wire import Wire

ASYNC, RENDER = "async_delay_filter", "gpu_delay"
NAME = "a delay"


def _add(wire: Wire, name: str, kind: str) -> str:
    wire.done("CreateInput", sceneName="Main", inputName=name, inputKind=kind, inputSettings={})
    return name


def _filters(wire: Wire, source: str) -> list[dict[str, object]]:
    filters: list[dict[str, object]] = wire.done("GetSourceFilterList", sourceName=source)["filters"]
    return filters


@pytest.mark.parametrize("kind", ["ffmpeg_source", "pulse_input_capture"])
def test_the_sync_offset_of_sound(wire: Wire, kind: str) -> None:
    _add(wire, "Sound", kind)
    assert wire.done("GetInputAudioSyncOffset", inputName="Sound") == {"inputAudioSyncOffset": 0}
    wire.done("SetInputAudioSyncOffset", inputName="Sound", inputAudioSyncOffset=500)
    wire.until("InputAudioSyncOffsetChanged", inputName="Sound", inputAudioSyncOffset=500)
    # As often as it is set, and in whole milliseconds.
    wire.done("SetInputAudioSyncOffset", inputName="Sound", inputAudioSyncOffset=500)
    wire.until("InputAudioSyncOffsetChanged", inputName="Sound", inputAudioSyncOffset=500)
    wire.done("SetInputAudioSyncOffset", inputName="Sound", inputAudioSyncOffset=-12.7)
    assert wire.done("GetInputAudioSyncOffset", inputName="Sound") == {"inputAudioSyncOffset": -12}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"inputName": "Sound", "inputAudioSyncOffset": -951}, 402),
        ({"inputName": "Sound", "inputAudioSyncOffset": 20001}, 402),
        ({"inputName": "Sound", "inputAudioSyncOffset": "1"}, 401),
        ({"inputName": "Sound"}, 300),
        ({"inputName": "Main colour", "inputAudioSyncOffset": 1}, 604),
        ({"inputName": "Main", "inputAudioSyncOffset": 1}, 602),
        ({"inputName": "absent", "inputAudioSyncOffset": 1}, 600),
    ],
)
def test_offsets_that_are_refused(wire: Wire, fields: dict[str, object], code: int) -> None:
    _add(wire, "Sound", "ffmpeg_source")
    assert wire.ask("SetInputAudioSyncOffset", fields).code == code


def test_what_has_no_sound_has_no_offset(wire: Wire) -> None:
    assert wire.ask("GetInputAudioSyncOffset", inputName="Main colour").code == 604


def test_a_filter_comes_changes_and_goes(wire: Wire) -> None:
    _add(wire, "Cam", "v4l2_input")
    wire.forget()
    settings = {"delay_ms": 500, "own": 5}
    wire.done(
        "CreateSourceFilter", sourceName="Cam", filterName=NAME, filterKind=ASYNC, filterSettings=settings
    )
    wire.settle("SourceFilterCreated")
    expected = {
        "sourceName": "Cam",
        "filterName": NAME,
        "filterKind": ASYNC,
        "filterIndex": 0,
        "filterSettings": settings,
        "defaultFilterSettings": {},
    }
    assert ("SourceFilterCreated", 32, expected) in wire.events
    entry = {"filterEnabled": True, "filterIndex": 0, "filterKind": ASYNC, "filterSettings": settings}
    assert wire.done("GetSourceFilter", sourceName="Cam", filterName=NAME) == entry
    assert _filters(wire, "Cam") == [{**entry, "filterName": NAME}]
    changed = {"sourceName": "Cam", "filterName": NAME, "filterSettings": {"delay_ms": 700}}
    wire.done("SetSourceFilterSettings", **changed, overlay=True)
    assert _filters(wire, "Cam")[0]["filterSettings"] == {"delay_ms": 700, "own": 5}
    wire.done("SetSourceFilterSettings", **changed, overlay=False)
    assert _filters(wire, "Cam")[0]["filterSettings"] == {"delay_ms": 700}
    wire.forget()
    wire.done("RemoveSourceFilter", sourceName="Cam", filterName=NAME)
    wire.until("SourceFilterRemoved", sourceName="Cam", filterName=NAME)
    assert _filters(wire, "Cam") == []


@pytest.mark.parametrize(
    ("source", "kind", "filter_kind", "is_added"),
    [
        ("Cam", "v4l2_input", ASYNC, True),
        ("Media", "ffmpeg_source", ASYNC, True),
        ("Words", "text_ft2_source_v2", ASYNC, False),
        ("Words", "text_ft2_source_v2", RENDER, True),
        ("Sound", "pulse_input_capture", ASYNC, False),
        ("Sound", "pulse_input_capture", RENDER, False),
        ("Main", "", ASYNC, False),
        ("Main", "", RENDER, True),
    ],
)
def test_a_filter_that_does_not_fit_is_said_to_be_added_and_is_not(
    wire: Wire, source: str, kind: str, filter_kind: str, is_added: bool
) -> None:
    if kind:
        _add(wire, source, kind)
    wire.done("CreateSourceFilter", sourceName=source, filterName=NAME, filterKind=filter_kind)
    assert [one["filterKind"] for one in _filters(wire, source)] == [filter_kind] * is_added
    if is_added:
        wire.done("RemoveSourceFilter", sourceName=source, filterName=NAME)


@pytest.mark.parametrize(
    ("kind", "fields", "code"),
    [
        ("CreateSourceFilter", {"sourceName": "Cam", "filterName": NAME, "filterKind": ASYNC}, 601),
        ("CreateSourceFilter", {"sourceName": "Cam", "filterName": "x", "filterKind": "none"}, 607),
        ("CreateSourceFilter", {"sourceName": "Cam", "filterName": "x"}, 300),
        ("CreateSourceFilter", {"sourceName": "Cam", "filterKind": ASYNC}, 300),
        ("CreateSourceFilter", {"sourceName": "absent", "filterName": "x", "filterKind": ASYNC}, 600),
        ("GetSourceFilter", {"sourceName": "Cam", "filterName": "x"}, 600),
        ("GetSourceFilterList", {"sourceName": "absent"}, 600),
        ("RemoveSourceFilter", {"sourceName": "Cam", "filterName": "x"}, 600),
        ("SetSourceFilterSettings", {"sourceName": "Cam", "filterName": NAME}, 300),
        ("SetSourceFilterSettings", {"sourceName": "Cam", "filterName": "x", "filterSettings": {}}, 600),
    ],
)
def test_filters_that_are_refused(wire: Wire, kind: str, fields: dict[str, object], code: int) -> None:
    _add(wire, "Cam", "v4l2_input")
    wire.done("CreateSourceFilter", sourceName="Cam", filterName=NAME, filterKind=ASYNC)
    assert wire.ask(kind, fields).code == code

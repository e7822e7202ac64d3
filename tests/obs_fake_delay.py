"""The fake OBS's requests about what delays a source: the sync offset of its sound, and filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.obs_fake_fields import Fields, RequestRefusedError, Status
from tests.obs_fake_items import Answerer, find_input, find_source
from tests.obs_fake_parts import Filter, Source, Subscription
from tests.obs_fake_world import World

#: Kinds of inputs with sound, and of those that hand over pictures with times of their own.
AUDIO = frozenset({"ffmpeg_source", "pulse_input_capture"})
ASYNC = frozenset({"ffmpeg_source", "v4l2_input"})
SOUND_ONLY = frozenset({"pulse_input_capture"})
_FILTERS = ("async_delay_filter", "gpu_delay")


def _find_audio(world: World, fields: Fields) -> Source:
    source = find_input(world, fields)
    if source.kind not in AUDIO:
        raise RequestRefusedError(Status.INVALID_STATE, "The specified input does not support audio.")
    return source


def _get_offset(world: World, fields: Fields) -> Mapping[str, Any]:
    return {"inputAudioSyncOffset": _find_audio(world, fields).offset_ms}


def _set_offset(world: World, fields: Fields) -> None:
    find_input(world, fields)
    offset_ms = fields.number("inputAudioSyncOffset", -950, 20000)
    source = _find_audio(world, fields)
    source.offset_ms = int(offset_ms)
    told = {"inputName": source.name, "inputAudioSyncOffset": source.offset_ms}
    world.emit("InputAudioSyncOffsetChanged", Subscription.INPUTS, told)


def _find_filter(world: World, fields: Fields) -> tuple[Source, Filter]:
    source, name = find_source(world, fields.text("sourceName")), fields.text("filterName")
    for one in source.filters:
        if one.name == name:
            return source, one
    raise RequestRefusedError(
        Status.NOT_FOUND, f"No filter was found in the source `{source.name}` with the name `{name}`."
    )


def _entry(source: Source, one: Filter) -> dict[str, Any]:
    return {
        "filterEnabled": one.enabled,
        "filterIndex": source.filters.index(one),
        "filterKind": one.kind,
        "filterSettings": one.settings,
    }


def _get_filter(world: World, fields: Fields) -> Mapping[str, Any]:
    return _entry(*_find_filter(world, fields))


def _get_filters(world: World, fields: Fields) -> Mapping[str, Any]:
    source = find_source(world, fields.text("sourceName"))
    return {"filters": [{"filterName": one.name, **_entry(source, one)} for one in source.filters]}


def _create_filter(world: World, fields: Fields) -> None:
    source, name = find_source(world, fields.text("sourceName")), fields.text("filterName")
    kind, settings = fields.text("filterKind"), fields.optional_table("filterSettings")
    if any(one.name == name for one in source.filters):
        raise RequestRefusedError(Status.ALREADY_EXISTS, "A filter already exists by that name.")
    if kind not in _FILTERS:
        raise RequestRefusedError(
            Status.INVALID_FILTER_KIND,
            "Your specified filter kind is not supported by OBS. Check that any necessary plugins are "
            "loaded.",
        )
    # A filter that the source can't have is not added, and OBS says yes all the same.
    if source.kind not in (ASYNC if kind == "async_delay_filter" else {source.kind} - SOUND_ONLY):
        return
    made = Filter(name, kind, settings)
    source.filters.append(made)
    told = {
        "sourceName": source.name,
        "filterName": name,
        "filterKind": kind,
        "filterIndex": source.filters.index(made),
        "filterSettings": dict(settings),
        "defaultFilterSettings": {},
    }
    world.emit("SourceFilterCreated", Subscription.FILTERS, told)


def _remove_filter(world: World, fields: Fields) -> None:
    source, one = _find_filter(world, fields)
    source.filters.remove(one)
    told = {"sourceName": source.name, "filterName": one.name}
    world.emit("SourceFilterRemoved", Subscription.FILTERS, told)


def _set_filter(world: World, fields: Fields) -> None:
    _, one = _find_filter(world, fields)
    settings = fields.table("filterSettings", empty=True)
    overlay = fields.optional_switch("overlay", True)
    one.settings = {**one.settings, **settings} if overlay else settings


DELAY_REQUESTS: Mapping[str, Answerer] = {
    "GetInputAudioSyncOffset": _get_offset,
    "SetInputAudioSyncOffset": _set_offset,
    "GetSourceFilterList": _get_filters,
    "GetSourceFilter": _get_filter,
    "CreateSourceFilter": _create_filter,
    "RemoveSourceFilter": _remove_filter,
    "SetSourceFilterSettings": _set_filter,
}

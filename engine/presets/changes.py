"""What differs between two presets, and what of it a running engine can take up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from engine.presets.models import Preset

#: ``target`` is the wish at the start; whom a running View follows is not the preset's business.
_RESTART_VIEW_KEYS = {
    *("sink", "target", "each", "grid", "split", "preview_of", "object"),
}
#: What a device and a film keep for their lives.
SIZE_KEYS = ("width", "height", "aspect")
_SIZED_KINDS = ("device", "movie")
_RESTART_KEYS = ("source.", "perception.pack", "perception.threads", "identity.", "control.", "webrtc.")
#: Pictures of a whole take come when it is over: a running show can't go over to that, nor back.
_TAKE = "take"


def changes(old: Preset, new: Preset) -> tuple[list[str], list[str]]:
    """Keys whose values differ: (those that can change live, those that need a restart), both sorted.

    A View is known by its name: ``view.main.camera.settle_s``; one that came or went is ``view.NAME``.
    """
    before, after = dict(_flat(old)), dict(_flat(new))
    names = {v.name for v in old.view} ^ {v.name for v in new.view}
    live: list[str] = []
    restart = [f"view.{name}" for name in names]
    sized = {v.name for v in old.view if any(sink.kind in _SIZED_KINDS for sink in v.sink)}
    if (old.obs is None) != (new.obs is None):
        # The OBS controller is a process that starts with the show.
        before, after = _without_obs(before), _without_obs(after)
        restart.append("obs")
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) == after.get(key) or _view_of(key) in names:
            continue
        takes = key.endswith(".camera.operator") and _TAKE in (before.get(key), after.get(key))
        stuck = _view_of(key) in sized and key.split(".")[2:] in [[size] for size in SIZE_KEYS]
        (restart if takes or stuck or _needs_restart(key) else live).append(key)
    return live, sorted(restart)


def _flat(preset: Preset) -> Iterator[tuple[str, Any]]:
    """(key, value) of everything in the preset; sinks of a View are one value."""
    for key in type(preset).model_fields:
        if key == "view":
            for view in preset.view:
                yield from _leaves(view, f"view.{view.name}")
        else:
            value = getattr(preset, key)
            yield from _leaves(value, key) if isinstance(value, BaseModel) else [(key, value)]


def _leaves(model: BaseModel, path: str) -> Iterator[tuple[str, Any]]:
    for key in type(model).model_fields:
        value = getattr(model, key)
        if isinstance(value, BaseModel):
            yield from _leaves(value, f"{path}.{key}")
        else:
            yield f"{path}.{key}", value


def _without_obs(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key.split(".")[0] != "obs"}


def _view_of(key: str) -> str | None:
    table, name, *_ = [*key.split("."), ""]
    return name if table == "view" else None


def _needs_restart(key: str) -> bool:
    if key.startswith("view."):
        return key.split(".")[2] in _RESTART_VIEW_KEYS
    return key.startswith(_RESTART_KEYS)

"""From what a preset says to what the engine's rooms are configured with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.direction.auto import AutoConfig
from engine.direction.framing import FramingConfig
from engine.direction.lock import LockConfig
from engine.direction.lost import LostConfig
from engine.direction.operators.feel import FOLLOWERS, Feel
from engine.direction.operators.follower import FollowerConfig
from engine.direction.operators.path import PathConfig
from engine.direction.operators.path_feel import PATHS
from engine.direction.view import ViewConfig
from engine.errors import JikcamError
from engine.geometry import Size, parse_aspect
from engine.presets.camera import CameraPreset
from engine.presets.changes import SIZE_KEYS
from engine.presets.changes import changes as changed_keys
from engine.presets.load import check_preset
from engine.presets.models import Preset
from engine.presets.target import parse_target
from engine.presets.view import ViewPreset
from engine.view import Overlay


def view_config(view: ViewPreset) -> ViewConfig:
    """How the engine directs this View. The aspect is that of the pixels, so that nothing is stretched."""
    output = Size(view.width, view.height)
    return ViewConfig(
        name=view.name,
        output=output,
        framing=FramingConfig(
            aspect=output.aspect,
            shot=view.shot,
            headroom_norm=view.headroom_norm,
            margin_norm=view.margin_norm,
            hands=view.hands,
            max_upscale=view.max_upscale,
            lead_norm=view.lead_norm,
            object_label=view.object,
        ),
        lock=LockConfig(
            occluded_after_s=view.lost.occluded_after_s,
            lost_after_s=view.lost.lost_after_s,
            reselect=view.reselect,
            sure_norm=view.sure,
        ),
        lost=LostConfig(
            coast_s=view.lost.coast_s,
            hold_s=view.lost.hold_s,
            then=view.lost.then,
            ease_s=view.lost.ease_s,
            back=view.lost.back,
            return_s=view.lost.return_s,
        ),
        operator=view.camera.operator,
        follower=follower_of(view.camera),
        path=path_of(view.camera),
        delay_s=view.camera.delay_s,
        target=parse_target(view.target),
        switch=view.switch,
        switch_s=view.switch_s,
        auto=_auto(view),
    )


def follower_of(camera: CameraPreset) -> FollowerConfig:
    """The numbers of the live operator: those of the feel, but for what is written."""
    beside = {"operator", "feel", "delay_s", "path"}
    return replace(FOLLOWERS[Feel(camera.feel)], **camera.model_dump(exclude_none=True, exclude=beside))


def path_of(camera: CameraPreset) -> PathConfig:
    """The numbers of the operators that know what comes, likewise."""
    return replace(PATHS[Feel(camera.feel)], **camera.path.model_dump(exclude_none=True))


def _auto(view: ViewPreset) -> AutoConfig | None:
    auto = view.auto
    return AutoConfig(auto.rule, auto.dwell_s, auto.order) if auto and auto.enabled else None


def overlay_of(view: ViewPreset) -> Overlay:
    """What is drawn on this View's picture."""
    return Overlay(label=view.label, skeleton=view.skeleton, mirror=view.mirror)


def change_view(preset: Preset, name: str, changes: Mapping[str, Any]) -> Preset:
    """The preset with values of one View changed while the engine runs.

    Args:
        preset: the running preset.
        name: of the View.
        changes: keys as in the [[view]] table, inner tables nested or dotted ("camera.settle_s"). Of
            ``width``, ``height`` and ``aspect`` those that are left out follow: an aspect alone keeps the
            shorter side.

    Raises:
        JikcamError: no such View, a bad key or value, or one that needs a restart.
    """
    data = preset.model_dump(exclude_none=True)
    view = next((v for v in data["view"] if v["name"] == name), None)
    if view is None:
        raise JikcamError(
            f"there is no view {name!r}", f"choose one of: {', '.join(v.name for v in preset.view)}"
        )
    _let_sides_follow(view, changes)
    for key, value in changes.items():
        _set(view, key.split("."), value)
    changed = check_preset(data, f"view {name}")
    _, restart = changed_keys(preset, changed)
    if restart and restart[0].rpartition(".")[2] in SIZE_KEYS:
        raise JikcamError(
            f"view {name!r} feeds a virtual camera or a recording, which keeps its size while the show runs",
            "change it in the preset and start anew",
        )
    if restart:
        raise JikcamError(
            f"{restart[0]} can't change while the show runs", "change it in the preset and start anew"
        )
    return changed


def _let_sides_follow(view: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """Take out of ``view`` what would contradict a new size or follows from it."""
    asked = {key for key in SIZE_KEYS if changes.get(key) is not None}
    if asked == {"aspect"}:
        try:
            upright = parse_aspect(str(changes["aspect"])) < 1
        except JikcamError:
            return  # the check says so with its place
        short = min(view.pop("width"), view.pop("height"))
        view["width" if upright else "height"] = short
    elif asked == {"width", "height"}:
        view.pop("aspect", None)
    elif asked and (view.get("aspect") or "aspect" in asked):
        view.pop("height" if "width" in asked else "width", None)


def _set(table: dict[str, Any], path: list[str], value: Any) -> None:
    """Put ``value`` at ``path``; a table given for a table is merged into it."""
    key, *rest = path
    inner = table.get(key)
    if rest:
        # A wrong path becomes an unknown key, which the check then reports.
        target = inner if isinstance(inner, dict) else table.setdefault(".".join(path), {})
        if target is inner:
            _set(inner, rest, value)
    elif isinstance(inner, dict) and isinstance(value, Mapping):
        for inner_key, inner_value in value.items():
            _set(inner, [str(inner_key)], inner_value)
    else:
        table[key] = value

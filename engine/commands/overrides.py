"""Command-line options laid over a preset; checked by the same rules as the preset itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.commands.options import parse_size
from engine.presets import Preset, check_preset


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Options of `jikcam run`; None leaves the preset's value."""

    source: str | None = None
    target: str | None = None
    out: Path | None = None
    device: str | None = None
    size: str | None = None
    aspect: str | None = None
    shot: str | None = None
    pack: str | None = None
    label: bool | None = None
    skeleton: bool | None = None
    port: int | None = None
    control: bool | None = None
    loop: bool | None = None
    obs: bool | None = None


def overridden(preset: Preset, options: Overrides) -> Preset:
    """The preset with the options in place of its values; view options mean the first View.

    Raises:
        JikcamError: an option has a value that the preset would not accept.
    """
    data: dict[str, Any] = preset.model_dump(exclude_none=True)
    if options.obs is False:
        data.pop("obs", None)
    elif options.obs:
        data.setdefault("obs", {})
    view: dict[str, Any] = data["view"][0]
    _put(data["source"], uri=options.source, loop=options.loop)
    _put(data["perception"], pack=options.pack)
    _put(data["control"], port=options.port, enabled=options.control)
    _put(view, target=options.target, shot=options.shot, label=options.label, skeleton=options.skeleton)
    if options.size:
        size = parse_size(options.size)
        view.pop("aspect", None)
        _put(view, width=size.width, height=size.height)
    if options.aspect:
        view.pop("width", None)
        _put(view, aspect=options.aspect)
    sinks: list[dict[str, Any]] = list(view.get("sink", ()))
    if options.device is not None:
        named = "" if options.device == "auto" else options.device
        sinks = [s for s in sinks if s["kind"] != "device"] + [{"kind": "device", "device": named}]
    if options.out is not None:
        sinks.append({"kind": "movie", "path": str(options.out)})
    view["sink"] = sinks
    return check_preset(data, "the command line")


def _put(table: dict[str, Any], **values: object) -> None:
    table.update({key: value for key, value in values.items() if value is not None})

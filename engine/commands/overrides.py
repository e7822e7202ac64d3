"""Command-line options laid over a preset; checked by the same rules as the preset itself."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.commands.options import STYLES, parse_size
from engine.errors import JikcamError
from engine.presets import Preset, check_preset

#: Where the bearer token for --whip is looked for.
WHIP_TOKEN_VARIABLE = "JIKCAM_WHIP_TOKEN"


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
    style: str | None = None
    feel: str | None = None
    operator: str | None = None
    delay_s: float | None = None
    pack: str | None = None
    label: bool | None = None
    skeleton: bool | None = None
    port: int | None = None
    control: bool | None = None
    loop: bool | None = None
    obs: bool | None = None
    lan: bool | None = None
    https: bool | None = None
    whip: str | None = None
    codec: str | None = None


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
    _put(data["control"], port=options.port, enabled=options.control, lan=options.lan, https=options.https)
    _put(data["webrtc"], codec=options.codec)
    shot = _shot(options, view["shot"])
    _put(view, target=options.target, shot=shot, label=options.label, skeleton=options.skeleton)
    _put(view["camera"], feel=options.feel, operator=_operator(options), delay_s=options.delay_s)
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
    if options.whip is not None:
        token = WHIP_TOKEN_VARIABLE if os.environ.get(WHIP_TOKEN_VARIABLE) else None
        codec = None if options.codec == "auto" else options.codec
        sinks.append({"kind": "whip", "url": options.whip})
        _put(sinks[-1], token_env=token, codec=codec)
    view["sink"] = sinks
    return check_preset(data, "the command line")


def _shot(options: Overrides, of_preset: str) -> str | None:
    """The shot size that --shot or --style asks for: "face" the face, "natural" the body; None = neither."""
    if options.style is None:
        return options.shot
    if options.style not in STYLES:
        raise JikcamError(f"--style {options.style} is unknown", f"choose one of: {', '.join(STYLES)}")
    if options.shot is not None:
        raise JikcamError("--style and --shot both say what to show", "leave one of them out")
    if options.style == "face":
        return "face"
    return "full" if of_preset == "face" else None


def _operator(options: Overrides) -> str | None:
    """A delay is one of the look-ahead."""
    return "lookahead" if options.operator is None and options.delay_s is not None else options.operator


def _put(table: dict[str, Any], **values: object) -> None:
    table.update({key: value for key, value in values.items() if value is not None})

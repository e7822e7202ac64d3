"""What only somebody at this machine may put into a preset: names of files, devices, variables and hosts.

A preset may say where a film is written, which file holds a token and where it is sent. Whoever directs from
another machine may change the show, but reach no further into this one than its running preset does already.
"""

from __future__ import annotations

from collections.abc import Iterator

from aiohttp import web

from engine.control.access.gate import grant_of
from engine.presets import Preset, parse_preset
from engine.state import EngineControl


def check_text(request: web.Request, engine: EngineControl, text: str) -> None:
    """Refuse a preset that reaches further than the running one, unless it comes from this machine.

    Raises:
        web.HTTPForbidden: it does.
        JikcamError: it is none.
    """
    if grant_of(request).here:
        return
    known = set(reach(parse_preset(engine.preset_text(), "the running preset")))
    for key, value in reach(parse_preset(text, "the preset")):
        if (key, value) not in known:
            raise web.HTTPForbidden(reason=f"{key} can be changed only at the computer where jikcam runs")


def reach(preset: Preset) -> Iterator[tuple[str, str]]:
    """(key, value) of all that leads out of the show; of sinks it does not matter which View has them."""
    yield "source.uri", preset.source.uri
    yield "identity.gallery", preset.identity.gallery
    yield "control", f"{preset.control.host} {preset.control.lan}"
    if preset.obs:
        yield "obs", f"{preset.obs.host} {preset.obs.port} {preset.obs.password_file} {preset.obs.camera}"
    for view in preset.view:
        for sink in view.sink:
            yield "view.sink", sink.model_dump_json()

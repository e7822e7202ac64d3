"""The streaming process as a preset wants it: how it streams, and where it publishes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import JikcamError
from engine.presets import Preset, WhipSinkPreset
from virtualcam.webrtc.host import StreamHost
from virtualcam.webrtc.messages import StreamConfig, WhipTarget
from virtualcam.webrtc.publish.address import shown

#: A bearer token is a line of text; what is longer is another file.
MAX_TOKEN = 8192


def stream_config(preset: Preset) -> StreamConfig:
    """How the Views of this preset are streamed."""
    wanted = preset.webrtc
    return StreamConfig(
        lan=preset.control.lan,
        codec=wanted.codec,
        kbps_720p=wanted.kbps_720p,
        renditions=wanted.renditions,
        most_viewers=wanted.most_viewers,
    )


def whip_targets(preset: Preset) -> list[WhipTarget]:
    """Where its Views are published, with the tokens read.

    Raises:
        JikcamError: a token is not where the preset says.
    """
    return [
        WhipTarget(view.name, sink.url, _token(sink), sink.codec)
        for view in preset.view
        for sink in view.sink
        if isinstance(sink, WhipSinkPreset)
    ]


@contextmanager
def streaming(preset: Preset) -> Iterator[StreamHost | None]:
    """The running streaming process for a live show of ``preset``; None when it wants none.

    Raises:
        JikcamError: a token is not where the preset says.
    """
    if not (preset.control.enabled and preset.webrtc.enabled):
        yield None
        return
    whip_targets(preset)  # better now than after the models are loaded
    host = StreamHost(stream_config(preset))
    host.start()
    try:
        yield host
    finally:
        host.stop()


def _token(sink: WhipSinkPreset) -> str:
    if sink.token_env is not None:
        where, text = f"the environment variable {sink.token_env}", os.environ.get(sink.token_env, "")
    elif sink.token_file is not None:
        where, text = f"the file {sink.token_file}", _read(Path(sink.token_file).expanduser())
    else:
        return ""
    token = text.strip()
    if not token:
        raise JikcamError(
            f"the token for {shown(sink.url)} is missing: {where} is empty", "put the token there"
        )
    if not (token.isascii() and token.isprintable() and " " not in token and len(token) <= MAX_TOKEN):
        raise JikcamError(f"{where} holds no bearer token", "put nothing but the token there, on one line")
    return token


def _read(path: Path) -> str:
    try:
        with path.open("r", encoding="utf-8-sig", errors="replace") as file:
            return file.read(2 * MAX_TOKEN)
    except OSError as error:
        raise JikcamError(
            f"can't read the token file {path}: {error.strerror}", "check token_file of the whip sink"
        ) from None

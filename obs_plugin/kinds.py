"""Kinds of OBS inputs, which differ between systems and versions, and what they are set to.

Keys and defaults as in the plugins of OBS Studio: obs-ffmpeg, linux-v4l2, win-dshow, mac-avcapture.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from obs_plugin.errors import ObsError

#: The media source; part of every OBS.
STREAM_KIND = "ffmpeg_source"
#: Best first. On Windows there are both; GDI+ falls back to other fonts for letters that one lacks.
TEXT_KINDS = ("text_gdiplus", "text_ft2_source")
#: Capture devices on Linux, Windows, macOS, and macOS before OBS 30; each with the key of its device.
CAMERA_KINDS = {
    "v4l2_input": "device_id",
    "dshow_input": "video_device_id",
    "macos-avcapture": "device",
    "av_capture_input": "device",
}
#: win-dshow's BufferingType.
DSHOW_BUFFERING_OFF = 2
#: Without these the stream is 1.0 to 1.1 s late, with them 0.09 s: no trust in its time stamps, no long look
#: at what is in it.
STREAM_FFMPEG_OPTIONS = "fflags=nobuffer use_wallclock_as_timestamps=1 probesize=32768 analyzeduration=0"


def text_kind(input_kinds: Sequence[str]) -> str:
    """The best kind of text source.

    Args:
        input_kinds: answer of ``GetInputKindList``, with versions.

    Raises:
        ObsError: there is none.
    """
    for base in TEXT_KINDS:
        if kind := _newest(base, input_kinds):
            return kind
    raise ObsError(
        "this OBS has no text source",
        "install the OBS plugin for text (FreeType 2), or set enabled = false in [obs.label]",
    )


def camera_kind(input_kinds: Sequence[str]) -> str:
    """The kind of input that shows a camera.

    Args:
        input_kinds: answer of ``GetInputKindList``, with versions.

    Raises:
        ObsError: there is none.
    """
    for base in CAMERA_KINDS:
        if kind := _newest(base, input_kinds):
            return kind
    raise ObsError("this OBS has no source for cameras", 'set feed = "stream" in [obs]; it needs no driver')


def camera_device_key(kind: str) -> str:
    """The setting that says which camera; also the property whose list has all cameras of the computer."""
    return CAMERA_KINDS[_base(kind)]


def camera_settings(kind: str, device: str) -> dict[str, Any]:
    """Settings of a camera input with as little delay as it can.

    Args:
        kind: as of ``camera_kind``.
        device: on Linux the path; elsewhere the ``itemValue`` that ``GetInputPropertiesListPropertyItems``
            lists for ``camera_device_key``.
    """
    settings: dict[str, Any] = {camera_device_key(kind): device}
    match _base(kind):
        case "v4l2_input":
            # Asks for nothing, so that the device keeps the size that the engine gave it; starts again by
            # itself when the engine does.
            settings |= {"input": -1, "pixelformat": -1, "resolution": -1, "framerate": -1}
            settings |= {"buffering": False, "auto_reset": True}
        case "dshow_input":
            settings |= {"buffering": DSHOW_BUFFERING_OFF, "deactivate_when_not_showing": False}
        case _:
            settings |= {"buffering": False, "enable_audio": False}
    return settings


def stream_settings(url: str) -> dict[str, Any]:
    """Settings of a media source that shows an HTTP MJPEG stream of the engine with little delay.

    It stays connected while its scene is not on air, keeps its last picture while the engine is away, and
    comes back by itself.
    """
    return {
        "is_local_file": False,
        "input": url,
        "input_format": "mpjpeg",
        "ffmpeg_options": STREAM_FFMPEG_OPTIONS,
        "buffering_mb": 0,
        "reconnect_delay_sec": 1,
        "restart_on_activate": False,
        "close_when_inactive": False,
        "clear_on_media_end": False,
        "hw_decode": False,
        "seekable": False,
        "speed_percent": 100,
    }


def _base(kind: str) -> str:
    return re.sub(r"_v\d+$", "", kind)


def _newest(base: str, kinds: Sequence[str]) -> str | None:
    """The highest version of ``base`` among ``kinds``; "x" itself is older than "x_v2"."""
    versions = [kind for kind in kinds if _base(kind) == base]
    return max(versions, key=lambda kind: int(kind[len(base) :].lstrip("_v") or 1), default=None)

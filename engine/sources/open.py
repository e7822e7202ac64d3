"""From the text a user wrote to a Source."""

from __future__ import annotations

import re
from typing import Protocol

from engine.errors import JikcamError
from engine.geometry import Size
from engine.sources.camera import CameraSource
from engine.sources.frame import Source
from engine.sources.media import MediaSource, Pace
from engine.sources.pushed import Feed, PushedSource
from engine.sources.stage import StageSource, parse_stage

#: Of a camera that comes over WebRTC: it stands in an address.
_NAME = re.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
#: A phone's picture without a size in the preset.
PUSHED_SIZE, PUSHED_FPS = Size(1280, 720), 30.0


class Cameras(Protocol):
    """Who takes in cameras over WebRTC: ``virtualcam.webrtc.host.StreamHost``."""

    def camera(self, name: str, size: tuple[int, int]) -> Feed: ...


def open_source(
    spec: str,
    *,
    pace: Pace,
    size: Size | None = None,
    fps: float | None = None,
    pixel_format: str | None = None,
    loop: bool = False,
    cameras: Cameras | None = None,
) -> Source:
    """Open what ``spec`` names.

    Args:
        spec: "0" (camera number), "camera:NAME", "/dev/video0"; "webrtc:NAME"; "stage:..." (see
            ``parse_stage``); else a video file or a network address.
        pace: "live", or "fast" for every picture in order; a camera is always live.
        size, fps, pixel_format: what to ask a camera for; size and fps also for a stage that names none.
        loop: a file begins again at its end.
        cameras: where "webrtc:NAME" comes in; None = nowhere.

    Raises:
        JikcamError: it names nothing, or can't be opened.
        SinkError: that camera over WebRTC is in use already.
    """
    spec = spec.strip()
    if spec.startswith("stage:"):
        scene, seconds = parse_stage(spec, size=size, fps=fps)
        return StageSource(scene, pace, seconds)
    if spec.startswith("webrtc:"):
        return _pushed(spec, pace, size or PUSHED_SIZE, fps or PUSHED_FPS, cameras)
    camera = spec.removeprefix("camera:").strip()
    if spec.startswith("camera:") or spec.isdecimal() or spec.startswith("/dev/"):
        if not camera:
            raise JikcamError("camera: names no camera", "write camera:0 or a part of its name")
        return CameraSource(camera, size, fps, pixel_format)
    if not spec:
        raise JikcamError("no source is named", "name a camera (0), a video file, an address or stage:crowd")
    return MediaSource(spec, pace, loop)


def _pushed(spec: str, pace: Pace, size: Size, fps: float, cameras: Cameras | None) -> Source:
    name = spec.removeprefix("webrtc:").strip()
    if not _NAME.fullmatch(name):
        raise JikcamError(
            f"{name!r} can't be the name of a camera", "write webrtc:phone, with letters, digits, - and _"
        )
    if pace == "fast":
        raise JikcamError(f"{spec} is live and can't be read as fast as possible", "leave out --fast")
    if cameras is None:
        raise JikcamError(
            f"{spec} comes over WebRTC, which needs the control page",
            "set enabled = true in [control] and [webrtc]",
        )
    return PushedSource(cameras.camera(name, (size.width, size.height)), name, size, fps)

"""From the text a user wrote to a Source."""

from __future__ import annotations

from engine.errors import JikcamError
from engine.geometry import Size
from engine.sources.camera import CameraSource
from engine.sources.frame import Source
from engine.sources.media import MediaSource, Pace
from engine.sources.stage import StageSource, parse_stage


def open_source(
    spec: str,
    *,
    pace: Pace,
    size: Size | None = None,
    fps: float | None = None,
    pixel_format: str | None = None,
    loop: bool = False,
) -> Source:
    """Open what ``spec`` names.

    Args:
        spec: "0" (camera number), "camera:NAME", "/dev/video0"; "stage:..." (see ``parse_stage``); else a
            video file or a network address.
        pace: "live", or "fast" for every picture in order; a camera is always live.
        size, fps, pixel_format: what to ask a camera for; size and fps also for a stage that names none.
        loop: a file begins again at its end.

    Raises:
        JikcamError: it names nothing, or can't be opened.
    """
    spec = spec.strip()
    if spec.startswith("stage:"):
        scene, seconds = parse_stage(spec, size=size, fps=fps)
        return StageSource(scene, pace, seconds)
    camera = spec.removeprefix("camera:").strip()
    if spec.startswith("camera:") or spec.isdecimal() or spec.startswith("/dev/"):
        if not camera:
            raise JikcamError("camera: names no camera", "write camera:0 or a part of its name")
        return CameraSource(camera, size, fps, pixel_format)
    if not spec:
        raise JikcamError("no source is named", "name a camera (0), a video file, an address or stage:crowd")
    return MediaSource(spec, pace, loop)

"""Puts a running engine together from a preset: source, models, Views, sinks."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from engine.assets import Pack
from engine.enrolment import Enrolment
from engine.errors import JikcamError
from engine.gallery.live import LiveGallery
from engine.gallery.store import Models
from engine.gallery.where import gallery_folder
from engine.geometry import Size
from engine.identity.config import EvidenceConfig, RosterConfig
from engine.identity.likelihood import calibration_of
from engine.identity.roster import Roster
from engine.memory import keep_freed_memory
from engine.perception.build import build_perception, build_reader
from engine.perception.scheduler import Budget
from engine.presets import DeviceSinkPreset, IdentityPreset, MovieSinkPreset, Preset, ViewPreset
from engine.show import Show
from engine.sources.frame import Source
from engine.sources.media import Pace
from engine.sources.open import open_source
from engine.sources.undistort import Lens, Undistorted
from engine.take import Perceives
from engine.timing import StageTimes
from engine.tracking import TrackerConfig
from engine.views import build_views
from virtualcam.device import DeviceSink
from virtualcam.mjpeg import MjpegSink
from virtualcam.movie import MovieSink
from virtualcam.sink import Sink, SinkError
from virtualcam.webrtc.host import StreamHost

log = logging.getLogger(__name__)

#: More threads than this bring no nano model forward.
MOST_MODEL_THREADS = 4
#: Threads of one warp or optical flow. On two cores a second one would wait for the models' core: as
#: quick in the median, slower in the worst pictures.
PICTURE_THREADS = 2


@dataclass(frozen=True, slots=True)
class Assembled:
    """A Show with everything that hangs on it."""

    show: Show
    streams: dict[str, MjpegSink]
    times: StageTimes


@dataclass(frozen=True, slots=True)
class Identity:
    """What a show knows of people before it begins, and the way to keep what it learns."""

    roster: Roster
    enrolment: Enrolment


def usable_cores() -> int:
    """Processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def model_threads(wanted: int) -> int:
    """Threads of onnxruntime: as asked, else one less than the cores, which the pictures need."""
    return wanted or max(1, min(MOST_MODEL_THREADS, usable_cores() - 1))


def source_of(preset: Preset, pace: Pace, streams: StreamHost | None = None) -> Source:
    """Open the preset's source at ``pace`` "live" or "fast".

    Args:
        streams: takes in a camera that comes over WebRTC.
    """
    wanted = preset.source
    size = Size(wanted.width, wanted.height) if wanted.width and wanted.height else None
    source = open_source(
        wanted.uri,
        pace=pace,
        size=size,
        fps=wanted.fps,
        pixel_format=wanted.pixel_format,
        loop=wanted.loop,
        cameras=streams,
    )
    lens = Lens(wanted.lens.k1, wanted.lens.k2)
    return source if lens.is_straight else Undistorted(source, lens)


def again_of(preset: Preset) -> Callable[[], Source] | None:
    """What opens the preset's source once more from its beginning; None where it has none (a camera)."""
    uri = preset.source.uri.strip()
    if uri.startswith("stage:") or Path(uri).is_file():
        return lambda: source_of(preset, "fast")
    return None


def perception_of(preset: Preset, pack: Pack) -> Callable[[], Perceives]:
    """What builds the perception; call it in the thread that will use it."""
    wanted, pack = preset.perception, _read_only(pack, preset.identity)
    budget = Budget(detect_every=wanted.detect_every, others_per_look=wanted.others_per_look)
    objects = frozenset(view.object for view in preset.view if view.object)

    def build() -> Perceives:
        return build_perception(pack, model_threads(wanted.threads), budget, objects)

    return build


def identity_of(preset: Preset, pack: Pack) -> Identity:
    """Who may be recognised in this show: the gallery's members, read with the models of ``pack``.

    What is wrong with the gallery is no error: it stands in the enrolment's problems, and the show goes on.
    """
    wanted, pack = preset.identity, _read_only(pack, preset.identity)
    face, body = (pack.roles.get(role) for role in ("face_embedder", "body_embedder"))
    config = RosterConfig(people=wanted.people)
    if face or body:
        evidence = EvidenceConfig(
            face=calibration_of(face.name if face else ""), body=calibration_of(body.name if body else "")
        )
        config = replace(config, evidence=evidence)
    if not (face or body):
        return Identity(Roster(config), Enrolment(None))
    folder = gallery_folder(wanted.gallery)
    models = Models(face.sha256 if face else "", body.sha256 if body else "")
    # Only for members who were enrolled with other models; loading it takes a moment.
    reader = build_reader(pack, model_threads(preset.perception.threads)) if folder.is_dir() else None
    read = calibration_of(face.name) if face else None
    gallery = LiveGallery(folder, models, wanted.members, reader, read)
    return Identity(Roster(config, gallery.members()), Enrolment(gallery))


def _read_only(pack: Pack, wanted: IdentityPreset) -> Pack:
    """The pack without the models for looks that the preset does not want."""
    unread = () if wanted.faces else ("face", "face_embedder")
    unread = unread if wanted.bodies else (*unread, "body_embedder")
    return replace(pack, roles={role: model for role, model in pack.roles.items() if role not in unread})


def _sinks(wanted: ViewPreset, fps: float, streams: StreamHost | None, *, wait: bool) -> Iterator[Sink]:
    """Open what the View's pictures go to besides its page, one after another."""
    size = Size(wanted.width, wanted.height)
    if streams is not None:
        try:
            yield streams.sink(wanted.name, fps)
        except SinkError as error:  # the show goes on without
            log.warning("view %s is not to be had over WebRTC: %s", wanted.name, error)
    for sink in wanted.sink:
        if isinstance(sink, DeviceSinkPreset):
            yield DeviceSink(size, fps, device=sink.device or None, matrix=sink.matrix)
        elif isinstance(sink, MovieSinkPreset):
            yield MovieSink(sink.path, size, fps, crf=sink.crf, blocking=wait)
        # What is published over WHIP is taken from the View's WebRTC sink.


def _start_picture_workers() -> None:
    """Have OpenCV make its worker here: in the thread of the models it would get their low priority."""
    cv2.setNumThreads(PICTURE_THREADS if usable_cores() > 2 else 1)
    cv2.resize(np.zeros((1080, 1920, 3), np.uint8), (1280, 720), interpolation=cv2.INTER_LINEAR)


def assemble(
    preset: Preset,
    source: Source,
    *,
    wait_for_sinks: bool,
    roster: Roster | None = None,
    extra_sinks: Sequence[Sink] = (),
    streams: StreamHost | None = None,
) -> Assembled:
    """Build every View of the preset with its sinks.

    Args:
        preset: with a View for each member already (``with_members``).
        wait_for_sinks: nothing may be dropped (as fast as possible), rather than nothing may wait (live).
        roster: who is known from the start; None: nobody.
        extra_sinks: more sinks of the first View, already open.
        streams: the streaming process, which gets every View; None = there is none.

    Raises:
        JikcamError, SinkError: a View or a sink is not possible; those opened before are closed again.
    """
    if not wait_for_sinks:
        _refuse_take(preset)
    keep_freed_memory()
    _start_picture_workers()
    times = StageTimes()
    pages: dict[str, MjpegSink] = {}
    sinks: dict[str, list[Sink]] = {}
    with ExitStack() as opened:
        for wanted in preset.view:
            pages[wanted.name] = MjpegSink(wanted.name)
            opened.callback(pages[wanted.name].close)
            sinks[wanted.name] = [pages[wanted.name], *([] if len(sinks) else extra_sinks)]
            for sink in _sinks(wanted, source.fps, streams, wait=wait_for_sinks):
                opened.callback(sink.close)
                sinks[wanted.name].append(sink)
        views = build_views(preset.view, source.size, sinks, times)
        show = Show(
            source.size,
            views,
            times,
            roster,
            TrackerConfig(cost=preset.perception.scene),
            area=preset.area.config(),
            threads=max(1, usable_cores() - 1),
        )
        opened.pop_all()
    return Assembled(show, pages, times)


def _refuse_take(preset: Preset) -> None:
    for view in preset.view:
        if view.camera.operator == "take":
            raise JikcamError(
                f'view {view.name!r} has operator = "take", which needs a recorded video', "add --fast"
            )

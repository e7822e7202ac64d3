"""The whole pipeline over a film, one View for each identity: one pass of the models serves them all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from engine.assemble import assemble, identity_of, perception_of, source_of
from engine.assets import load_pack
from engine.bench.target.record import Entry, Followed
from engine.direction.target import TargetKind, TargetRequest
from engine.errors import JikcamError
from engine.geometry import Shot
from engine.presets import Preset, load_preset
from engine.show import Show
from engine.sources.frame import Frame
from engine.take import LOOK_HZ, run_take

#: Size of the Views' pictures; nobody looks at them.
OUTPUT = (360, 640)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What runs.

    Attributes:
        preset: name or path; its first View is used.
        gallery: folder of enrolled people; None: nobody is.
        look_hz: looks of perception a second, each of them so late.
        threads: of a model; 0 = as many as the machine has to spare.
    """

    preset: str = "dance-stage"
    pack: str = "standard"
    gallery: Path | None = None
    look_hz: float = LOOK_HZ
    threads: int = 0


class Chooser(Protocol):
    """The user's one tap."""

    def wish(self, index: int, show: Show) -> TargetRequest | None:
        """Whom to choose in the picture of that index; None: wait."""
        ...


@dataclass
class _Run:
    """One identity while the film runs."""

    person: int
    chosen: int | None = None
    entries: list[Entry] = field(default_factory=list)


def follow(
    clip: Path,
    choosers: Mapping[int, Chooser],
    names: Mapping[int, str],
    pipeline: Pipeline,
) -> list[Followed]:
    """Follow every identity through the film.

    Args:
        choosers: by identity; asked in every picture until its wish is granted, and never again.
        names: identities chosen by the name of an enrolled person, from the first picture on.

    Raises:
        JikcamError: the film, the models or the gallery can't be used.
    """
    runs = {f"id{i}": _Run(i) for i in [*choosers, *names]}
    preset = _preset(clip, {**dict.fromkeys(runs, "none"), **_wishes(names)}, pipeline)
    pack = load_pack(pipeline.pack)
    source = source_of(preset, "fast")
    try:
        perception = perception_of(preset, pack)()
        roster = identity_of(preset, pack).roster
        if pipeline.gallery is None:
            roster.set_members(())
        parts = assemble(preset, source, wait_for_sinks=True, roster=roster)
        for name in _wishes(names):
            runs[name].chosen = -1
        widest = Shot.widest(source.size, OUTPUT[0] / OUTPUT[1])

        def note(frame: Frame, show: Show) -> None:
            for view in show.views:
                run = runs[view.name]
                if run.chosen is None:
                    _try(show, view.name, choosers[run.person], run, frame.index)
                else:
                    direction = view.direction
                    run.entries.append(Entry.of(frame.index, direction.lock, direction.shot, widest))

        try:
            run_take(source, parts.show, perception, look_hz=pipeline.look_hz, on_picture=note)
        finally:
            parts.show.close()
        return [Followed(r.person, r.chosen, tuple(r.entries), source.fps) for r in runs.values()]
    finally:
        source.close()


def _try(show: Show, view: str, chooser: Chooser, run: _Run, index: int) -> None:
    wish = chooser.wish(index, show)
    if wish is None:
        return
    try:
        show.request(view, wish)
    except JikcamError:
        return  # nobody is found there yet: the user taps again in the next picture
    run.chosen = index


def _wishes(names: Mapping[int, str]) -> dict[str, str]:
    return {f"id{i}": f"{TargetKind.NAME}:{name}" for i, name in names.items()}


def _preset(clip: Path, targets: Mapping[str, str], pipeline: Pipeline) -> Preset:
    base = load_preset(pipeline.preset)
    first = base.view[0]
    width, height = OUTPUT
    # Who is held does not depend on how the camera moves; live, every picture is judged at once.
    camera = first.camera.model_copy(update={"operator": "live"})
    same = {"width": width, "height": height, "sink": [], "camera": camera, "each": None}
    views = [
        first.model_copy(update={**same, "name": name, "target": target}) for name, target in targets.items()
    ]
    source = base.source.model_copy(update={"uri": str(clip), "loop": False, "width": None, "height": None})
    perception = base.perception.model_copy(update={"threads": pipeline.threads})
    identity = base.identity.model_copy(update={"gallery": str(pipeline.gallery or "")})
    return base.model_copy(
        update={"source": source, "perception": perception, "identity": identity, "view": views}
    )

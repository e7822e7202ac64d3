"""`jikcam enroll`: teach jikcam one person, from pictures or from a film."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from engine.assemble import model_threads
from engine.assets import Pack, load_pack
from engine.errors import JikcamError
from engine.gallery import Models, add_to_member, gallery_folder, load_gallery
from engine.gallery.film import Meant, looks_in_film
from engine.gallery.folders import member_folder
from engine.gallery.looks import Look, look_at_portrait, member_of
from engine.gallery.names import checked_name
from engine.gallery.pictures import read_picture
from engine.gallery.sifting import agreeing_pictures, best_of_film, check_against_gallery
from engine.geometry import Box
from engine.identity.likelihood import calibration_of
from engine.perception.appearance import AppearanceReader
from engine.perception.build import build_perception, build_reader
from engine.perception.evidence import Reading
from engine.perception.faces import YuNet
from engine.perception.scheduler import Budget, Perception

#: People of one picture whose joints are found: they tell whose a face is.
_POSES = 6

GalleryOption = Annotated[str, typer.Option("--gallery", help="folder of the gallery; left out: your own")]
PackOption = Annotated[str, typer.Option("--pack", help="models: standard, accurate")]


def enroll(
    name: Annotated[str, typer.Argument(help="of the person, as it is to be shown")],
    pictures: Annotated[
        list[Path] | None, typer.Argument(help="3 to 10 JPEG or PNG pictures with the face large")
    ] = None,
    from_video: Annotated[str | None, typer.Option("--from-video", help="a film of the person")] = None,
    person: Annotated[int | None, typer.Option(help="in the film: the N-th from the left, from 1")] = None,
    at: Annotated[float | None, typer.Option(help="in the film: at this moment, seconds")] = None,
    box: Annotated[str | None, typer.Option(help="in the film, with --at: X,Y,WIDTH,HEIGHT, pixels")] = None,
    group: Annotated[str, typer.Option(help="band, team, class")] = "",
    clothes: Annotated[
        bool, typer.Option("--clothes", help="taken today: know the clothes too, for 12 hours")
    ] = False,
    gallery: GalleryOption = "",
    pack: PackOption = "standard",
    force: Annotated[bool, typer.Option("--force", help="though the faces seem to differ")] = False,
) -> None:
    """Teach jikcam one person. All of it stays on this computer; see `jikcam gallery`."""
    name = checked_name(name)
    meant = _meant(from_video, pictures or [], person, at, box)
    folder = gallery_folder(gallery)
    member_folder(folder, name)  # a name that is not possible is told before anything is looked at
    models = face_models(pack)
    reader = face_reader(models)
    calibration = calibration_of(models.roles["face_embedder"].name)
    perception = _people_finder(models) if from_video or clothes else None
    if from_video and perception:
        console = Console(stderr=True)
        with console.status("looking at the film") if console.is_terminal else nullcontext():
            looks = looks_in_film(from_video, meant, reader, perception, clothes=clothes)
        looks = best_of_film(looks, from_video, calibration)
    else:
        looks = _portraits(pictures or [], reader, YuNet(models.roles["face"].path), perception)
        if not force:
            agreeing_pictures(looks, calibration)
    member, crops = member_of(name, looks, group)
    stored = load_gallery(folder, reader.face_model, reader.body_model, reader=reader)
    try:
        warnings = check_against_gallery(name, member.faces, stored.members, calibration)
    except JikcamError as error:
        if not force:
            raise
        warnings = [error.problem]
    whole = add_to_member(folder, member, crops, Models(reader.face_model, reader.body_model))
    for warning in warnings:
        print(f"jikcam: {warning}", file=sys.stderr)
    bodies = f" and {len(member.bodies)} of the clothes" if member.bodies else ""
    print(
        f"{name}: {len(member.faces)} pictures of the face{bodies} looked at, "
        f"{len(whole.faces) + len(whole.bodies)} are stored now in {member_folder(folder, name)}"
    )


def face_models(pack: str) -> Pack:
    """The pack, from this computer.

    Raises:
        JikcamError: it is not here, or has no models for faces.
    """
    fix = "run: jikcam models fetch standard"
    if pack not in ("standard", "accurate"):
        raise JikcamError(f"the {pack} models know no faces", fix)
    found = load_pack(pack, fetch=False)
    if not {"face", "face_embedder"} <= found.roles.keys():
        raise JikcamError(f"the {pack} pack has no models for faces on this computer", fix)
    return found


def face_reader(pack: Pack) -> AppearanceReader:
    """What reads faces with a pack that has models for them."""
    reader = build_reader(pack, model_threads(0))
    assert reader is not None  # what face_models gives has the roles
    return reader


def _people_finder(pack: Pack) -> Perception:
    no_reading = Reading(faces_per_look=0, bodies_per_look=0)
    return build_perception(pack, model_threads(0), Budget(others_per_look=_POSES, reading=no_reading))


def _portraits(
    pictures: Sequence[Path], reader: AppearanceReader, finder: YuNet, perception: Perception | None
) -> list[Look]:
    """A look at each picture; those that can't be used are told and left out.

    Raises:
        JikcamError: none can be used.
    """
    looks: list[Look] = []
    refused: list[JikcamError] = []
    for path in pictures:
        try:
            looks.append(
                look_at_portrait(read_picture(path, follow=True), str(path), reader, finder, perception)
            )
        except JikcamError as error:
            refused.append(error)
    if not looks:
        more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
        raise JikcamError(f"{refused[0].problem}{more}", refused[0].fix)
    for one in refused:
        print(f"jikcam: left out: {one}", file=sys.stderr)
    return looks


def _meant(
    film: str | None, pictures: Sequence[Path], person: int | None, at: float | None, box: str | None
) -> Meant:
    """Who is meant; raises JikcamError when the options do not go together."""
    if bool(film) == bool(pictures):
        raise JikcamError(
            "there is nothing to enrol from" if not film else "pictures and a film at once",
            "name pictures, or a film with --from-video",
        )
    if not film and (person is not None or at is not None or box is not None):
        raise JikcamError("--person, --at and --box speak of a film", "name one with --from-video")
    if box is None:
        return Meant(at, None, person)
    if at is None or person is not None:
        raise JikcamError("--box is a place at one moment", "name the moment with --at, without --person")
    try:
        x, y, width, height = (float(part) for part in box.split(","))
    except ValueError:
        x = y = width = height = 0.0
    found = Box(x, y, x + width, y + height)
    if not found.is_finite() or width <= 0 or height <= 0:
        raise JikcamError(f"{box!r} is not a box", "write it as X,Y,WIDTH,HEIGHT in pixels of the film")
    return Meant(at, found, None)

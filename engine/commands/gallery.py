"""`jikcam gallery`: who is enrolled, whether all is well, remove, rename."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from engine.commands.enroll import GalleryOption, PackOption, face_models, face_reader
from engine.errors import JikcamError
from engine.gallery import delete_member, gallery_folder, load_gallery, rename_member
from engine.gallery.folders import member_folders, name_of
from engine.gallery.private import unreadable
from engine.gallery.record import read_record

app = typer.Typer(help="Enrolled people: list, check, remove, rename, where.", no_args_is_help=True)


@app.command("list")
def list_(gallery: GalleryOption = "") -> None:
    """Everybody in the gallery."""
    folder = gallery_folder(gallery)
    table = Table("name", "group", "faces", "bodies", "pictures", "last added")
    problems: list[JikcamError] = []
    for path in member_folders(folder):
        try:
            name, record = name_of(path), read_record(path)
        except JikcamError as error:
            problems.append(error)
            continue
        except OSError as error:
            problems.append(unreadable(path, error))
            continue
        faces = sum(s.kind == "face" for s in record.samples)
        bodies = len(record.samples) - faces
        last = max((s.taken for s in record.samples), default=None)
        when = f"{last.astimezone():%Y-%m-%d %H:%M}" if last else ""
        table.add_row(
            escape(name), escape(record.group), str(faces), str(bodies), str(len(record.pictures)), when
        )
    if table.row_count:
        Console().print(table)
    elif not problems:
        print(f"nobody is enrolled in {folder}; begin with: jikcam enroll NAME PICTURES")
    for problem in problems:
        print(f"problem  {problem}")


@app.command()
def check(gallery: GalleryOption = "", pack: PackOption = "standard") -> None:
    """Read the gallery as a show does; a line for everything that is wrong, and exit code 2 then."""
    reader = face_reader(face_models(pack))
    found = load_gallery(gallery_folder(gallery), reader.face_model, reader.body_model, reader=reader)
    for member in found.members:
        print(f"fine     {member.name}  {len(member.faces)} faces, {len(member.bodies)} bodies")
    for problem in found.problems:
        print(f"problem  {problem}")
    if found.problems:
        raise typer.Exit(2)


@app.command()
def remove(name: str, gallery: GalleryOption = "") -> None:
    """Delete what is stored of a person: pictures and numbers."""
    left = delete_member(gallery_folder(gallery), name)
    print(f"removed {name}")
    for path in left:
        print(f"left, as jikcam did not write it: {path}")


@app.command()
def rename(name: str, new_name: str, gallery: GalleryOption = "") -> None:
    """Give a person another name."""
    folder = rename_member(gallery_folder(gallery), name, new_name)
    print(f"{name} is now {folder.name}")


@app.command()
def where(gallery: GalleryOption = "") -> None:
    """Where the pictures and numbers lie."""
    print(gallery_folder(gallery))

"""The folders in a gallery: which member lies where, delete, rename."""

from __future__ import annotations

import re
from pathlib import Path

from engine.errors import JikcamError
from engine.gallery.names import checked_name, name_key, printable, quoted
from engine.gallery.private import unreadable
from engine.gallery.record import RECORD

# Pictures, and what a killed process leaves of a file half written.
_OURS = re.compile(
    r"(face|body)-[0-9a-f]{12}\.jpg|\.(member\.json|(face|body)-[0-9a-f]{12}\.jpg)\.[0-9a-f]{8}"
)


def is_ours(path: Path) -> bool:
    """Whether jikcam gave the file its name: a record, a picture, or a half-written one."""
    return path.name == RECORD or bool(_OURS.fullmatch(path.name))


def member_folder(gallery: Path, name: str) -> Path:
    """Where the member of that name lies, or would lie.

    Raises:
        JikcamError: the name can't be one, or there is a member whose name differs only in case or form.
    """
    name = checked_name(name)
    for path in member_folders(gallery):
        if path.name != name and name_key(path.name) == name_key(name):
            if checked_or_none(path.name) == name:  # the same name, decomposed by the file system
                return path
            raise JikcamError(
                f"there is a member {path.name}, which some systems take for {name}",
                f"write {path.name}, or choose another name",
            )
    return gallery / name


def member_folders(gallery: Path) -> list[Path]:
    """The folders in a gallery, whether they hold a member or not, in the order of their names.

    Raises:
        JikcamError: the gallery is there and can't be read.
    """
    try:
        found = [
            p for p in gallery.iterdir() if not p.name.startswith(".") and (p.is_dir() or p.is_symlink())
        ]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise JikcamError(
            f"cannot read the gallery {gallery} ({error.strerror})", "choose another with --gallery"
        ) from error
    return sorted(found, key=lambda p: (name_key(p.name), p.name))


def name_of(path: Path) -> str:
    """The name of the member in that folder of a gallery.

    Raises:
        JikcamError: a link, a name that can't be one, no record in it; one line.
        OSError: it may not be looked into.
    """
    if path.is_symlink():
        raise JikcamError(f"{printable(str(path), 200)} is a link", "put the folder itself there")
    try:
        name = checked_name(path.name)
    except JikcamError as error:
        raise JikcamError(
            f"{printable(str(path), 200)} can't be a member: {error.problem}", "rename the folder"
        ) from error
    if not (path / RECORD).exists() and not (path / RECORD).is_symlink():
        raise JikcamError(
            f"{path} has no {RECORD}, so nobody is recognised by it",
            f"enrol the person with: jikcam enroll {quoted(name)} PICTURES",
        )
    return name


def checked_or_none(text: str) -> str | None:
    """The name as `checked_name` gives it; None when it can't be one."""
    try:
        return checked_name(text)
    except JikcamError:
        return None


def delete_member(gallery: Path, name: str) -> list[Path]:
    """Delete everything that jikcam stored of the member, a damaged or half-written one too.

    Returns:
        Files of others in that folder, which are left where they are.

    Raises:
        JikcamError: there is no such member, or a file can't be deleted.
    """
    folder = _existing(gallery, name)
    try:
        # The record first: from then on nobody is recognised by it.
        (folder / RECORD).unlink(missing_ok=True)
        for path in folder.iterdir():
            if is_ours(path):
                path.unlink()
        left = sorted(folder.iterdir())
        if not left:
            folder.rmdir()
    except OSError as error:
        raise JikcamError(
            f"cannot delete {error.filename or folder} ({error.strerror})", "delete it by hand"
        ) from error
    return left


def rename_member(gallery: Path, name: str, new_name: str) -> Path:
    """Give a member another name; returns the new folder.

    Raises:
        JikcamError: there is no such member, the new name is taken or can't be one.
    """
    folder = _existing(gallery, name)
    new = gallery / checked_name(new_name)
    for path in member_folders(gallery):
        if path != folder and name_key(path.name) == name_key(new.name):
            raise JikcamError(f"there is a member {path.name} already", "choose another name")
    try:
        return folder.rename(new)
    except OSError as error:
        raise JikcamError(f"cannot rename {folder} ({error.strerror})", "choose another name") from error


def _existing(gallery: Path, name: str) -> Path:
    folder = member_folder(gallery, name)
    if folder.is_symlink():
        raise JikcamError(f"{folder} is a link", "delete the link by hand")
    try:
        if any(is_ours(path) for path in folder.iterdir()):
            return folder
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        raise unreadable(folder, error) from error
    names = [p.name for p in member_folders(gallery)]
    raise JikcamError(
        f"there is no member {folder.name} in {gallery}",
        f"choose one of: {', '.join(names[:12])}" if names else "enrol somebody with: jikcam enroll",
    )

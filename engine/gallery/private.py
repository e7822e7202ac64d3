"""Files that only their owner can read, written whole or not at all, and read with a limit."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from engine.assets.atomic import write_for_owner
from engine.errors import JikcamError

FOLDER_MODE = 0o700

# Neither exists on every system.
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)


def make_folder(folder: Path, *, close: bool = False) -> None:
    """Make the folder and its missing parents for this user only.

    Args:
        close: also take the rights of others away from a folder that is there already.

    Raises:
        JikcamError: it can't be made.
    """
    try:
        for path in reversed((folder, *folder.parents)):
            if not path.is_dir():
                path.mkdir(mode=FOLDER_MODE, exist_ok=True)
        if close:
            folder.chmod(FOLDER_MODE)
    except OSError as error:
        raise JikcamError(
            f"cannot make the folder {folder} ({error.strerror})", "choose another gallery with --gallery"
        ) from error


def write_file(path: Path, data: bytes) -> None:
    """Write ``data``; after a crash at any moment the old file or the new one is there.

    Raises:
        JikcamError: it can't be written.
    """
    try:
        write_for_owner(path, data)
    except OSError as error:
        raise JikcamError(
            f"cannot write {path} ({error.strerror})", "make room, or choose another gallery with --gallery"
        ) from error


def read_file(path: Path, limit_bytes: int, *, follow: bool = False) -> bytes:
    """The whole file.

    Args:
        limit_bytes: a larger file is not read at all.
        follow: a link is followed; otherwise it is refused, as it may lead out of a gallery.

    Raises:
        JikcamError: absent, unreadable, empty, too large, a link, or no plain file.
    """
    try:
        # Asked before it is opened: to open a pipe would wait for its writer.
        status = path.stat() if follow else path.lstat()
        if stat.S_ISLNK(status.st_mode):
            raise JikcamError(f"{path} is a link", "put the file itself there")
        if not stat.S_ISREG(status.st_mode):
            raise JikcamError(f"{path} is not a file", "name a file")
        with os.fdopen(os.open(path, os.O_RDONLY | _BINARY | (0 if follow else _NO_FOLLOW)), "rb") as file:
            data = file.read(limit_bytes + 1)
    except FileNotFoundError:
        raise JikcamError(f"{path} is not there", "check the name and the folder") from None
    except OSError as error:
        raise unreadable(path, error) from error
    if not data:
        raise JikcamError(f"{path} is empty", "put the right file there")
    if len(data) > limit_bytes:
        raise JikcamError(f"{path} is larger than {limit_bytes / 1e6:g} MB", "make it smaller")
    return data


def unreadable(path: Path, error: OSError) -> JikcamError:
    """What to tell when the system refuses ``path``."""
    return JikcamError(f"cannot read {path} ({error.strerror})", "see that you may read it")


def open_to_others(folder: Path) -> bool:
    """Whether other users of this computer may look into the folder; never on Windows, which has no modes."""
    return os.name == "posix" and bool(folder.stat().st_mode & 0o077)

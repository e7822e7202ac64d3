"""Small files that only their owner may read: the key of the tokens, the certificate's key."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from engine.assets.atomic import write_for_owner
from engine.errors import JikcamError

# Neither exists on every system.
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_MOST_BYTES = 64 * 1024


def read_private(path: Path) -> bytes | None:
    """The whole file; None where there is none.

    Raises:
        JikcamError: unreadable, a link, or others may read it too and so may know it.
    """
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | _BINARY | _NO_FOLLOW), "rb") as file:
            status = os.fstat(file.fileno())
            data = file.read(_MOST_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise JikcamError(f"cannot read {path} ({error.strerror})", "delete it; a new one is made") from error
    if os.name == "posix" and (stat.S_IMODE(status.st_mode) & 0o077 or status.st_uid != os.geteuid()):
        raise JikcamError(
            f"{path} is secret and others of this computer may read it", "delete it; a new one is made"
        )
    return data


def write_private(path: Path, data: bytes) -> None:
    """Write the file whole or not at all, with its folder, for this user only.

    Raises:
        JikcamError: it can't be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_for_owner(path, data)
    except OSError as error:
        raise JikcamError(
            f"cannot write {path} ({error.strerror})", "see that you may write into that folder"
        ) from error

"""Files appear whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A path beside ``target`` to write to; becomes ``target`` when the block ends well, else is deleted."""
    # Not tempfile: its files are for one user only, a cache may be shared.
    path = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        yield path
        path.replace(target)
    finally:
        path.unlink(missing_ok=True)


def write_atomically(target: Path, data: bytes) -> None:
    """Write ``data`` to ``target``; whoever reads meanwhile sees the old file or the new one."""
    with replacing(target) as path:
        path.write_bytes(data)


def write_for_owner(target: Path, data: bytes) -> None:
    """As ``write_atomically``, for this user only; after a crash too there is the old file or the new one."""
    with replacing(target) as path:
        # Windows alone knows text files.
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

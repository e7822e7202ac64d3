"""One writer for one device: v4l2loopback lets two programs write at once, so jikcam keeps its own lock."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

from virtualcam.sink import SinkError

if sys.platform == "win32":
    import msvcrt

    # Far behind the record, which stays readable for others while the byte is locked.
    _LOCKED_BYTE = 1 << 20

    def try_lock(fd: int) -> bool:
        """Whether this process has the file to itself now, until it closes it or is gone."""
        os.lseek(fd, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def try_lock(fd: int) -> bool:
        """Whether this process has the file to itself now, until it closes it or is gone."""
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class WriterLock:
    """The right to write to one device, held until ``release`` or until the process is gone.

    The lock file holds the writer's process id while it writes and is empty after a clean end; so an
    old id in a file that can be locked tells that its writer was killed (``left_by_crash``).

    Raises:
        SinkError: another jikcam has the device, or the lock file can't be opened.
    """

    def __init__(self, device: str) -> None:
        slug = re.sub(r"[^A-Za-z0-9]+", "-", device).strip("-") or "default"
        path = Path(tempfile.gettempdir()) / f"jikcam-{slug}.lock"
        self._fd: int | None = None
        fd, self._writable = _open(path)
        if not try_lock(fd):
            pid = _read(fd)
            os.close(fd)
            who = f" (process {pid})" if pid else ""
            raise SinkError(f"another jikcam{who} writes to {device}; stop it or choose another device")
        self.left_by_crash = bool(_read(fd))
        self._fd = fd
        self._record(str(os.getpid()))

    def release(self) -> None:
        """Give the device back; may be called twice."""
        if self._fd is not None:
            self._record("")
            os.close(self._fd)
            self._fd = None

    def _record(self, text: str) -> None:
        if self._fd is not None and self._writable:
            os.ftruncate(self._fd, 0)
            os.lseek(self._fd, 0, os.SEEK_SET)
            os.write(self._fd, text.encode())


def _open(path: Path) -> tuple[int, bool]:
    """The descriptor, and whether it can be written: a file of another user can only be read and locked."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o644), True
    except PermissionError:
        try:
            return os.open(path, os.O_RDONLY), False
        except OSError as error:
            raise SinkError(f"can't open the lock file {path}: {error.strerror}; delete it") from error
    except OSError as error:
        raise SinkError(f"can't create the lock file {path}: {error.strerror}; free space there") from error


def _read(fd: int) -> str:
    os.lseek(fd, 0, os.SEEK_SET)
    return os.read(fd, 32).decode(errors="replace").strip()

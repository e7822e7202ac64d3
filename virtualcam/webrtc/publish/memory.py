"""Which session at a WHIP server is ours, known even after this process was killed.

A server keeps a killed publisher's session for minutes and refuses the next one as long. So the session's
address stands in a small file while it lasts; whoever publishes there next ends it first. No token is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from pathlib import Path

import platformdirs

from virtualcam.lock import try_lock

#: An older session is dead at any server, and its address may be somebody else's session by now.
FORGOTTEN_AFTER_S = 600.0
_MOST_BYTES = 4096


class SessionMemory:
    """The session at one WHIP address, and the right to have one: a computer has one publisher per address.

    Where no file can be written, a session is remembered as long as the process lives: a full disk costs the
    memory of a killed process, not the show.

    Args:
        url: address that is published to.
        folder: where the file is; None = the user's state folder.
    """

    def __init__(self, url: str, folder: Path | None = None) -> None:
        folder = folder or platformdirs.user_state_path("jikcam", appauthor=False) / "whip"
        self._path = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.session"
        self._fd: int | None = None
        self._location = ""

    def take(self) -> bool:
        """Become the publisher to this address; False while another program on this computer is it."""
        with contextlib.suppress(OSError):
            while self._fd is None:
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
                if not try_lock(fd):
                    os.close(fd)
                    return False
                if self._is_file(fd):
                    self._fd = fd
                    self._location = _left_behind(fd)
                else:
                    os.close(fd)  # the last publisher has removed it meanwhile
        return True

    @property
    def location(self) -> str:
        """Where the session is that nobody has ended yet; "" = none. At some servers it is a secret."""
        return self._location

    def keep(self, location: str) -> None:
        """A session began there; "" = it is at its end."""
        self._location = location
        if self._fd is not None:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, 0)
                os.lseek(self._fd, 0, os.SEEK_SET)
                os.write(self._fd, location.encode())

    def alive(self) -> None:
        """The session is in use now; to be told every minute or so."""
        if self._fd is not None:
            with contextlib.suppress(OSError):
                os.utime(self._path)

    def release(self) -> None:
        """Let others publish to this address; may be called twice."""
        if self._fd is None:
            return
        with contextlib.suppress(OSError):
            if not self._location:
                self._path.unlink()
        os.close(self._fd)
        self._fd = None

    def _is_file(self, fd: int) -> bool:
        try:
            return os.path.samestat(os.fstat(fd), self._path.stat())
        except FileNotFoundError:
            return False


def _left_behind(fd: int) -> str:
    if time.time() - os.fstat(fd).st_mtime > FORGOTTEN_AFTER_S:
        return ""
    os.lseek(fd, 0, os.SEEK_SET)
    return os.read(fd, _MOST_BYTES).decode(errors="replace").strip()

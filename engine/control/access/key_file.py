"""The key behind all tokens, kept from start to start.

A link given to a viewer, a phone or an OBS browser source has to survive a restart of jikcam: nobody types
tokens anew in the middle of a show. So the key is made once and stays until it is renewed by hand.
"""

from __future__ import annotations

import secrets
from pathlib import Path

import platformdirs

from engine.control.access.grants import KEY_BYTES
from engine.control.access.private_file import read_private, write_private


def key_path() -> Path:
    """Where the key lies: in the user's state folder, not in the settings that people copy and share."""
    return platformdirs.user_state_path("jikcam", appauthor=False) / "access.key"


def kept_key(path: Path | None = None, *, renew: bool = False) -> bytes:
    """The key; made at first use.

    Args:
        path: of another file than ``key_path()``.
        renew: make a new one: every token so far is void as soon as the engines that know it have ended.

    Raises:
        JikcamError: the file can't be used.
    """
    path = path or key_path()
    if not renew and (kept := read_private(path)) is not None and len(kept) == KEY_BYTES:
        return kept
    key = secrets.token_bytes(KEY_BYTES)
    write_private(path, key)
    return key

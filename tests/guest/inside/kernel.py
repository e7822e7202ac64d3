"""Loading and unloading v4l2loopback from Python: the host's root needs no kmod."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

MODULE = Path("/run/guest/v4l2loopback.ko")
#: arch/x86/entry/syscalls/syscall_64.tbl
_DELETE_MODULE, _FINIT_MODULE = 176, 313
_libc = ctypes.CDLL(None, use_errno=True)


def unload() -> int:
    """Remove v4l2loopback; 0, or the errno (EAGAIN while somebody has a device open)."""
    failed = _libc.syscall(_DELETE_MODULE, b"v4l2loopback", os.O_NONBLOCK)
    return ctypes.get_errno() if failed else 0


def load(options: str) -> None:
    """Load it with these options.

    Raises:
        OSError: it doesn't load.
    """
    with MODULE.open("rb") as file:
        if _libc.syscall(_FINIT_MODULE, file.fileno(), options.encode(), 0):
            raise OSError(ctypes.get_errno(), "v4l2loopback doesn't load")

"""An X screen without a monitor, for programs that want one."""

from __future__ import annotations

import os
from pathlib import Path

from tests.real.guarded import Guarded


def open_screen(workdir: Path) -> tuple[Guarded, str]:
    """Start Xvfb on a display number it chooses itself; gives the process and the display, such as ":101".

    Raises:
        RuntimeError: it didn't start; the message holds its log.
    """
    log = workdir / "xvfb.log"
    read_end, write_end = os.pipe()
    command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    try:
        screen = Guarded([*command, "-noreset"], env=os.environ, cwd=workdir, log=log, pass_fds=(write_end,))
    finally:
        os.close(write_end)
    with os.fdopen(read_end) as numbers:
        number = numbers.readline().strip()  # empty when Xvfb ended, which closes the pipe
    if not number:
        screen.end()
        raise RuntimeError("Xvfb did not start:\n" + log.read_text(encoding="utf-8", errors="replace"))
    return screen, f":{number}"

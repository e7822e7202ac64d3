"""Starts the OBS controller as a process of its own and starts it again when it dies.

The engine knows nothing of OBS: the licences of obsws-python and pyvirtualcam do not go together in one
process, and whatever happens to the controller must not touch the picture.
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

from engine.errors import JikcamError
from engine.stderr import for_other_programs

log = logging.getLogger(__name__)

#: Waits before the first, second, ... restart; a controller that lived for a minute begins anew.
RESTART_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
LIVED_S = 60.0
FAREWELL_S = 3.0
#: Sent before its input is closed; without it the controller takes us for dead.
GOODBYE = b"goodbye\n"


def controller_command(engine_url: str) -> list[str]:
    """What starts the controller of the engine at ``engine_url``; it ends when its input is closed."""
    return [sys.executable, "-m", "obs_plugin", "run", "--engine", engine_url, "--until-eof"]


def require_obs() -> None:
    """Make sure that the controller's packages are installed, without importing them.

    Raises:
        JikcamError: they are not.
    """
    if importlib.util.find_spec("obsws_python") is None:
        raise JikcamError(
            "the preset has an [obs] table, and obsws-python is not installed",
            "run: pip install 'jikcam[obs]'",
        )


class ObsProcess:
    """The OBS controller beside a running engine.

    Args:
        command: starts it; it must end when its standard input is closed, so that it never outlives us.
        restart_s: waits before the first, second, ... restart.
    """

    def __init__(self, command: Sequence[str], restart_s: Sequence[float] = RESTART_S) -> None:
        self._command = list(command)
        self._restart_s = tuple(restart_s)
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._starting = threading.Lock()
        self._thread = threading.Thread(target=self._watch, name="jikcam-obs-process", daemon=True)
        self.starts = 0

    @property
    def pid(self) -> int | None:
        """Of the running controller."""
        process = self._process
        return process.pid if process and process.poll() is None else None

    def start(self) -> None:
        """Start it, and watch it from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Have it end; may be called twice."""
        self._stopping.set()
        with self._starting:
            process = self._process
        if process is not None and process.stdin is not None and not process.stdin.closed:
            with contextlib.suppress(OSError):  # it has ended already
                process.stdin.write(GOODBYE)
                process.stdin.close()
            try:
                process.wait(FAREWELL_S)
            except subprocess.TimeoutExpired:
                process.kill()
        if self._thread.ident is not None:
            self._thread.join(FAREWELL_S)

    def _watch(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            begin_s = time.monotonic()
            code = self._run()
            if self._stopping.is_set():
                return
            failures = 1 if time.monotonic() - begin_s > LIVED_S else failures + 1
            wait_s = self._restart_s[min(failures, len(self._restart_s)) - 1]
            log.warning("the OBS controller ended (%s); it starts again in %.1f s", code, wait_s)
            self._stopping.wait(wait_s)

    def _run(self) -> str:
        """Run it once; why it ended."""
        try:
            with self._starting:
                if self._stopping.is_set():
                    return "stopped"
                with for_other_programs():
                    self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE)
                self.starts += 1
        except OSError as error:
            return str(error)
        return f"exit code {self._process.wait()}"

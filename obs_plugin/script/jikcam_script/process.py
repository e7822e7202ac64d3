"""Starts the engine and ends the one it started; never waits."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from .errors import ScriptError, one_line

#: After this an engine that was told to end is killed.
GRACE_S = 5.0
_TAIL_BYTES = 2000
#: Of OBS's own Python; the engine's must not see them.
_FOREIGN = ("PYTHONHOME", "PYTHONPATH", "PYTHONUNBUFFERED", "__PYVENV_LAUNCHER__")


def find_program(script: Path, windows: bool = sys.platform == "win32") -> str:
    """The jikcam program of the checkout or the environment that ``script`` lies in, else of PATH.

    Raises:
        ScriptError: there is none ("program").
    """
    inside = ("Scripts", "jikcam.exe") if windows else ("bin", "jikcam")
    for folder in script.resolve().parents:
        for place in (folder / ".venv", folder):
            program = place.joinpath(*inside)
            if program.is_file():
                return str(program)
    found = shutil.which("jikcam")
    if found is None:
        usual = Path(".venv", *inside)
        raise ScriptError(
            "program", f"the jikcam program was not found; set its path: {usual} of jikcam's folder"
        )
    return found


def command_line(
    program: str, preset: str, arguments: str, port: int, windows: bool = sys.platform == "win32"
) -> list[str]:
    """``jikcam run`` as the user wants it, with quotes understood as the system's shell does.

    Raises:
        ScriptError: a quote is not closed ("arguments").
    """
    try:
        words = shlex.split(arguments, posix=not windows)
    except ValueError as error:
        raise ScriptError("arguments", f"the options can't be read: {error}; check the quotes") from None
    if windows:
        words = [w[1:-1] if len(w) > 1 and w[0] == w[-1] and w[0] in "\"'" else w for w in words]
    return [program, "run", "--port", str(port), *(["--preset", preset] if preset else []), *words]


def end_kept(kept: dict[str, Any]) -> None:
    """Tell the engine that we started to end, without waiting: OBS quits."""
    child = kept.get("child")
    if child is not None and child.poll() is None:
        child.terminate()


class EngineProcess:
    """The engine that this script started, if any. For one thread, except ``running``.

    Args:
        kept: where it is remembered; a reload of the script keeps it, so that the show goes on.
    """

    def __init__(self, kept: dict[str, Any]) -> None:
        self._kept = kept

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended, as far as ``tend`` knows."""
        return self._child is not None

    @property
    def _child(self) -> subprocess.Popen[bytes] | None:
        child: subprocess.Popen[bytes] | None = self._kept.get("child")
        return child

    def start(self, command: list[str]) -> str:
        """Start it; its output goes to a file in the folder for temporary files.

        Raises:
            ScriptError: it runs, or it can't be started ("start").
        """
        if self._child is not None:
            raise ScriptError("start", "it runs already")
        options: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            options = {
                "creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP,
            }
        env = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
        log, path = tempfile.mkstemp(prefix="jikcam-engine-", suffix=".log")
        try:
            child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=env, **options
            )
        except (OSError, ValueError) as error:
            Path(path).unlink()
            reason = getattr(error, "strerror", None) or error
            raise ScriptError("start", f"{command[0]} can't be started: {reason}; check its path") from None
        finally:
            os.close(log)
        self._kept.update(child=child, log=path, kill_at_s=None)
        return f"started: {subprocess.list2cmdline(command)}; its output is in {path}"

    def stop(self) -> str:
        """Tell it to end; ``tend`` kills it when it does not.

        Raises:
            ScriptError: we started none ("stop").
        """
        child = self._child
        if child is None:
            raise ScriptError("stop", "this script has not started it; end it where it was started")
        if self._kept["kill_at_s"] is None:
            child.terminate()
            self._kept["kill_at_s"] = time.monotonic() + GRACE_S
        return "jikcam was told to end"

    def tend(self) -> str:
        """Kill it when its time is up, and notice its end: a line about it, or ""."""
        child = self._child
        if child is None:
            return ""
        code, kill_at_s = child.poll(), self._kept["kill_at_s"]
        if code is None:
            if kill_at_s is not None and time.monotonic() > kill_at_s:
                self._kill(child)
            return ""
        self._kept["child"] = None
        if code == 0 or kill_at_s is not None:
            return "jikcam has ended"
        return f"jikcam has ended with code {code}: {self._last_words()} (all of it: {self._kept['log']})"

    @staticmethod
    def _kill(child: subprocess.Popen[bytes]) -> None:
        if sys.platform == "win32":
            child.kill()
        else:
            os.killpg(child.pid, signal.SIGKILL)

    def _last_words(self) -> str:
        try:
            lines = Path(self._kept["log"]).read_bytes()[-_TAIL_BYTES:].decode(errors="replace").splitlines()
        except OSError as error:
            return f"its output can't be read: {error}"
        return one_line(next((line for line in reversed(lines) if line.strip()), "it said nothing"))

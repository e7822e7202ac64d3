"""A child process that can't outlive the test run, however the run ends."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

#: Waits for the end of its standard input, which comes with the end of the process that holds the pipe.
_GUARD = 'read -r _; kill -s KILL -- "-$1" 2>/dev/null'


class Guarded:
    """A program in a process group of its own, killed when this Python ends, however it ends.

    `atexit` would not do: pytest-timeout leaves through `os._exit`, and CI kills. A small shell holds the
    other end of a pipe instead, and kills the group when the pipe breaks.

    Args:
        command: program and arguments.
        env: whole environment of the program.
        cwd: folder it runs in.
        log: file its output is appended to.
        pass_fds: file descriptors it inherits.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        log: Path,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.log = log
        with log.open("ab") as output:
            self._child = subprocess.Popen(
                list(command),
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=tuple(pass_fds),
                start_new_session=True,
            )
        self.pid = self._child.pid
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, "guard", str(self.pid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def code(self) -> int | None:
        """Exit code, minus the signal's number for a death by signal; None while it runs."""
        return self._child.poll()

    def send(self, signal_number: int) -> None:
        """Signal the whole group; nothing happens when the program has ended."""
        if self.code is None:
            os.killpg(self.pid, signal_number)

    def end(self, signal_number: int = signal.SIGKILL, grace_s: float = 0.0) -> int:
        """End it, wait for it and give its exit code; safe twice.

        Args:
            signal_number: how to ask, sent to the program alone.
            grace_s: how long it may take, then its group is killed.
        """
        if self.code is None and signal_number != signal.SIGKILL:
            self._child.send_signal(signal.SIGCONT)
            self._child.send_signal(signal_number)
            try:
                self._child.wait(grace_s)
            except subprocess.TimeoutExpired:
                self.send(signal.SIGKILL)
        self.send(signal.SIGKILL)
        code = self._child.wait()
        self._guard.kill()
        self._guard.wait()
        if self._guard.stdin is not None:
            self._guard.stdin.close()
        return code

"""What a set-up script is going to do, as plain values: shown first, asked about, then done."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

#: First line of every file that is ours. A file without it is the user's, and is left alone.
MARKER = "# Made by jikcam (install/virtual_camera.py); its --undo removes this file."


@dataclass(frozen=True, slots=True)
class Command:
    """One program to run with an administrator's rights."""

    argv: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class WriteFile:
    """One whole file to write; ``text`` begins with MARKER."""

    path: str
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class RemoveFile:
    """One file of ours to remove."""

    path: str
    why: str


Step = Command | WriteFile | RemoveFile


@dataclass(frozen=True, slots=True)
class Plan:
    """What was found, what is to be done and by whom.

    Attributes:
        found: what is there already, a line each.
        steps: what the script can do, in this order.
        by_hand: what only the user can do, in this order, a line each.
        notes: good to know.
        blocked: why nothing can be done on this machine; empty mostly.
    """

    found: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    by_hand: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    blocked: str = ""

    @property
    def complete(self) -> bool:
        """Nothing is left to do."""
        return not (self.steps or self.by_hand or self.blocked)


class StepError(Exception):
    """A step failed; ``output`` is what it said."""

    def __init__(self, step: Step, problem: str, output: str = "") -> None:
        super().__init__(problem)
        self.step = step
        self.output = output


def described(plan: Plan, prefix: str = "") -> list[str]:
    """The plan as lines for a terminal; ``prefix`` ("sudo ") goes before each command."""
    lines = [f"  {text}" for text in plan.found]
    if plan.blocked:
        return [*lines, f"not possible here: {plan.blocked}"]
    for number, step in enumerate(plan.steps, 1):
        lines += ["", f"{number}. {step.why}", *(f"     {line}" for line in command_lines(step, prefix))]
    if plan.by_hand:
        lines += ["", "by hand:"]
        lines += [f"{number}. {text}" for number, text in enumerate(plan.by_hand, 1)]
    if plan.notes:
        lines += ["", *(f"note: {text}" for text in plan.notes)]
    return lines


def command_lines(step: Step, prefix: str = "") -> list[str]:
    """The step as lines that a user can paste into a shell."""
    match step:
        case Command(argv):
            quoted = subprocess.list2cmdline(argv) if sys.platform == "win32" else shlex.join(argv)
            return [prefix + quoted]
        case WriteFile(path, _) | RemoveFile(path) if sys.platform == "win32":
            return [f"({'write' if isinstance(step, WriteFile) else 'delete'} {path})"]
        case WriteFile(path, text):
            # One line each, so that it also works when it is pasted with the spaces before it.
            printed = shlex.join(("printf", "%s\\n", *text.splitlines()))
            return [f"{printed} | {prefix}{shlex.join(_install(path))}"]
        case RemoveFile(path):
            return [prefix + shlex.join(("rm", path))]


def apply(steps: Iterable[Step], *, sudo: bool = False, root: PurePath | None = None) -> None:
    """Do the steps, saying each; stops at the first that fails.

    Args:
        steps: what to do.
        sudo: run each through sudo.
        root: files are written below this folder instead of /; for tests and images.

    Raises:
        StepError: a program is missing, failed, or a file can't be written.
    """
    prefix = "sudo " if sudo else ""
    for step in steps:
        done = f"write {step.path}" if isinstance(step, WriteFile) else command_lines(step, prefix)[0]
        print(f"+ {done}", flush=True)
        match step:
            case Command(argv):
                _run(step, argv, sudo)
            case WriteFile(path, text) if sudo:
                _run(step, _install(path), sudo, text)
            case RemoveFile(path) if sudo:
                _run(step, ("rm", path), sudo)
            case WriteFile(path, text):
                _write(step, below(root, path), text)
            case RemoveFile(path):
                _remove(step, below(root, path))


def below(root: PurePath | None, path: str) -> Path:
    """The path, or its place below another root."""
    return Path(path) if root is None else Path(root) / path.lstrip("/")


def _install(path: str) -> tuple[str, ...]:
    return ("install", "-D", "-m", "644", "/dev/stdin", path)


def _run(step: Step, argv: tuple[str, ...], sudo: bool, stdin: str | None = None) -> None:
    """Run it; what it complains of is shown as it comes and kept for the explanation."""
    try:
        child = subprocess.Popen(
            [*(["sudo"] if sudo else []), *argv],
            stdin=subprocess.PIPE if stdin is not None else None,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise StepError(step, f"{argv[0]}: {error.strerror or error}") from error
    if child.stdin is not None:
        child.stdin.write(stdin or "")
        child.stdin.close()
    said = []
    assert child.stderr is not None
    for line in child.stderr:
        sys.stderr.write(line)
        said.append(line)
    if code := child.wait():
        raise StepError(step, f"{argv[0]} failed with exit code {code}", "".join(said))


def _write(step: Step, path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)
    except OSError as error:
        raise StepError(step, f"can't write {path}: {error.strerror}") from error


def _remove(step: Step, path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StepError(step, f"can't remove {path}: {error.strerror}") from error

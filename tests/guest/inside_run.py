"""Runs a script of tests/guest/inside in the guest and gives its results to tests and benchmarks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.guest.inside.report import MARK
from tests.guest.run import ONE_CAMERA, QEMU

ROOT = Path(__file__).resolve().parents[2]
#: What the guest needs on this machine; .ci/packages installs it.
PROGRAMS = (QEMU, "gcc-12", "make", "apt-get", "dpkg", "ffmpeg")

#: On a machine that others use a script takes minutes; only one that hangs takes so long.
TIMEOUT_S = 900


class Results(Mapping[str, Any]):
    """Results by name; a missing one fails with what the script said last."""

    def __init__(self, found: dict[str, Any], output: str, code: int) -> None:
        self._found, self._output, self.code = found, output, code

    def __getitem__(self, name: str) -> Any:
        if name not in self._found:
            pytest.fail(f"no result {name!r}, the guest ended with {self.code}:\n{self._output[-4000:]}")
        return self._found[name]

    def __iter__(self) -> Any:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def need_guest(*more: str) -> None:
    """Skip this test where the guest can't run; in CI fail, because there nothing may be skipped."""
    missing = [program for program in (*PROGRAMS, *more) if not shutil.which(program)]
    if missing and os.environ.get("CI"):
        pytest.fail(f"{', '.join(missing)} not installed, and in CI nothing may be skipped; see .ci/packages")
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed (.ci/packages installs them on Debian)")


def run_inside(script: str, *arguments: str, modules: str = ONE_CAMERA, memory_mib: int = 2048) -> Results:
    """Run ``python -m tests.guest.inside.SCRIPT ARGUMENTS`` in a new guest with these virtual cameras."""
    done = subprocess.run(
        [
            *(sys.executable, "tests/guest/run.py", "--timeout", str(TIMEOUT_S), "--modules", modules),
            *("--memory", str(memory_mib), "--"),
            *(sys.executable, "-m", f"tests.guest.inside.{script}", *arguments),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
        check=False,
    )
    lines = [line.partition(MARK)[2] for line in done.stdout.splitlines() if line.startswith(MARK)]
    return Results(dict(json.loads(line) for line in lines), done.stdout, done.returncode)

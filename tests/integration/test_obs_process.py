"""The OBS controller's process: started, watched, restarted, never left behind."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from engine.errors import JikcamError
from engine.obs_process import GOODBYE, ObsProcess, controller_command, require_obs
from obs_plugin import cli as obs_cli
from tests.waiting import until

WAITS = "import sys; sys.stdin.read()"


@pytest.fixture
def started() -> Iterator[Callable[..., ObsProcess]]:
    processes = []

    def start(code: str) -> ObsProcess:
        processes.append(ObsProcess([sys.executable, "-c", code], restart_s=(0.05,)))
        processes[-1].start()
        return processes[-1]

    yield start
    for process in processes:
        process.stop()


def test_it_starts_again_after_a_kill_and_ends_with_us(started: Callable[..., ObsProcess]) -> None:
    process = started(WAITS)
    until(lambda: process.pid)
    first = process.pid
    assert first
    os.kill(first, signal.SIGKILL)
    until(lambda: process.pid not in (None, first))
    second = process.pid
    process.stop()
    process.stop()
    assert process.pid is None and second and not psutil.pid_exists(second)
    assert process.starts == 2


def test_it_is_told_when_we_end_as_we_should(started: Callable[..., ObsProcess], tmp_path: Path) -> None:
    heard, ready = tmp_path / "heard", tmp_path / "ready"
    code = "import sys, pathlib; pathlib.Path({!r}).touch(); pathlib.Path({!r}).write_text(sys.stdin.read())"
    process = started(code.format(str(ready), str(heard)))
    until(ready.exists)
    process.stop()
    assert heard.read_text().encode() == GOODBYE


def test_one_that_dies_at_once_is_tried_again_and_again(started: Callable[..., ObsProcess]) -> None:
    process = started("raise SystemExit(3)")
    until(lambda: process.starts >= 3)


def test_one_that_does_not_listen_is_killed(
    started: Callable[..., ObsProcess], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("engine.obs_process.FAREWELL_S", 0.2)
    ready = tmp_path / "ready"
    process = started(f"import time, pathlib; pathlib.Path({str(ready)!r}).touch(); time.sleep(600)")
    until(ready.exists)
    pid = process.pid
    process.stop()
    until(lambda: process.pid is None)
    assert pid


def test_a_command_that_does_not_exist_is_no_crash() -> None:
    process = ObsProcess(["/there/is/no/such/program"], restart_s=(0.05,))
    process.start()
    process.stop()
    assert process.starts == 0


def test_absent_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(JikcamError, match=r"pip install 'jikcam\[obs\]'"):
        require_obs()


def test_both_ends_mean_the_same_goodbye() -> None:
    assert GOODBYE.strip() == obs_cli.GOODBYE


def test_the_command_is_a_process_of_its_own() -> None:
    command = controller_command("http://127.0.0.1:1")
    assert command[:4] == [sys.executable, "-m", "obs_plugin", "run"] and "http://127.0.0.1:1" in command

"""The rig itself: what it promises to the tests that lean on it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.real.guarded import Guarded
from tests.real.obs_rig import CLIENT_ERRORS, ObsRig
from tests.real.obs_seed import COLOURS_BGR

pytestmark = pytest.mark.real
ROOT = Path(__file__).resolve().parents[2]

_HOLDER = """
import os, sys
from pathlib import Path
from tests.real.guarded import Guarded
child = Guarded(["sleep", "300"], env=os.environ, cwd=Path.cwd(), log=Path(sys.argv[1]))
print(child.pid, flush=True)
sys.stdin.read()
"""


def _gone(pid: int) -> bool:
    """Ended, or a zombie that nobody has buried yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the rig runs on Linux")
def test_nothing_outlives_a_killed_test_run(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(tmp_path / "log")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    with holder:
        assert holder.stdout is not None
        pid = int(holder.stdout.readline())
        assert not _gone(pid)
        holder.kill()
    until_s = time.monotonic() + 10
    while not _gone(pid):
        assert time.monotonic() < until_s, "the child outlived its test run"
        time.sleep(0.02)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the rig runs on Linux")
def test_a_child_that_ignores_the_request_to_quit_is_killed(tmp_path: Path) -> None:
    command = ["/bin/sh", "-c", "trap '' INT; echo on; while :; do sleep 1; done"]
    child = Guarded(command, env=os.environ, cwd=tmp_path, log=tmp_path / "log")
    until_s = time.monotonic() + 10
    while not child.log.read_text() and time.monotonic() < until_s:
        time.sleep(0.01)
    assert child.end(2, 0.2) == -9
    assert child.end() == -9


def test_a_screenshot_shows_the_scene(obs_clean: ObsRig) -> None:
    assert np.all(obs_clean.screenshot() == COLOURS_BGR[0])
    assert np.all(obs_clean.screenshot("Other") == COLOURS_BGR[1])
    assert obs_clean.screenshot().shape == (720, 1280, 3)


def test_stop_saves_and_kill_does_not_and_both_come_back(make_obs: Callable[..., ObsRig]) -> None:
    rig = make_obs(size=(320, 180), fps=10).start()
    port, password = rig.port, rig.password
    with rig.client() as client:
        client.create_scene("Kept")
    assert rig.stop() == 0
    saved = rig.collection_path.read_bytes()
    assert b'"Kept"' in saved
    rig.restart()
    assert (rig.port, rig.password) == (port, password)
    first = rig.pid
    rig.kill()
    assert not rig.running
    rig.restart()
    assert rig.pid != first
    with rig.client() as client:
        assert {scene["sceneName"] for scene in client.get_scene_list().scenes} == {"Main", "Other", "Kept"}
    assert rig.stop() == 0


def test_a_frozen_obs_answers_again_when_thawed(make_obs: Callable[..., ObsRig]) -> None:
    rig = make_obs(size=(320, 180), fps=10).start()
    rig.freeze()
    with pytest.raises(CLIENT_ERRORS), rig.client(timeout_s=0.3):
        pass
    rig.thaw()
    with rig.client() as client:
        assert client.get_version().obs_web_socket_version
    rig.freeze()
    assert rig.stop() == 0


def test_without_a_password(make_obs: Callable[..., ObsRig]) -> None:
    rig = make_obs(size=(320, 180), fps=10, password="").start()
    with rig.client() as client:
        assert "authentication" not in client.base_client.server_hello["d"]

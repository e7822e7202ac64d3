"""Start engine and Stop engine of the OBS script, with small programs in the engine's place."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from obs_plugin.script.jikcam_script import process as module
from obs_plugin.script.jikcam_script.errors import ScriptError
from obs_plugin.script.jikcam_script.process import EngineProcess, command_line, end_kept, find_program
from tests.waiting import until

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="the program is a script with a #! line")


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    monkeypatch.setattr(module.tempfile, "tempdir", str(tmp_path))
    kept: dict[str, Any] = {}
    yield kept
    if kept.get("child"):
        kept["child"].kill()
        kept["child"].wait(10)


def program(folder: Path, code: str) -> str:
    path = folder / "jikcam"
    path.write_text(f"#!{sys.executable}\n{textwrap.dedent(code)}")
    path.chmod(0o755)
    return str(path)


def output(kept: dict[str, Any]) -> str:
    return Path(kept["log"]).read_text()


@posix_only
def test_it_starts_in_a_group_and_environment_of_its_own_and_ends_when_told(
    kept: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/of/obs")
    code = """
        import os, sys, time
        print(sys.argv[1:], os.getpgid(0) == os.getpid(), "PYTHONPATH" in os.environ, flush=True)
        time.sleep(60)
    """
    engine = EngineProcess(kept)
    line = engine.start(command_line(program(tmp_path, code), "dance-stage", '--source "my film.mp4"', 8790))
    assert str(kept["log"]) in line
    assert Path(kept["log"]).stat().st_mode & 0o077 == 0
    wanted = "['run', '--port', '8790', '--preset', 'dance-stage', '--source', 'my film.mp4'] True False"
    until(lambda: output(kept).strip() == wanted)
    with pytest.raises(ScriptError, match="runs already"):
        engine.start(["jikcam"])
    assert engine.tend() == ""
    assert engine.running
    assert engine.stop() == "jikcam was told to end"
    assert until(engine.tend) == "jikcam has ended"
    assert not engine.running


@posix_only
def test_one_that_does_not_listen_is_killed_with_its_children(
    kept: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GRACE_S", 0.3)
    code = """
        import signal, subprocess, sys, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        print(child.pid, flush=True)
        time.sleep(60)
    """
    engine = EngineProcess(kept)
    engine.start([program(tmp_path, code)])
    child = int(until(lambda: output(kept).strip()))
    engine.stop()
    again = EngineProcess(kept)  # the script was loaded again meanwhile
    assert until(again.tend) == "jikcam has ended"
    until(lambda: not _alive(child))


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@posix_only
def test_its_last_words_are_told_when_it_fails(kept: dict[str, Any], tmp_path: Path) -> None:
    engine = EngineProcess(kept)
    engine.start([program(tmp_path, 'print("x\\njikcam: port 8787 is taken\\n"); raise SystemExit(2)')])
    told = until(engine.tend)
    assert told.startswith("jikcam has ended with code 2: jikcam: port 8787 is taken (all of it: ")
    assert engine.tend() == ""


@posix_only
def test_the_end_of_obs_ends_it_without_waiting(kept: dict[str, Any], tmp_path: Path) -> None:
    end_kept(kept)
    EngineProcess(kept).start([program(tmp_path, "import time; time.sleep(60)")])
    end_kept(kept)
    assert kept["child"].wait(10) == -15


def test_what_cannot_be_started_is_named_and_leaves_no_file(kept: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match=r"can't be started: .*; check its path"):
        EngineProcess(kept).start([str(tmp_path / "nothing")])
    assert list(tmp_path.iterdir()) == []


def test_an_engine_of_somebody_else_is_left_alone(kept: dict[str, Any]) -> None:
    with pytest.raises(ScriptError, match="end it where it was started"):
        EngineProcess(kept).stop()


@pytest.mark.parametrize(
    ("place", "windows"),
    [
        (".venv/bin/jikcam", False),
        (".venv/Scripts/jikcam.exe", True),
        ("bin/jikcam", False),
        ("Scripts/jikcam.exe", True),
    ],
)
def test_the_program_is_found_from_where_the_script_lies(tmp_path: Path, place: str, windows: bool) -> None:
    """In a checkout beside .venv, or installed somewhere below an environment."""
    script = tmp_path / "lib" / "obs_plugin" / "script" / "jikcam.py"
    for path in (script, tmp_path / place):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert find_program(script, windows) == str(tmp_path / place)


def test_else_the_program_of_path_else_its_path_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suffix = ".exe" if sys.platform == "win32" else ""
    found = tmp_path / "somewhere" / f"jikcam{suffix}"
    found.parent.mkdir()
    found.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(found.parent))
    assert Path(find_program(Path(os.sep, "jikcam.py"), windows=False)) == found
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ScriptError, match=r"was not found; set its path: \.venv/bin/jikcam"):
        find_program(Path(os.sep, "jikcam.py"), windows=False)


@pytest.mark.parametrize(
    ("arguments", "windows", "words"),
    [
        ("", False, []),
        ("--source 'a b' --device auto", False, ["--source", "a b", "--device", "auto"]),
        (r'--source "C:\my films\a.mp4" --fast', True, ["--source", r"C:\my films\a.mp4", "--fast"]),
        (r"--out C:\x\y.mp4", True, ["--out", r"C:\x\y.mp4"]),
    ],
)
def test_options_are_split_as_the_systems_shell_does(arguments: str, windows: bool, words: list[str]) -> None:
    assert command_line("j", "", arguments, 8787, windows) == ["j", "run", "--port", "8787", *words]


def test_an_open_quote_is_told() -> None:
    with pytest.raises(ScriptError, match="check the quotes"):
        command_line("j", "", "--source 'a", 8787, windows=False)

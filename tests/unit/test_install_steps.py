"""Steps: shown as they can be pasted, done only when asked, through sudo only when told."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from install import virtual_camera
from install.steps import (
    MARKER,
    Command,
    Plan,
    RemoveFile,
    StepError,
    WriteFile,
    apply,
    command_lines,
    described,
)
from install.virtual_camera import Machine, main

posix = pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell")
TEXT = f'{MARKER}\noptions v4l2loopback card_label="it\'s 직캠,$HOME `x`"\n'


@pytest.fixture
def fake_sudo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sudo that notes what it is asked and does it."""
    log = tmp_path / "sudo.txt"
    sudo = tmp_path / "bin" / "sudo"
    sudo.parent.mkdir()
    sudo.write_text(f'#!/bin/sh\necho "$*" >>{shlex.quote(str(log))}\nexec "$@"\n')
    sudo.chmod(0o755)
    monkeypatch.setenv("PATH", str(sudo.parent), prepend=":")
    return log


@posix
def test_what_is_shown_does_the_same_when_pasted(tmp_path: Path) -> None:
    path = tmp_path / "a folder" / "x.conf"
    lines = command_lines(WriteFile(str(path), TEXT, "why"))
    indented = "\n".join(f"     {line}" for line in lines)
    subprocess.run(["sh", "-c", indented], check=True)
    assert path.read_text() == TEXT
    subprocess.run(["sh", "-c", "\n".join(command_lines(RemoveFile(str(path), "why")))], check=True)
    assert not path.exists()


@posix
def test_commands_are_shown_quoted() -> None:
    assert command_lines(Command(("modprobe", "m", "card_label=a,b 2"), ""), "sudo ") == [
        "sudo modprobe m 'card_label=a,b 2'"
    ]


@posix
def test_files_and_commands_through_sudo(tmp_path: Path, fake_sudo: Path) -> None:
    path = tmp_path / "etc" / "x.conf"
    apply((WriteFile(str(path), TEXT, ""), Command(("true",), "")), sudo=True)
    assert path.read_text() == TEXT
    apply((RemoveFile(str(path), ""),), sudo=True)
    assert not path.exists()
    assert [line.split()[0] for line in fake_sudo.read_text().splitlines()] == ["install", "true", "rm"]


def test_a_missing_program_is_named() -> None:
    with pytest.raises(StepError, match="no-such-program"):
        apply((Command(("no-such-program",), ""),))


@posix
def test_what_a_program_complains_of_is_kept() -> None:
    with pytest.raises(StepError, match="exit code 3") as caught:
        apply((Command(("sh", "-c", "echo refused >&2; exit 3"), ""),))
    assert caught.value.output == "refused\n"


def test_a_blocked_plan_shows_no_steps() -> None:
    lines = described(Plan(("kernel x",), (Command(("rm", "x"), ""),), blocked="no module"))
    assert lines == ["  kernel x", "not possible here: no module"]


@pytest.fixture
def as_user(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """main() of a user without rights; gives the list of what was applied."""
    plan = Plan(steps=(Command(("modprobe", "v4l2loopback"), "load"),))
    applied: list[tuple[object, ...]] = []
    monkeypatch.setattr(virtual_camera, "look", lambda options: Machine(Plan() if applied else plan, False))
    monkeypatch.setattr(virtual_camera, "apply", lambda steps, **how: applied.append((steps, how)))
    return applied


@posix
@pytest.mark.parametrize("arguments", [[], ["--yes"], ["--undo", "--yes"], ["--dry-run", "--sudo", "--yes"]])
def test_a_user_without_rights_only_gets_the_commands(
    as_user: list[tuple[object, ...]], arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main(arguments)
    shown = capsys.readouterr().out
    assert "sudo modprobe v4l2loopback" in shown
    assert "nothing was changed" in shown
    assert not as_user


@posix
@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("Yes", 0), ("", 1), ("no", 1)])
def test_sudo_only_after_the_question(
    as_user: list[tuple[object, ...]], answer: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda _: answer)
    assert main(["--sudo"]) == code
    assert bool(as_user) is (code == 0)
    if as_user:
        assert as_user[0][1] == {"sudo": True, "root": None}


def test_nothing_but_the_standard_library_is_needed() -> None:
    script = Path(virtual_camera.__file__)
    bare = [sys.executable, "-S", "-E", str(script), "--help"]  # -S: no installed packages
    done = subprocess.run(bare, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "--dry-run" in done.stdout

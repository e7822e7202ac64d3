"""install/virtual_camera.py as a user runs it, on a made-up Linux machine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.unit.install_kit import Machine

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a made-up Linux machine")
MODPROBE = "etc/modprobe.d/jikcam.conf"
LOAD = "etc/modules-load.d/jikcam.conf"
RULES = "etc/udev/rules.d/60-jikcam.rules"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_from_nothing_to_ready_and_back(machine: Machine) -> None:
    before = machine.files()
    done = machine.run("--yes", "--number", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ready" in done.stdout
    assert [call.split()[0] for call in machine.calls()] == ["apt-get", "apt-get", "udevadm", "modprobe"]
    assert machine.calls()[-1] == (
        "modprobe v4l2loopback devices=2 video_nr=10,11 card_label=jikcam,jikcam 2"
        " exclusive_caps=1,1 max_buffers=4"
    )
    assert machine.read(MODPROBE).splitlines()[1] == (
        'options v4l2loopback devices=2 video_nr=10,11 card_label="jikcam,jikcam 2"'
        " exclusive_caps=1,1 max_buffers=4"
    )
    assert machine.read(LOAD).splitlines()[1:] == ["v4l2loopback"]
    assert 'ATTR{name}=="jikcam 2", SYMLINK+="jikcam1"' in machine.read(RULES)

    calls, files = machine.calls(), machine.files()
    again = machine.run("--yes")  # says nothing of numbers: the two cameras are what was chosen
    assert again.returncode == 0 and "ready" in again.stdout
    assert (machine.calls(), machine.files()) == (calls, files)

    gone = machine.run("--undo", "--yes")
    assert gone.returncode == 0, gone.stdout + gone.stderr
    assert machine.files() == before
    assert machine.calls()[-1] == "modprobe -r v4l2loopback"
    assert machine.run("--undo", "--yes").stdout.strip().endswith("nothing of jikcam's is left")


@pytest.mark.parametrize(("arguments", "answer"), [(("--dry-run",), "y\n"), ((), "n\n"), ((), "")])
def test_nothing_is_changed_without_a_yes(machine: Machine, arguments: tuple[str, ...], answer: str) -> None:
    before = machine.files()
    done = machine.run(*arguments, answer=answer)
    assert "modprobe v4l2loopback devices=1" in done.stdout
    assert "apt-get install" in done.stdout
    assert "nothing was changed" in done.stdout
    assert (machine.files(), machine.calls()) == (before, [])


def test_yes_to_the_question_is_enough(machine: Machine) -> None:
    assert machine.run(answer="y\n").returncode == 0
    assert machine.calls()[-1].startswith("modprobe v4l2loopback")


def test_settings_of_others_stay_as_they_are(machine: Machine) -> None:
    line = 'options v4l2loopback devices=1 video_nr=0 card_label="OBS Virtual Camera" exclusive_caps=1'
    machine.write("etc/modprobe.d/v4l2loopback.conf", line + "\n")
    before = machine.files()
    done = machine.run("--yes")
    assert done.returncode == 1
    assert "are left alone" in done.stdout
    assert (
        'options v4l2loopback devices=2 video_nr=0,10 card_label="OBS Virtual Camera,jikcam"'
        " exclusive_caps=1,1" in done.stdout
    )
    assert (machine.files(), machine.calls()) == (before, [])
    assert machine.run("--undo", "--yes").returncode == 0
    assert machine.files() == before


def test_a_file_of_the_user_in_our_place_is_not_touched(machine: Machine) -> None:
    machine.write(MODPROBE, "options v4l2loopback video_nr=5 card_label=mine\n")
    before = machine.files()
    assert "are left alone" in machine.run("--yes").stdout
    assert "not jikcam's and stays" in machine.run("--undo", "--yes").stdout
    assert machine.files() == before


def test_cameras_until_the_next_start_only(machine: Machine) -> None:
    before = machine.files()
    assert machine.run("--yes", "--no-persist").returncode == 0
    assert machine.files() == before
    assert machine.run("--undo", "--yes").returncode == 0
    assert machine.calls()[-1] == "modprobe -r v4l2loopback"


def test_lost_files_are_written_again_without_touching_the_camera(machine: Machine) -> None:
    machine.run("--yes", "--label", "Stage")
    (machine.root / RULES).unlink()
    calls = machine.calls()
    assert machine.run("--yes").returncode == 0
    assert 'ATTR{name}=="Stage"' in machine.read(RULES)
    assert [call.split()[1] for call in machine.calls()[len(calls) :]] == ["control", "trigger"]


def test_what_the_kernel_refuses_is_explained(machine: Machine) -> None:
    machine.write("refuse-modprobe", "modprobe: ERROR: could not insert: Key was rejected by service")
    done = machine.run("--yes")
    assert done.returncode == 2
    assert "mokutil --import" in done.stderr and "Enroll MOK" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_failed_step_ends_it(machine: Machine) -> None:
    machine.write("refuse-apt-get", "E: Unable to locate package linux-headers-x")
    done = machine.run("--yes")
    assert done.returncode == 2
    assert "apt-get failed with exit code 1" in done.stderr
    assert len(machine.calls()) == 1


@pytest.mark.parametrize("label", ["a,b", 'say "hi"', "star*", "x" * 32, " ", "tab\t"])
def test_names_that_the_driver_would_misread(machine: Machine, label: str) -> None:
    done = machine.run("--dry-run", "--label", label)
    assert done.returncode == 2
    assert "error:" in done.stderr and "Traceback" not in done.stderr


def test_names_in_other_scripts(machine: Machine) -> None:
    assert machine.run("--yes", "--label", "직캠 1").returncode == 0
    assert 'card_label="직캠 1"' in machine.read(MODPROBE)

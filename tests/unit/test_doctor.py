"""The doctor: every state of the virtual camera and of OBS is one line that says what to do."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from engine.doctor.finding import Finding
from engine.doctor.obs import ObsCheck, with_installed
from engine.doctor.virtual_camera import check_virtual_camera
from virtualcam import health, obs_app
from virtualcam.health import NAME, Health, LinuxDevice, on_linux, on_mac, on_windows
from virtualcam.obs_app import MAC_READY, ObsApp, WindowsCameras
from virtualcam.sink import SinkError
from virtualcam.v4l2 import CAP_VIDEO_CAPTURE, CAP_VIDEO_OUTPUT

FIX = "python3 install/virtual_camera.py"
CAMERA = LinuxDevice("/dev/video10", "jikcam")
OBS = ObsApp("/Applications/OBS.app", "30.2.3")
GOOD = [{"name": "OBS", "ok": True, "text": "OBS 30.2.3 at 127.0.0.1:4455"}]


def answering(code: str) -> ObsCheck:
    return ObsCheck((sys.executable, "-c", code), timeout_s=20)


@pytest.mark.parametrize(
    ("takes_modules", "devices", "names", "words"),
    [
        (False, [], [NAME], ["takes no modules", FIX]),
        (True, [], [NAME], ["v4l2loopback is not loaded", FIX]),
        (True, [CAMERA], [], []),
        (True, [LinuxDevice("/dev/video10", "jikcam", writable=False, capabilities=None)],
         [f"{NAME}: permission"], ["usermod -aG video $USER"]),
        (True, [LinuxDevice("/dev/video10", "jikcam", True, CAP_VIDEO_CAPTURE | CAP_VIDEO_OUTPUT)],
         [f"{NAME}: browsers"], ["exclusive_caps=0", FIX]),
        (True, [LinuxDevice("/dev/video10", "jikcam", True, CAP_VIDEO_CAPTURE | CAP_VIDEO_OUTPUT, True)],
         [], []),
    ],
)  # fmt: skip
def test_linux(takes_modules: bool, devices: list[LinuxDevice], names: list[str], words: list[str]) -> None:
    bad = [h for h in on_linux(takes_modules, devices) if not h.ok]
    assert [h.name for h in bad] == names
    assert all(word in bad[0].text for word in words)


@pytest.mark.parametrize(
    ("macos", "obs", "extension", "words"),
    [
        ("15.1", OBS, MAC_READY, ["30.2.3"]),
        ("15.1", None, "", ["comes with OBS Studio", FIX]),
        ("15.1", ObsApp("/x", "29.1"), "", ["OBS 29.1 is too old"]),
        ("12.7", OBS, "", ["macOS 12.7 is too old", "stream"]),
        ("15.1", OBS, "", ["was never started", FIX]),
        ("15.1", OBS, "activated waiting for user", ["is activated waiting for user", FIX]),
    ],
)
def test_mac(macos: str, obs: ObsApp | None, extension: str, words: list[str]) -> None:
    found = on_mac(macos, obs, extension)
    assert found.ok is (extension == MAC_READY)
    assert all(word in found.text for word in words)


@pytest.mark.parametrize(
    ("cameras", "ok", "word"),
    [
        (WindowsCameras(r"C:\x.dll"), True, "OBS Virtual Camera"),
        (WindowsCameras(unity=("Unity Video Capture",)), True, "Unity Video Capture"),
        (WindowsCameras(r"C:\x.dll", obs_exists=False), False, r"C:\x.dll is gone"),
        (WindowsCameras(), False, FIX),
    ],
)
def test_windows(cameras: WindowsCameras, ok: bool, word: str) -> None:
    found = on_windows(cameras)
    assert found.ok is ok and word in found.text


def test_the_check_of_this_machine_is_quick_and_names_the_camera() -> None:
    found = health.check()
    assert found and found[0].name == NAME
    assert all(h.ok or "; " in h.text for h in found)


def refuse() -> str:
    raise SinkError("/dev/video10: another program writes to it; stop it first")


def test_a_camera_that_lacks_its_driver_is_not_tried() -> None:
    found = check_virtual_camera(lambda: [Health(NAME, False, "no driver; do this")], refuse)
    assert [f.name for f in found] == [NAME]
    assert found[0].text.startswith("no driver; do this")


def test_a_camera_that_does_not_open() -> None:
    found = check_virtual_camera(lambda: [Health(NAME, True, "/dev/video10 (jikcam)")], refuse)
    assert not found[0].ok and "another program writes" in found[0].text


def test_a_camera_that_opens_but_browsers_cannot_see() -> None:
    looked = [Health(NAME, True, "/dev/video10 (jikcam)"), Health(f"{NAME}: browsers", False, "hidden; fix")]
    found = check_virtual_camera(lambda: looked, lambda: "/dev/video10")
    assert [(f.name, f.ok) for f in found] == [(NAME, True), (f"{NAME}: browsers", False)]
    assert not any(f.required for f in found)


def test_what_the_obs_side_says_is_passed_on() -> None:
    assert answering(f"print({json.dumps(GOOD)!r})").findings() == [
        Finding("OBS", True, "OBS 30.2.3 at 127.0.0.1:4455")
    ]


def test_a_password_that_is_wrong_is_what_the_obs_side_says_of_it() -> None:
    bad = [{"name": "OBS", "ok": False, "text": "OBS refuses\n the password"}]
    (finding,) = answering(f"print('noise'); print({json.dumps(bad)!r}); raise SystemExit(2)").findings()
    assert (finding.ok, finding.required, finding.text) == (False, False, "OBS refuses the password")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("print('not JSON')", ["exit code 0", "jikcam obs check"]),
        ("", ["exit code 0"]),
        ("print('[]')", ["exit code 0"]),
        ("print('{}')", ["exit code 0"]),
        ("print('[1, 2]')", ["exit code 0"]),
        ("""print('[{"name": "x", "ok": "yes", "text": "y"}]')""", ["exit code 0"]),
        ("import no_such_thing", ["No module named", "pip install '.[obs]'"]),
        ("raise KeyError('scene')", ["exit code 1", "KeyError: 'scene'", "jikcam obs check"]),
        ("import sys; sys.exit('jikcam obs: the file x is missing; write it')", ["the file x is missing"]),
        ("import os; os.write(1, bytes(range(128, 256)) * 5000)", ["exit code 0"]),
    ],
)
def test_answers_that_are_none(code: str, words: list[str]) -> None:
    (finding,) = answering(code).findings()
    assert not finding.ok and not finding.required
    assert all(word in finding.text for word in words), finding.text
    assert "\n" not in finding.text


def test_an_obs_side_that_hangs_is_stopped() -> None:
    check = ObsCheck((sys.executable, "-c", "import time; time.sleep(600)"), timeout_s=0.2)
    process = check._process
    assert process is not None
    (finding,) = check.findings()
    assert "no answer in 0.2 s" in finding.text
    assert process.poll() is not None
    check.close()


def test_a_program_that_is_not_there() -> None:
    (finding,) = ObsCheck(("no-such-program",)).findings()
    assert not finding.ok and "didn't start" in finding.text


def test_closing_early_leaves_no_process() -> None:
    check = ObsCheck((sys.executable, "-c", "import time; time.sleep(600)"))
    process = check._process
    assert process is not None
    check.close()
    check.close()
    assert process.poll() is not None


def test_obs_that_is_not_installed_is_one_line() -> None:
    away = [Finding("OBS", False, "OBS does not answer")]
    assert [f.name for f in with_installed(None, away)] == ["OBS Studio"]
    assert [f.name for f in with_installed(ObsApp("/usr/bin/obs"), away)] == ["OBS Studio", "OBS"]
    elsewhere = [Finding("OBS", True, "OBS 30 at 10.0.0.2:4455")]
    assert with_installed(None, elsewhere) == elsewhere


def test_places_of_obs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert obs_app.find_on_linux(tmp_path, tmp_path) is None
    (tmp_path / "snap/obs-studio").mkdir(parents=True)
    assert obs_app.find_on_linux(tmp_path, tmp_path) == ObsApp("Snap obs-studio")
    (tmp_path / ".local/share/flatpak/app/com.obsproject.Studio").mkdir(parents=True)
    assert obs_app.find_on_linux(tmp_path, tmp_path) == ObsApp("Flatpak com.obsproject.Studio")
    (tmp_path / "home/Downloads/OBS.app").mkdir(parents=True)
    found = obs_app.find_on_mac(tmp_path / "nothing", tmp_path / "home")
    assert found is not None and found.path.endswith("Downloads/OBS.app")


def test_an_extension_list_that_never_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "win32":
        pytest.skip("a POSIX shell")
    (tmp_path / "systemextensionsctl").write_text("#!/bin/sh\nexec /bin/sleep 600\n")
    (tmp_path / "systemextensionsctl").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(obs_app, "LIST_TIMEOUT_S", 0.2)
    assert obs_app.extension_state() == ""

"""The plans for macOS and Windows, where the camera is OBS's own; run on any system."""

from __future__ import annotations

import plistlib
from dataclasses import replace
from pathlib import Path

import pytest

from install import macos, windows
from install.steps import MARKER, Command, RemoveFile, WriteFile
from virtualcam.obs_app import MAC_EXTENSION, WINDOWS_CLASS, WindowsCameras, extension_state

LISTING = """2 extension(s)
--- com.apple.system_extension.cmio (Go to 'System Settings > General' to modify these system extension(s))
enabled\tactive\tteamID\tbundleID (version)\tname\t[state]
\t\t2MMRE5MTB8\t{extension} (30.0/1)\tOBS\t[terminated waiting to uninstall on reboot]
{line}
*\t*\tR84MX49LQY\tcom.other.extension (1.0/1)\tOther\t[activated enabled]
"""
MAC = macos.Facts(obs="/Applications/OBS.app", obs_version="30.2.3", extension="activated enabled")
FOLDER = r"C:\Program Files\obs-studio"
DLL = FOLDER + r"\data\obs-plugins\win-dshow\obs-virtualcam-module64.dll"
WIN = windows.Facts(obs=FOLDER, cameras=WindowsCameras(DLL, "x"), dlls=(DLL,))


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("*\t*\tX\t{extension} (32.1/2)\tOBS\t[activated enabled]", "activated enabled"),
        ("\t*\tX\t{extension} (32.1/2)\tO\t[activated waiting for user]", "activated waiting for user"),
        ("", "terminated waiting to uninstall on reboot"),
    ],
)
def test_the_state_of_the_extension(line: str, state: str) -> None:
    listing = LISTING.replace("{line}", line).replace("{extension}", MAC_EXTENSION)
    assert extension_state(listing) == state
    assert extension_state("0 extension(s)") == ""


def test_a_mac_that_is_ready() -> None:
    assert macos.plan_setup(MAC).complete
    assert "jikcam itself changed nothing" in macos.plan_undo(MAC).notes[0]
    assert macos.plan_undo(replace(MAC, extension="")).complete


@pytest.mark.parametrize(
    ("facts", "first", "somewhere"),
    [
        (
            replace(MAC, obs="", obs_version="", extension=""),
            "install OBS Studio",
            "Login Items & Extensions",
        ),
        (replace(MAC, obs_version="29.1.3", extension=""), "update OBS: 29.1.3", "Start Virtual Camera"),
        (replace(MAC, obs="/Users/a/Downloads/OBS.app"), "move /Users/a/Downloads/OBS.app", "switch OBS on"),
        (replace(MAC, extension=""), "open OBS and click Start Virtual Camera", "Stop Virtual Camera"),
        (replace(MAC, extension="activated waiting for user"), "System Settings > General", "run this again"),
        (replace(MAC, extension="", macos="14.5"), "open OBS", "Security: click Allow beside"),
        (replace(MAC, extension="terminated waiting to uninstall on reboot"), "restart the Mac", "Start"),
    ],
)
def test_what_a_mac_user_clicks(facts: macos.Facts, first: str, somewhere: str) -> None:
    plan = macos.plan_setup(facts)
    assert not plan.steps
    assert plan.by_hand[0].startswith(first)
    assert any(somewhere in line for line in plan.by_hand)


def test_an_old_mac_is_told_of_the_stream() -> None:
    assert "docs/install-macos.md" in macos.plan_setup(replace(MAC, macos="12.7")).blocked


def test_reading_a_mac(tmp_path: Path) -> None:
    info = tmp_path / "Applications/OBS.app/Contents/Info.plist"
    info.parent.mkdir(parents=True)
    info.write_bytes(plistlib.dumps({"CFBundleShortVersionString": "31.0.1"}))
    facts = macos.read_facts(tmp_path)
    assert (facts.obs, facts.obs_version, facts.old_plugin) == ("/Applications/OBS.app", "31.0.1", False)
    info.write_bytes(b"no plist")
    assert macos.read_facts(tmp_path).obs_version == ""


def test_windows_that_is_ready() -> None:
    assert windows.plan_setup(WIN).complete
    assert windows.plan_setup(windows.Facts(cameras=WindowsCameras(unity=("Unity Video Capture",)))).complete
    assert "OBS's installer made this camera" in windows.plan_undo(WIN).notes[0]
    assert not windows.plan_undo(WIN).steps


def test_windows_registers_and_takes_back() -> None:
    plan = windows.plan_setup(replace(WIN, cameras=WindowsCameras()))
    command, record = plan.steps
    assert isinstance(command, Command) and command.argv == ("regsvr32.exe", "/i", "/s", DLL)
    assert isinstance(record, WriteFile) and record.text == f"{MARKER}\n{DLL}\n"
    undo = windows.plan_undo(replace(WIN, record=record.text)).steps
    assert isinstance(undo[0], Command) and undo[0].argv == ("regsvr32.exe", "/u", "/s", DLL)
    assert isinstance(undo[1], RemoveFile) and undo[1].path == record.path


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        (windows.Facts(), "winget install"),
        (windows.Facts(obs=FOLDER), "repair OBS"),
    ],
)
def test_windows_without_obs(facts: windows.Facts, word: str) -> None:
    assert word in windows.plan_setup(facts).by_hand[0]


def test_a_registration_whose_file_is_gone_is_made_anew() -> None:
    facts = replace(WIN, cameras=WindowsCameras(DLL, "x", False))
    assert windows.plan_setup(facts).steps
    assert "the file is gone" in windows.describe(facts)[1]


def test_reading_the_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROGRAMFILES", raising=False)
    keys = {
        ("HKLM", r"SOFTWARE\OBS Studio", 32): FOLDER,
        ("HKCR", rf"CLSID\{WINDOWS_CLASS}\InprocServer32", 64): DLL,
        ("HKCR", r"CLSID\{5C2CD55C-92AD-4999-8666-912BD3E70010}", 64): "Unity Video Capture",
        ("HKCR", r"CLSID\{5C2CD55C-92AD-4999-8666-912BD3E70012}", 64): "Unity Video Capture #2",
    }
    facts = windows.read_facts(lambda *key: keys.get(key, ""), {FOLDER, DLL}.__contains__)
    assert (facts.obs, facts.cameras.obs, facts.cameras.obs_32) == (FOLDER, DLL, "")
    assert facts.cameras.obs_exists and facts.dlls == (DLL,)
    assert facts.cameras.unity == ("Unity Video Capture", "Unity Video Capture #2")
    assert "64-bit programs only" in windows.describe(facts)[1]
    nothing = windows.read_facts(lambda *key: "", lambda path: False)
    assert (nothing.obs, nothing.dlls, nothing.cameras) == ("", (), WindowsCameras(obs_exists=False))

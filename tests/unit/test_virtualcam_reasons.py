"""What a user reads when a virtual camera doesn't open, for every message of pyvirtualcam 0.15."""

from __future__ import annotations

import sys

import pytest

from virtualcam.reasons import Refusal, refusal, told

OBS = "OBS Virtual Camera"
#: (system, device, what the backend throws, what has to be in the line for the user)
MESSAGES = [
    ("win32", None, "OBS Virtual Camera device not found! Did you install OBS?", "install OBS Studio"),
    ("win32", None, "virtual camera output could not be started", "Stop Virtual Camera in OBS"),
    ("win32", "Cam", f"This backend supports only the '{OBS}' device.", "'Cam' can't be chosen here"),
    ("win32", "Cam", "No camera registered with this name.", "there is no virtual camera 'Cam'"),
    ("win32", None, "No camera registered. Did you install any camera?", "Unity Capture isn't installed"),
    (
        "darwin", None,
        "OBS Virtual Camera is not installed in your system. Use the Virtual Camera function in OBS 30.0 or"
        " later to trigger the installation and activate the System Extension in System Settings. You may"
        " need to restart your machine after that. [Device not found]",
        "Camera Extensions",
    ),
    ("darwin", None, "Couldn't start stream", "busy or not allowed"),
    ("darwin", None, "Stream not found", "update OBS to 30"),
    ("darwin", None, "virtual camera output could not be started", "Stop Virtual Camera in OBS"),
    ("darwin", None, "Multiple cameras are not supported by this backend.", "MJPEG stream"),
    ("darwin", "Cam", f"This backend supports only the '{OBS}' device.", "'Cam' can't be chosen here"),
    (
        "linux", "/dev/video10",
        "Could not access /dev/video10 due to missing permissions. Did you add your user to the 'video'"
        " group? Run 'usermod -a -G video myusername' and log out and in again.",
        "no permission to open /dev/video10; run: sudo usermod -aG video $USER",
    ),
    ("linux", "/dev/video10", "Device /dev/video10 is not a video output device.", "another program writes"),
    ("linux", "/dev/video10", "Device /dev/video10 is already in use.", "a camera of its own"),
    ("linux", "/dev/video10", "Device /dev/video10 does not exist.", "modprobe v4l2loopback"),
    ("linux", None, "No v4l2 loopback device found at /dev/video[0-99].", "modprobe v4l2loopback"),
]  # fmt: skip


@pytest.mark.parametrize(("platform", "device", "message", "wanted"), MESSAGES)
def test_every_known_message_becomes_one_line_that_says_what_to_do(
    monkeypatch, platform, device, message, wanted
):
    monkeypatch.setattr(sys, "platform", platform)
    text = refusal(device, message).text
    assert wanted in text
    assert "\n" not in text and "{" not in text


def test_an_unknown_message_is_shown_as_it_is(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    assert refusal("Cam", "something\nnew").text == "Cam: something new; install OBS Studio"


def test_a_system_without_virtual_cameras_is_told_of_the_stream(monkeypatch):
    monkeypatch.setattr(sys, "platform", "freebsd14")
    assert "MJPEG stream" in refusal(None, "no").text


def test_windows_without_unity_capture_hears_only_of_obs(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    obs = refusal(None, "virtual camera output could not be started")
    unity = refusal(None, "No camera registered. Did you install any camera?")
    assert told([obs, unity]) == obs.text
    assert told([unity]) == unity.text


def test_a_unity_camera_hears_nothing_of_obs(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    obs = refusal("Cam", f"This backend supports only the '{OBS}' device.")
    assert told([obs, Refusal("Cam is busy")]) == "Cam is busy"


def test_no_backend_at_all(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    assert told([]).startswith("there is no virtual camera; run: sudo modprobe")

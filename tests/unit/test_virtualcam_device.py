"""DeviceSink against a fake pyvirtualcam backend, and what it makes of v4l2loopback's habits."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from engine.geometry import Size

pyvirtualcam = pytest.importorskip("pyvirtualcam")
from pyvirtualcam.camera import BACKENDS  # noqa: E402

from virtualcam import v4l2  # noqa: E402
from virtualcam.device import DeviceSink  # noqa: E402
from virtualcam.lock import WriterLock  # noqa: E402
from virtualcam.sink import Picture, Sink, SinkError  # noqa: E402

SIZE = Size(64, 48)


class FakeBackend:
    """A virtual camera that keeps what it is sent."""

    open_devices: ClassVar[list[FakeBackend]] = []
    refuse: str | None = None
    broken = False

    def __init__(self, *, width, height, fps, fourcc, device, **_):
        if self.refuse and (device is None or device == self.refuse):
            raise RuntimeError("virtual camera output\ncould not be started")
        self.size, self.fourcc, self._device = (width, height), fourcc, device or "Fake Cam"
        self.frames: list[np.ndarray] = []
        self.closed = 0
        FakeBackend.open_devices.append(self)

    def send(self, frame):
        if FakeBackend.broken:
            raise RuntimeError("the device was unplugged")
        self.frames.append(frame.copy())

    def device(self):
        return self._device

    def native_fourcc(self):
        return self.fourcc

    def close(self):
        self.closed += 1


@pytest.fixture(autouse=True)
def fake(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(FakeBackend, "open_devices", [])
    monkeypatch.setattr(FakeBackend, "broken", False)
    monkeypatch.setattr(FakeBackend, "refuse", None)
    for name in list(BACKENDS):
        monkeypatch.delitem(BACKENDS, name)
    monkeypatch.setitem(BACKENDS, "fake", FakeBackend)
    return FakeBackend


def picture(width: int = 64, height: int = 48) -> Picture:
    image = np.zeros((height, width, 3), np.uint8)
    image[:, width // 2 :] = (40, 90, 200)
    return Picture(image, 0.0, 0)


def test_is_a_sink_and_sends_i420_unconverted(fake):
    sink = DeviceSink(SIZE, 30.0)
    assert isinstance(sink, Sink)
    assert sink.name == "Fake Cam"
    shown = picture()
    sink.send(shown)
    np.testing.assert_array_equal(fake.open_devices[0].frames[0], shown.i420.reshape(-1))
    assert struct.pack("<I", fake.open_devices[0].fourcc) == b"I420"
    sink.close()


def test_unity_capture_gets_bgr(monkeypatch):
    monkeypatch.setitem(BACKENDS, "unitycapture", FakeBackend)
    sink = DeviceSink(SIZE, 30.0, backend="unitycapture")
    shown = picture()
    sink.send(shown)
    np.testing.assert_array_equal(FakeBackend.open_devices[0].frames[0], shown.image.reshape(-1))
    sink.close()


def test_a_broken_device_raises_and_closing_still_works(fake):
    sink = DeviceSink(SIZE, 30.0)
    fake.broken = True
    with pytest.raises(SinkError, match=r"Fake Cam broke \(the device was unplugged\)"):
        sink.send(picture())
    sink.close()
    sink.close()
    assert fake.open_devices[0].closed == 1
    sink.send(picture())  # after close: nothing


def test_another_size_is_refused():
    sink = DeviceSink(SIZE, 30.0)
    with pytest.raises(SinkError, match="takes 64x48 and got 32x32"):
        sink.send(picture(32, 32))
    sink.close()


def test_unknown_backend_names_the_known_ones():
    with pytest.raises(SinkError, match="unknown virtual camera backend 'unity'; known here: fake"):
        DeviceSink(SIZE, 30.0, backend="unity")


@pytest.mark.parametrize(
    ("platform", "word"), [("linux", "modprobe"), ("win32", "OBS Studio"), ("darwin", "Extensions")]
)
def test_a_refusal_is_one_line_that_says_what_to_install(platform, word, monkeypatch, fake):
    monkeypatch.setattr(sys, "platform", platform)
    fake.refuse = "Fake Cam"
    with pytest.raises(SinkError) as caught:
        DeviceSink(SIZE, 30.0)
    assert "could not be started" in str(caught.value)
    assert word in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_backend_at_all_is_said(monkeypatch):
    monkeypatch.delitem(BACKENDS, "fake")
    with pytest.raises(SinkError, match="no virtual camera"):
        DeviceSink(SIZE, 30.0)


def test_two_sinks_never_share_a_device():
    first = DeviceSink(SIZE, 30.0, device="Cam A")
    with pytest.raises(SinkError, match=rf"another jikcam \(process {os.getpid()}\) writes to Cam A"):
        DeviceSink(SIZE, 30.0, device="Cam A")
    other = DeviceSink(SIZE, 30.0, device="Cam B")
    first.close()
    again = DeviceSink(SIZE, 30.0, device="Cam A")
    again.close()
    other.close()


def test_a_refused_device_leaves_no_lock_behind(fake):
    fake.refuse = "Cam A"
    with pytest.raises(SinkError):
        DeviceSink(SIZE, 30.0, device="Cam A")
    fake.refuse = None
    DeviceSink(SIZE, 30.0, device="Cam A").close()


def test_the_lock_tells_a_killed_writer_from_a_clean_end(tmp_path):
    code = (
        "import os, tempfile; tempfile.tempdir = {!r}\n"
        "from virtualcam.lock import WriterLock\n"
        "lock = WriterLock('/dev/video10')\n"
        "{}os._exit(0)\n"
    )
    root = Path(__file__).parents[2]
    for clean in (True, False):
        script = code.format(str(tmp_path), "lock.release(); " if clean else "")
        subprocess.run([sys.executable, "-c", script], check=True, cwd=root)
        lock = WriterLock("/dev/video10")
        assert lock.left_by_crash is not clean
        lock.release()
        lock.release()


class Driver:
    """A made-up v4l2loopback: what jikcam asks it, and whether it was unstuck."""

    def __init__(self) -> None:
        self.caps = v4l2.CAP_VIDEO_OUTPUT
        self.format = v4l2.DeviceFormat(64, 48, "YU12")
        self.unstuck: list[str] = []

    def unstick(self, path: str) -> None:
        self.unstuck.append(path)


@pytest.fixture
def driver(tmp_path, monkeypatch):
    for number, label, folder in ((0, "Webcam", "pci"), (10, "Stage", "virtual"), (11, "Close", "virtual")):
        real = tmp_path / folder / f"video{number}"
        real.mkdir(parents=True)
        (real / "name").write_text(f"{label}\n")
        (tmp_path / "class").mkdir(exist_ok=True)
        (tmp_path / "class" / f"video{number}").symlink_to(real)
    made_up = Driver()
    monkeypatch.setattr(v4l2, "SYSFS", tmp_path / "class")
    monkeypatch.setattr(v4l2, "capabilities", lambda path: made_up.caps)
    monkeypatch.setattr(v4l2, "device_format", lambda path: made_up.format)
    monkeypatch.setattr(v4l2, "unstick", made_up.unstick)
    monkeypatch.delitem(BACKENDS, "fake")
    monkeypatch.setitem(BACKENDS, "v4l2loopback", FakeBackend)
    return made_up


def test_a_label_finds_its_device_and_never_another(driver):
    sink = DeviceSink(SIZE, 30.0, device="Close")
    assert sink.name == "/dev/video11"
    sink.close()
    with pytest.raises(
        SinkError, match=r"no virtual camera 'Closed'; .*video10 \(Stage\), .*video11 \(Close\)"
    ):
        DeviceSink(SIZE, 30.0, device="Closed")


def test_a_real_camera_is_never_written_to(driver):
    with pytest.raises(SinkError, match="no virtual camera '/dev/video0'"):
        DeviceSink(SIZE, 30.0, device="/dev/video0")


def test_unnamed_takes_the_first_that_is_free(driver):
    first, second = DeviceSink(SIZE, 30.0), DeviceSink(SIZE, 30.0)
    assert (first.name, second.name) == ("/dev/video10", "/dev/video11")
    with pytest.raises(SinkError, match="another jikcam"):
        DeviceSink(SIZE, 30.0)
    first.close()
    second.close()


def test_two_devices_of_one_label_must_be_told_apart(driver, tmp_path):
    (tmp_path / "virtual" / "video11" / "name").write_text("Stage\n")
    with pytest.raises(SinkError, match=r"/dev/video10, /dev/video11"):
        DeviceSink(SIZE, 30.0, device="Stage")


def test_a_stuck_device_is_unstuck_before_opening_and_after_closing(driver):
    driver.caps = 0
    sink = DeviceSink(SIZE, 30.0, device="Stage")
    assert driver.unstuck == ["/dev/video10"]
    sink.close()
    sink.close()
    assert driver.unstuck == ["/dev/video10"] * 2


def test_a_foreign_writer_is_left_alone(driver):
    driver.caps = v4l2.CAP_VIDEO_CAPTURE
    with pytest.raises(SinkError, match="another program writes to /dev/video10"):
        DeviceSink(SIZE, 30.0, device="Stage")
    assert not driver.unstuck
    assert not FakeBackend.open_devices


def test_after_a_killed_jikcam_a_waiting_reader_is_no_obstacle(driver, tmp_path):
    driver.caps = v4l2.CAP_VIDEO_CAPTURE
    (tmp_path / "jikcam-dev-video10.lock").write_text("4242")
    DeviceSink(SIZE, 30.0, device="Stage").close()
    assert driver.unstuck[0] == "/dev/video10"


@pytest.mark.parametrize(
    ("kept", "message"),
    [
        (
            v4l2.DeviceFormat(640, 360, "YU12"),
            "stays at 640x360 while a program shows it, jikcam wants 64x48",
        ),
        (v4l2.DeviceFormat(64, 48, "YUYV"), "stays at pixel format YUYV"),
    ],
)
def test_a_silently_kept_format_is_an_error(driver, kept, message):
    driver.format = kept
    with pytest.raises(SinkError, match=message):
        DeviceSink(SIZE, 30.0, device="Stage")
    assert FakeBackend.open_devices[0].closed == 1
    driver.format = v4l2.DeviceFormat(64, 48, "YU12")
    DeviceSink(SIZE, 30.0, device="Stage").close()


def test_no_module_loaded_says_modprobe(driver, monkeypatch, tmp_path):
    monkeypatch.setattr(v4l2, "SYSFS", tmp_path / "absent")
    with pytest.raises(SinkError, match="modprobe v4l2loopback"):
        DeviceSink(SIZE, 30.0, device="Stage")
    with pytest.raises(SinkError, match="there is no virtual camera"):
        DeviceSink(SIZE, 30.0)


@pytest.mark.skipif(sys.platform != "linux", reason="ioctl numbers of Linux")
def test_ioctls_have_the_numbers_and_layouts_of_videodev2(monkeypatch, tmp_path):
    import fcntl

    node = tmp_path / "video10"
    node.touch()
    asked = []

    def ioctl(fd, request, buffer, mutate):
        asked.append(request)
        if request == 0x80685600:  # _IOR('V', 0, struct v4l2_capability)
            struct.pack_into("I", buffer, 84, v4l2.CAP_VIDEO_OUTPUT)
        elif request & 0xFFFF == 0x5604:  # VIDIOC_G_FMT
            assert len(buffer) == request >> 16 & 0x3FFF
            assert struct.unpack_from("I", buffer)[0] == 2
            struct.pack_into("II4s", buffer, struct.calcsize("P"), 640, 360, b"YU12")
        else:
            raise OSError(22, "Invalid argument")
        return 0

    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    assert v4l2.capabilities(str(node)) == v4l2.CAP_VIDEO_OUTPUT
    assert v4l2.device_format(str(node)) == v4l2.DeviceFormat(640, 360, "YU12")
    v4l2.unstick(str(node))  # EINVAL is what v4l2loopback answers
    assert asked[-1] == 0x40045612
    with pytest.raises(SinkError, match="modprobe"):
        v4l2.make_ready(str(tmp_path / "absent"), left_by_crash=False)
